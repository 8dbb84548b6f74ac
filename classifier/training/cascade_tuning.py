"""Threshold sampling for a site: its articles and categories, with the judgements in its store.

Start with `CascadeTuning`: for each of its groups, `draw_pilot`, judge what is `pending`,
`draw_sample`, judge again, then `fitted`. `fit_by_gold` needs no sample: it takes people's labels.
"""

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
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.scorers.cascade.deferral import (
    AUDIT_RATE,
    MAX_THRESHOLD,
    ArticleThreshold,
    CategoryThreshold,
    FittedThresholds,
    KindThreshold,
)
from classifier.store import Store
from classifier.training import common_scale, targets, threshold_sampling
from classifier.training.score_matrix import ScoreMatrix
from classifier.training.targets import MetricTarget
from classifier.training.threshold_sampling import PairPool, RecallTarget, SamplingPlan

ALONE: Final = 30_000
"""Pairs of a kind from which it gets a recall of its own: it then has about a thousand labels, for
which a sample of a seventh is enough. Smaller kinds are pooled."""
_FIRST_LOOK: Final = "first look"


@dataclass(slots=True, eq=False)
class KindGroup:
    """Kinds that share a recall target, and the state of their sampling."""

    kinds: tuple[str, ...]
    scores: ScoreMatrix
    pool: PairPool
    taxonomy: Taxonomy
    target: RecallTarget
    requested: Bools = field(init=False)
    """Which pairs the second scorer is to judge: articles x categories."""
    _plan: SamplingPlan | None = None

    @property
    def pairs(self) -> int:
        return self.pool.confidence.size

    def draw_pilot(self) -> None:
        """Request the pilot sample."""
        self.requested = threshold_sampling.pilot_sample(
            self.pool, self.scores.uniforms(_FIRST_LOOK)
        )

    def draw_sample(self, store: Store, second: str) -> None:
        """Request the random sample. Call this after the pilot is judged."""
        truth, known = self.scores.labels(store, second, self.taxonomy)
        self._plan = threshold_sampling.plan_sample(
            self.pool,
            truth=truth & self.requested,
            known=known & self.requested,
            target=self.target,
        )
        self.requested = self._sampled

    def request_all(self) -> None:
        """Request every pair, to estimate what that would cost."""
        self.requested = np.ones(self.pool.confidence.shape, dtype=np.bool_)

    @property
    def _sampled(self) -> Bools:
        assert self._plan is not None
        # If no threshold would save anything, asking more to find one is wasted.
        rate = self._plan.rate if self._plan.rate < 1 else 0.0
        found: Bools = self.scores.uniforms() < rate
        return found

    def fit(
        self, store: Store, second: str
    ) -> tuple[dict[str, KindThreshold], dict[str, CategoryThreshold]]:
        """Return thresholds by kind and by category id. Call this after the sample is judged."""
        assert self._plan is not None
        truth, known = self.scores.labels(store, second, self.taxonomy)
        drawn = self._sampled
        thresholds = threshold_sampling.choose_thresholds(
            self._plan, truth=truth, known=known, drawn=drawn
        )
        categories = self.scores.categories
        kept = (self.pool.confidence < thresholds.values) & ~drawn
        kinds = {
            kind: KindThreshold(
                cut=min(
                    float(value)
                    for category, value in zip(categories, thresholds.values, strict=True)
                    if category.kind == kind
                ),
                sample=self._plan.rate if kept.any() else 0.0,
                together=self.kinds,
                articles=len(self.scores.articles),
                pairs=int(known.sum()),
                settled=float(kept.mean()),
                labels=int((truth & known).sum()),
                drawn=thresholds.drawn,
                below=thresholds.below,
                minimum=self.taxonomy.rule(kind).minimum,
            )
            for kind in self.kinds
        }
        of_categories = {
            category.id: CategoryThreshold(definition=category.uncorrected.digest, cut=float(value))
            for category, value in zip(categories, thresholds.values, strict=True)
        }
        return kinds, of_categories


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeTuning:
    """Fits the thresholds of a cascade on the articles of a site."""

    entries: Sequence[Entry]
    """One article for each distinct text."""
    taxonomy: Taxonomy
    target: RecallTarget

    @classmethod
    def of(cls, scan: Scan, taxonomy: Taxonomy, target: RecallTarget) -> CascadeTuning:
        distinct: dict[str, Entry] = {}
        for entry in scan.entries:
            distinct.setdefault(entry.digest, entry)
        return cls(entries=tuple(distinct.values()), taxonomy=taxonomy, target=target)

    def groups(self, store: Store, first: str, others: Iterable[Outcome] = ()) -> list[KindGroup]:
        """Group the kinds, with the first scorer's confidences.

        Args:
            store: Where its judgements are.
            first: Identity of the first scorer.
            others: Its outcomes that are not stored.
        """
        matrix = ScoreMatrix([entry.digest for entry in self.entries], self.taxonomy.categories)
        confidence, _ = matrix.confidences(store, first)
        rows = {digest: row for row, digest in enumerate(matrix.articles)}
        columns = {category.id: column for column, category in enumerate(matrix.categories)}
        for outcome in others:
            for judgement in outcome.judgements:
                row = rows[outcome.task.article.digest]
                confidence[row, columns[judgement.category]] = judgement.confidence
        groups = []
        for kinds in self._together():
            chosen = [n for n, category in enumerate(matrix.categories) if category.kind in kinds]
            pool = PairPool(confidence=confidence[:, chosen], ceiling=MAX_THRESHOLD)
            groups.append(
                KindGroup(kinds, matrix.of_kinds(kinds), pool, self.taxonomy, self.target)
            )
        return groups

    def _together(self) -> list[tuple[str, ...]]:
        kinds = [category.kind for category in self.taxonomy.categories]
        each = sorted(set(kinds))
        alone = [kind for kind in each if kinds.count(kind) * len(self.entries) >= ALONE]
        rest = tuple(kind for kind in each if kind not in alone)
        return [*((kind,) for kind in alone), *([rest] if rest else [])]

    def pending(self, groups: Sequence[KindGroup], store: Store, second: str) -> Scan:
        """Return a scan of the requested pairs that the second scorer has not judged."""
        held = store.held(second)
        columns: dict[str, list[bool]] = {}
        for group in groups:
            _, known = group.scores.labels(store, second, self.taxonomy)
            for category, column in zip(
                group.scores.categories, (group.requested & ~known).T, strict=True
            ):
                columns[category.id] = column.tolist()
        scan = Scan(scorer=second)
        for row, entry in enumerate(self.entries):
            asked = (c.uncorrected for c in self.taxonomy.categories if columns[c.id][row])
            missing = tuple(c for c in asked if c.digest not in held.get(entry.digest, {}))
            scan.entries.append(Entry(entry.path, entry.digest, missing))
        scan.pairs = int(sum(group.requested.sum() for group in groups))
        return scan

    def fitted(self, groups: Sequence[KindGroup], store: Store, second: str) -> FittedThresholds:
        fits = [group.fit(store, second) for group in groups]
        return FittedThresholds(
            fitted=_today(),
            recall=self.target.recall,
            confidence=1 - self.target.risk,
            kinds={name: threshold for kinds, _ in fits for name, threshold in kinds.items()},
            categories={name: threshold for _, own in fits for name, threshold in own.items()},
        )


def fit_by_gold(
    pairs: GoldPairs, taxonomy: Taxonomy, target: RecallTarget, *, gold: str
) -> FittedThresholds:
    """Fit a threshold for each kind to people's labels, of articles like those to be judged.

    The bound allows for labels of one article being alike (see `targets.choose_minimum`). A kind
    with too few labels for it gets the threshold 0: it is deferred in full.

    Args:
        pairs: The first scorer's confidences beside the labels.
        taxonomy: Rules of the kinds.
        target: The recall to keep.
        gold: Where the labels came from.
    """
    kinds = {}
    for kind in sorted({category.kind for category in pairs.categories}):
        columns = [n for n, category in enumerate(pairs.categories) if category.kind == kind]
        truth, confidence = pairs.truth[:, columns], pairs.confidence[:, columns]
        known = pairs.judged[:, columns]
        none = np.zeros_like(known)
        requested = MetricTarget("recall", target.recall)
        scores = targets.PairScores(confidence, confidence, truth, known, none)
        chosen = targets.choose_minimum(scores, requested, Rule(minimum=0, at_most=None))
        threshold = min(chosen.minimum or 0.0, MAX_THRESHOLD)
        labels = truth & known
        kinds[kind] = KindThreshold(
            cut=threshold,
            sample=AUDIT_RATE if threshold else 0.0,
            together=(kind,),
            articles=int(known.any(axis=1).sum()),
            pairs=int(known.sum()),
            settled=float((confidence[known] < threshold).mean()) if known.any() else 0.0,
            labels=int(labels.sum()),
            drawn=int(labels.sum()),
            below=int((labels & (confidence < threshold)).sum()),
            minimum=taxonomy.rule(kind).minimum,
        )
    return FittedThresholds(
        fitted=_today(),
        recall=target.recall,
        confidence=1 - targets.RISK,
        gold=gold,
        kinds=kinds,
        categories={},
    )


def fit_articles(
    pairs: GoldPairs, taxonomy: Taxonomy, target: RecallTarget, scale: CommonScale
) -> ArticleThreshold | None:
    """Fit the doubt from which whole articles are deferred; None with too few labels for it.

    Where an article is settled, labels of the first scorer stand. With 95 % confidence each, on
    articles like these: the share `target.recall` of the second scorer's labels is found, and of
    the labels that the first scorer would give, no more than the rest stand and are wrong.

    Args:
        pairs: The first scorer's confidences beside the second's labels.
        taxonomy: Rules of the kinds.
        target: The recall to keep.
        scale: Of doubt, and of labels where an article is settled.
    """
    pairs = common_scale.rescaled(pairs, scale)
    known = pairs.judged
    if not known.all():  # an article's doubt is of all its pairs
        pairs = pairs.rows(np.asarray(known.all(axis=1)))
        known = pairs.judged
    minimums = np.array([taxonomy.minimum(category) for category in pairs.categories])
    given = (pairs.confidence >= minimums) & ~pairs.excluded
    doubts = np.array([deferral.doubt(row) for row in pairs.confidence.tolist()])
    cuts = []
    for labels, right in ((pairs.truth, given), (given, pairs.truth)):
        scores = np.where(right, 1.0, doubts[:, None])
        field = targets.PairScores(scores, scores, labels, known, np.zeros_like(known))
        requested = MetricTarget("recall", target.recall)
        cuts.append(targets.choose_minimum(field, requested, Rule(minimum=0, at_most=None)).minimum)
    lowest = min(cut or 0.0 for cut in cuts)
    settled = doubts < lowest
    if not settled.any():
        return None
    made = np.where(settled[:, None], given, pairs.truth)
    return ArticleThreshold(
        cut=lowest,
        categories=deferral.company(pairs.categories),
        articles=len(doubts),
        settled=float(settled.mean()),
        labels=int(pairs.truth.sum()),
        precision=float((made & pairs.truth).sum() / max(made.sum(), 1)),
        scale=scale,
    )


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
