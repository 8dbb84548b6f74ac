"""Calls per second and client CPU per call of the openai scorer, beside the SDK's own `.parse()`.

    python benchmarks/throughput.py [--calls 2000] [--rounds 3]

A server in a process of its own answers on loopback after a fixed latency with what a model would
say: a judgement for each category of the call, with quotes from its article. The scorer does all
its work on every call (cleaning the article, prompts, checking the answer, locating quotes). The
baseline sends the same bodies at the same concurrency through
`AsyncOpenAI().chat.completions.parse()` with its default transport and a pydantic model of the
answer, and does nothing else. Targets: calls/s at least 60 % of concurrency / latency, and a third
of the baseline's CPU per call at most.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import random
import re
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from pydantic import BaseModel

from classifier.models import Article, Category, Instructions, Task
from classifier.scorers.openai import prompts
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.prompts import slug
from classifier.scorers.openai.requests import RequestBuilder
from classifier.scorers.openai.scorer import OpenAIScorer

PACK = 10
PACKS = 5
"""Calls for each article: fifty categories are a usual taxonomy."""
TITLES = (
    "Scaling frameworks, Team topologies, Release planning, Product strategy, User research, "
    "Content design, Accessibility, Open data, Procurement, Cloud hosting, Incident response, "
    "Security reviews, Privacy, Analytics, Search, Social media, Plain language, Translation, "
    "Mobile apps, Prototyping, Continuous delivery, Test automation, Code review, "
    "Documentation, Onboarding, Hiring, Remote work, Leadership, Budgeting, Roadmaps, Customer "
    "support, Surveys, Usability tests, Design systems, Web performance, Databases, Message "
    "queues, Observability, Machine learning, Chatbots, Forms, Payments, Identity, Maps, Video, "
    "Podcasts, Newsletters, Events, Training, Governance"
)
WORDS = (
    "the of and to in a is that for it as was with be by on not he his but at are this have "
    "from or had an they which one you were all her she there would their we him been has when "
    "who will no more if out so up said what its about than into them can only other time new "
    "some could these two may first then do any like my now over such our man me even most made "
    "after also team product release customer service agency research design content delivery "
    "feedback backlog review dependency planning strategy evidence decision pilot roadmap "
    "budget vendor"
)


# --- what is judged ------------------------------------------------------------------------------


_KNOWN = {slug(title) for title in TITLES.split(", ")}


def taxonomy(rng: random.Random) -> tuple[Category, ...]:
    return tuple(
        Category(
            id=f"tags/{number:02}",
            kind="tags",
            title=title,
            description=sentence(rng, 18),
            instructions=Instructions(
                scope=" ".join(sentence(rng, 15) for _ in range(3)),
                topics=tuple(sentence(rng, 6) for _ in range(5)),
                exclusions=tuple(sentence(rng, 9) for _ in range(3)),
            ),
        )
        for number, title in enumerate(TITLES.split(", "))
    )


def sentence(rng: random.Random, words: int) -> str:
    count = max(3, round(rng.gauss(words, words / 4)))
    return " ".join(rng.choices(WORDS.split(), k=count)).capitalize() + "."


def article(number: int, rng: random.Random) -> Article:
    """Return about 700 words of Markdown, as blog posts have it: headings, links, a list."""
    parts = []
    for _ in range(4):
        parts.append(f"## {sentence(rng, 4)[:-1]}")
        for _ in range(2):
            said = [sentence(rng, 16) for _ in range(4)]
            said[1] = f"See [{said[1][:-1]}](https://example.org/{number}) and *{said[2][:9]}*."
            parts.append(" ".join(said))
        parts.append("\n".join(f"- {sentence(rng, 8)}" for _ in range(3)))
    return Article(id=f"{number}.md", title=sentence(rng, 6)[:-1], body="\n\n".join(parts) + "\n")


def tasks(count: int) -> list[Task]:
    rng = random.Random(7)
    categories = taxonomy(rng)
    return [Task(article(number, rng), categories) for number in range(count)]


# --- the server ----------------------------------------------------------------------------------


class Server(asyncio.Protocol):
    """HTTP/1.1 with kept connections, just enough of it; replies after a fixed latency."""

    latency = 0.2

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = bytearray()
        self.missing = 0

    def data_received(self, data: bytes) -> None:
        self.received += data
        if len(self.received) < self.missing:
            return
        head = self.received.find(b"\r\n\r\n")
        if head < 0:
            return
        length = re.search(rb"(?i)content-length: *(\d+)", self.received[:head])
        assert length
        self.missing = head + 4 + int(length[1])
        if len(self.received) >= self.missing:
            content = bytes(self.received[head + 4 : self.missing])
            del self.received[: self.missing]
            self.missing = 0
            loop = asyncio.get_running_loop()
            loop.call_at(loop.time() + self.latency, self.transport.write, reply(content))

    def connection_lost(self, _: Exception | None) -> None:
        del self.transport


def reply(content: bytes) -> bytes:
    system, user = (message["content"] for message in json.loads(content)["messages"])
    quotes = [s for s in user[200:4000].replace("\n", ". ").split(". ")[1:-1] if len(s) > 40]
    items = [
        {
            "id": key,
            "evidence": quotes[number : number + 2]
            if number % 3 == 0
            else [],  # some fit, most not
            "exclusion": None,
            "reasoning": "The article describes how several teams plan one release together and "
            "what they learned; it names the topics of the definition without going into them.",
            "mentions": number % 9,
            "alignment": number % 7 if key.partition("-")[2] in _KNOWN else 0,  # else the canary
            "depth": 0,
        }
        for number, key in enumerate(re.findall(r'<category id="([^"]+)">', system))
    ]
    text = json.dumps({"judgements": items})
    data = json.dumps(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": "loopback-1",
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "logprobs": None,
                    "message": {"role": "assistant", "content": text, "refusal": None},
                }
            ],
            "usage": {
                "prompt_tokens": len(content) // 4,
                "completion_tokens": len(text) // 4,
                "total_tokens": (len(content) + len(text)) // 4,
                "prompt_tokens_details": {"cached_tokens": 1024},
                "completion_tokens_details": {"reasoning_tokens": 0},
            },
        }
    ).encode()
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: req_1\r\n"
        b"x-ratelimit-remaining-requests: 9999\r\nx-ratelimit-reset-requests: 6ms\r\n"
        b"content-length: %d\r\n\r\n%s" % (len(data), data)
    )


def serve(latency: float, ready: Connection) -> None:
    async def run() -> None:
        Server.latency = latency
        loop = asyncio.get_running_loop()
        server = await loop.create_server(Server, "127.0.0.1", 0, backlog=1000)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


# --- the clients ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    calls: int
    seconds: float
    cpu: float
    """Seconds of processor time, this process only."""


def timed(run: Iterator[int]) -> Measured:
    """`run` yields numbers of calls made; what it does before the first is not counted."""
    calls = next(run)
    assert calls == 0
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    calls = sum(run)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measured(calls, seconds, used)


def ours(base_url: str, given: list[Task], concurrency: int) -> Iterator[int]:
    scorer = OpenAIScorer(
        "loopback", base_url=base_url, options=OpenAIOptions(pack=PACK, concurrency=concurrency)
    )
    list(scorer.score(given[:1]))  # imports, templates
    yield 0
    for outcome in scorer.score(given[1:]):
        assert not outcome.failures, outcome.failures
        assert any(e.verified for j in outcome.judgements for e in j.evidence)
        yield outcome.usage.calls


class Item(BaseModel):
    id: str
    evidence: list[str]
    exclusion: int | None
    reasoning: str
    mentions: int
    alignment: int
    depth: int


class Answer(BaseModel):
    judgements: list[Item]


def official(base_url: str, given: list[Task], concurrency: int) -> Iterator[int]:
    from openai import AsyncOpenAI

    bodies = list(requests(base_url, given))

    async def work() -> int:
        waiting = iter(bodies)
        async with AsyncOpenAI(api_key="none", base_url=base_url, max_retries=0) as client:

            async def one_by_one() -> int:
                done = 0
                for content in waiting:
                    answer = await client.chat.completions.parse(**content, response_format=Answer)
                    assert answer.choices[0].message.parsed
                    done += 1
                return done

            return sum(await asyncio.gather(*(one_by_one() for _ in range(concurrency))))

    yield 0
    yield asyncio.run(work())


def requests(base_url: str, given: list[Task]) -> Iterator[dict[str, Any]]:
    """Make the scorer's own bodies; the SDK makes the response format anew from its model."""
    made = prompts.load()
    builder = RequestBuilder(
        model="loopback", base_url=base_url, prompts=made, options=OpenAIOptions()
    )
    for task in given[1:]:
        for request in builder.build(task):
            content = json.loads(builder.body(request, builder.features(request)))
            del content["response_format"]
            yield content


def show(name: str, result: Measured, ideal: float) -> None:
    rate = result.calls / result.seconds
    print(
        f"{name:34} {result.calls:6} calls  {rate:7.0f} calls/s = {rate / ideal:4.0%} of "
        f"concurrency/latency  {result.cpu / result.calls * 1000:6.2f} ms CPU per call"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=200)
    parser.add_argument("--latency", type=float, default=0.2)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    here, there = multiprocessing.Pipe()
    spawn = multiprocessing.get_context("spawn")
    server = spawn.Process(target=serve, args=(options.latency, there), daemon=True)
    server.start()
    base_url = f"http://127.0.0.1:{here.recv()}/v1"
    given = tasks(1 + options.calls // PACKS)
    ideal = options.concurrency / options.latency
    runs = [
        (
            timed(ours(base_url, given, options.concurrency)),
            timed(official(base_url, given, options.concurrency)),
        )
        for _ in range(options.rounds)
    ]
    server.terminate()
    mine, theirs = (min(each, key=lambda run: run.cpu) for each in zip(*runs, strict=True))
    show("ours (whole scorer)", mine, ideal)
    show("SDK chat.completions.parse()", theirs, ideal)
    print(f"(each the one of {options.rounds} rounds that took it least processor time)")
    share = (mine.cpu / mine.calls) / (theirs.cpu / theirs.calls)
    print(f"CPU per call: ours is {share:.2f} of the SDK's")


if __name__ == "__main__":
    main()
