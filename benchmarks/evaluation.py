"""`classify eval` from records, beside scikit-learn asked anew for each resample.

    python benchmarks/evaluation.py [--articles 2000] [--categories 50]

The site and the records of `noop.py`, gold labels at random. The command is timed as a process of
its own, with every metric and interval. The baseline computes micro and macro average precision
alone, of a few resamples, scaled to all of them. Needs the `bench` extra.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from noop import fill, make_site
from sklearn.metrics import average_precision_score

from classifier.evaluation.bootstrap import RESAMPLES

TIMES = 3
SAMPLE = 5


def make_gold(folder: Path, *, categories: int) -> None:
    chance = random.Random(3)
    with (folder / "gold.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["article", "category"])
        for path in sorted((folder / "content").rglob("*.md")):
            for n in chance.sample(range(categories), 2):
                rows.writerow([path.relative_to(folder).as_posix(), f"tag-{n}"])


def process(folder: Path, *arguments: str) -> float:
    command = [sys.executable, "-m", "classifier", "eval", "gold.csv", *arguments]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--categories", "taxonomy"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds = time.perf_counter() - started
    assert "average precision, micro" in done.stdout, done.stdout
    return seconds


def sklearn(articles: int, categories: int) -> float:
    """Return seconds for all resamples, from a sample."""
    chance = np.random.default_rng(4)
    confidence = chance.random((articles, categories)).round(4)
    truth = chance.random(confidence.shape) < 2 / categories
    started = time.perf_counter()
    for _ in range(SAMPLE):
        rows = chance.integers(articles, size=articles)
        average_precision_score(truth[rows].ravel(), confidence[rows].ravel())
        average_precision_score(truth[rows], confidence[rows], average="macro")
    return (time.perf_counter() - started) / SAMPLE * RESAMPLES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--categories", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="classify-eval-") as name:
        folder = Path(name)
        make_site(folder, articles=given.articles, categories=given.categories)
        make_gold(folder, categories=given.categories)
        time.sleep(2.1)  # a file that was changed just now may change again in the same tick
        os.chdir(folder)
        fill(folder)
        seconds = [process(folder, "--html", "eval.html") for _ in range(TIMES)]
        os.chdir(tempfile.gettempdir())
    print(f"{given.articles:,} articles x {given.categories} categories, {RESAMPLES:,} resamples")
    print(f"classify eval  {statistics.median(seconds):8.2f} s   median of {TIMES} processes")
    baseline = sklearn(given.articles, given.categories)
    print(f"scikit-learn   {baseline:8.1f} s   average precision alone, scaled from {SAMPLE}")


if __name__ == "__main__":
    main()
