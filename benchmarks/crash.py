"""A run that is killed again and again, and what it pays twice.

    python benchmarks/crash.py [--articles 300] [--categories 20] [--kills 20] [--only slow|fast]

`classify content` runs as a process against a server on loopback that notes every request. It is
killed with SIGKILL at random moments and started again each time; the last run is left alone. After
each kill the store is read: calls that were sent and stored nothing are paid twice. The
target: every pair ends up judged exactly once, and a kill costs no more calls than were in flight,
which are never more than `--concurrency`.

Twice: with slow answers and few calls at once, and with fast answers and many, where answers come
faster than one commit each could store them.

The baseline is a script that writes its results at its end: every call of every killed attempt is
lost. It is reckoned from the same calls, one of its own would never end.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support.chat_server import ChatServer, Reply, Request, judge

from classifier import taxonomy
from classifier.content import articles
from classifier.models import Article
from classifier.store import Store

Pair = tuple[str, str]
"""Titles of an article and a category."""

WORDS: Final = ("garden", "bread", "river", "engine", "letter", "winter", "market", "signal")


@dataclass(frozen=True)
class Pace:
    concurrency: int
    quickest: float
    slowest: float
    """Seconds an answer takes."""


PACES: Final = {"slow": Pace(8, 0.05, 0.35), "fast": Pace(50, 0.15, 0.15)}
ON_ITS_WAY = 0.05
"""Seconds an answer may need to be read and to be on disk; on a busy computer, as much more as
the server itself was late with one of the last answers."""


# --- the site ------------------------------------------------------------------------------------


def make_site(folder: Path, *, articles: int, categories: int) -> None:
    chance = random.Random(1)
    (folder / "taxonomy" / "tags").mkdir(parents=True)
    (folder / "content").mkdir()
    for number in range(categories):
        topics = ", ".join(chance.choices(WORDS, k=6))
        (folder / "taxonomy" / "tags" / f"tag-{number:02}.md").write_text(
            f"---\ntitle: Tag {number:02}\ndescription: About {topics}.\n---\n"
        )
    for number in range(articles):
        text = " ".join(chance.choices(WORDS, k=120))
        (folder / "content" / f"article-{number:03}.md").write_text(
            f"---\ntitle: Article {number:03}\n---\n\nAbout {number}. {text}.\n"
        )


# --- the server ----------------------------------------------------------------------------------


@dataclass
class Call:
    pairs: frozenset[Pair]
    due: float
    """When it is to be answered: `time.monotonic()`."""
    sent: float = math.inf
    """When the answer was on its way."""

    def answered(self) -> None:
        self.sent = time.monotonic()


class Ledger:
    """A behaviour of the server: answers after a while, and notes who asked for what."""

    def __init__(self, pace: Pace) -> None:
        self.calls: list[Call] = []
        self._pace = pace
        self._chance = random.Random(3)

    def __call__(self, request: Request) -> Reply:
        now, delay = time.monotonic(), self._chance.uniform(self._pace.quickest, self._pace.slowest)
        reply = replace(judge(request), delay=delay)
        if asked := pairs(request):  # not the one call that checks the model
            call = Call(asked, now + delay)
            self.calls.append(call)
            reply = replace(reply, on_sent=call.answered)
        return reply


def pairs(request: Request) -> frozenset[Pair]:
    """Return the pairs of the site that a call asks about, without the canary."""
    lines = (line.removeprefix("Title: ") for line in request.article.splitlines())
    article = next((line for line in lines if line.startswith("Article ")), None)
    keys = [name for name in request.names if name.startswith("tag-")]
    return frozenset((article, key) for key in keys) if article else frozenset()


# --- the runs ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Killed:
    calls: tuple[Call, ...]
    in_flight: int
    """Calls without an answer, or whose answer was on its way; never more than `--concurrency`."""
    lost: int
    """Calls that stored nothing."""


class Trial:
    def __init__(self, folder: Path, given: argparse.Namespace, pace: Pace) -> None:
        self.pace = pace
        self._folder = folder
        self._given = given
        loaded = taxonomy.load(folder / "taxonomy").categories
        self._keys = {category.digest: category.id.rpartition("/")[2] for category in loaded}
        self._titles = dict(map(_titled, (folder / "content").iterdir()))
        self.ledger = Ledger(pace)

    def run(self, *, kills: int) -> list[Killed]:
        """Run to the end, killed so many times before."""
        chance = random.Random(self._given.seed)
        work = self._given.articles * -(-self._given.categories // self._given.pack)
        pace = self.pace
        seconds = work * (pace.quickest + pace.slowest) / 2 / pace.concurrency
        killed = []
        with ChatServer(self.ledger) as server:
            for _ in range(kills):
                before = len(self.ledger.calls)
                with self._process(server.url) as process:
                    self._wait_for_a_call(before, process)
                    time.sleep(chance.uniform(0, 2) * seconds / (kills + 1))
                    process.kill()
                    at = time.monotonic()
                time.sleep(
                    pace.slowest + 0.1
                )  # what was sent before the end is in the ledger by now
                killed.append(self._looked_at(self.ledger.calls[before:], at))
            with self._process(server.url) as process:
                said = process.communicate()[0]
            print(*(f"    {line}" for line in said.splitlines()[-3:]), sep="\n")
            assert process.returncode == 0, said
        return killed

    def _process(self, url: str) -> subprocess.Popen[str]:
        given = self._given
        options = ["--categories", "taxonomy", "--scorer", "openai", "--model", "loopback"]
        options += ["--base-url", url, "--pack", str(given.pack)]
        options += ["--concurrency", str(self.pace.concurrency)]
        return subprocess.Popen(
            [sys.executable, "-m", "classifier", "content", *options],
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _wait_for_a_call(self, before: int, process: subprocess.Popen[str]) -> None:
        while len(self.ledger.calls) == before:
            assert process.poll() is None, "the run ended before it was killed: use more articles"
            time.sleep(0.005)

    def _looked_at(self, calls: Sequence[Call], at: float) -> Killed:
        kept = self.stored()
        lost = sum(1 for call in calls if not kept.keys() >= call.pairs)
        late = [call.sent - call.due for call in calls if at - 2 < call.sent < at]
        on_its_way = ON_ITS_WAY + max(late, default=0.0)
        open_ = sum(1 for call in calls if call.sent > at - on_its_way)
        return Killed(tuple(calls), min(open_, self.pace.concurrency), lost)

    def stored(self) -> Counter[Pair]:
        """Count the judgements of each pair."""
        # Read-only, so that the next run finds the write-ahead log as the kill left it.
        with Store.open(self._folder / ".classify" / "records.sqlite3", read_only=True) as store:
            return Counter(
                (title, self._keys[record.category])
                for digest, title in self._titles.items()
                for record in store.history(digest)
            )


def _titled(path: Path) -> tuple[str, str]:
    article = articles.read(path)
    assert isinstance(article, Article)
    return article.digest, article.title


# --- the report ----------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--categories", type=int, default=20)
    parser.add_argument("--pack", type=int, default=5)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--only", choices=PACES)
    given = parser.parse_args()
    began = time.monotonic()
    held = [run(PACES[name], given) for name in PACES if given.only in (None, name)]
    print(f"({time.monotonic() - began:.0f} s)")
    sys.exit(not all(held))


def run(pace: Pace, given: argparse.Namespace) -> bool:
    """Return whether the target is met."""
    print(
        f"{pace.concurrency} calls at once, answers after {pace.quickest}-{pace.slowest} s,"
        f" {given.kills} kills"
    )
    with tempfile.TemporaryDirectory(prefix="classify-crash-") as name:
        make_site(Path(name), articles=given.articles, categories=given.categories)
        trial = Trial(Path(name), given, pace)
        return report(trial, trial.run(kills=given.kills), given)


def report(trial: Trial, killed: Sequence[Killed], given: argparse.Namespace) -> bool:
    kept = trial.stored()
    calls, lost = len(trial.ledger.calls), sum(each.lost for each in killed)
    thrown_away = sum(len(each.calls) for each in killed)
    least = given.articles * -(-given.categories // given.pack)
    whole = given.articles * given.categories
    print("kill     " + "".join(f"{number:4}" for number in range(1, len(killed) + 1)))
    print("calls    " + "".join(f"{len(each.calls):4}" for each in killed))
    print("in flight" + "".join(f"{each.in_flight:4}" for each in killed))
    print("lost     " + "".join(f"{each.lost:4}" for each in killed))
    once = sum(1 for number in kept.values() if number == 1)
    print(f"pairs               {whole:6,}: {once:,} judged exactly once")
    print(f"calls               {calls:6,}: {least:,} needed, {calls - least} paid twice")
    worst = max(each.lost - each.in_flight for each in killed)
    most, limit = max(each.lost for each in killed), trial.pace.concurrency
    print(f"lost                {most:6} at the worst kill; target: {limit} or less")
    # Whether an answer was still on its way is a matter of milliseconds.
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    busy = f"; not judged: load {load:.0f} on {processors} processors" if load > processors else ""
    print(f"lost - in flight    {worst:6} at the worst kill; target: 0 or less{busy}")
    print(f"baseline: results at the end {least + thrown_away:,} calls, {thrown_away:,} paid twice")
    held = once == whole == sum(kept.values()) and calls - least == lost
    held = held and most <= limit and (worst <= 0 or bool(busy))
    print("target met" if held else "TARGET MISSED")
    return held


if __name__ == "__main__":
    main()
