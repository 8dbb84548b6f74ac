"""Speed and memory of the embedded scorer, beside a bare loop over the same ONNX model.

    python benchmarks/embed.py [--articles 100] [--categories 50] [--rounds 3] [--no-memory]
                               [--before CHECKOUT] [--data ../shared/data/digitalgov]

First the CPU time per article, of all threads, in a process of its own: of the scorer, of its fast
model, of the bare model on every passage and title of the same articles (its ONNX session, sorted
batches and nothing else), and of the scorer of another checkout with `--before`. They take turns,
and the median counts. With `--data` articles and categories are those of a labelled set.

Then speed.
Synthetic articles of 80 to 900 words go through `EmbeddedScorer.score`: split, tokenised, embedded,
compared with every category, explained, quoted from. Every batch the engine gets is noted. The
baseline then runs just these batches, their arrays made beforehand, through the same session with
one thread for each core, and does nothing else; a second one runs them one after the other through
a session that has all the cores. Scorer and baselines take turns, and the median of the rounds
counts. The model is loaded and the categories are embedded before (both are done once in a run).
Passages are whatever the engine embeds: passages and titles, and sentences to quote from.

Memory is the peak of a process of its own, once with 2,000 and once with 20,000 short articles, ten
categories and vectors kept in a store. Targets: at least 0.85 of the bare loop; within 100 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

# All that an older checkout must have, too; the rest is imported where it is used.
from classifier.models import Article, Category, Instructions, Task
from classifier.scorers.embedded.scorer import EmbeddedScorer

Batch = Sequence[np.ndarray]

SHARE = 0.85
MEGABYTES = 100
FEW, MANY = 2_000, 20_000
SUBJECTS = {
    "Gardening": "soil seeds compost pruning roses tomatoes greenhouse watering mulch harvest",
    "Sailing": "harbour mast rudder anchor regatta tide knots spinnaker hull crew",
    "Astronomy": "telescope galaxy orbit comet nebula planets eclipse spectrum stars observatory",
    "Cooking": "recipe oven simmer garlic dough saucepan seasoning butter roast kitchen",
    "Chess": "opening gambit endgame bishop castling tournament rating pawns checkmate clock",
    "Railways": "locomotive timetable signal platform gauge freight carriage tunnel station",
    "Pottery": "kiln glaze clay wheel porcelain firing bowl slip ceramic handle",
    "Cycling": "pedals gears helmet peloton puncture saddle climb brakes tour chain",
    "Banking": "loan deposit interest account branch mortgage credit audit ledger savings",
    "Photography": "lens aperture shutter exposure portrait tripod film focus light print",
}
COMMON = (
    "the a of and to in for with on that is was by from people years week most often new last "
    "first still while small large local every group began found made used before after without"
)


def make_categories(count: int) -> tuple[Category, ...]:
    found = []
    for number in range(count):
        title, words = list(SUBJECTS.items())[number % len(SUBJECTS)]
        chosen = random.Random(number).sample(words.split(), 6)
        name = title if number < len(SUBJECTS) else f"{title}: {chosen[0]} and {chosen[1]}"
        found.append(
            Category(
                id=f"tags/{number}",
                kind="tags",
                title=name,
                description=f"All about {', '.join(chosen[:4])}.",
                instructions=Instructions(
                    topics=(f"{chosen[0]} and {chosen[4]}", f"Choosing {chosen[5]}"),
                    exclusions=(f"Selling {chosen[2]}",) if number % 3 == 0 else (),
                ),
            )
        )
    return tuple(found)


def make_articles(count: int, *, words: tuple[int, int]) -> Iterator[Article]:
    """Yield articles about one subject each, of a length within `words`; no two are the same."""
    for number in range(count):
        chance = random.Random(number)
        title, own = chance.choice(list(SUBJECTS.items()))
        pool = f"{own} {COMMON}".split()
        left, paragraphs = chance.randint(*words), []
        while left > 0:
            size = min(left, chance.randint(40, 120))
            paragraphs.append(_paragraph(chance, pool, size))
            left -= size
        yield Article(
            id=f"{number}.md", title=f"{title} in week {number}", body="\n\n".join(paragraphs)
        )


def _paragraph(chance: random.Random, pool: Sequence[str], size: int) -> str:
    words = chance.choices(pool, k=size)
    sentences = [" ".join(words[i : i + 12]).capitalize() + "." for i in range(0, size, 12)]
    return " ".join(sentences)


# --- CPU per article -----------------------------------------------------------------------------


def read(folder: Path, count: int) -> list[Article]:
    """Return articles of a labelled set, the same ones every time."""
    lines = (folder / "docs.jsonl").read_text("utf-8").split("\n")
    docs = [json.loads(line) for line in lines if line]
    random.Random(7).shuffle(docs)
    return [Article(id=d["id"], title=d["title"], body=d["text"]) for d in docs[:count]]


def some_articles(folder: Path | None, count: int) -> list[Article]:
    return read(folder, count) if folder else list(make_articles(count, words=(80, 900)))


def some_categories(folder: Path | None, count: int) -> tuple[Category, ...]:
    if not folder:
        return make_categories(count)
    labels = json.loads((folder / "labels.json").read_text("utf-8"))
    return tuple(
        Category(id=f"set/{label['name']}", kind="set", title=label["title"], description=about)
        for label in labels[:count]
        for about in [label["description"].strip()]
    )


def cpu_seconds(what: str, articles: Sequence[Article], categories: Sequence[Category]) -> float:
    """Return the CPU seconds per article of this process."""
    tasks = [Task(article, tuple(categories)) for article in articles]
    if what == "bare":
        return bare_seconds(articles)
    scorer = EmbeddedScorer(model="fast") if what == "fast" else EmbeddedScorer()
    list(scorer.score(tasks[:1]))
    started = time.process_time()
    for _ in scorer.score(tasks[1:]):
        pass
    return (time.process_time() - started) / (len(tasks) - 1)


def bare_seconds(articles: Sequence[Article]) -> float:
    from tokenizers import Tokenizer

    from classifier.content import passages
    from classifier.scorers.embedded.model_files import ModelFiles

    tokenizer = Tokenizer.from_file(str(ModelFiles.find().tokenizer))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    texts = [t for a in articles for t in (a.title, *(p.text for p in passages.split(a.body)))]
    model = session(1)
    started = time.process_time()
    ids = sorted((e.ids for e in tokenizer.encode_batch(texts)), key=len)
    size = 8
    for i in range(0, len(ids), size):
        model.run(["last_hidden_state"], feed([np.array(row) for row in ids[i : i + size]]))
    return (time.process_time() - started) / len(articles)


def cpu(given: argparse.Namespace) -> bool:
    """Print the CPU time per article; return whether the bare model needs more."""
    checkouts: dict[str, tuple[str, Path | None]] = {"scorer": ("scorer", None)}
    if given.before:
        checkouts["before"] = ("scorer", given.before)
    checkouts["fast model"] = ("fast", None)
    checkouts["bare model, all passages"] = ("bare", None)
    taken: dict[str, list[float]] = {name: [] for name in checkouts}
    for _ in range(given.rounds):
        for name, (what, checkout) in checkouts.items():
            taken[name].append(_measured(given, what, checkout))
    ours = statistics.median(taken["scorer"])
    print(f"CPU per article, {given.articles} articles x {given.categories} categories:")
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        print(f"  {name:26} {1000 * median:7.1f} ms  {median / ours:5.2f} of the scorer's")
    return ours < statistics.median(taken["bare model, all passages"])


def _measured(given: argparse.Namespace, what: str, checkout: Path | None) -> float:
    root = checkout or Path(__file__).parents[1]
    command = [sys.executable, __file__, "--cpu", what, "--articles", str(given.articles)]
    command += ["--categories", str(given.categories)]
    command += ["--data", str(given.data)] if given.data else []
    environment = {**os.environ, "PYTHONPATH": str(root.resolve())}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, env=environment)
    if done.returncode:
        sys.exit(f"{root}: not measured, because of the error above")
    return float(done.stdout)


# --- speed ---------------------------------------------------------------------------------------


def noted(batches: list[Batch]) -> AbstractContextManager[Any]:
    """Return a context in which every batch that a sentence model runs is noted."""
    from classifier.scorers.embedded.sentence_model import SentenceModel

    run = SentenceModel.run

    def noting(model: Any, batch: Batch, axes: Any) -> Any:
        batches.append(batch)
        return run(model, batch, axes)

    return patch.object(SentenceModel, "run", noting)


def feed(batch: Batch) -> dict[str, np.ndarray]:
    width = max(map(len, batch))
    ids = np.zeros((len(batch), width), np.int64)
    mask = np.zeros_like(ids)
    for row, window in enumerate(batch):
        ids[row, : len(window)] = window
        mask[row, : len(window)] = 1
    return {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}


def session(threads: int) -> Any:
    import onnxruntime

    from classifier.scorers.embedded.model_files import ModelFiles

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    path = str(ModelFiles.find().weights)
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def bare(feeds: Sequence[dict[str, np.ndarray]], model: Any, *, threads: int) -> float:
    """Return seconds."""

    def one(arrays: dict[str, np.ndarray]) -> None:
        model.run(["last_hidden_state"], arrays)

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(one, feeds))
    return time.perf_counter() - started


def speed(articles: int, categories: int, rounds: int) -> bool:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    known = make_categories(categories)
    tasks = [Task(article, known) for article in make_articles(articles, words=(80, 900))]
    scorer = EmbeddedScorer()
    list(scorer.score(tasks[:1]))
    one_each, together = session(1), session(cores or 1)
    ours: list[float] = []
    loop: list[float] = []
    plain: list[float] = []
    passages = 0
    for _ in range(rounds):
        batches: list[Batch] = []
        with noted(batches):
            started = time.perf_counter()
            quotes = sum(len(j.evidence) for o in scorer.score(tasks) for j in o.judgements)
            ours.append(time.perf_counter() - started)
        feeds = [feed(batch) for batch in batches]
        passages = sum(map(len, batches))
        loop.append(bare(feeds, one_each, threads=cores or 1))
        plain.append(bare(feeds, together, threads=1))
        print(
            f"  round: scorer {ours[-1]:.1f} s, bare loop {loop[-1]:.1f} s, "
            f"one after the other {plain[-1]:.1f} s; {passages:,} passages, {quotes:,} quotes"
        )
    share = statistics.median(b / a for a, b in zip(ours, loop, strict=True))
    print(f"{articles} articles x {categories} categories, {cores} cores:")
    print(f"  scorer              {passages / statistics.median(ours):7.1f} passages/s")
    print(f"  bare loop           {passages / statistics.median(loop):7.1f} passages/s")
    print(f"  one after the other {passages / statistics.median(plain):7.1f} passages/s")
    print(f"  share of the bare loop {share:.2f} (target: at least {SHARE})")
    return share >= SHARE


# --- memory --------------------------------------------------------------------------------------


def peak(articles: int) -> float:
    """Judge short articles; return this process's peak in MB."""
    from classifier.store import Store

    known = make_categories(10)
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder, "store")) as store:
        scorer = EmbeddedScorer(vectors=store)
        tasks = (Task(article, known) for article in make_articles(articles, words=(20, 40)))
        count = sum(1 for _ in scorer.score(tasks))
        assert count == articles
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def memory() -> bool:
    peaks = []
    for articles in (FEW, MANY):
        started = time.perf_counter()
        command = [sys.executable, __file__, "--peak", str(articles)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        peaks.append(float(done.stdout))
        seconds = time.perf_counter() - started
        print(f"  {articles:6,} articles: peak {peaks[-1]:.0f} MB ({seconds:.0f} s)")
    more = peaks[1] - peaks[0]
    print(f"  {more:+.0f} MB (target: within {MEGABYTES} MB)")
    return more <= MEGABYTES


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--articles", type=int, default=100)
    parser.add_argument("--categories", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-memory", action="store_true")
    parser.add_argument("--only-cpu", action="store_true", help="neither speed nor memory")
    parser.add_argument("--before", type=Path, help="another checkout, to compare with")
    parser.add_argument("--data", type=Path, help="folder of a labelled set")
    parser.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--cpu", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.before and not (given.before / "classifier").is_dir():
        parser.error(f"{given.before} is no checkout: it has no folder 'classifier'")
    if given.cpu:
        articles = some_articles(given.data, given.articles)
        known = some_categories(given.data, given.categories)
        print(cpu_seconds(given.cpu, articles, known))
        return 0
    if given.peak:
        print(peak(given.peak))
        return 0
    good = cpu(given)
    if given.only_cpu:
        return 0 if good else 1
    good = speed(given.articles, given.categories, given.rounds) and good
    if not given.no_memory:
        print("memory:")
        good = memory() and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
