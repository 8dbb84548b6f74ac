"""The default scorer: judges offline with a sentence model, words and a small trained head."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Any

from classifier.content.prose import PROSE_VERSION
from classifier.models import (
    READ,
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
from classifier.scorers.embedded.model_files import ModelChoice, ModelFiles
from classifier.scorers.embedded.sentence_model import SentenceModel
from classifier.scorers.embedded.vectors import Embedder, VectorCache

if TYPE_CHECKING:
    from classifier.scorers.embedded.corrections import (
        ArticleCorrection,
        CorrectedConfidence,
    )
    from classifier.scorers.embedded.encoding import ArticleTexts
    from classifier.scorers.embedded.explain import PairFindings
    from classifier.scorers.embedded.features import EncodedArticle, EncodedCategory
    from classifier.scorers.embedded.pairs import ArticleComparison, CategoryTable
    from classifier.scorers.embedded.vectors import GroupVectors, PendingGroups

VERSION = 7
"""Raised with every change of code that changes the judgement of a pair."""

CHUNK = 32
"""Articles embedded together, at most: enough for full batches, few enough to answer soon."""
CHUNK_CHARACTERS = 64_000
"""Characters from which a chunk is full, however few articles it has."""
CHUNK_PAIRS = 32_000
"""Pairs from which a chunk is full: with 10,000 categories, what is known of the pairs of one
article takes some 50 MB."""
CATEGORIES_TOGETHER = 500
"""New categories embedded together, and cached as soon as they are: what a run that is stopped has
embedded of 10,000 is not lost."""
KNOWN_CATEGORIES = 1000
"""Encoded categories that are kept in memory, beside those in use."""
KNOWN_TABLES = 3
"""Sets of categories that are kept side by side in memory, beside the one in use."""
EXCLUDED_AT_MOST = 0.2
"""The highest confidence of a pair whose exclusion rule fired."""
QUOTE_FROM = 0.3
"""The confidence from which sentences are quoted: evidence for a category that is far off is of no
use."""


class EmbeddedScorer:
    """A `Scorer` that needs no network. Loads its model at first use; threads may share it.

    Example:
        >>> scorer = EmbeddedScorer()
        >>> outcomes = list(scorer.score([]))

    Raises:
        ModelError: From `identity` and `score`, if the model cannot be used.
    """

    def __init__(
        self,
        *,
        model: ModelChoice = None,
        vectors: VectorCache | None = None,
    ) -> None:
        """Make a scorer.

        Args:
            model: Folder of the sentence model, or `multilingual`, or `fast`, which takes a
                fraction of the time and ranks less well; None for the default one.
            vectors: Cache of vectors; what it has is not embedded again.
        """
        self._choice = model
        self._vectors = vectors
        self._loading = threading.Lock()
        self._loaded: _Engine | None = None
        self._cached: EmbeddedScorer | None = None
        self.on_definitions: Callable[[int, int], object] | None = None
        """Called while many categories are embedded: how many are, of how many."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self._choice, self._vectors)

    def with_cache(self, vectors: VectorCache) -> EmbeddedScorer:
        """Return the same scorer with a cache of vectors, which changes no judgement.

        With the same cache as last time it is the same one, so that run after run of an open
        project needs one model.
        """
        cached = self._cached
        if cached is None or cached._vectors is not vectors:
            self._cached = cached = _remade(self._choice, vectors)
            cached.on_definitions = self._report
        return cached

    @cached_property
    def identity(self) -> str:
        """Covers model and code; what was learned of a category is part of the category."""
        shipped = [_sha256_of(name) for name in (self._files.head, "reference_topics.txt")]
        name = self._files.recipe.name.replace(":", "-")
        beginning = str(self._files.recipe.beginning)
        covered = digest(VERSION, PROSE_VERSION, self._files.digest, beginning, *shipped)
        return f"embedded:{name}:{covered[:16]}"

    @property
    def languages(self) -> frozenset[str] | None:
        """What its sentence model was trained on."""
        return self._files.recipe.reads

    def _report(self, done: int, total: int) -> None:
        if self.on_definitions is not None:
            self.on_definitions(done, total)

    def inspect(self, tasks: Iterable[Task]) -> Iterator[ArticleFeatures | None]:
        """Yield the features and uncorrected confidences of each article; None if it is blank."""
        for chunk in _chunks(tasks):
            yield from self._engine().inspect(self._engine().begin(chunk))

    @cached_property
    def _files(self) -> ModelFiles:
        return ModelFiles.find(self._choice)

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes in the order of `tasks`; up to one chunk is pulled ahead.

        While one chunk is embedded in the background, the one before it is judged.
        """
        begun: _EmbeddingChunk | None = None
        try:
            for chunk in chain(_chunks(tasks), (None,)):
                beginning = self._engine().begin(chunk) if chunk else None
                ready, begun = begun, beginning
                if ready:
                    yield from self._engine().judge(ready)
        finally:
            if begun:
                begun.cancel()

    def _engine(self) -> _Engine:
        with self._loading:
            if self._loaded is None:
                model = SentenceModel.open(self._files)
                self._loaded = _Engine(model, self._vectors, self.identity, self._report)
            return self._loaded


def _remade(model: ModelChoice, vectors: VectorCache | None) -> EmbeddedScorer:
    return EmbeddedScorer(model=model, vectors=vectors)


def _chunks(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    chunk: list[Task] = []
    size = pairs = 0
    for task in tasks:
        chunk.append(task)
        size += len(task.article.body)
        pairs += len(task.categories)
        if len(chunk) == CHUNK or size >= CHUNK_CHARACTERS or pairs >= CHUNK_PAIRS:
            yield chunk
            chunk, size, pairs = [], 0, 0
    if chunk:
        yield chunk


def _sha256_of(name: str) -> str:
    data = files("classifier.scorers.embedded").joinpath(name).read_bytes()
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class ArticleFeatures:
    """An encoded article, with features and confidences of the task's categories."""

    view: EncodedArticle
    features: Sequence[Mapping[str, float]]
    """Features by name, one mapping per category."""
    confidences: Sequence[float]
    """Confidences (0-1) without corrections and exclusion rules, one per category."""
    excluded: Sequence[bool]
    """Whether an exclusion rule fired, one per category."""


@dataclass(slots=True)
class _ScoredPair:
    category: Category
    confidence: float
    aspects: dict[str, float]
    findings: PairFindings
    corrected: CorrectedConfidence | None
    """The correction of the confidence; None if there is none or an exclusion rule fired."""


@dataclass(frozen=True, slots=True)
class _EmbeddingChunk:
    """A chunk whose articles are being embedded."""

    tasks: Sequence[Task]
    parts: Sequence[ArticleTexts]
    known: Mapping[str, EncodedCategory]
    """By category digest."""
    groups: PendingGroups

    def cancel(self) -> None:
        self.groups.cancel()


class _Engine:
    """The loaded model and the encoded categories. Judges a chunk in two steps.

    `begin` embeds articles in the background, `judge` waits for them and makes outcomes.
    """

    def __init__(
        self,
        model: SentenceModel,
        vectors: VectorCache | None,
        identity: str,
        report: Callable[[int, int], object],
    ) -> None:
        from classifier.scorers.embedded import reference_topics
        from classifier.scorers.embedded.corrections import ReadyCorrections
        from classifier.scorers.embedded.encoding import FeatureEncoder
        from classifier.scorers.embedded.head import Head

        self._identity = identity
        self._report = report
        self._model = model
        self._head = Head.load(model.head)
        self._corrections = ReadyCorrections(identity)
        known = reference_topics.load(model)
        self._embedder = Embedder(model, known.axes, vectors)
        self._viewer = FeatureEncoder(model, known)
        self._topics = tuple(title for title, _ in reference_topics.topics())
        self._categories: dict[str, EncodedCategory] = {}
        self._tables: dict[tuple[str, ...], CategoryTable] = {}
        self._embedding = threading.Lock()

    def begin(self, tasks: Sequence[Task]) -> _EmbeddingChunk:
        from classifier.scorers.embedded.encoding import ArticleTexts as Parts

        known = self._views({c.digest: c for task in tasks for c in task.categories})
        beginning = self._model.recipe.beginning
        parts = [Parts.of(task.article, beginning=beginning) for task in tasks]
        groups = self._embedder.begin([part.texts for part in parts], role="passage")
        return _EmbeddingChunk(tasks, parts, known, groups)

    def inspect(self, begun: _EmbeddingChunk) -> Iterator[ArticleFeatures | None]:
        from classifier.scorers.embedded import explain

        for task, parts, read in zip(begun.tasks, begun.parts, begun.groups.read(), strict=True):
            if parts.blank:
                yield None
                continue
            view = self._viewer.article(parts, read.vectors, read.spans)
            if not task.categories:
                yield ArticleFeatures(view, (), (), ())
                continue
            compared = self._compared(view, task.categories, begun.known)
            yield ArticleFeatures(
                view,
                [compared.row(i) for i in range(len(task.categories))],
                self._confidences(compared, task.categories),
                [
                    explain.excludes(compared, i, category.instructions.exclusions)
                    for i, category in enumerate(task.categories)
                ],
            )

    def judge(self, begun: _EmbeddingChunk) -> Iterator[Outcome]:
        made = begun.groups.read()
        for task, parts, read in zip(begun.tasks, begun.parts, made, strict=True):
            yield _empty(task) if parts.blank else self._judge(task, parts, read, begun.known)

    def _views(self, wanted: Mapping[str, Category]) -> dict[str, EncodedCategory]:
        from classifier.scorers.embedded.encoding import category_texts

        with self._embedding:  # one thread embeds a new category, the others wait for it
            known = {key: self._categories[key] for key in wanted if key in self._categories}
            new = [(key, c) for key, c in wanted.items() if key not in known]
            for start in range(0, len(new), CATEGORIES_TOGETHER):
                some = new[start : start + CATEGORIES_TOGETHER]
                texts = [category_texts(category) for _, category in some]
                made = self._embedder.begin(texts, role="query").read()
                for (key, category), read in zip(some, made, strict=True):
                    view = self._viewer.category(category, read.vectors)
                    known[key] = self._categories[key] = view
                if len(new) > CATEGORIES_TOGETHER:
                    self._report(start + len(some), len(new))
            others = [key for key in self._categories if key not in wanted]
            for key in others[: max(len(self._categories) - KNOWN_CATEGORIES, 0)]:
                del self._categories[key]  # those met first
            return known

    def _judge(
        self,
        task: Task,
        parts: ArticleTexts,
        read: GroupVectors,
        known: Mapping[str, EncodedCategory],
    ) -> Outcome:
        article = self._viewer.article(parts, read.vectors, read.spans)
        if not task.categories:
            return Outcome(task=task, model=self._model.recipe.name)
        corrections = self._corrections.of(article, task.categories)
        compared = self._compared(article, task.categories, known)
        confidences = self._confidences(compared, task.categories)
        pairs = [
            self._pair(category, compared, i, confidences[i], corrections)
            for i, category in enumerate(task.categories)
        ]
        quotes = self._quotes(parts, article, pairs, known, read.counts)
        return Outcome(
            task=task,
            judgements=tuple(
                self._judgement(pair, quotes.get(pair.category.id, ())) for pair in pairs
            ),
            model=self._model.recipe.name,
        )

    def _quotes(
        self,
        parts: ArticleTexts,
        article: EncodedArticle,
        pairs: Sequence[_ScoredPair],
        known: Mapping[str, EncodedCategory],
        counts: Sequence[int],
    ) -> Mapping[str, tuple[Evidence, ...]]:
        from classifier.scorers.embedded.quotes import find_quotes

        worth = {
            pair.category.id: known[pair.category.digest]
            for pair in pairs
            if pair.confidence >= QUOTE_FROM
        }
        if not worth:
            return {}
        return find_quotes(parts, article, worth, counts, self._model.span_extents)

    def _compared(
        self,
        article: EncodedArticle,
        categories: Sequence[Category],
        known: Mapping[str, EncodedCategory],
    ) -> ArticleComparison:
        from classifier.scorers.embedded.pairs import ArticleComparison, CategoryTable

        digests = tuple(category.digest for category in categories)
        table = self._tables.get(digests)
        if table is None:
            table = CategoryTable([known[digest] for digest in digests])
            self._tables = {**dict(list(self._tables.items())[-KNOWN_TABLES:]), digests: table}
        return ArticleComparison(article, table)

    def _confidences(
        self, compared: ArticleComparison, categories: Sequence[Category]
    ) -> list[float]:
        """Return the confidences (0-1) without corrections."""
        topics = [bool(category.instructions.topics) for category in categories]
        return [float(c) for c in self._head.confidences(compared.features, topics=topics)]

    def _pair(
        self,
        category: Category,
        compared: ArticleComparison,
        i: int,
        confidence: float,
        corrections: ArticleCorrection,
    ) -> _ScoredPair:
        from classifier.scorers.embedded import explain

        rules = category.instructions.exclusions
        findings = explain.collect_findings(compared, i, rules, self._topics)
        aspects = explain.aspects(compared, i, findings)
        corrected = corrections.moved(category, confidence, compared.features, i)
        if corrected:
            confidence = corrected.after
            aspects["learned"] = round(corrected.aspect, 4)
        if findings.excluded:
            confidence, corrected = min(confidence, EXCLUDED_AT_MOST), None
        if compared.article.unread:
            aspects[READ] = round(compared.article.share, 4)
        # Rounded: the last digits depend on which texts the engine happened to batch together.
        return _ScoredPair(category, round(confidence, 4), aspects, findings, corrected)

    def _judgement(self, pair: _ScoredPair, evidence: tuple[Evidence, ...]) -> Judgement:
        from classifier.scorers.embedded.explain import reasoning

        text = reasoning(pair.findings, pair.category.title)
        return Judgement(
            category=pair.category.id,
            confidence=pair.confidence,
            kind=ConfidenceKind.SIMILARITY,
            scorer=self._identity,
            aspects=pair.aspects,
            exclusion=pair.findings.excluded,
            reasoning=f"{text} {pair.corrected.explanation}" if pair.corrected else text,
            evidence=evidence,
        )


def _empty(task: Task) -> Outcome:
    message = f"{task.article.id}: nothing to judge; it has no prose, title or description"
    ids = tuple(c.id for c in task.categories)
    return Outcome(task=task, failures=(Failure(FailureReason.EMPTY, message, ids),))
