"""What judging 120 definitions x 200 articles takes, beside one call for each pair.

    pip install bpe-openai             # counts tokens as the model does; without it: our estimate
    python benchmarks/cost.py [--data ../shared/data/18f] [--articles 200] [--model gpt-4.1-mini]

A stub judge answers from a table of verdicts, behind a server on loopback that counts what is new,
cached and answered by the published rules: beginnings of 1,024 tokens or more, in steps of 128,
found once the call that brought them is over, by calls with the same start and `prompt_cache_key`.
All is priced by the price list. Every strategy is predicted before it runs. A batch is taken to
find nothing cached.

Verdicts: the labels of the set are in, one in thirty other pairs is a neighbour (judged in full, no
label), the rest is out. Definitions are written by rule, to about 250 tokens: titles are those of
the set's labels, topics the words that tell other articles of that label from the rest. Without the
data, articles are made of such words, as long as those of 18f are. The baseline has no canary, and
its beginning (rubric, definition) is cached too; `x-new` is beside a baseline of which nothing is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import numpy as np

from classifier.models import Article, Category, Instructions, Task, Usage
from classifier.scorers.base import Scorer
from classifier.scorers.cascade.deferral import DeferralPolicy, Judged, Route, Shortlist
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.openai import prompts
from classifier.scorers.openai.capabilities import model_family
from classifier.scorers.openai.costs import Tier, count_tokens, priced
from classifier.scorers.openai.options import OFFICIAL, Effort, OpenAIOptions
from classifier.scorers.openai.planning import Rates, predict
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.training import threshold_sampling
from classifier.training.threshold_sampling import PairPool, RecallTarget

MINIMUM = 0.5
LABELS, DEFINITION, STEP, LEAST = 120, 250, 128, 1024
CONCURRENCY = 8
LATENCY = 0.01
"""Seconds. Long enough that calls under way at the same time find nothing of each other."""


# --- tokens --------------------------------------------------------------------------------------


def tokenizer() -> tuple[str, Callable[[str], Sequence[object]]]:
    """Return its name and how it splits a text."""
    try:
        from bpe_openai import get_encoding
    except ImportError:
        return "our estimate", lambda text: range(count_tokens(text))
    return "o200k_base", get_encoding("o200k_base").encode


# --- what is judged ------------------------------------------------------------------------------

FILLER = (
    "how teams in an agency work with it, what it asks of them and what it gives back",
    "decisions about it, who took them and what they were based on",
    "cases in which it was tried, with what came of them",
    "rules, guidance and tools that are made for it",
    "people who do it for a living, and how they came to it",
    "what went wrong with it, and what was learned",
    "how it is paid for, measured and kept going",
    "what it has to do with the public that is served",
    "the first steps for somebody who is new to it",
    "comparisons with how it was done before",
)


@dataclass(frozen=True)
class Site:
    tasks: list[Task]
    labels: Mapping[str, set[str]]
    """By article, the titles of the categories it belongs to."""


def definition(title: str, words: Sequence[str], rng: random.Random) -> Category:
    """`words`: what articles about it use more often than others."""
    lines = rng.sample(FILLER, len(FILLER))
    topics = [", ".join(words[start : start + 4]) for start in range(0, len(words), 4)]
    instructions = Instructions(
        scope=f"Articles whose main subject is {title}: " + "; ".join(lines[:4]) + ".",
        topics=tuple(f"{topic}: {line}" for topic, line in zip(topics, lines[4:], strict=False)),
        exclusions=tuple(f"Articles that only mention {title} beside {it}" for it in lines[7:10]),
    )
    about = f"All about {title}, for readers who look for it: {', '.join(words[:6])}."
    return Category(
        id=f"tags/{title}", kind="tags", title=title, description=about, instructions=instructions
    )


def site(data: Path, articles: int, definitions: int) -> Site:
    rng = random.Random(7)
    if data.is_dir():
        titles = [it["title"] for it in json.loads((data / "labels.json").read_text("utf-8"))]
        found = [json.loads(it) for it in (data / "docs.jsonl").read_text("utf-8").splitlines()]
        docs = [(it["title"], it["text"], set(it["labels"])) for it in found]
    else:
        titles = [f"{a} {b}" for a in _WORDS for b in _WORDS if a != b]
        rng.shuffle(titles)
        docs = [_made(titles[:definitions], rng) for _ in range(2 * articles)]
    rng.shuffle(docs)
    chosen, others = docs[:articles], docs[articles:]
    told = _telling(titles[:definitions], others)
    categories = tuple(definition(title, told[title], rng) for title in titles[:definitions])
    tasks = [
        Task(Article(id=f"{n}.md", title=title, body=text), categories)
        for n, (title, text, _) in enumerate(chosen)
    ]
    known = {category.title for category in categories}
    labels = {f"{n}.md": its & known for n, (_, _, its) in enumerate(chosen)}
    return Site(tasks, labels)


_WORDS = tuple(
    re.findall(
        r"\w+",
        "harbour bridge market orchard theatre library railway garden kitchen museum river forest "
        "island winter school hospital",
    )
)


def _telling(
    titles: Sequence[str], docs: Sequence[tuple[str, str, set[str]]]
) -> dict[str, list[str]]:
    """Return the words that are more frequent in articles with a label than in all."""
    used = [(its, set(re.findall(r"[a-z]{4,}", text.lower()))) for _, text, its in docs]
    every = Counter(word for _, words in used for word in words)
    found = {}
    for title in titles:
        own = [words for its, words in used if title in its]
        counts = Counter(word for words in own for word in words)
        best = sorted(counts, key=lambda word: (-(counts[word] ** 2) / every[word], word))
        found[title] = [*best[:24], *([title] * 24)][:24]
    return found


def _made(titles: Sequence[str], rng: random.Random) -> tuple[str, str, set[str]]:
    """Return an article about three titles, with words by the length of those of 18f."""
    about = rng.sample(titles, 3)
    length, said = rng.lognormvariate(7.0, 0.6), [about[0]]
    while sum(len(it.split()) for it in said) < length:
        said.append(f"{rng.choice(about)} and {rng.choice(FILLER)}.")
    return about[0], " ".join(said), set(about)


# --- the judge -----------------------------------------------------------------------------------


@dataclass
class Judge:
    """Knows every verdict; says it at the length a model would."""

    site: Site
    articles: dict[str, str] = field(default_factory=dict)
    """From an article's first line in the prompt to its id."""

    def __post_init__(self) -> None:
        self.texts = {task.article.id: task.article for task in self.site.tasks}
        self.titles = {prompts.slug(c.title): c.title for c in self.site.tasks[0].categories}
        self.articles = {_name(task.article.title): task.article.id for task in self.site.tasks}

    def answer(self, system: str, user: str) -> dict[str, Any]:
        article = self.texts[self.articles[_name(user.partition("Title: ")[2].partition("\n")[0])]]
        short = "`out`" in system
        answers: dict[str, list[Any]] = {"judgements": [], "out": []}
        for key in re.findall(r'<category id="([^"]+)">', system):
            scores = self._scores(article.id, self.titles.get(key))
            if short and scores[1] < 3:
                why = "about other work, not this subject"
                answers["out"].append({"id": key, "why": why, "scores": scores})
            else:
                answers["judgements"].append(_in_full(key, scores, article))
        return answers if short else {"judgements": answers["judgements"]}

    def _scores(self, article: str, title: str | None) -> tuple[int, int, int]:
        chance = random.Random(f"{article}|{title}")
        if title is None:  # the canary
            return 0, 0, 0
        if title in self.site.labels[article]:
            return chance.randint(5, 9), chance.randint(6, 10), chance.randint(5, 9)
        if chance.random() < 1 / 30:
            return chance.randint(2, 4), chance.randint(3, 4), chance.randint(1, 4)
        return chance.randint(0, 1), chance.randint(0, 1), 0


def _name(title: str) -> str:
    return prompts.slug(title)


def _in_full(key: str, scores: tuple[int, int, int], article: Article) -> dict[str, Any]:
    quotes = [it for it in re.split(r"[.\n]+ ?", article.body) if 40 < len(it) < 160]
    reasons = (
        f"The article tells how the people it is about went about their work, and {key} is part of "
        "that; it says what was tried and what came of it, and leaves out the rules that the "
        "definition asks for."
        if scores[1] >= 3
        else f"The article is about other work; nothing in it is about {key}, which is what the "
        "definition asks for, and what it tells of its teams would fit any subject."
    )
    return {
        "id": key,
        "evidence": quotes[: 2 if scores[1] >= 5 else scores[1] >= 3],
        "exclusion": None,
        "reasoning": reasons,
        **dict(zip(("mentions", "alignment", "depth"), scores, strict=True)),
    }


# --- the server ----------------------------------------------------------------------------------


class Server:
    """Chat Completions on loopback, which counts what it would charge."""

    def __init__(self, judge: Judge, split: Callable[[str], Sequence[object]]) -> None:
        self._judge, self._split = judge, split
        self._blocks = lru_cache(maxsize=1024)(self._make_blocks)
        self._count = lru_cache(maxsize=4096)(lambda text: len(split(text)))
        self.reset()

    def reset(self) -> None:
        self.read: set[tuple[str, bytes]] = set()
        self.usage = Usage()

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)))
        self._thread.start()
        ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        ready.set()
        await self._stop.wait()
        server.close()

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                length = re.search(r"content-length: *(\d+)", head)
                body = json.loads(await reader.readexactly(int(length[1]) if length else 0))
                reply = json.dumps(await self._reply(body)).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                    b"content-length: %d\r\n\r\n%s" % (len(reply), reply)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _reply(self, body: Mapping[str, Any]) -> dict[str, Any]:
        system, user = (message["content"] for message in body["messages"])
        said = json.dumps(self._judge.answer(system, user), separators=(",", ":"))
        form = json.dumps(body.get("response_format"))
        blocks, beginning = self._blocks(form, system)
        where = body.get("prompt_cache_key", "")
        hits = [number for number, it in enumerate(blocks, 1) if (where, it) in self.read]
        cached = max(hits, default=0) * STEP
        read, written = beginning + self._count(user) + 12, self._count(said)
        await asyncio.sleep(LATENCY)
        self.read.update((where, it) for it in blocks)
        used = Usage(
            calls=1,
            input_tokens=read,
            cached_tokens=cached if cached >= LEAST else 0,
            output_tokens=written,
        )
        self.usage += used
        return {
            "model": body["model"],
            "choices": [{"finish_reason": "stop", "message": {"content": said}}],
            "usage": {
                "prompt_tokens": used.input_tokens,
                "completion_tokens": used.output_tokens,
                "prompt_tokens_details": {"cached_tokens": used.cached_tokens},
            },
        }

    def _make_blocks(self, form: str, system: str) -> tuple[list[bytes], int]:
        """Return a digest of each beginning of whole steps, and all tokens."""
        tokens = [*self._split(form), *self._split(system)]
        found, so_far = [], blake2b(digest_size=8)
        for start in range(0, len(tokens) - STEP + 1, STEP):
            so_far.update(repr(tokens[start : start + STEP]).encode())
            found.append(so_far.copy().digest())
        return found, len(tokens)


# --- strategies ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ran:
    name: str
    predicted: Usage
    actual: Usage
    labels: Mapping[str, set[str]]
    seconds: float


def scorer(model: str, url: str, *, pack: int, short: bool, canary: bool = True) -> OpenAIScorer:
    effort: Effort | None = "none" if model_family(model).reasoning_budget else None
    options = OpenAIOptions(
        pack=pack, canary=canary, concurrency=CONCURRENCY, cache_key=True, effort=effort
    )
    return OpenAIScorer(model, base_url=url, prompts=prompts.load(short=short), options=options)


def judged(by: Scorer, tasks: Sequence[Task]) -> dict[str, set[str]]:
    found = {}
    for outcome in by.score(tasks):
        assert not outcome.failures, outcome.failures[0]
        found[outcome.task.article.id] = {
            it.category for it in outcome.judgements if it.confidence >= MINIMUM
        }
    return found


def run(
    name: str, asking: Callable[[str], OpenAIScorer], server: Server, work: Site, rest: Any = None
) -> Ran:
    """`rest`: makes a cascade of the language model, and tells what it leaves for it."""
    server.reset()
    started = time.monotonic()
    live, planned = asking(server.url), asking(OFFICIAL)
    by: Scorer = live if rest is None else Cascade(rest, live, rest.deferral)
    left = work.tasks
    if rest is not None:
        splits = Cascade(rest, live, rest.deferral).split(work.tasks)
        left = [split.rest for split in splits if split.rest is not None]
    rates = Rates(concurrency=CONCURRENCY)
    expected = predict(planned.workload(left), planned.strategy, rates=rates).usage
    labels = judged(by, work.tasks)
    actual = _priced(server.usage, planned.builder.model)
    return Ran(name, expected, actual, labels, time.monotonic() - started)


@dataclass(frozen=True)
class Drawn:
    """A cut that was found for a recall, with all that was asked to find it."""

    asked: Mapping[str, set[str]]
    """By article digest, category ids."""
    digest: str = "drawn"
    description: str = "a measured cut"

    def audit_rate(self, kind: str) -> float:  # noqa: ARG002 - the protocol's
        return 0.0

    def routes(self, article: str, judged: Judged) -> dict[str, Route]:
        those = self.asked[article]
        return {c.id: Route.DEFER if c.id in those else Route.KEEP for c, _ in judged}


def measured(work: Site, found: Mapping[str, Any], recall: float) -> Drawn:
    """Find the cut as `classify cascade` does, asking about a sample."""
    chance = np.random.default_rng(1)
    categories = work.tasks[0].categories
    confidence = np.array(
        [[it.confidence for it in found[task.article.id].judgements] for task in work.tasks]
    )
    truth = np.array(
        [[c.title in work.labels[task.article.id] for c in categories] for task in work.tasks]
    )
    pool, lots = PairPool(confidence=confidence), chance.random(confidence.shape)
    looked = threshold_sampling.pilot_sample(pool, chance.random(confidence.shape))
    plan = threshold_sampling.plan_sample(
        pool, truth=truth & looked, known=looked, target=RecallTarget(recall=recall)
    )
    drawn = lots < plan.rate
    cuts = threshold_sampling.choose_thresholds(
        plan, truth=truth, known=drawn | looked, drawn=drawn
    ).values
    wanted = (confidence >= cuts) | drawn | looked
    return Drawn(
        {
            task.article.digest: {c.id for c, asked in zip(categories, row, strict=True) if asked}
            for task, row in zip(work.tasks, wanted, strict=True)
        }
    )


class Known:
    """The embedded scorer, asked once; and the cut that its cascade has."""

    def __init__(self, deferral: DeferralPolicy, found: Mapping[str, Any]) -> None:
        self.identity = EmbeddedScorer().identity
        self.deferral = deferral
        self._found = found

    def score(self, tasks: Any) -> Iterator[Any]:
        for task in tasks:
            yield self._found[task.article.id]


def _priced(usage: Usage, model: str, tier: Tier = "standard") -> Usage:
    """Price the mean call: prices may depend on its length."""
    calls = usage.calls
    each = Usage(
        calls=1,
        input_tokens=round(usage.input_tokens / calls),
        cached_tokens=0 if tier == "batch" else round(usage.cached_tokens / calls),
        output_tokens=round(usage.output_tokens / calls),
    )
    cost = priced(each, model=model, base_url=OFFICIAL, tier=tier).cost
    return Usage(
        calls=calls,
        input_tokens=usage.input_tokens,
        cached_tokens=usage.cached_tokens,
        output_tokens=usage.output_tokens,
        cost=None if cost is None else cost * calls,
    )


def report(ran: Sequence[Ran], model: str) -> None:
    base = ran[0]
    heads = "calls tokens-in cached tokens-out cost x-live x-flex x-batch x-new x-tokens off labels"
    print(f"{'':<32}" + "".join(f"{head:>11}" for head in heads.split()) + f"{'lost':>6}{'new':>5}")
    for it in ran:
        used, costs = (
            it.actual,
            [_priced(it.actual, model, tier).cost or 0.0 for tier in ("standard", "flex", "batch")],
        )
        fresh = _priced(replace(base.actual, cached_tokens=0), model).cost or 0.0
        times = [(base.actual.cost or 0.0) / cost for cost in costs] + [fresh / costs[0]]
        tokens = _tokens(base.actual) / _tokens(used)
        off = (it.predicted.cost or 0.0) / (used.cost or 1.0) - 1
        pairs = {(a, c) for a, its in it.labels.items() for c in its}
        known = {(a, c) for a, its in base.labels.items() for c in its}
        cells = [
            *(f"{n:,}" for n in (used.calls, used.input_tokens, used.cached_tokens)),
            f"{used.output_tokens:,}",
            f"${used.cost:.3f}",
            *(f"{each:.1f}" for each in (*times, tokens)),
            f"{off:+.1%}",
            f"{len(pairs):,}",
        ]
        lost, new = len(known - pairs), len(pairs - known)
        told = "".join(f"{cell:>11}" for cell in cells)
        print(f"{it.name:<32}{told}{lost:>6}{new:>5}   {it.seconds:.0f}s", flush=True)


def _tokens(usage: Usage) -> int:
    return usage.input_tokens + usage.output_tokens


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/18f"))
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--definitions", type=int, default=LABELS)
    parser.add_argument("--model", default="gpt-4.1-mini")
    parser.add_argument("--recall", type=float, nargs="*", default=[0.98, 0.9])
    parser.add_argument("--shortlist", type=int, nargs="*", default=[40, 20, 10])
    given = parser.parse_args()
    work = site(given.data, given.articles, given.definitions)
    counted, split = tokenizer()
    sizes = [len(split(task.article.body)) for task in work.tasks]
    lengths = [len(split(prompts.load().system([c]))) for c in work.tasks[0].categories[:20]]
    bare = len(split(prompts.load().system([])))
    print(
        f"{len(work.tasks[0].categories)} definitions of {sum(lengths) / len(lengths) - bare:.0f} "
        f"tokens x {len(work.tasks)} articles of {sum(sizes) / len(sizes):.0f} ({counted}), "
        f"{given.model}\n"
    )
    found = {outcome.task.article.id: outcome for outcome in EmbeddedScorer().score(work.tasks)}
    model = given.model

    def asks(**options: Any) -> Callable[[str], OpenAIScorer]:
        return lambda url: scorer(model, url, **options)

    with Server(Judge(work), split) as server:
        ran = [run("pair, in full", asks(pack=1, short=False, canary=False), server, work)]
        ran.append(run("pack of 10, in full", asks(pack=10, short=False), server, work))
        for size in (10, 20, 40, given.definitions):
            ran.append(run(f"pack of {size}, short", asks(pack=size, short=True), server, work))
        cuts: dict[str, DeferralPolicy] = {
            f"cascade, recall {aim}": measured(work, found, aim) for aim in given.recall
        }
        cuts |= {f"cascade, {size} likeliest": Shortlist(size) for size in given.shortlist}
        for name, cut in cuts.items():
            for pack in (10, 30):
                first = Known(cut, found)
                asking = asks(pack=pack, short=True)
                ran.append(run(f"{name}, pack {pack}", asking, server, work, rest=first))
    report(ran, model)


if __name__ == "__main__":
    main()
