"""What many pages take: measured times per article, replayed over 1 to 1,000 workers.

    python benchmarks/scale.py FOLDER [--articles 40] [--model fast] [--save times.json]
    python benchmarks/scale.py --times times.json [--pages 1000000] [--price 0.04]

The first form judges articles of FOLDER (Markdown) alone, one after the other, on one core and with
10, 50 and 200 made categories, and prints the processor time per article, what a further pair adds,
and the peak memory of the process.

The second form is a simulation. Pages are drawn from the measured articles and put into partitions;
a worker takes the next one when it is free, and what it did of one is lost when it fails. Stated
assumptions, not measurements: of the workers 5 % are three times slower, each fails once in 20
hours and is back after 60 seconds, and each starts with 30 seconds. Beside each time is the ideal:
all work, on workers that never fail, wait or slow down. The same seed gives the same figures.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

CATEGORIES = (10, 50, 200)
WORDS = (
    *("garden", "bread", "river", "engine", "letter", "winter", "market", "signal", "island"),
    *("copper", "school", "forest", "budget", "museum", "doctor", "harbour", "theatre", "village"),
)
SEED = 7


# --- measuring -----------------------------------------------------------------------------------


def measure(folder: Path, articles: int, model: str | None) -> dict[str, object]:
    """Return seconds per article with 10 categories, seconds per further pair, and megabytes."""
    from classifier.content import articles as reading
    from classifier.models import Article, Category, Instructions, Task
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    scorer = EmbeddedScorer(model="fast" if model == "fast" else None)
    found = [reading.read(path) for path in sorted(folder.rglob("*.md"))]
    read = [article for article in found if isinstance(article, Article)]
    step = max(2, len(read) // articles)
    every, others = read[::step][:articles], read[1::step][:articles]
    made = [
        Category(
            id=f"made/{n}",
            kind="made",
            title=f"{WORDS[n % 18].title()} and {WORDS[(n // 18) % 18]} {n}",
            instructions=Instructions(scope=f"All about the {WORDS[n % 18]} in {WORDS[-n % 18]}."),
        )
        for n in range(max(CATEGORIES))
    ]
    taken: dict[int, list[float]] = {}
    for count in CATEGORIES:
        categories = tuple(made[:count])
        # First the model, vectors of the categories and what is remembered of other articles.
        for article in others:
            list(scorer.score([Task(article, categories)]))
        for article in every:
            new = replace(article, id=f"{article.id} {count}")  # its prose, too, is made anew
            start = time.process_time()
            list(scorer.score([Task(new, categories)]))
            taken.setdefault(count, []).append(time.process_time() - start)
    few, many = CATEGORIES[0], CATEGORIES[-1]
    pair = (np.mean(taken[many]) - np.mean(taken[few])) / (many - few)
    return {
        "model": model or "default",
        "articles": len(every),
        "characters": round(float(np.mean([len(article.body) for article in every]))),
        "seconds": [round(it, 5) for it in taken[few]],
        "seconds_by_categories": {n: round(float(np.mean(it)), 5) for n, it in taken.items()},
        "seconds_per_pair": round(float(pair), 7),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


# --- simulating ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Assumptions about workers of one core each. Seconds, unless it says otherwise."""

    workers: int
    slow_share: float = 0.05
    """Share (0-1) of workers that are slower."""
    slow_factor: float = 3.0
    hours_between_failures: float = 20.0
    """Mean, for each worker; 0: none fails."""
    restart: float = 60.0
    start: float = 30.0


@dataclass(frozen=True, slots=True)
class Replay:
    seconds: float
    """Until the last partition is done."""
    ideal: float
    """All work, shared out evenly over workers that never fail, wait or slow down."""
    lost: float
    """Seconds of work that failures have lost, on all workers together."""
    done: tuple[int, ...]
    """How often each partition was finished: once."""

    @property
    def efficiency(self) -> float:
        """0-1."""
        return self.ideal / self.seconds


def partitions(
    times: Sequence[float], pages: int, size: int, rng: np.random.Generator
) -> Iterator[float]:
    """Yield the seconds of each partition of `size` pages, drawn from measured times."""
    measured = np.asarray(times)
    chances = np.full(len(measured), 1 / len(measured))
    for start in range(0, pages, size):
        counts = rng.multinomial(min(size, pages - start), chances)
        yield float(counts @ measured)


def replay(work: Sequence[float], cluster: Cluster, *, seed: int = SEED) -> Replay:
    """Run partitions through workers that take the next one when they are free."""
    rng = np.random.default_rng(seed)
    slow = rng.random(cluster.workers) < cluster.slow_share
    factors = np.where(slow, cluster.slow_factor, 1.0)
    mean = cluster.hours_between_failures * 3600
    fails = rng.exponential(mean, cluster.workers) if mean else np.full(cluster.workers, np.inf)
    free = [(cluster.start, worker) for worker in range(cluster.workers)]
    heapq.heapify(free)
    waiting, done, end, lost = list(range(len(work)))[::-1], [0] * len(work), 0.0, 0.0
    running: list[tuple[float, float, int, int]] = []
    while waiting or running:
        # A partition that is lost goes to whoever is free next, so failures are events, too.
        if waiting and free and (not running or free[0][0] <= running[0][0]):
            now, worker = heapq.heappop(free)
            part = waiting.pop()
            finish = now + work[part] * factors[worker]
            heapq.heappush(running, (min(finish, fails[worker]), finish, worker, part))
            continue
        now, finish, worker, part = heapq.heappop(running)
        if now < finish:
            lost += now - (finish - work[part] * factors[worker])
            waiting.append(part)
            now += cluster.restart
            fails[worker] = now + rng.exponential(mean)
        else:
            done[part] += 1
            end = max(end, now)
        heapq.heappush(free, (now, worker))
    return Replay(end, sum(work) / cluster.workers, lost, tuple(done))


def spoken(seconds: float) -> str:
    """Return a time with the unit that suits it."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds:.0f} s"


def show(times: Sequence[float], pages: int, price: float) -> None:
    hours = pages * float(np.mean(times)) / 3600
    print(
        f"{pages:,} pages at {np.mean(times) * 1000:.1f} ms: {hours:,.1f} CPU hours, "
        f"${hours * price:,.2f} at ${price} for each"
    )
    print("workers  partition     time    ideal  efficiency  work lost")
    for workers in (1, 10, 100, 1_000):
        for size in (100, 1_000, 10_000):
            if pages // size > 200_000 or pages // size < workers:
                continue
            work = list(partitions(times, pages, size, np.random.default_rng(SEED)))
            found = replay(work, Cluster(workers=workers))
            lost = found.lost / sum(work)
            print(
                f"{workers:7,} {size:10,} {spoken(found.seconds):>8} {spoken(found.ideal):>8} "
                f"{found.efficiency:11.2f} {lost:10.2%}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--articles", type=int, default=40)
    parser.add_argument("--model", choices=("fast",))
    parser.add_argument("--save", type=Path)
    parser.add_argument("--times", type=Path)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--price", type=float, default=0.04, help="US dollars per CPU hour")
    given = parser.parse_args()
    if given.folder:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        found = measure(given.folder, given.articles, given.model)
        print(json.dumps({name: it for name, it in found.items() if name != "seconds"}, indent=1))
        if given.save:
            given.save.write_text(json.dumps(found))
    if given.times:
        show(json.loads(given.times.read_text())["seconds"], given.pages, given.price)
    if not (given.folder or given.times):
        parser.error("name a folder, or --times")


if __name__ == "__main__":
    main()
