"""What judging 120 definitions x 200 articles takes, beside one call for each pair.

    pip install bpe-openai             # counts tokens as the model does; without it: our estimate
    python benchmarks/cost.py [--data ../shared/data/18f] [--articles 200] [--model gpt-5-mini]
        [--version-2 tests/support/prompts_v2] [--neighbours label] [--forget 0.05]

A stub judge answers from a table of verdicts, behind a server on loopback that counts what is new,
cached and answered by the published rules: beginnings of 1,024 tokens or more, in steps of 128,
found once the call that brought them is over, by calls with the same start and `prompt_cache_key`.
All is priced by the price list. Every strategy is predicted before it runs. `x-half`: flex, or a
batch that finds as much cached. `x-batch`: one that finds nothing. `site`: dollars for 1,700
articles, whose first calls fill the cache as those of 200 do; the times are of it. The baseline has
no canary, and its beginning (rubric, definition) is cached too; `x-new` is beside a baseline of
which nothing is.

Verdicts: the labels of the set are in. Of the other pairs some fit a little and some are touched
(KINDS): for each label as many as a strong model found, or, with `--neighbours pair`, of all other
pairs the share that it found: its categories were closer to each other than most. Lengths of
answers are drawn from that model's (LENGTHS). Definitions are written by rule, to about 250 tokens:
titles are those of the set's labels, topics the words that tell other articles of that label from
the rest. Without the data, articles are made of such words, as long as those of 18f are.

`--forget`: the same with a judge that forgets this share of the categories, and with one that stops
after two thirds of them: labels with what is missing asked again, and if it were taken for out.

`--only 120`: only short answers in packs of 120, without the baseline.

`--frontier`: only what `--plan` estimates for a site of 1,700 such articles where 100 are taught
first, with the shares that students had on labelled sets (`recall.py --taught 100`).
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
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

from classifier.content import document
from classifier.models import Article, Category, Instructions, Judgement, Task, Usage
from classifier.project import frontier
from classifier.scorers.base import Scorer
from classifier.scorers.cascade.deferral import DeferralPolicy, Judged, Route, Shortlist
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.openai import injection, planning, prompts
from classifier.scorers.openai.costs import Tier, count_tokens, priced
from classifier.scorers.openai.options import Effort, OpenAIOptions
from classifier.scorers.openai.planning import Rates, predict
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.scorers.openai.servers import OFFICIAL, model_family
from classifier.training import threshold_sampling
from classifier.training.threshold_sampling import PairPool, RecallTarget

MINIMUM = 0.5
LABELS, STEP, LEAST, SITE = 120, 128, 1024, 1_700
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


# Measured on answers to the shipped prompt, about 13 articles x 38 categories of ../shared/nkda and
# 8 x 14 of examples/ (tests/support/answers_v4): 62 labels, 17 other pairs that fit a little
# (answered in full), 40 that come close (a line each), 487 others.
KINDS = {"label": (17 / 62, 40 / 62), "pair": (17 / 544, 40 / 544)}
"""What fits a little and what is touched, for each label or of all other pairs."""

AGAIN = 1 / 40
"""Lines with scores so high that the category is asked about again; then a rule excludes it."""
_DOUBTFUL, _EXCLUDED = (8, 4, 6), (8, 5, 6)

# Tokens (o200k_base), the middles of ten parts of equal size: of the same answers, and of those of
# ../shared/replies to version 2 (`replies.py --lengths`).
LENGTHS = {
    2: {
        "quotes": (1, 1, 2, 2, 2, 2, 2, 3, 3, 3),
        "quote": (9, 12, 15, 18, 21, 23, 26, 29, 33, 40),
        "reasoning": (29, 33, 36, 38, 40, 42, 43, 46, 49, 55),
        "phrase": (3, 4, 6, 6, 7, 7, 7, 8, 8, 9),
    },
    4: {
        "quotes": (1, 1, 1, 1, 1, 1, 2, 2, 2, 2),
        "quote": (7, 7, 8, 8, 8, 8, 9, 9, 9, 10),
        "reasoning": (23, 25, 26, 26, 27, 27, 28, 29, 30, 32),
        "phrase": (8, 9, 9, 9, 9, 10, 10, 10, 11, 11),
        "about": (16, 17, 19, 19, 19, 21, 22, 22, 23, 24),
    },
}


_ASPECTS = ("mentions", "alignment", "depth")


@dataclass
class Judge:
    """Knows every verdict; says it at the length a model would."""

    site: Site
    split: Callable[[str], Sequence[object]]
    neighbours: str = "label"
    forget: Callable[[str, Sequence[str]], set[str]] = lambda article, keys: set()  # noqa: ARG005
    """Which of the keys an answer about an article leaves out."""
    articles: dict[str, str] = field(default_factory=dict)
    """From an article's token or title in the prompt to its id."""
    parts: Counter[str] = field(default_factory=Counter)
    """Tokens answered, by what they are about."""

    def __post_init__(self) -> None:
        self.texts = {task.article.id: task.article for task in self.site.tasks}
        self.titles = {prompts.slug(c.title): c.title for c in self.site.tasks[0].categories}
        self.articles = {_name(task.article.title): task.article.id for task in self.site.tasks}
        self.articles |= {_token(task.article): task.article.id for task in self.site.tasks}
        self.asked: set[str] = set()
        """Articles that were asked about."""
        self.doubted: set[tuple[str, str | None]] = set()
        """Pairs that had a line with the scores of a label."""

    def answer(self, system: str, user: str) -> dict[str, Any]:
        token = user.partition("<article-")[2].partition(">")[0]
        # Without what speaks to models, an article with a changed title has another token.
        title = _name(user.partition("Title: ")[2].partition("\n")[0])
        article = self.texts[self.articles.get(token) or self.articles[title]]
        keys = re.findall(r'<category id="([^"]+)">', system)
        forgotten: set[str] = set()
        if article.id not in self.asked:  # what is asked again has its answer
            forgotten = self.forget(article.id, keys)
        self.asked.add(article.id)
        scored = {
            key: self._scores(article.id, self.titles.get(re.sub(r"^\d+-", "", key)))
            for key in keys
        }
        for key in [key for key, its in scored.items() if its == _DOUBTFUL]:
            pair = article.id, self.titles.get(re.sub(r"^\d+-", "", key))
            if pair in self.doubted or "**touched**" not in system:
                scored[key] = _EXCLUDED
            self.doubted.add(pair)
        left = {key: scores for key, scores in scored.items() if key not in forgotten}
        if "**touched**" in system:
            return self._by_number(left, article, ranges="as a range" in system, every=keys)
        short = "`out`" in system
        full = {key: scores for key, scores in left.items() if not short or scores[1] >= 3}
        answers: dict[str, Any] = {
            "judgements": [self._full(key, its, article, 2) for key, its in full.items()]
        }
        if short:
            rest = {key: its for key, its in left.items() if key not in full}
            answers["out"] = [self._short(key, its, article, 2) for key, its in rest.items()]
        return answers

    def _by_number(
        self, left: Mapping[str, Any], article: Article, *, ranges: bool, every: Sequence[str]
    ) -> dict[str, Any]:
        numbers = [n for n, key in enumerate(every, 1) if key in left and left[key][1] < 4]
        touched = {key: its for key, its in left.items() if its[1] == 4}
        full = {key: its for key, its in left.items() if its[1] >= 5}
        length = self._length(4, "about", article.id)
        answer: dict[str, Any] = {
            "about": self._words(article, length),
            "out": _ranges(numbers) if ranges else [str(n) for n in numbers],
            "touched": [self._line(key, its, article) for key, its in touched.items()],
            "judgements": [self._full(key, its, article, 4) for key, its in full.items()],
        }
        for item in answer["judgements"]:
            known = (
                self.titles.get(re.sub(r"^\d+-", "", item["id"])) in self.site.labels[article.id]
            )
            self.parts["labels" if known else "a little"] += len(self.split(_plain(item)))
        self.parts["touched"] += sum(len(self.split(_plain(it))) for it in answer["touched"])
        return answer

    def _scores(self, article: str, title: str | None) -> tuple[int, int, int]:
        chance = random.Random(f"{article}|{title}")
        if title is None:  # the canary
            return 0, 0, 0
        labels = self.site.labels[article]
        if title in labels:
            return chance.randint(5, 9), chance.randint(6, 10), chance.randint(5, 9)
        fits, touches = KINDS[self.neighbours]
        if self.neighbours == "label":
            others = max(1, len(self.titles) - len(labels))
            fits, touches = (share * len(labels) / others for share in (fits, touches))
        drawn = chance.random()
        if drawn < fits:
            return chance.randint(2, 5), 5, chance.randint(2, 4)
        if drawn < fits + touches:
            again = chance.random() < AGAIN
            return _DOUBTFUL if again else (chance.randint(2, 4), 4, chance.randint(1, 4))
        return chance.randint(0, 1), chance.randint(0, 1), 0

    def _short(
        self, key: str, scores: tuple[int, ...], article: Article, version: int
    ) -> dict[str, Any]:
        length = self._length(version, "phrase", article.id, key)
        return {"id": key, "why": self._words(article, length), "scores": scores}

    def _line(self, key: str, scores: tuple[int, ...], article: Article) -> str:
        why = self._words(article, self._length(4, "phrase", article.id, key)).replace(":", "")
        return f"{key.partition('-')[0]}: {why}: {' '.join(map(str, scores))}"

    def _full(
        self, key: str, scores: tuple[int, ...], article: Article, version: int
    ) -> dict[str, Any]:
        count = self._length(version, "quotes", article.id, key) if scores[1] >= 3 else 0
        quotes = [
            self._words(article, self._length(version, "quote", article.id, key, n), skip=n)
            for n in range(count)
        ]
        scored: dict[str, Any] = dict(zip(_ASPECTS, scores, strict=True))
        if version == 4:
            scored = {"scores": scores}
        length = self._length(version, "reasoning", article.id, key)
        reasoning = self._words(article, length)
        rule = 1 if scores == _EXCLUDED else None
        return {"id": key, "evidence": quotes, "reasoning": reasoning, "exclusion": rule} | scored

    def _length(self, version: int, what: str, *of: object) -> int:
        return random.Random(f"{what}|{of}").choice(LENGTHS[version][what])

    def _words(self, article: Article, tokens: int, skip: int = 0) -> str:
        """Return so many tokens of the article, word for word."""
        # What speaks to models is no evidence.
        lines = [
            it
            for it in document.prose(article).text.split("\n")
            if injection.without_orders(it) == it
        ]
        line = sorted(lines, key=len)[-1 - min(skip, len(lines) - 1)]
        said, count = "", 0
        for word in re.findall(r"\S+\s*", line):
            count += len(self.split(word.rstrip()))
            if said and count > tokens:
                break
            said += word
        return said.strip()


def _plain(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _name(title: str) -> str:
    return prompts.slug(title)


_PROMPTS = prompts.load()


def _token(article: Article) -> str:
    """Return the token between which the prompt puts an article: titles are not unique."""
    return _PROMPTS.article(article, text="").partition("<article-")[2].partition(">")[0]


def _ranges(numbers: Sequence[int]) -> list[str]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [str(a) if a == b else f"{a}-{b}" for a, b in runs]


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
        self.missed: Counter[tuple[str, bytes]] = Counter()
        self.found: set[tuple[str, bytes]] = set()
        self.usage = Usage()
        self._judge.asked.clear()
        self._judge.doubted.clear()
        self._judge.parts.clear()

    @property
    def filled(self) -> int:
        """Tokens read at the full price of what calls found in the cache later: paid once a run."""
        return STEP * sum(self.missed[block] for block in self.found)

    @property
    def parts(self) -> dict[str, Usage]:
        """What would be left of the usage without a part, by part."""
        used, answered = self.usage, dict(self._judge.parts)
        new, rest = used.input_tokens - used.cached_tokens, used.output_tokens
        answered["rest"] = rest - sum(answered.values())
        return {
            "cached": replace(used, input_tokens=new, cached_tokens=0),
            "new": replace(used, input_tokens=used.cached_tokens),
            **{name: replace(used, output_tokens=rest - n) for name, n in answered.items()},
        }

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
        if not self.read:
            self.first_keys = re.findall(r'<category id="([^"]+)">', system)
        said = _plain(self._judge.answer(system, user))
        form = json.dumps(body.get("response_format"))
        blocks, beginning = self._blocks(form, system)
        where = body.get("prompt_cache_key", "")
        hits = [number for number, it in enumerate(blocks, 1) if (where, it) in self.read]
        last = max(hits, default=0)
        cached = last * STEP
        self.missed.update((where, it) for it in blocks[last:])
        self.found.update((where, it) for it in blocks[:last])
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
    filled: int = 0
    """Tokens of the input that fill the cache; a larger site does not pay more for them."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """Shares of the cost: input that is cached and that is new; answers about labels, about what
    fits a little, and about what is touched; and the rest of the output."""


def scorer(
    model: str,
    url: str,
    *,
    pack: int,
    answers: prompts.Answers = "short",
    templates: Path | None = None,
    canary: bool = True,
) -> OpenAIScorer:
    effort: Effort | None = "none" if model_family(model).reasoning_budget else None
    options = OpenAIOptions(
        pack=pack, canary=canary, concurrency=CONCURRENCY, cache_key=True, effort=effort
    )
    own = prompts.load(templates, answers=answers)
    return OpenAIScorer(model, base_url=url, prompts=own, options=options)


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
    spent = time.monotonic() - started
    shares = _shares(server, planned.builder.model)
    return Ran(name, expected, actual, labels, spent, server.filled, shares)


def _shares(server: Server, model: str) -> dict[str, float]:
    whole = _priced(server.usage, model).cost or 1.0
    without = {name: _priced(usage, model).cost or 0.0 for name, usage in server.parts.items()}
    return {name: 1 - cost / whole for name, cost in without.items()}


@dataclass(frozen=True)
class Drawn:
    """A cut that was found for a recall, with all that was asked to find it."""

    asked: Mapping[str, set[str]]
    """By article digest, category ids."""
    digest: str = "drawn"
    description: str = "a measured cut"

    def audit_rate(self, kind: str) -> float:  # noqa: ARG002 - the protocol's
        return 0.0

    def kept(self, category: Category, judgement: Judgement) -> Judgement:  # noqa: ARG002
        return judgement

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


def _site_cost(ran: Ran, model: str, articles: int) -> float:
    """Return what a site of SITE such articles costs, whose calls fill the cache once."""
    used = ran.actual
    every = used.cost or 0.0
    warm = _priced(replace(used, cached_tokens=used.cached_tokens + ran.filled), model).cost or 0.0
    return warm * SITE / articles + every - warm


def report(ran: Sequence[Ran], model: str, articles: int) -> None:
    base = ran[0]
    heads = "calls tokens-in cached tokens-out cost site x-live x-half x-batch x-new off labels"
    print(f"{'':<32}" + "".join(f"{head:>11}" for head in heads.split()) + f"{'lost':>6}{'new':>5}")
    for it in ran:
        used = it.actual
        live, whole = (_site_cost(its, model, articles) for its in (it, base))
        uncached = [
            (_priced(replace(usage, cached_tokens=0), model).cost or 1.0) * SITE / articles
            for usage in (used, base.actual)
        ]
        times = whole / live, 2 * whole / live, 2 * whole / uncached[0], uncached[1] / live
        off = (it.predicted.cost or 0.0) / (used.cost or 1.0) - 1
        pairs = {(a, c) for a, its in it.labels.items() for c in its}
        known = {(a, c) for a, its in base.labels.items() for c in its}
        cells = [
            *(f"{n:,}" for n in (used.calls, used.input_tokens, used.cached_tokens)),
            f"{used.output_tokens:,}",
            f"${used.cost or 0:.3f}",
            f"${live:.2f}",
            *(f"{each:.1f}" for each in times),
            f"{off:+.1%}",
            f"{len(pairs):,}",
        ]
        lost, new = len(known - pairs), len(pairs - known)
        told = "".join(f"{cell:>11}" for cell in cells)
        print(f"{it.name:<32}{told}{lost:>6}{new:>5}   {it.seconds:.0f}s", flush=True)
    names = ("cached", "new", "labels", "a little", "touched", "rest")
    print(f"\n{'of the cost':<32}" + "".join(f"{name:>11}" for name in names))
    for it in ran:
        if "labels" in it.parts:
            shares = "".join(f"{it.parts.get(name, 0):>11.1%}" for name in names)
            print(f"{it.name:<32}{shares}")


def forgetting(share: float) -> dict[str, Callable[[str, Sequence[str]], set[str]]]:
    def some(article: str, keys: Sequence[str]) -> set[str]:
        return {key for key in keys if random.Random(f"{article}|{key}|").random() < share}

    def end(article: str, keys: Sequence[str]) -> set[str]:  # noqa: ARG001 - as the other
        return set(keys[2 * len(keys) // 3 :])

    return {f"forgets {share:.0%}": some, "stops after two thirds": end}


def forgotten(
    work: Site, judge: Judge, server: Server, asks: Callable[..., Any], share: float
) -> None:
    """Print what a judge that forgets categories costs, and what would be lost unasked."""
    print(f"\n{'':<46}{'calls':>8}{'cost':>10}{'labels':>8}{'lost':>6}{'unasked, lost':>15}")
    size = len(work.tasks[0].categories)
    for answers in ("short", "listed"):
        for name, forget in ({"forgets nothing": judge.forget} | forgetting(share)).items():
            judge.forget = forget
            ran = run("", asks(pack=size, answers=answers), server, work)
            every = {(a, c) for a, its in work.labels.items() for c in its}
            found = {
                (a, c.title)
                for a, its in ran.labels.items()
                for c in work.tasks[0].categories
                if c.id in its
            }
            # The first call had all categories, so a label is lost where its key was left out.
            keys = server.first_keys
            unasked = sum(
                key in forget(a, keys)
                for a, its in work.labels.items()
                for key in keys
                if judge.titles.get(re.sub(r"^\d+-", "", key)) in its
            )
            cells = f"{ran.actual.calls:>8,}{'$' + format(ran.actual.cost or 0, '.3f'):>10}"
            lost = f"{len(found):>8,}{len(every - found):>6}{unasked:>15}"
            print(f"{answers + ', ' + name:<46}{cells}{lost}", flush=True)
        judge.forget = lambda article, keys: set()  # noqa: ARG005


def print_frontier(work: Site, model: str, size: int) -> None:
    """Print what a site takes with a taught student, by the shares that it had on labelled sets."""
    tasks = [
        replace(task, article=replace(task.article, body=f"{task.article.body}\n{n}"))
        for n, task in zip(range(SITE), itertools.cycle(work.tasks), strict=False)
    ]
    asking = frontier.Asking.of(scorer(model, OFFICIAL, pack=size))
    load = asking.model.workload(tasks)
    single = asking.point("pair, in full", load, planning.ONE_BY_ONE)
    points = [single, asking.point(f"pack of {size}", load), *frontier.assumed(asking, tasks)]
    print(
        f"{'estimated':<32}{'calls':>9}{'cost':>10}{'x':>7}{'x-half':>8}{'recall':>8}{'prec.':>7}"
    )
    for it in points:
        times = [(single.cost or 0) / (cost or 1) for cost in (it.cost, it.half_price)]
        shown = (
            f"{it.calls:>9,}{'$' + format(it.cost or 0, '.2f'):>10}{times[0]:>7.1f}{times[1]:>8.1f}"
        )
        print(f"{it.name:<32}{shown}{it.recall or 0:>8.2f}{it.precision or 0:>7.2f}")


def all_ways(
    work: Site, server: Server, asks: Callable[..., Any], given: argparse.Namespace
) -> list[Ran]:
    ran = [run("pair, in full", asks(pack=1, answers="full", canary=False), server, work)]
    ran.append(run("pack of 10, in full", asks(pack=10, answers="full"), server, work))
    for size in (10, given.definitions):
        asking = asks(pack=size, templates=given.version_2)
        ran.append(run(f"pack of {size}, version 2", asking, server, work))
    for size in (10, 20, 40, given.definitions):
        ran.append(run(f"pack of {size}", asks(pack=size), server, work))
    asking = asks(pack=given.definitions, answers="listed")
    ran.append(run(f"pack of {given.definitions}, listed", asking, server, work))
    found: dict[str, Any] = {}
    if given.recall or given.shortlist:
        found = {it.task.article.id: it for it in EmbeddedScorer().score(work.tasks)}
    cuts: dict[str, DeferralPolicy] = {
        f"cascade, recall {aim}": measured(work, found, aim) for aim in given.recall
    }
    cuts |= {f"cascade, {size} likeliest": Shortlist(size) for size in given.shortlist}
    for name, cut in cuts.items():
        for pack in (10, 30):
            first = Known(cut, found)
            asking = asks(pack=pack)
            ran.append(run(f"{name}, pack {pack}", asking, server, work, rest=first))
    return ran


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/18f"))
    parser.add_argument("--articles", type=int, default=200)
    parser.add_argument("--definitions", type=int, default=LABELS)
    parser.add_argument("--model", default="gpt-5-mini")
    parser.add_argument("--version-2", type=Path, default=Path("tests/support/prompts_v2"))
    parser.add_argument("--neighbours", choices=list(KINDS), default="label")
    parser.add_argument("--forget", type=float)
    parser.add_argument("--frontier", action="store_true")
    parser.add_argument("--only", type=int, metavar="SIZE")
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
    model = given.model
    if given.frontier:
        print_frontier(work, model, given.definitions)
        return

    def asks(**options: Any) -> Callable[[str], OpenAIScorer]:
        return lambda url: scorer(model, url, **options)

    judge = Judge(work, split, given.neighbours)
    with Server(judge, split) as server:
        if given.forget is not None:
            forgotten(work, judge, server, asks, given.forget)
            return
        if given.only:
            ran = [run(f"pack of {given.only}", asks(pack=given.only), server, work)]
        else:
            ran = all_ways(work, server, asks, given)
    report(ran, model, len(work.tasks))


if __name__ == "__main__":
    main()
