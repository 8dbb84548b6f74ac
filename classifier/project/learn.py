"""Train corrections from human labels, and write what runs use from then on."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import artifacts
from classifier.errors import SettingsError, UsageError
from classifier.evaluation.gold import Gold
from classifier.evaluation.gold import reading as labels
from classifier.models import Article, Category, Failure
from classifier.project.artifact import Artifact, artifact
from classifier.project.events import Message
from classifier.project.gold import VERDICTS, GoldSession, GoldSource, open_gold
from classifier.scorers.embedded import corrections
from classifier.scorers.embedded.corrections import KindCorrections, LearnedFile
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.training.cross_validate import cross_validate
from classifier.training.dataset import Dataset, LabelledArticle, build_dataset, read_labelled
from classifier.training.few_shot import few_shot_examples
from classifier.training.held_out import KindGain, measure_gain
from classifier.training.serialize import kind_corrections
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace
    from classifier.store import Store

MIN_PAIRS: Final = 10
"""Labelled pairs that a kind needs, on two articles at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningResult:
    kinds: tuple[KindGain, ...]
    """What was gained on articles that took no part in training, by kind."""
    content: LearnedFile
    artifact: Artifact
    """The file that was written."""
    stale_pairs: int
    """Stored judgements of language models whose examples have changed: to be judged again."""
    failures: tuple[Failure, ...]
    """Articles that could not be read."""

    @property
    def examples(self) -> int:
        """How many examples language models are shown, over all categories."""
        return sum(len(lesson.examples) for lesson in self.content.lessons.values())


def learn(
    project: Workspace, gold: str | Path | GoldSource, *, output: Path | None
) -> LearningResult:
    file = artifact(project, "learned", output)
    # Earlier corrections are no part of what is learned from.
    session = open_gold(project.with_settings(learned="off"), gold)
    labelled, failures = read_labelled(*_labels(session))
    for failure in failures:
        project.emit(Message(f"left out: {failure.message}", "error"))
    scorer = EmbeddedScorer(
        model_folder=project.settings.embedding_model, vectors=session.records.store
    )
    trained = _train(session, labelled, scorer)
    gains = tuple(gain for _, gain, _ in trained)
    confidence = _confidence(session, labelled, [dataset for *_, dataset in trained])
    content = LearnedFile(
        learned=datetime.datetime.now(datetime.UTC).date().isoformat(),
        source=session.gold.source,
        scorer=scorer.base_identity,
        articles=len(labelled),
        pairs=sum(gain.pairs for gain in gains),
        kinds={gain.kind: weights for weights, gain, _ in trained},
        lessons=few_shot_examples(session.taxonomy.categories, labelled, confidence),
    )
    stale = _stale_pairs(_earlier(file), content, session)
    file.write(artifacts.dump(content))
    return LearningResult(
        kinds=gains, content=content, artifact=file, stale_pairs=stale, failures=tuple(failures)
    )


def _earlier(file: Artifact) -> LearnedFile | None:
    try:
        return file.existing(corrections.load)
    except SettingsError:
        return None  # a file that cannot be used is replaced


def _labels(session: GoldSession) -> tuple[Gold, Verdicts]:
    """Return the gold with the articles of all verdicts, and the verdicts, which win."""
    given, home = session.records.store.verdicts(), session.records.home
    verdicts = Verdicts(given, session.taxonomy.categories, home=home)
    if not len(verdicts) or session.gold.source == VERDICTS:
        return session.gold, verdicts
    of_verdicts = labels.from_verdicts(given, session.taxonomy, home=home)
    return replace(session.gold, labels={**of_verdicts.labels, **session.gold.labels}), verdicts


def _train(
    session: GoldSession, labelled: Sequence[LabelledArticle], scorer: EmbeddedScorer
) -> list[tuple[KindCorrections, KindGain, Dataset]]:
    """Train each kind that has enough labels. Raises UsageError where none has."""
    trained = []
    gaps = []
    every = session.taxonomy.categories
    for kind in dict.fromkeys(category.kind for category in every):
        categories = [category for category in every if category.kind == kind]
        ids = {category.id for category in categories}
        articles = [each for each in labelled if ids & each.known.keys()]
        pairs = sum(len(ids & each.known.keys()) for each in articles)
        enough = len(articles) > 1 and pairs >= MIN_PAIRS
        dataset = build_dataset(articles, categories, scorer) if enough else None
        if dataset is None or len(dataset.articles) < 2:
            if articles:
                gaps.append(
                    f"{kind}: {_count(pairs, 'pair')} on {_count(len(articles), 'article')}"
                )
            continue
        validated = cross_validate(dataset.examples)
        gain = measure_gain(kind, validated, dataset)
        trained.append((kind_corrections(validated, dataset), gain, dataset))
    if not trained:
        raise UsageError(
            f"{session.gold.source!r} has too few labels to learn from ({'; '.join(gaps)}); "
            f"expected {MIN_PAIRS} pairs of a kind, on at least two articles"
        )
    return trained


def _confidence(
    session: GoldSession, labelled: Sequence[LabelledArticle], datasets: Sequence[Dataset]
) -> Callable[[Article, Category], float]:
    """Return what gives the scorer's confidence without examples; else the embedded scorer's."""
    known: dict[tuple[str, str], float] = {}
    for dataset in datasets:
        for each, row in zip(dataset.articles, dataset.examples.logits, strict=True):
            for category, logit in zip(dataset.categories, row, strict=True):
                known[each.article.digest, category.digest] = corrections.probability(float(logit))
    scorer = session.project.scorer
    if not isinstance(scorer, EmbeddedScorer):
        digests = {category.digest for category in session.taxonomy.categories}
        articles = [each.article.digest for each in labelled]
        rows = session.records.store.confidences(scorer.identity, articles, digests)
        for article, row in rows:
            known |= {(article, category): value for category, (value, _) in row.items()}
    # A pair that nobody has judged is as doubtful as can be.
    return lambda article, category: known.get((article.digest, category.digest), 0.5)


def _stale_pairs(before: LearnedFile | None, after: LearnedFile, session: GoldSession) -> int:
    """Count stored pairs of language models whose examples have changed."""
    plain = session.taxonomy.categories
    shown = before.shown(plain) if before else plain
    stale = {
        old.digest
        for old, new in zip(shown, after.shown(plain), strict=True)
        if old.digest != new.digest
    }
    return _stored_pairs(session.records.store, stale) if stale else 0


def _stored_pairs(store: Store, categories: set[str]) -> int:
    articles = {file.digest for file in store.files(store.paths()).values()}
    return sum(
        len(pairs)
        for scorer, *_ in store.scorers()
        if scorer.startswith("openai:")
        for _, pairs in store.confidences(scorer, articles, categories)
    )


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"
