"""A run on Ray on this machine, beside a plain loop over the same table.

    python benchmarks/distributed.py [--articles 2000] [--rounds 1] [--rows 20000] [--table FILE]
                                     [--fast]

Three questions. What Ray adds: processor time of the loop, which reads the table and writes a file
of results, and of a run with two workers, with all processes that Ray starts; the time that Ray
takes to start and stop with nothing to do is shown on its own. What a killed worker costs: one is
killed half-way, and the rows of the output are counted. Whether memory grows: the largest resident
size of any worker, and of the driver, in each quarter of a run over many rows.

Articles are made of words, as long as a page (300), unless a table is given: Parquet with columns
`id` and `text`. Categories are those that come with the package.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.parquet as pq

from classifier import Project, distributed
from classifier.outputs import rows, tables
from classifier.project import events

WORKERS = 2
WORDS = [
    "release",
    "update",
    "support",
    "security",
    "database",
    "kitchen",
    "garden",
    "history",
    "training",
    "salary",
    "office",
    "remote",
    "interview",
    "meeting",
    "planning",
    "estimate",
    "velocity",
    "sprint",
    "backlog",
    "retrospective",
    "deploy",
    "pipeline",
    "container",
    "cluster",
    "server",
    "latency",
    "throughput",
    "cache",
    "index",
    "query",
    "schema",
    "migration",
    "refactor",
    "legacy",
    "debt",
    "scaling",
    "load",
    "traffic",
    "growth",
    "hiring",
    "candidate",
    "resume",
    "offer",
    "onboarding",
    "culture",
    "feedback",
    "review",
    "manager",
    "team",
    "leader",
    "product",
    "market",
    "customer",
    "price",
    "strategy",
    "roadmap",
    "design",
    "research",
]


def make_table(path: Path, number: int, words: int) -> Path:
    chance = random.Random(1)
    texts = [" ".join(chance.choices(WORDS, k=words)) + "." for _ in range(number)]
    pq.write_table(pa.table({"id": [f"row-{n}" for n in range(number)], "text": texts}), path)
    return path


@dataclass
class Family:
    """Samples this process and all that it started; the time that this takes is left out."""

    cpu: dict[int, float] = field(default_factory=dict)
    """Seconds by process, as last seen."""
    sizes: list[tuple[int, int, int]] = field(default_factory=list)
    """(articles judged, largest worker, driver), in bytes."""
    articles: Callable[[], int] = lambda: 0

    def sample(self) -> None:
        me, largest = psutil.Process(), 0
        for process in [me, *me.children(recursive=True)]:
            with suppress(psutil.Error):
                times = process.cpu_times()
                self.cpu[process.pid] = times.user + times.system
                if "ray::Worker" in process.name() or "ray::Worker" in " ".join(process.cmdline()):
                    largest = max(largest, process.memory_info().rss)
        self.sizes.append((self.articles(), largest, me.memory_info().rss))

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Add up the processor time of the block, of all processes."""
        self.sample()
        before = dict(self.cpu)
        ended, looking = threading.Event(), [0.0]

        def watch() -> None:
            while not ended.wait(0.25):
                self.sample()
                looking[0] = time.thread_time()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.sample()
            ended.set()
            thread.join()
            self.spent = sum(self.cpu.values()) - sum(before.values()) - looking[0]

    spent: float = 0.0


def loop(project: Project, table: Path, output: Path) -> float:
    start = time.process_time()
    results = project.classify_entries(table, store=False)
    tables.write(output, map(rows.article_row, results), rows.ARTICLES)
    return time.process_time() - start


def on_ray(project: Project, table: Path, output: Path, family: Family) -> Any:
    def listen(event: events.Event) -> None:
        if isinstance(event, events.JudgingStarted):
            family.articles = lambda: event.progress.articles

    project.on_event = listen
    with family.watched():
        return distributed.run(project, table, output, workers=WORKERS)


def rows_of(output: Path) -> list[str]:
    return [
        name
        for file in output.glob("*.parquet")
        for name in pq.read_table(file, columns=["id"])["id"].to_pylist()
    ]


def idle() -> float:
    family = Family()
    with family.watched(), distributed.started(workers=WORKERS):
        pass
    return family.spent


def overhead(project: Project, table: Path, folder: Path, rounds: int) -> None:
    number = pq.read_metadata(table).num_rows
    print(f"{number:,} articles, {WORKERS} workers, scorer {project.scorer.identity}")
    for number in range(rounds):
        project.forget_parts()  # so that the loop, too, loads its model
        plain, nothing, family = loop(project, table, folder / "loop.parquet"), idle(), Family()
        start = time.monotonic()
        on_ray(project, table, folder / f"ray{number}", family)
        wall = time.monotonic() - start
        names = rows_of(folder / f"ray{number}")
        print(f"  loop                      {plain:7.1f} s of CPU")
        print(f"  Ray, start and stop alone {nothing:7.1f} s of CPU")
        print(
            f"  run on Ray, all processes {family.spent:7.1f} s of CPU, {wall:.0f} s by the clock"
        )
        print(f"  overhead                  {100 * (family.spent / plain - 1):6.1f} %")
        print(f"  without start and stop    {100 * ((family.spent - nothing) / plain - 1):6.1f} %")
        print(f"  rows {len(names):,}, different {len(set(names)):,}", flush=True)


def killed(project: Project, table: Path, folder: Path) -> None:
    family, number = Family(), pq.read_metadata(table).num_rows
    deaths: list[int] = []

    def kill() -> None:
        while not deaths:
            time.sleep(0.1)
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    if family.articles() > number / 4 and "ray::Worker" in process.name():
                        deaths.append(process.pid)
                        process.kill()
                        return

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    found = on_ray(project, table, folder / "killed", family)
    names = rows_of(folder / "killed")
    print(f"a worker killed: {len(deaths)}; rows {len(names):,}, different {len(set(names)):,}")
    print(f"  complete: {found.complete}")


def memory(project: Project, table: Path, folder: Path) -> None:
    number, family = pq.read_metadata(table).num_rows, Family()
    on_ray(project, table, folder / "memory", family)
    print(f"{number:,} rows: the largest worker and the driver, MB resident, by quarter of the run")
    for quarter in range(4):
        low, high = number * quarter / 4, number * (quarter + 1) / 4
        sizes = [it for it in family.sizes if low < it[0] <= high] or [(0, 0, 0)]
        worker, driver = max(it[1] for it in sizes), max(it[2] for it in sizes)
        print(f"  {quarter + 1}: {worker / 1e6:6.0f} {driver / 1e6:6.0f}")
    print(f"  rows {len(rows_of(folder / 'memory')):,}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=2_000)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=1, help="of the first question")
    parser.add_argument("--words", type=int, default=300)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--only", choices=("overhead", "killed", "memory"))
    parser.add_argument("--fast", action="store_true", help="vectors of words everywhere")
    given = parser.parse_args()
    fast: dict[str, Any] = {"embedding_model": "fast"}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        table = given.table or make_table(folder / "articles.parquet", given.articles, given.words)
        many = make_table(folder / "rows.parquet", given.rows, given.words)
        for name, question, of, changes in (
            ("overhead", partial(overhead, rounds=given.rounds), table, fast if given.fast else {}),
            ("killed", killed, table, fast),
            ("memory", memory, many, fast),
        ):
            if given.only in (None, name):
                with Project.open(folder, **changes) as project:
                    question(project, of, folder)


if __name__ == "__main__":
    main()
