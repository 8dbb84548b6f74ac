"""Judges offline, with a sentence model, words and a small trained head. The default scorer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.models import (
    Category,
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Outcome,
    Task,
    digest,
)
from classifier.scorers.sentence_model import ModelFiles, SentenceModel

if TYPE_CHECKING:
    from classifier.scorers.explain import Findings
    from classifier.scorers.features import ArticleView, CategoryView
    from classifier.scorers.views import ArticleParts

VERSION = 3
"""Raised with every change of code that gives another judgement for the same pair."""

CHUNK = 8
"""Articles embedded together: enough for full batches, few enough to answer soon."""
EXCLUDED_AT_MOST = 0.2
"""The confidence that is left when an exclusion rule fires."""
QUOTE_FROM = 0.3
"""The confidence from which sentences are embedded to find quotes: that costs up to as much as
the article itself, and nobody asks for the proof of what is far off."""


class EmbeddedScorer:
    """Satisfies `Scorer`. Loads its model when it is first used; safe to share between threads.

    `identity` and `score` raise ModelError where the model cannot be used.
    """

    def __init__(self, *, model_folder: Path | None = None) -> None:
        self._model_folder = model_folder
        self._loading = threading.Lock()
        self._loaded: _Engine | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self._model_folder,)

    @cached_property
    def identity(self) -> str:
        shipped = [_sha256_of(name) for name in ("head.json", "background.txt")]
        name = self._files.recipe.name.replace(":", "-")
        return f"embedded:{name}:{digest(VERSION, self._files.digest, *shipped)[:16]}"

    @cached_property
    def _files(self) -> ModelFiles:
        return ModelFiles.find(self._model_folder)

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        waiting = iter(tasks)
        while chunk := list(islice(waiting, CHUNK)):
            yield from self._engine().judge(chunk)

    def _engine(self) -> _Engine:
        with self._loading:
            if self._loaded is None:
                self._loaded = _Engine(SentenceModel.open(self._files), self.identity)
            return self._loaded


def _remade(model_folder: Path | None) -> EmbeddedScorer:
    return EmbeddedScorer(model_folder=model_folder)


def _sha256_of(name: str) -> str:
    data = files("classifier.scorers").joinpath(name).read_bytes()
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class _Pair:
    category: Category
    confidence: float
    aspects: Mapping[str, float]
    findings: Findings


class _Engine:
    """Everything loaded, and the categories met so far."""

    def __init__(self, model: SentenceModel, identity: str) -> None:
        from classifier.scorers import background
        from classifier.scorers.head import Head
        from classifier.scorers.views import Viewer

        self._identity = identity
        self._model = model
        self._head = Head.load()
        self._viewer = Viewer(model, background.load(model))
        self._topics = tuple(title for title, _ in background.topics())
        self._categories: dict[str, CategoryView] = {}
        self._embedding = threading.Lock()

    def judge(self, tasks: Sequence[Task]) -> list[Outcome]:
        from classifier.scorers.views import ArticleParts as Parts

        known = self._views({c.digest: c for task in tasks for c in task.categories})
        parts = [Parts.of(task.article) for task in tasks]
        articles = self._viewer.articles(parts)
        return [
            self._outcome(task, part, article, known) if not part.blank else _empty(task)
            for task, part, article in zip(tasks, parts, articles, strict=True)
        ]

    def _views(self, wanted: Mapping[str, Category]) -> dict[str, CategoryView]:
        with self._embedding:  # one thread embeds a new category, the others wait for it
            new = {key: c for key, c in wanted.items() if key not in self._categories}
            made = self._viewer.categories(list(new.values())) if new else []
            self._categories.update(zip(new, made, strict=True))
            return {key: self._categories[key] for key in wanted}

    def _outcome(
        self,
        task: Task,
        parts: ArticleParts,
        article: ArticleView,
        known: Mapping[str, CategoryView],
    ) -> Outcome:
        from classifier.scorers import quotes

        views = {c.id: known[c.digest] for c in task.categories}
        pairs = [self._pair(article, c, views[c.id]) for c in task.categories]
        worth = {p.category.id: views[p.category.id] for p in pairs if p.confidence >= QUOTE_FROM}
        evidence = quotes.find(self._model, parts, article, worth)
        return Outcome(
            task=task,
            judgements=tuple(self._judgement(p, evidence.get(p.category.id, ())) for p in pairs),
            model=self._model.recipe.name,
        )

    def _pair(self, article: ArticleView, category: Category, view: CategoryView) -> _Pair:
        from classifier.scorers import explain
        from classifier.scorers.features import row

        numbers = row(article, view)
        findings = explain.find(category, view, article, self._topics)
        confidence = self._head.confidence(numbers)
        if findings.excluded:
            confidence = min(confidence, EXCLUDED_AT_MOST)
        # Rounded: the last digits depend on which texts the engine happened to batch together.
        return _Pair(category, round(confidence, 4), explain.aspects(numbers, findings), findings)

    def _judgement(self, pair: _Pair, evidence: tuple[Evidence, ...]) -> Judgement:
        from classifier.scorers.explain import reasoning

        return Judgement(
            category=pair.category.id,
            confidence=pair.confidence,
            kind=ConfidenceKind.SIMILARITY,
            scorer=self._identity,
            aspects=pair.aspects,
            exclusion=pair.findings.excluded,
            reasoning=reasoning(pair.findings, pair.category.title),
            evidence=evidence,
        )


def _empty(task: Task) -> Outcome:
    message = f"{task.article.id}: nothing to judge; it has no prose, title or description"
    ids = tuple(c.id for c in task.categories)
    return Outcome(task=task, failures=(Failure(FailureReason.EMPTY, message, ids),))
