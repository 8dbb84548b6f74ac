"""A student beside its teacher, on articles of the sample that it was not trained on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from classifier import composition
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.evaluation.evaluate import Predictions, decide_labels
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools, Scored
from classifier.models import Category, Failure, Outcome, Task
from classifier.scorers import members
from classifier.scorers.cached import Cached

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

MIN_MEASURED: Final = 5
"""Articles below which nothing is measured: the budget was used up too soon."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideBySide:
    """What a student and its teacher say of the same articles."""

    pairs: GoldPairs
    """The student's confidences; `truth`: whether the teacher's reach the minimum."""
    policy: LabelPolicy
    """Decides on the student's labels."""
    teacher: GoldPairs
    """The same pairs with the teacher's confidences."""
    rules: LabelPolicy
    """Decides on the labels of the teacher, and of a cascade of both."""

    def given(self) -> Scored:
        """Return the student's labels beside the teacher's, both decided as a run decides."""
        scored = decide_labels(Predictions(scorer="", pairs=self.pairs, policy=self.policy))
        return replace(scored, truth=decided(self.teacher, self.rules))


def decided(pairs: GoldPairs, policy: LabelPolicy) -> Bools:
    """Return which pairs a run would make labels, without people's verdicts."""
    return decide_labels(Predictions(scorer="", pairs=pairs, policy=policy)).assigned


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """The articles on which a student can be measured."""

    teacher: str
    """Identity of the language model."""
    records: Records
    corpus: Corpus
    categories: tuple[Category, ...]
    """As the teacher sees them."""
    paths: Mapping[str, str]
    """Of all articles, by digest."""
    articles: Sequence[str]
    """Digests of those held out."""
    kept: bool = True
    """Whether what the student says of them is stored."""

    def answered(self, articles: Sequence[str]) -> set[str]:
        """Return those of these articles that the teacher has judged."""
        store, digests = self.records.store, {category.digest for category in self.categories}
        judged = store.judged(self.teacher, articles, digests)
        return {article for article, of_article in judged.items() if of_article}

    def tasks(self, articles: Sequence[str], categories: Sequence[Category]) -> Iterator[Task]:
        for one in articles:
            article = self.corpus.article(self.paths[one])
            if not isinstance(article, Failure) and article.digest == one:
                yield Task(article, tuple(categories))

    def compare(self, view: Workspace) -> SideBySide | None:
        """Return a student beside its teacher; None if too few articles were answered.

        Args:
            view: A project that judges with the student.
        """
        categories = view.select(view.definitions).categories
        store = self.records.store
        keeping = members.with_cache(view.scorer, store) if self.kept else None
        scorer = keeping or Cached(view.scorer, store, kept=False)
        policy = view.make_policy(view.settings, view.definitions, scorer)
        answered = self.answered(self.articles)
        articles = [one for one in self.articles if one in answered]
        outcomes = list(scorer.score(self.tasks(articles, categories)))
        if len(outcomes) < MIN_MEASURED:
            return None
        column = {category.id: n for n, category in enumerate(categories)}
        shape = len(outcomes), len(categories)
        confidence, excluded = np.full(shape, np.nan), np.zeros(shape, np.bool_)
        for row, outcome in enumerate(outcomes):
            for judgement in outcome.judgements:
                place = row, column[judgement.category]
                confidence[place] = judgement.confidence
                excluded[place] = judgement.exclusion is not None
        teacher = self._teacher(view, outcomes, categories)
        return SideBySide(
            pairs=replace(teacher, confidence=confidence, excluded=excluded),
            policy=policy,
            teacher=teacher,
            rules=LabelPolicy(view.definitions, sections=policy.sections),
        )

    def _teacher(
        self, view: Workspace, outcomes: Sequence[Outcome], categories: Sequence[Category]
    ) -> GoldPairs:
        """Return what the teacher says of the articles; `categories` as the student sees them."""
        digests = tuple(outcome.task.article.digest for outcome in outcomes)
        shape = len(digests), len(self.categories)
        confidence, excluded = np.full(shape, np.nan), np.zeros(shape, np.bool_)
        wanted = {category.digest for category in self.categories}
        rows = self.records.store.confidences(self.teacher, digests, wanted)
        for row, (_, answers) in enumerate(rows):
            for n, category in enumerate(self.categories):
                if category.digest in answers:
                    confidence[row, n], excluded[row, n] = answers[category.digest]
        minimums = np.array([view.definitions.minimum(category) for category in categories])
        return GoldPairs(
            articles=tuple(_near(outcome.task.article.id) for outcome in outcomes),
            digests=digests,
            categories=tuple(categories),
            truth=(confidence >= minimums) & ~excluded,
            known=~np.isnan(confidence),
            confidence=confidence,
            excluded=excluded,
        )


def of_last_training(
    project: Workspace, teacher: str, corpus: Corpus, scan: Scan, records: Records
) -> HeldOut | None:
    """Return what the last training left out; None if it had another teacher, or left out nothing.

    Nothing is stored.

    Args:
        project: With the settings of the training.
        teacher: Identity of the language model.
        corpus: Judges by the categories as the teacher sees them.
        scan: Of the site's articles.
        records: With the answers.
    """
    file = composition.load_trained(project.settings)
    if file is None or teacher not in file.teachers:
        return None
    paths = {entry.digest: entry.path for entry in scan.entries}
    plain = project.with_settings(trained="off")
    articles = [one for one in file.held_out if one in paths]
    if not articles:
        return None
    return HeldOut(
        teacher=teacher,
        records=records,
        corpus=corpus,
        categories=plain.select(plain.definitions).categories,
        paths=paths,
        articles=articles,
        kept=False,
    )


def _near(path: str) -> str:
    return Path(os.path.relpath(path)).as_posix()
