"""From what is to be judged to files of requests, within the limits that batches have."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from tempfile import TemporaryFile
from typing import IO, Final

from classifier.models import Article, Category, Task, digest
from classifier.scorers.batch.kept import pack_article
from classifier.scorers.openai.costs import (
    INPUT_SPREAD,
    UsageEstimate,
    UsageStatistics,
    estimate_call,
)
from classifier.scorers.openai.requests import SERVICE_TIER
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.store import SentArticle

URL: Final = "/v1/chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one batch, as the API documents them."""

    requests: int = 50_000
    size: int = 200_000_000
    """Bytes of the file."""
    tokens: int | None = None
    """Of input that may wait in the server's queue: of all batches together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """All requests about one article; they stay together, for it is trusted or not as a whole."""

    article: Article
    packs: Mapping[str, Sequence[Category]]
    """By the request's name."""
    lines: bytes
    estimates: Sequence[UsageEstimate]

    @property
    def estimate(self) -> UsageEstimate:
        return sum(self.estimates, UsageEstimate())


@dataclass(slots=True)
class Draft:
    """A batch that is not on record yet."""

    file: IO[bytes]
    sent: list[SentArticle] = field(default_factory=list)
    categories: dict[str, Category] = field(default_factory=dict)
    """By digest."""
    requests: int = 0
    pairs: int = 0
    size: int = 0
    estimate: UsageEstimate = field(default_factory=UsageEstimate)

    @property
    def tokens(self) -> int:
        """Of input, at most."""
        return _at_most(self.estimate)

    def has_room(self, asked: _Asked, limits: Limits) -> bool:
        """Whether another article fits. The first goes in anyway: the server may object to it."""
        tokens = _at_most(self.estimate + asked.estimate)
        return (
            self.requests + len(asked.packs) <= limits.requests
            and self.size + len(asked.lines) <= limits.size
            and (limits.tokens is None or tokens <= limits.tokens)
        )

    def add(self, asked: _Asked, *, path: str) -> None:
        self.file.write(asked.lines)
        packs = {name: [c.digest for c in pack] for name, pack in asked.packs.items()}
        self.categories.update({c.digest: c for pack in asked.packs.values() for c in pack})
        self.sent.append(
            SentArticle(
                article=asked.article.digest,
                path=path,
                packs=packs,
                detail=pack_article(asked.article),
            )
        )
        self.requests += len(packs)
        self.pairs += sum(map(len, packs.values()))
        self.size += len(asked.lines)
        self.estimate += asked.estimate


@dataclass(slots=True)
class Drafting:
    """One pass over what is to be judged."""

    scorer: OpenAIScorer
    limits: Limits
    pending: dict[str, set[str]]
    """Pairs that are asked about already: category digests by article digest. Grows."""
    path_of: Callable[[str], str]
    """From an article's id to its name in the store."""
    under_way: int = 0
    """Pairs that were left out because they are asked about already."""
    over_budget: bool = False
    """Whether there was more to ask than may be spent."""

    def drafts(self, tasks: Iterable[Task]) -> Generator[Draft]:
        """Yield drafts; the file of one is gone when the next is asked for, or at `close`."""
        waiting = self._affordable(tasks)
        first = next(waiting, None)
        while first is not None:
            with TemporaryFile() as file:
                draft = Draft(file)
                draft.add(first, path=self.path_of(first.article.id))
                first = None
                for asked in waiting:
                    if not draft.has_room(asked, self.limits):
                        first = asked
                        break
                    draft.add(asked, path=self.path_of(asked.article.id))
                yield draft

    def _affordable(self, tasks: Iterable[Task]) -> Iterator[_Asked]:
        for task in tasks:
            asked = self._asked(task)
            if not asked.packs:
                continue
            if not all(self.scorer.budget.reserve(each.high or 0.0) for each in asked.estimates):
                self.over_budget = True
                return
            yield asked

    def _asked(self, task: Task) -> _Asked:
        builder, article = self.scorer.builder, task.article
        price, statistics = builder.price("batch"), UsageStatistics()
        packs: dict[str, Sequence[Category]] = {}
        lines: list[bytes] = []
        estimates: list[UsageEstimate] = []
        for request in builder.build(Task(article, self._left(task))):
            # A batch has a tier, and a price, of its own.
            features = builder.features(request, without={SERVICE_TIER})
            name = request_name(self.scorer.identity, article, request.targets)
            packs[name] = request.targets
            lines.append(_line(name, builder.body(request, features)))
            estimates.append(estimate_call(builder.size(request, features), statistics, price))
        return _Asked(article=article, packs=packs, lines=b"".join(lines), estimates=estimates)

    def _left(self, task: Task) -> tuple[Category, ...]:
        """Return the categories nobody has asked about, each definition once."""
        known = self.pending.setdefault(task.article.digest, set())
        left = {c.digest: c for c in task.categories if c.digest not in known}
        self.under_way += sum(1 for c in task.categories if c.digest in known)
        known.update(left)
        return tuple(left.values())


def request_name(scorer: str, article: Article, categories: Sequence[Category]) -> str:
    """Return the `custom_id`: the same whenever the same is asked."""
    return digest("batch", scorer, article.digest, [category.digest for category in categories])


def _line(name: str, body: bytes) -> bytes:
    return b'{"custom_id":"%s","method":"POST","url":"%s","body":%s}\n' % (
        name.encode(),
        URL.encode(),
        body,
    )


def _at_most(expected: UsageEstimate) -> int:
    return ceil(expected.input_tokens * INPUT_SPREAD)
