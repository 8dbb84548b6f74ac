"""Judges offline, with a sentence model, words and a small trained head. The default scorer."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.content.prose import PROSE_VERSION
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
from classifier.scorers.embedded.sentence_model import ModelFiles, SentenceModel
from classifier.scorers.embedded.vectors import Embedder, VectorCache

if TYPE_CHECKING:
    from classifier.scorers.embedded.corrections import (
        ArticleCorrection,
        CorrectedConfidence,
        LearnedFile,
    )
    from classifier.scorers.embedded.encoding import ArticleTexts
    from classifier.scorers.embedded.explain import PairFindings
    from classifier.scorers.embedded.features import EncodedArticle, EncodedCategory, Vectors
    from classifier.scorers.embedded.quotes import QuoteSearch
    from classifier.scorers.embedded.sentence_model import PendingEmbedding
    from classifier.scorers.embedded.vectors import GroupVectors, PendingGroups

VERSION = 5
"""Raised with every change of code that gives another judgement for the same pair."""

CHUNK = 32
"""Articles embedded together, at most: enough for full batches, few enough to answer soon."""
CHUNK_CHARACTERS = 64_000
"""And from how many characters on there are enough of them."""
KNOWN_CATEGORIES = 1000
"""Views of categories that are held, beside those in use."""
EXCLUDED_AT_MOST = 0.2
"""The confidence that is left when an exclusion rule fires."""
QUOTE_FROM = 0.3
"""The confidence from which sentences are embedded to find quotes: that costs up to as much as
the article itself, and nobody asks for the proof of what is far off."""


class EmbeddedScorer:
    """Satisfies `Scorer`. Loads its model when it is first used; safe to share between threads.

    `identity` and `score` raise ModelError where the model cannot be used.
    """

    def __init__(
        self,
        *,
        model_folder: Path | None = None,
        vectors: VectorCache | None = None,
        learned: LearnedFile | None = None,
    ) -> None:
        """Take the model in `model_folder`, or the shipped one; embed nothing `vectors` knows.

        What was `learned` from another version of this scorer, or with another model, is not used.
        """
        self._model_folder = model_folder
        self._vectors = vectors
        self.learned = learned
        self._loading = threading.Lock()
        self._loaded: _Engine | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _remade, (self._model_folder, self._vectors, self.learned)

    def with_cache(self, vectors: VectorCache) -> EmbeddedScorer:
        """Return the same scorer with a cache; a judgement is the same with and without."""
        return _remade(self._model_folder, vectors, self.learned)

    @cached_property
    def identity(self) -> str:
        name, _, plain = self.base_identity.rpartition(":")
        return (
            f"{name}:{digest(plain, self.active_corrections.digest)[:16]}"
            if self.active_corrections
            else self.base_identity
        )

    @cached_property
    def base_identity(self) -> str:
        """The identity without what was learned."""
        shipped = [_sha256_of(name) for name in ("head.json", "reference_topics.txt")]
        name = self._files.recipe.name.replace(":", "-")
        covered = digest(VERSION, PROSE_VERSION, self._files.digest, *shipped)
        return f"embedded:{name}:{covered[:16]}"

    @property
    def active_corrections(self) -> LearnedFile | None:
        """What was learned, where it fits."""
        fits = self.learned and self.learned.kinds and self.learned.scorer == self.base_identity
        return self.learned if fits else None

    def inspect(self, tasks: Iterable[Task]) -> Iterator[ArticleFeatures | None]:
        """Yield what is seen of each article before anything is learned; None where it is blank."""
        for chunk in _chunks(tasks):
            yield from self._engine().inspect(self._engine().begin(chunk))

    @cached_property
    def _files(self) -> ModelFiles:
        return ModelFiles.find(self._model_folder)

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield outcomes in the order of `tasks`, of which two chunks are pulled ahead.

        While the engine embeds one chunk, the one before it is judged.
        """
        begun: _EmbeddingChunk | None = None
        judged: _JudgedChunk | None = None
        try:
            for chunk in chain(_chunks(tasks), (None, None)):
                beginning = self._engine().begin(chunk) if chunk else None
                judging = self._engine().judge(begun) if begun else None
                begun, done, judged = beginning, judged, judging
                if done:
                    yield from self._engine().finish(done)
        finally:
            for left in (begun, judged):
                if left:
                    left.cancel()

    def _engine(self) -> _Engine:
        with self._loading:
            if self._loaded is None:
                model = SentenceModel.open(self._files)
                self._loaded = _Engine(model, self._vectors, self.identity, self.active_corrections)
            return self._loaded


def _remade(
    model_folder: Path | None, vectors: VectorCache | None, learned: LearnedFile | None
) -> EmbeddedScorer:
    return EmbeddedScorer(model_folder=model_folder, vectors=vectors, learned=learned)


def _chunks(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    chunk: list[Task] = []
    size = 0
    for task in tasks:
        chunk.append(task)
        size += len(task.article.body)
        if len(chunk) == CHUNK or size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _sha256_of(name: str) -> str:
    data = files("classifier.scorers.embedded").joinpath(name).read_bytes()
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class ArticleFeatures:
    """What the scorer sees of one article."""

    view: EncodedArticle
    numbers: Sequence[Mapping[str, float]]
    """The features of each category of the task."""
    confidences: Sequence[float]


@dataclass(frozen=True, slots=True)
class _ScoredPair:
    category: Category
    confidence: float
    aspects: Mapping[str, float]
    findings: PairFindings
    moved: CorrectedConfidence | None
    """What corrections have done to it; None where an exclusion rule fired, too."""


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


@dataclass(frozen=True, slots=True)
class _JudgedArticle:
    """An article that is judged, all but the quotes."""

    task: Task
    pairs: Sequence[_ScoredPair]
    worth: Mapping[str, EncodedCategory]
    """By category id: what quotes are searched for."""
    search: QuoteSearch


@dataclass(frozen=True, slots=True)
class _JudgedChunk:
    """A chunk whose sentences are being embedded; None for an article with nothing to judge."""

    tasks: Sequence[Task]
    articles: Sequence[_JudgedArticle | None]
    sentences: PendingEmbedding

    def cancel(self) -> None:
        self.sentences.cancel()


class _Engine:
    """Everything loaded, and the categories met so far. Judges a chunk of tasks in three steps."""

    def __init__(
        self,
        model: SentenceModel,
        vectors: VectorCache | None,
        identity: str,
        learned: LearnedFile | None,
    ) -> None:
        from classifier.scorers.embedded import reference_topics
        from classifier.scorers.embedded.corrections import Corrections
        from classifier.scorers.embedded.encoding import FeatureEncoder
        from classifier.scorers.embedded.head import Head

        self._identity = identity
        self._model = model
        self._head = Head.load()
        self._corrections = Corrections(learned) if learned else None
        known = reference_topics.load(model)
        self._embedder = Embedder(model, known.axes, vectors)
        self._viewer = FeatureEncoder(model, known)
        self._topics = tuple(title for title, _ in reference_topics.topics())
        self._categories: dict[str, EncodedCategory] = {}
        self._embedding = threading.Lock()

    def begin(self, tasks: Sequence[Task]) -> _EmbeddingChunk:
        from classifier.scorers.embedded.encoding import ArticleTexts as Parts

        known = self._views({c.digest: c for task in tasks for c in task.categories})
        parts = [Parts.of(task.article) for task in tasks]
        groups = self._embedder.begin([part.texts for part in parts], role="passage")
        return _EmbeddingChunk(tasks, parts, known, groups)

    def inspect(self, begun: _EmbeddingChunk) -> Iterator[ArticleFeatures | None]:
        from classifier.scorers.embedded import features

        for task, parts, read in zip(begun.tasks, begun.parts, begun.groups.read(), strict=True):
            if parts.blank:
                yield None
                continue
            view = self._viewer.article(parts, read.vectors, read.spans)
            known = [(c, begun.known[c.digest]) for c in task.categories]
            numbers = [features.compute_features(view, category) for _, category in known]
            confidences = [
                self._confidence(its, c) for its, (c, _) in zip(numbers, known, strict=True)
            ]
            yield ArticleFeatures(view, numbers, confidences)

    def judge(self, begun: _EmbeddingChunk) -> _JudgedChunk:
        made = begun.groups.read()
        articles = [
            None if parts.blank else self._judge(task, parts, read, begun.known)
            for task, parts, read in zip(begun.tasks, begun.parts, made, strict=True)
        ]
        sentences = [text for article in articles if article for text in article.search.texts]
        return _JudgedChunk(begun.tasks, articles, self._model.begin(sentences))

    def finish(self, judged: _JudgedChunk) -> Iterator[Outcome]:
        vectors = judged.sentences.vectors()
        start = 0
        for task, article in zip(judged.tasks, judged.articles, strict=True):
            if article is None:
                yield _empty(task)
                continue
            end = start + len(article.search.texts)
            yield self._outcome(article, vectors[start:end])
            start = end

    def _views(self, wanted: Mapping[str, Category]) -> dict[str, EncodedCategory]:
        from classifier.scorers.embedded.encoding import category_texts

        with self._embedding:  # one thread embeds a new category, the others wait for it
            known = {key: self._categories[key] for key in wanted if key in self._categories}
            new = {key: c for key, c in wanted.items() if key not in known}
            texts = [category_texts(category) for category in new.values()]
            made = self._embedder.begin(texts, role="query").read() if new else []
            for (key, category), read in zip(new.items(), made, strict=True):
                known[key] = self._categories[key] = self._viewer.category(category, read.vectors)
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
    ) -> _JudgedArticle:
        from classifier.scorers.embedded.quotes import QuoteSearch

        article = self._viewer.article(parts, read.vectors, read.spans)
        active_corrections = self._corrections.of(article) if self._corrections else None
        pairs = [
            self._pair(article, c, known[c.digest], active_corrections) for c in task.categories
        ]
        worth = {
            pair.category.id: known[pair.category.digest]
            for pair in pairs
            if pair.confidence >= QUOTE_FROM
        }
        return _JudgedArticle(task, pairs, worth, QuoteSearch.of(parts, article, worth))

    def _outcome(self, article: _JudgedArticle, vectors: Vectors) -> Outcome:
        quotes = article.search.quotes(article.worth, vectors)
        return Outcome(
            task=article.task,
            judgements=tuple(
                self._judgement(pair, quotes.get(pair.category.id, ())) for pair in article.pairs
            ),
            model=self._model.recipe.name,
        )

    def _pair(
        self,
        article: EncodedArticle,
        category: Category,
        view: EncodedCategory,
        active_corrections: ArticleCorrection | None,
    ) -> _ScoredPair:
        from classifier.scorers.embedded import explain, features

        pair = features.Pair.of(article, view)
        numbers = features.pair_features(pair)
        findings = explain.collect_findings(pair, category.instructions.exclusions, self._topics)
        confidence = self._confidence(numbers, category)
        aspects = explain.aspects(numbers, findings)
        moved = (
            active_corrections.moved(category, confidence, numbers) if active_corrections else None
        )
        if moved:
            confidence = moved.after
            aspects["learned"] = round(moved.aspect, 4)
        if findings.excluded:
            confidence, moved = min(confidence, EXCLUDED_AT_MOST), None
        # Rounded: the last digits depend on which texts the engine happened to batch together.
        return _ScoredPair(category, round(confidence, 4), aspects, findings, moved)

    def _confidence(self, numbers: Mapping[str, float], category: Category) -> float:
        """Return it without what was learned."""
        return self._head.confidence(numbers, topics=bool(category.instructions.topics))

    def _judgement(self, pair: _ScoredPair, evidence: tuple[Evidence, ...]) -> Judgement:
        from classifier.scorers.embedded.explain import reasoning

        told = reasoning(pair.findings, pair.category.title)
        return Judgement(
            category=pair.category.id,
            confidence=pair.confidence,
            kind=ConfidenceKind.SIMILARITY,
            scorer=self._identity,
            aspects=pair.aspects,
            exclusion=pair.findings.excluded,
            reasoning=f"{told} {pair.moved.told}" if pair.moved else told,
            evidence=evidence,
        )


def _empty(task: Task) -> Outcome:
    message = f"{task.article.id}: nothing to judge; it has no prose, title or description"
    ids = tuple(c.id for c in task.categories)
    return Outcome(task=task, failures=(Failure(FailureReason.EMPTY, message, ids),))
