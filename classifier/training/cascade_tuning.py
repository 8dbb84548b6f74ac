"""The steps of `cutting` for the articles and categories of a site, with the answers on record."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from classifier.corpus import Entry, Scan
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools
from classifier.models import Outcome, Rule, Taxonomy
from classifier.scorers.cascade.deferral import (
    AUDIT_RATE,
    MAX_THRESHOLD,
    CategoryThreshold,
    FittedThresholds,
    KindThreshold,
)
from classifier.store import Store
from classifier.training import targets, threshold_sampling
from classifier.training.score_matrix import ScoreMatrix
from classifier.training.targets import MetricTarget
from classifier.training.threshold_sampling import PairPool, RecallTarget, SamplingPlan

ALONE: Final = 30_000
"""Pairs of a kind from which on it is cut by itself: that is about a thousand labels, for which a
sample of a seventh is enough."""
_FIRST_LOOK: Final = "first look"


@dataclass(slots=True, eq=False)
class KindGroup:
    """Kinds that are cut together, and how far that is."""

    kinds: tuple[str, ...]
    scores: ScoreMatrix
    pool: PairPool
    taxonomy: Taxonomy
    aim: RecallTarget
    requested: Bools = field(init=False)
    """What the second scorer is to judge."""
    _plan: SamplingPlan | None = None

    @property
    def pairs(self) -> int:
        return self.pool.confidence.size

    def draw_pilot(self) -> None:
        self.requested = threshold_sampling.pilot_sample(
            self.pool, self.scores.uniforms(_FIRST_LOOK)
        )

    def draw_sample(self, store: Store, second: str) -> None:
        """Once the first look is judged: choose the sample."""
        truth, known = self.scores.labels(store, second, self.taxonomy)
        self._plan = threshold_sampling.plan_sample(
            self.pool, truth=truth & self.requested, known=known & self.requested, aim=self.aim
        )
        self.requested = self._sampled

    def request_all(self) -> None:
        self.requested = np.ones(self.pool.confidence.shape, dtype=np.bool_)

    @property
    def _sampled(self) -> Bools:
        assert self._plan is not None
        # Where no cut is worth it, nothing more is asked to find one.
        rate = self._plan.rate if self._plan.rate < 1 else 0.0
        found: Bools = self.scores.uniforms() < rate
        return found

    def settle(
        self, store: Store, second: str
    ) -> tuple[dict[str, KindThreshold], dict[str, CategoryThreshold]]:
        """Once the sample is judged: choose the cuts."""
        assert self._plan is not None
        truth, known = self.scores.labels(store, second, self.taxonomy)
        drawn = self._sampled
        found = threshold_sampling.choose_thresholds(
            self._plan, truth=truth, known=known, drawn=drawn
        )
        categories = self.scores.categories
        settled = (self.pool.confidence < found.values) & ~drawn
        kinds = {
            kind: KindThreshold(
                cut=min(
                    float(cut)
                    for category, cut in zip(categories, found.values, strict=True)
                    if category.kind == kind
                ),
                sample=self._plan.rate if settled.any() else 0.0,
                together=self.kinds,
                articles=len(self.scores.articles),
                pairs=int(known.sum()),
                settled=float(settled.mean()),
                labels=int((truth & known).sum()),
                drawn=found.drawn,
                below=found.below,
                minimum=self.taxonomy.rule(kind).minimum,
            )
            for kind in self.kinds
        }
        own = {
            category.id: CategoryThreshold(definition=category.digest, cut=float(cut))
            for category, cut in zip(categories, found.values, strict=True)
        }
        return kinds, own


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeTuning:
    entries: Sequence[Entry]
    """Of each text one."""
    taxonomy: Taxonomy
    aim: RecallTarget

    @classmethod
    def of(cls, scan: Scan, taxonomy: Taxonomy, aim: RecallTarget) -> CascadeTuning:
        distinct: dict[str, Entry] = {}
        for entry in scan.entries:
            distinct.setdefault(entry.digest, entry)
        return cls(entries=tuple(distinct.values()), taxonomy=taxonomy, aim=aim)

    def groups(self, store: Store, first: str, others: Iterable[Outcome] = ()) -> list[KindGroup]:
        """Return what is cut together, by the first scorer's records, and `others` beside them."""
        every = ScoreMatrix([entry.digest for entry in self.entries], self.taxonomy.categories)
        confidence, _ = every.confidences(store, first)
        rows = {digest: row for row, digest in enumerate(every.articles)}
        columns = {category.id: column for column, category in enumerate(every.categories)}
        for outcome in others:
            for judgement in outcome.judgements:
                row = rows[outcome.task.article.digest]
                confidence[row, columns[judgement.category]] = judgement.confidence
        found = []
        for kinds in self._together():
            chosen = [n for n, category in enumerate(every.categories) if category.kind in kinds]
            pool = PairPool(confidence=confidence[:, chosen], ceiling=MAX_THRESHOLD)
            found.append(KindGroup(kinds, every.of_kinds(kinds), pool, self.taxonomy, self.aim))
        return found

    def _together(self) -> list[tuple[str, ...]]:
        kinds = [category.kind for category in self.taxonomy.categories]
        each = sorted(set(kinds))
        alone = [kind for kind in each if kinds.count(kind) * len(self.entries) >= ALONE]
        rest = tuple(kind for kind in each if kind not in alone)
        return [*((kind,) for kind in alone), *([rest] if rest else [])]

    def pending(self, groups: Sequence[KindGroup], store: Store, second: str) -> Scan:
        """Return what the second scorer has not judged yet of what is wanted of it."""
        columns: dict[str, list[bool]] = {}
        for group in groups:
            _, known = group.scores.labels(store, second, self.taxonomy)
            for category, column in zip(
                group.scores.categories, (group.requested & ~known).T, strict=True
            ):
                columns[category.id] = column.tolist()
        scan = Scan(scorer=second)
        for row, entry in enumerate(self.entries):
            missing = tuple(c for c in self.taxonomy.categories if columns[c.id][row])
            scan.entries.append(Entry(entry.path, entry.digest, missing))
        scan.pairs = int(sum(group.requested.sum() for group in groups))
        return scan

    def fitted(self, groups: Sequence[KindGroup], store: Store, second: str) -> FittedThresholds:
        found = [group.settle(store, second) for group in groups]
        return FittedThresholds(
            fitted=_today(),
            recall=self.aim.recall,
            confidence=1 - self.aim.risk,
            kinds={name: it for kinds, _ in found for name, it in kinds.items()},
            categories={name: it for _, own in found for name, it in own.items()},
        )


def fit_by_gold(
    pairs: GoldPairs, taxonomy: Taxonomy, aim: RecallTarget, *, gold: str
) -> FittedThresholds:
    """Cut each kind by people's labels, of articles like those that are to be judged.

    `pairs` are the first scorer's. The bound takes labels of one article for alike
    (`targets.choose`), and a kind with too few labels for it is not cut.
    """
    kinds = {}
    for kind in sorted({category.kind for category in pairs.categories}):
        scores = [n for n, category in enumerate(pairs.categories) if category.kind == kind]
        truth, confidence = pairs.truth[:, scores], pairs.confidence[:, scores]
        known = pairs.judged[:, scores]
        none = np.zeros_like(known)
        requested = MetricTarget("recall", aim.recall)
        field_ = targets.PairScores(confidence, confidence, truth, known, none)
        chosen = targets.choose_minimum(field_, requested, Rule(minimum=0, at_most=None))
        cut = min(chosen.minimum or 0.0, MAX_THRESHOLD)
        labels = truth & known
        kinds[kind] = KindThreshold(
            cut=cut,
            sample=AUDIT_RATE if cut else 0.0,
            together=(kind,),
            articles=int(known.any(axis=1).sum()),
            pairs=int(known.sum()),
            settled=float((confidence[known] < cut).mean()) if known.any() else 0.0,
            labels=int(labels.sum()),
            drawn=int(labels.sum()),
            below=int((labels & (confidence < cut)).sum()),
            minimum=taxonomy.rule(kind).minimum,
        )
    return FittedThresholds(
        fitted=_today(),
        recall=aim.recall,
        confidence=1 - targets.RISK,
        gold=gold,
        kinds=kinds,
        categories={},
    )


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
