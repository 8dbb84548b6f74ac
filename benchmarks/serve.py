"""Articles per second of `classify serve`, beside the bare loop over the same articles.

    python benchmarks/serve.py [--articles 200] [--rounds 3] [--short 20000]

Articles of 400 words are judged against 50 categories by the embedded scorer: by a loop over
`Classifier.classify_many` in a process of its own, and by the service with 1, 8 and 64 requests
under way, in turns. The client is a process, too, and takes its share of the cores. Prints requests
per second, their ratio to the loop, the median and 99th percentile of a request, errors, and CPU
seconds per article of the process that judges, which say the same on a busy machine. Target: at
least 0.8 of the loop at 8 and 64, and of the loop one by one at 1, and no error. In the loop numpy
has one thread, as in the service: more would wait by spinning.

Then `--short` requests of one sentence: memory of the service at a tenth of them and at the end.
And clients that send a byte and stop, and bodies that are too large, while others are answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from throughput import sentence, taxonomy

CONCURRENCY = (1, 8, 64)
WORDS = 400


def text(number: int) -> str:
    rng = random.Random(number)
    words, sentences = 0, []
    while words < WORDS:
        sentences.append(sentence(rng, 16))
        words += len(sentences[-1].split())
    return "\n\n".join(" ".join(sentences[n : n + 5]) for n in range(0, len(sentences), 5)) + "\n"


def write_definitions(folder: Path) -> None:
    (folder / "tags").mkdir()
    for category in taxonomy(random.Random(7)):
        i = category.instructions
        meta = {
            "title": category.title,
            "description": category.description,
            "instructions": i.scope,
            "include": list(i.topics),
            "exclude": list(i.exclusions),
        }
        name = category.id.replace("/", os.sep)
        (folder / f"{name}.md").write_text(f"---\n{json.dumps(meta)}\n---\n")


# --- the loop ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    per_second: float
    cpu: float
    """Seconds per article."""
    latencies: Sequence[float] = ()
    errors: int = 0


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


_LOOP: dict[str, object] = {}


def bare_loop(folder: str, texts: Sequence[str], *, one_by_one: bool) -> Measured:
    from classifier import Classifier

    classifier = _LOOP.get(folder)
    if not isinstance(classifier, Classifier):
        classifier = Classifier.from_settings(categories=folder)
        list(classifier.classify_many(texts[:2]))
        _LOOP[folder] = classifier
    start, cpu = time.perf_counter(), _cpu()
    latencies = []
    if one_by_one:
        count = 0
        for each in texts:
            begun = time.perf_counter()
            count += classifier.classify(each).ok
            latencies.append(time.perf_counter() - begun)
    else:
        count = sum(result.ok for result in classifier.classify_many(texts))
    assert count == len(texts)
    seconds = time.perf_counter() - start
    return Measured(len(texts) / seconds, (_cpu() - cpu) / len(texts), latencies)


# --- the service ---------------------------------------------------------------------------------


class Service:
    """`classify serve` as a process."""

    def __init__(self, folder: str, *options: str) -> None:
        command = [
            sys.executable,
            "-m",
            "classifier",
            "serve",
            "--port",
            "0",
            "--categories",
            folder,
        ]
        self._process = subprocess.Popen(
            [*command, *options], stderr=subprocess.PIPE, text=True, cwd=folder
        )
        assert self._process.stderr is not None
        line = self._process.stderr.readline()
        found = re.search(r"http://([\d.]+):(\d+)", line)
        assert found, line
        self.host, self.port = found[1], int(found[2])

    @property
    def memory(self) -> int:
        """Bytes that are resident."""
        pages = Path(f"/proc/{self._process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu(self) -> float:
        """Seconds that were used so far."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait()


@dataclass
class Client:
    """Keeps connections open and counts."""

    host: str
    port: int
    latencies: list[float] = field(default_factory=list)
    errors: int = 0

    async def run(self, bodies: Sequence[bytes], concurrency: int) -> None:
        waiting = list(reversed(bodies))

        async def worker() -> None:
            reader, writer = await asyncio.open_connection(self.host, self.port)
            while waiting:
                await self._ask(reader, writer, waiting.pop())
            writer.close()

        await asyncio.gather(*(worker() for _ in range(concurrency)))

    async def _ask(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes
    ) -> None:
        start = time.perf_counter()
        writer.write(
            f"POST /classify HTTP/1.1\r\nhost: {self.host}:{self.port}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length
        await reader.readexactly(int(length[1]))
        self.latencies.append(time.perf_counter() - start)
        self.errors += not head.startswith(b"HTTP/1.1 200")


def load(host: str, port: int, bodies: Sequence[bytes], concurrency: int) -> Measured:
    client = Client(host, port)
    start = time.perf_counter()
    asyncio.run(client.run(bodies, concurrency))
    seconds = time.perf_counter() - start
    return Measured(len(bodies) / seconds, 0.0, client.latencies, client.errors)


# --- what is printed -----------------------------------------------------------------------------


def compare(folder: str, articles: int, rounds: int) -> None:
    texts = [text(number) for number in range(articles)]
    bodies = [json.dumps({"text": each}).encode() for each in texts]
    found: dict[str, list[Measured]] = {}
    spawn = get_context("spawn")
    service = Service(folder, "--max-seconds", "300")  # 64 at once take long on a busy machine
    with (
        ProcessPoolExecutor(1, mp_context=spawn) as loop,
        ProcessPoolExecutor(1, mp_context=spawn) as clients,
    ):
        address = (service.host, service.port)
        clients.submit(load, *address, bodies[:8], 8).result()
        loop.submit(bare_loop, folder, texts[:2], one_by_one=False).result()
        for _ in range(rounds):
            for name, alone in (("loop", False), ("loop, one by one", True)):
                measured = loop.submit(bare_loop, folder, texts, one_by_one=alone).result()
                found.setdefault(name, []).append(measured)
            for concurrency in CONCURRENCY:
                cpu = service.cpu
                measured = clients.submit(load, *address, bodies, concurrency).result()
                used = (service.cpu - cpu) / articles
                found.setdefault(f"service at {concurrency}", []).append(
                    Measured(measured.per_second, used, measured.latencies, measured.errors)
                )
    assert service.stop() == 0
    _print(found)


def _print(found: dict[str, list[Measured]]) -> None:
    print(
        f"{'':20} {'articles/s':>10} {'of the loop':>11} {'median':>8} {'p99':>8} {'CPU':>8} errors"
    )
    for name, rounds in found.items():
        # Each round beside the loop of the same round: the machine is not always as busy.
        ratio = statistics.median(
            each.per_second / base.per_second
            for each, base in zip(rounds, found["loop"], strict=True)
        )
        speed = statistics.median(each.per_second for each in rounds)
        cpu = statistics.median(each.cpu for each in rounds)
        latencies = sorted(value for each in rounds for value in each.latencies)
        times = ["", ""]
        if latencies:
            p99 = latencies[min(len(latencies) * 99 // 100, len(latencies) - 1)]
            times = [f"{statistics.median(latencies) * 1e3:.0f} ms", f"{p99 * 1e3:.0f} ms"]
        errors = sum(each.errors for each in rounds)
        print(
            f"{name:20} {speed:10.1f} {ratio:11.2f} {times[0]:>8} {times[1]:>8}"
            f" {cpu * 1e3:5.0f} ms {errors:6}"
        )


def endure(folder: str, count: int) -> None:
    """Print the memory of the service over many short requests."""
    service = Service(folder)
    rng = random.Random(3)
    bodies = [
        json.dumps({"text": sentence(rng, 12), "categories": ["tags/00"]}).encode()
        for _ in range(count)
    ]
    first, rest = bodies[: count // 10], bodies[count // 10 :]
    errors = load(service.host, service.port, first, 16).errors
    early = service.memory
    measured = load(service.host, service.port, rest, 16)
    late = service.memory
    assert service.stop() == 0
    print(
        f"{count:,} short requests, 16 at once: {measured.per_second:.0f}/s, "
        f"{errors + measured.errors} errors; memory {early / 1e6:.0f} MB after {len(first):,}, "
        f"{late / 1e6:.0f} MB at the end ({late / early - 1:+.1%})"
    )


def harm(folder: str) -> None:
    """Print how others fare beside clients that are slow, and bodies that are too large."""
    service = Service(folder, "--max-seconds", "20")
    bodies = [json.dumps({"text": text(number)}).encode() for number in range(32)]
    address = (service.host, service.port)
    before = load(*address, bodies, 8)
    statuses = asyncio.run(_besiege(address, bodies))
    after = load(*address, bodies, 8)
    assert service.stop() == 0
    print(
        f"100 slow clients are answered {statuses[0]}, 20 bodies of 5 MB {statuses[1]}; meanwhile "
        f"{statuses[2]} of {len(bodies)} requests were answered 200; "
        f"{before.per_second:.1f} articles/s before, {after.per_second:.1f} after"
    )


async def _besiege(
    address: tuple[str, int], bodies: Sequence[bytes]
) -> tuple[set[str], set[str], int]:
    host, port = address
    head = f"POST /classify HTTP/1.1\r\nhost: {host}:{port}\r\ncontent-type: application/json\r\n"

    async def ask(body: bytes, length: int) -> str:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(f"{head}content-length: {length}\r\n\r\n".encode() + body)
        try:
            return (await reader.readline()).split()[1].decode()
        finally:
            writer.close()

    slow = [asyncio.create_task(ask(b"{", 1_000)) for _ in range(100)]
    large = [asyncio.create_task(ask(b"x" * 100_000, 5_000_000)) for _ in range(20)]
    client = Client(host, port)
    await client.run(bodies, 8)
    found = [set(await asyncio.gather(*each)) for each in (slow, large)]
    return found[0], found[1], len(bodies) - client.errors


def main() -> None:
    parser = argparse.ArgumentParser(prog="serve", description=__doc__.splitlines()[0])
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", type=int, default=20_000)
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before the loop's process imports numpy
    with tempfile.TemporaryDirectory() as folder:
        write_definitions(Path(folder))
        compare(folder, options.articles, options.rounds)
        harm(folder)
        endure(folder, options.short)


if __name__ == "__main__":
    main()
