"""A run against a server that fails now and then: every pair judged, every call accounted for.

    python benchmarks/faulty.py [--articles 120] [--categories 20]

The server on loopback answers 5 % of the calls with a 429 (and Retry-After), 2 % with a 500, drops
the connection in 1 % and cuts the JSON short in 1 %. A call that was throttled, or broke, is tried
again within the run. An answer that is cut short is paid for and would most likely be cut short
again, so it is a failure of that run, and a second run asks for what is missing. Then a server
without faults is asked for everything, into another store, and the two are compared pair by pair.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from crash import make_site
from support import chat_server as chat
from support.chat_server import Behaviour, ChatServer, Reply, Request

from classifier.store import Store

FAULTS: Final[dict[str, tuple[float, Behaviour]]] = {
    "429": (0.05, chat.rate_limited({"Retry-After": "0.2"})),
    "500": (0.02, chat.failing(500)),
    "dropped": (0.01, chat.dropping(0.5)),
    "cut short": (0.01, chat.truncated),
}
GOOD: Final = "answered"


class Faulty:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.calls: Counter[str] = Counter()

    def __call__(self, request: Request) -> Reply:
        names, faults = [*FAULTS, GOOD], [*FAULTS.values()]
        weights = [share for share, _ in faults]
        (name,) = self._chance.choices(names, [*weights, 1 - sum(weights)])
        self.calls[name] += 1
        return chat.slow(0.05, FAULTS[name][1] if name in FAULTS else chat.judge)(request)


def run(folder: Path, url: str, given: argparse.Namespace, store: str) -> tuple[int, str]:
    options = ["--categories", "taxonomy", "--scorer", "openai", "--model", "loopback"]
    options += ["--base-url", url, "--pack", str(given.pack), "--store", store]
    command = [sys.executable, "-m", "classifier", "content", *options, "--concurrency", "8"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def judgements(path: Path) -> dict[tuple[str, str], list[float]]:
    """Return the confidences of all stored judgements, by digests of article and category."""
    confidences: dict[tuple[str, str], list[float]] = {}
    with Store.open(path, read_only=True) as store:
        for file in store.files(store.paths()).values():
            for record in store.history(file.digest):
                pair = record.article, record.category
                confidences.setdefault(pair, []).append(record.judgement.confidence)
    return confidences


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=120)
    parser.add_argument("--categories", type=int, default=20)
    parser.add_argument("--pack", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    whole = given.articles * given.categories
    packs = given.articles * -(-given.categories // given.pack)
    with tempfile.TemporaryDirectory(prefix="classify-faulty-") as name, ChatServer() as server:
        folder = Path(name)
        make_site(folder, articles=given.articles, categories=given.categories)
        server.always = faulty = Faulty(given.seed)
        for number in range(1, 6):
            code, said = run(folder, server.url, given, "faulty.sqlite3")
            done = len(judgements(folder / "faulty.sqlite3"))
            print(f"run {number}: exit {code}, {done:,} of {whole:,} pairs stored")
            print("".join(f"    {line}\n" for line in said.splitlines()), end="")
            if code == 0:
                break
        server.always = chat.judge
        assert run(folder, server.url, given, "faultless.sqlite3")[0] == 0
        found, expected = (
            judgements(folder / f"{store}.sqlite3") for store in ("faulty", "faultless")
        )
    report(faulty.calls, packs=packs, same=found == expected, pairs=len(found), whole=whole)


def report(calls: Counter[str], *, packs: int, same: bool, pairs: int, whole: int) -> None:
    tried_again = calls["429"] + calls["500"] + calls["dropped"]
    print(
        f"calls {calls.total():,} = {packs:,} packs"
        f" + {tried_again} tried again ({calls['429']} after a 429, {calls['500']} after a 500,"
        f" {calls['dropped']} after a lost connection)"
        f" + {calls['cut short']} asked again in the next run (cut short)"
    )
    print(f"{pairs:,} of {whole:,} pairs, {'the same as' if same else 'NOT AS'} without faults")
    explained = calls.total() == packs + tried_again + calls["cut short"]
    met = explained and same and pairs == whole
    print("target met" if met else "TARGET MISSED")
    sys.exit(not met)


if __name__ == "__main__":
    main()
