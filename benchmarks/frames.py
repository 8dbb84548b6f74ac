"""`Project.classify_frame`, beside the loop over `(id, text)` pairs that one would write.

    python benchmarks/frames.py [--rows 100000] [--scorer instant]

Short rows, a taxonomy of ten categories, nothing stored. `instant` answers at once, so that the
frame's own work is as large a part as it can be; `embedded` is the default scorer. The loop
collects the columns in lists, by id. Processor time, in turn, in several rounds: the best time of
each, and the median of its ratios to the loop of the same round, which other programs change less.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

import pandas
import polars
import pyarrow

from classifier.models import ConfidenceKind, Judgement, Outcome, Task
from classifier.project import Project

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
    identity = "instant:none:0000000000"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        chance = random.Random(0)
        for task in tasks:
            yield Outcome(
                task=task,
                judgements=tuple(
                    Judgement(
                        category=category.id,
                        confidence=chance.random(),
                        kind=ConfidenceKind.SIMILARITY,
                        scorer=self.identity,
                    )
                    for category in task.categories
                ),
            )


def loop(project: Project, rows: dict[str, list[str]]) -> int:
    labels, tops, failures = {}, {}, {}
    pairs = zip(rows["id"], rows["body"], strict=True)
    for result in project.classify_many(pairs, store=False):
        found = [label.category.id for label in result.decision.labels]
        labels[result.article] = found
        tops[result.article] = found[0] if found else None
        failures[result.article] = result.failures[0].reason if result.failures else None
    return len([(labels[id_], tops[id_], failures[id_]) for id_ in rows["id"]])


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(
    project: Project, rows: dict[str, list[str]], rounds: int
) -> dict[str, tuple[float, float]]:
    """Return the best seconds of each way, and the median of its ratios to the loop."""

    def drained(table: Any) -> int:
        reader = table.to_reader(max_chunksize=10_000)
        return sum(len(batch) for batch in project.classify_frame(reader, store=False))

    made = {
        "polars": polars.DataFrame(rows),
        "pandas": pandas.DataFrame(rows),
        "Arrow table": pyarrow.table(rows),
    }
    ways: dict[str, Callable[[], object]] = {"loop": lambda: loop(project, rows)}
    for name, frame in made.items():
        ways[name] = lambda frame=frame: project.classify_frame(frame, store=False)  # type: ignore[misc]
    ways["Arrow batches"] = lambda: drained(made["Arrow table"])
    taken = [{name: seconds(work) for name, work in ways.items()} for _ in range(rounds)]
    return {
        name: (min(it[name] for it in taken), median(it["loop"] / it[name] for it in taken))
        for name in ways
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scorer", choices=("instant", "embedded"), default="instant")
    given = parser.parse_args()
    chance = random.Random(1)
    rows = {
        "id": [f"row-{number}" for number in range(given.rows)],
        "body": [" ".join(chance.choices(WORDS, k=12)) + "." for _ in range(given.rows)],
    }
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "categories/tags").mkdir(parents=True)
        for word in WORDS:
            (place / f"categories/tags/{word}.md").write_text(f"---\ntitle: {word.title()}\n---\n")
        (place / "classify.toml").write_text('categories = "categories"\n')
        with Project.open(place) as project:
            if given.scorer == "instant":
                project.scorer = Instant()
            ways = measure(project, rows, given.rounds)
    print(f"{given.rows:,} rows, 10 categories, scorer: {given.scorer}, {given.rounds} rounds")
    for name, (best, ratio) in ways.items():
        print(
            f"{name:14} {best:7.2f} s {given.rows / best:9,.0f} rows/s  of the loop: "
            f"{ways['loop'][0] / best:.2f} best to best, {ratio:.2f} in the median"
        )


if __name__ == "__main__":
    main()
