"""A run with nothing to do, beside asking the same store about each pair one by one.

    python benchmarks/noop.py [--articles 10000] [--categories 100]

A synthetic site and taxonomy; the store is filled by a scorer that answers at once, through the
same modules as a real run. Then `classify site` is timed as a process of its own, from its start to
its end. The baseline looks up pairs one by one through the same store, in this process and without
reading a file: a sample of 20,000 pairs, scaled to all of them.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Event

from classifier import taxonomy
from classifier.corpus import Corpus
from classifier.decisions import LabelPolicy
from classifier.models import ConfidenceKind, Judgement, Outcome, Task
from classifier.runs import judge, summarise
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.store import Store

SAMPLE = 20_000
TIMES = 5
CONTENT = Path("content")
WORDS = [
    "garden",
    "bread",
    "river",
    "engine",
    "letter",
    "winter",
    "market",
    "signal",
    "island",
    "copper",
]


class Instant:
    """Answers at once, under the name of the scorer that the process will ask."""

    identity = EmbeddedScorer().identity

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        chance = random.Random(0)
        for task in tasks:
            yield Outcome(
                task=task,
                judgements=tuple(
                    Judgement(
                        category=category.id,
                        confidence=round(chance.random() ** 3, 4),
                        kind=ConfidenceKind.SIMILARITY,
                        scorer=self.identity,
                        reasoning=f"It shares some words with {category.title}.",
                    )
                    for category in task.categories
                ),
            )


def make_site(folder: Path, *, articles: int, categories: int) -> None:
    chance = random.Random(1)
    for number in range(categories):
        path = folder / "taxonomy" / "tags" / f"tag-{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        topics = ", ".join(chance.choices(WORDS, k=8))
        path.write_text(f"---\ntitle: Tag {number}\ndescription: About {topics}.\n---\n")
    for number in range(articles):
        path = folder / "content" / f"{number // 100:03}" / f"article-{number}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = " ".join(chance.choices(WORDS, k=300))
        path.write_text(f"---\ntitle: Article {number}\n---\n\n{number}. {text}.\n")


def fill(folder: Path) -> float:
    """Judge everything; return seconds."""
    loaded = taxonomy.load(folder / "taxonomy")
    started = time.perf_counter()
    with Store.open(folder / ".classify" / "records.sqlite3") as store:
        corpus = Corpus(loaded.categories, store, home=folder)
        scorer = Instant()
        scan = corpus.scan([CONTENT], scorer=scorer.identity)
        for _ in judge(corpus, scan, scorer=scorer, store=store, stop=Event()):
            pass
        scan = corpus.scan([CONTENT], scorer=scorer.identity)
        summarise(corpus, scan, policy=LabelPolicy(loaded), store=store)
        assert not scan.pending
    return time.perf_counter() - started


def process(folder: Path) -> float:
    """Return seconds of a whole run."""
    command = [sys.executable, "-m", "classifier", str(CONTENT), "--categories", "taxonomy"]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    seconds = time.perf_counter() - started
    assert "nothing to judge" in done.stdout, done.stdout
    return seconds


def one_by_one(folder: Path) -> float:
    """Return seconds for all pairs, from a sample."""
    loaded = taxonomy.load(folder / "taxonomy")
    with Store.open(folder / ".classify" / "records.sqlite3", read_only=True) as store:
        corpus = Corpus(loaded.categories, store, home=folder, update_index=False)
        scan = corpus.scan([CONTENT], scorer=Instant.identity)
        pairs = [(entry.digest, c.digest) for entry in scan.entries for c in loaded.categories]
        some = random.Random(2).sample(pairs, min(SAMPLE, len(pairs)))
        started = time.perf_counter()
        for article, category in some:
            assert store.load(Instant.identity, article, [category])
        return (time.perf_counter() - started) / len(some) * len(pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--categories", type=int, default=100)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="classify-noop-") as name:
        folder = Path(name)
        make_site(folder, articles=given.articles, categories=given.categories)
        time.sleep(2.1)  # a file that was changed just now may change again in the same tick
        print(f"{given.articles:,} articles x {given.categories} categories")
        os.chdir(folder)
        print(f"filled in          {fill(folder):8.2f} s")
        size = (folder / ".classify" / "records.sqlite3").stat().st_size
        print(f"store              {size / 1e6:8.1f} MB")
        seconds = [process(folder) for _ in range(TIMES)]
        ours, worst = statistics.median(seconds), max(seconds)
        baseline = one_by_one(folder)
        print(f"second run         {ours:8.3f} s   median of {TIMES} processes, worst {worst:.3f}")
        print(f"pair by pair       {baseline:8.1f} s   {SAMPLE:,} lookups, scaled to all pairs")
        os.chdir(tempfile.gettempdir())
        print(f"{baseline / ours:.0f} times as fast; target: under 1 s and at least 50 times")


if __name__ == "__main__":
    main()
