"""Makes files of requests, within the limits of the Batch API."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from tempfile import TemporaryFile
from typing import IO, Final

from classifier.models import Article, Category, Task, digest
from classifier.scorers.batch.snapshot import dump_article
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
class BatchLimits:
    """Limits of one batch, as the API documents them."""

    requests: int = 50_000
    size: int = 200_000_000
    """Bytes of the file."""
    tokens: int | None = None
    """Input tokens that all batches together may have in the server's queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ArticleRequests:
    """All requests about one article. They stay in one file: an article is trusted as a whole."""

    article: Article
    packs: Mapping[str, Sequence[Category]]
    """By the request's name."""
    canaries: Mapping[str, Sequence[Category]]
    """By the request's name, where they are not that of the templates."""
    lines: bytes
    estimates: Sequence[UsageEstimate]

    @property
    def estimate(self) -> UsageEstimate:
        return sum(self.estimates, UsageEstimate())


@dataclass(slots=True)
class BatchDraft:
    """A batch that is not stored yet."""

    file: IO[bytes]
    sent: list[SentArticle] = field(default_factory=list)
    categories: dict[str, Category] = field(default_factory=dict)
    """By digest."""
    canaries: dict[str, Sequence[Category]] = field(default_factory=dict)
    """By the request's name."""
    requests: int = 0
    pairs: int = 0
    size: int = 0
    estimate: UsageEstimate = field(default_factory=UsageEstimate)

    @property
    def tokens(self) -> int:
        """Upper estimate of the input tokens."""
        return _at_most(self.estimate)

    def has_room(self, article: _ArticleRequests, limits: BatchLimits) -> bool:
        """Whether another article fits. The first is added anyway: the server may reject it."""
        tokens = _at_most(self.estimate + article.estimate)
        return (
            self.requests + len(article.packs) <= limits.requests
            and self.size + len(article.lines) <= limits.size
            and (limits.tokens is None or tokens <= limits.tokens)
        )

    def add(self, requests: _ArticleRequests, *, path: str) -> None:
        self.file.write(requests.lines)
        packs = {name: [c.digest for c in pack] for name, pack in requests.packs.items()}
        self.categories.update({c.digest: c for pack in requests.packs.values() for c in pack})
        self.canaries.update(requests.canaries)
        self.sent.append(
            SentArticle(
                article=requests.article.digest,
                path=path,
                packs=packs,
                detail=dump_article(requests.article),
            )
        )
        self.requests += len(packs)
        self.pairs += sum(map(len, packs.values()))
        self.size += len(requests.lines)
        self.estimate += requests.estimate


@dataclass(slots=True)
class BatchBuilder:
    """Makes batches in one pass over the tasks."""

    scorer: OpenAIScorer
    limits: BatchLimits
    pending: dict[str, set[str]]
    """Pairs in other batches: category digests by article digest. Grows."""
    path_of: Callable[[str], str]
    """Returns the key of an article in the store, by its id."""
    in_progress: int = 0
    """Pairs that were skipped because another batch has them."""
    over_budget: bool = False
    """Whether the budget did not allow all requests."""

    def drafts(self, tasks: Iterable[Task]) -> Generator[BatchDraft]:
        """Yield drafts. The file of one is deleted when the next is requested, or at `close`."""
        waiting = self._affordable(tasks)
        first = next(waiting, None)
        while first is not None:
            with TemporaryFile() as file:
                draft = BatchDraft(file)
                draft.add(first, path=self.path_of(first.article.id))
                first = None
                for article in waiting:
                    if not draft.has_room(article, self.limits):
                        first = article
                        break
                    draft.add(article, path=self.path_of(article.article.id))
                yield draft

    def _affordable(self, tasks: Iterable[Task]) -> Iterator[_ArticleRequests]:
        for task in tasks:
            requests = self._requests(task)
            if not requests.packs:
                continue
            budget = self.scorer.budget
            if not all(budget.reserve(each.high or 0.0) for each in requests.estimates):
                self.over_budget = True
                return
            yield requests

    def _requests(self, task: Task) -> _ArticleRequests:
        builder, article = self.scorer.builder, task.article
        price, statistics = builder.price("batch"), UsageStatistics()
        packs: dict[str, Sequence[Category]] = {}
        canaries: dict[str, Sequence[Category]] = {}
        lines: list[bytes] = []
        estimates: list[UsageEstimate] = []
        for request in builder.build(Task(article, self._left(task))):
            # A batch has its own tier and price.
            features = builder.features(request, without={SERVICE_TIER})
            name = request_name(self.scorer.identity, article, request.targets)
            packs[name] = request.targets
            if any(canary is not builder.canary for canary in request.canaries):
                canaries[name] = request.canaries
            lines.append(_line(name, builder.body(request, features)))
            estimates.append(estimate_call(builder.size(request, features), statistics, price))
        return _ArticleRequests(
            article=article,
            packs=packs,
            canaries=canaries,
            lines=b"".join(lines),
            estimates=estimates,
        )

    def _left(self, task: Task) -> tuple[Category, ...]:
        """Return the categories that no other batch has, each definition once."""
        known = self.pending.setdefault(task.article.digest, set())
        left = {c.digest: c for c in task.categories if c.digest not in known}
        self.in_progress += sum(1 for c in task.categories if c.digest in known)
        known.update(left)
        return tuple(left.values())


def request_name(scorer: str, article: Article, categories: Sequence[Category]) -> str:
    """Return the `custom_id`: the same for the same article and categories."""
    return digest("batch", scorer, article.digest, [category.digest for category in categories])


def _line(name: str, body: bytes) -> bytes:
    return b'{"custom_id":"%s","method":"POST","url":"%s","body":%s}\n' % (
        name.encode(),
        URL.encode(),
        body,
    )


def _at_most(expected: UsageEstimate) -> int:
    return ceil(expected.input_tokens * INPUT_SPREAD)
