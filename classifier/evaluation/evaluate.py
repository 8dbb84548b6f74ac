"""Evaluate a scorer's stored judgements against gold labels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from classifier import hierarchy
from classifier.decisions import LabelPolicy
from classifier.evaluation.bootstrap import MetricEstimate, estimate, resample_weights
from classifier.evaluation.gold import Gold
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import (
    Bools,
    Floats,
    Ranking,
    Scored,
    Statistics,
    Weights,
    by_category,
    hierarchical_f1,
    reliability,
    unit_weights,
)
from classifier.evaluation.report import (
    CategoryMetrics,
    Comparison,
    Confusion,
    Disagreement,
    GroupMetrics,
    MetricDifference,
    PrecisionRecallCurve,
    Report,
)
from classifier.models import Category
from classifier.store import Store
from classifier.verdicts import Verdicts

_WORST: Final = 40
"""Disagreements in a report: half of them false labels, half missed ones."""
_CONFUSIONS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """One scorer's stored judgements beside the gold, and the policy that labels by them."""

    scorer: str
    """Identity."""
    pairs: GoldPairs
    policy: LabelPolicy


def evaluate(
    gold: Gold, predictions: Predictions, *, store: Store, against: Predictions | None = None
) -> Report:
    """Evaluate a scorer, and compare it with another on the pairs that both have judged.

    Args:
        gold: The labels.
        predictions: The scorer to evaluate.
        store: Where its reasoning and evidence are.
        against: A scorer to compare with, on the same gold and categories.
    """
    pairs, scored = predictions.pairs, decide_labels(predictions)
    weights = _weights(len(pairs.articles))
    groups, of_categories = _measured(scored, pairs.categories, weights)
    return Report(
        gold=gold.source,
        scorer=predictions.scorer,
        calibrated=bool(predictions.policy.curves),
        profile=predictions.policy.decided_by,
        pairs=int(scored.judged.sum()),
        without_record=int((pairs.known & ~pairs.judged).sum()),
        groups=tuple(group.report() for group in groups),
        categories=tuple(_categories(scored, pairs.categories, of_categories)),
        confusions=tuple(_confusions(scored, pairs)),
        disagreements=tuple(_disagreements(scored, predictions, gold, store)),
        curve=_curve(scored),
        reliability=tuple(reliability(scored)),
        comparison=None if against is None else _compared(predictions, scored, against, weights),
    )


def decide_labels(predictions: Predictions) -> Scored:
    """Decide the labels of every article as a run does, but without people's verdicts.

    The verdicts are what the labels are tested against.
    """
    pairs = predictions.pairs
    taxonomy = replace(predictions.policy.taxonomy, categories=pairs.categories)
    policy = replace(predictions.policy.only(taxonomy), verdicts=Verdicts(home=Path()))
    digests = [category.digest for category in pairs.categories]
    column = {category.id: n for n, category in enumerate(pairs.categories)}
    confidence = np.full(pairs.truth.shape, np.nan)
    assigned = np.zeros(pairs.truth.shape, dtype=np.bool_)
    for row, (path, article) in enumerate(zip(pairs.articles, pairs.digests, strict=True)):
        judged = np.flatnonzero(~np.isnan(pairs.confidence[row])).tolist()
        records = {
            digests[n]: (float(pairs.confidence[row, n]), bool(pairs.excluded[row, n]))
            for n in judged
        }
        judged_pairs = list(policy.at(path).pairs(records))
        for category, value, _, _ in judged_pairs:
            confidence[row, column[category]] = value
        for label in policy.labels(judged_pairs, path=path, article=article, blocked=False):
            assigned[row, column[label.category.id]] = True
    return Scored(confidence, pairs.truth, pairs.judged, assigned)


# --- metrics --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A group with its metrics: the gold as it is first, then each resample."""

    kind: str | None
    statistics: Statistics
    metrics: Mapping[str, Floats]

    def report(self) -> GroupMetrics:
        scored = self.statistics.scored
        ranking = self.statistics.ranking
        sure = ranking.measure(unit_weights(len(scored.truth)))[2][0]
        known = scored.judged.any(axis=0)
        positive = (scored.judged & scored.truth).any(axis=0)
        return GroupMetrics(
            kind=self.kind,
            articles=int(scored.judged.any(axis=1).sum()),
            categories=int(known.sum()),
            without_positive=int((known & ~positive).sum()),
            pairs=int(scored.judged.sum()),
            positives=int((scored.judged & scored.truth).sum()),
            metrics=_estimates(self.metrics),
            best_threshold=_finite(self.statistics.best_threshold),
            sure_threshold=_finite(float(sure)),
        )


def _weights(articles: int) -> Weights:
    """Return weights of the gold as it is, then of its resamples: resamples x articles."""
    return np.concatenate([unit_weights(articles), resample_weights(articles)])


def _measured(
    scored: Scored, categories: Sequence[Category], weights: Weights
) -> tuple[list[_Measured], Mapping[str, Floats]]:
    of_categories = by_category(scored, weights)
    kinds = np.array([category.kind for category in categories])
    several = sorted(set(kinds.tolist()))
    groups: list[_Measured] = []
    for kind in (None, *(several if len(several) > 1 else ())):
        columns = np.flatnonzero((kinds == kind) | (kind is None))
        statistics = Statistics(scored.of(columns))
        metrics = dict(statistics.measure(weights, of_categories["ap"][:, columns]))
        chosen = [categories[n] for n in columns.tolist()]
        if any(category.parents for category in chosen):
            above = ancestry(chosen)
            metrics["hierarchical_f1"] = hierarchical_f1(statistics.scored, above, weights)
        groups.append(_Measured(kind=kind, statistics=statistics, metrics=metrics))
    return groups, of_categories


def ancestry(categories: Sequence[Category]) -> Bools:
    """Return, for each pair of categories, whether the second is the first or above it."""
    known = {category.id: category for category in categories}
    place = {id_: n for n, id_ in enumerate(known)}
    above = np.eye(len(place), dtype=np.bool_)
    for n, category in enumerate(categories):
        for each in hierarchy.ancestors(category, known):
            above[n, place[each.id]] = True
    return above


def _categories(
    scored: Scored, categories: Sequence[Category], metrics: Mapping[str, Floats]
) -> Iterator[CategoryMetrics]:
    for n, category in enumerate(categories):
        judged = scored.judged[:, n]
        if judged.any():
            yield CategoryMetrics(
                category=category,
                pairs=int(judged.sum()),
                positives=int((judged & scored.truth[:, n]).sum()),
                assigned=int((judged & scored.assigned[:, n]).sum()),
                metrics=_estimates({name: values[:, n] for name, values in metrics.items()}),
            )


def _estimates(metrics: Mapping[str, Floats]) -> dict[str, MetricEstimate]:
    made = {name: estimate(float(values[0]), values[1:]) for name, values in metrics.items()}
    return {name: metric for name, metric in made.items() if metric is not None}


def _curve(scored: Scored) -> PrecisionRecallCurve:
    ranking = Ranking(scored)
    recall, precision = ranking.curve()
    return PrecisionRecallCurve(
        recall=tuple(recall.tolist()),
        precision=tuple(precision.tolist()),
        threshold=tuple(ranking.thresholds.tolist()),
    )


def _finite(threshold: float) -> float | None:
    return threshold if np.isfinite(threshold) else None


# --- two scorers ----------------------------------------------------------------------------------


def _compared(
    predictions: Predictions, scored: Scored, against: Predictions, weights: Weights
) -> Comparison:
    other = decide_labels(against)
    both = scored.judged & other.judged
    scored, other = replace(scored, judged=both), replace(other, judged=both)
    ours, _ = _measured(scored, predictions.pairs.categories, weights)
    theirs, _ = _measured(other, predictions.pairs.categories, weights)
    return Comparison(
        scorer=against.scorer,
        calibrated=bool(against.policy.curves),
        pairs=int(both.sum()),
        groups={
            a.kind: dict(_differences(a.metrics, b.metrics))
            for a, b in zip(ours, theirs, strict=True)
        },
        curve=_curve(other),
    )


def _differences(
    ours: Mapping[str, Floats], theirs: Mapping[str, Floats]
) -> Iterator[tuple[str, MetricDifference]]:
    for name in ours:
        change = ours[name] - theirs[name]
        difference = estimate(float(change[0]), change[1:], lowest=-1.0)
        if difference is not None:
            this, other = float(ours[name][0]), float(theirs[name][0])
            yield name, MetricDifference(this=this, other=other, difference=difference)


# --- where it goes wrong --------------------------------------------------------------------------


def _confusions(scored: Scored, pairs: GoldPairs) -> list[Confusion]:
    """Return the most frequent ones first."""
    wrong = scored.judged & scored.assigned & ~scored.truth
    missed = scored.judged & ~scored.assigned & scored.truth
    confused: defaultdict[tuple[int, int], list[str]] = defaultdict(list)
    for row in np.flatnonzero(wrong.any(axis=1) & missed.any(axis=1)):
        for a in np.flatnonzero(wrong[row]):
            for b in np.flatnonzero(missed[row]):
                if pairs.categories[a].kind == pairs.categories[b].kind:
                    confused[int(a), int(b)].append(pairs.articles[row])
    most = sorted(confused.items(), key=lambda item: (-len(item[1]), item[0]))[:_CONFUSIONS]
    return [
        Confusion(
            assigned=pairs.categories[a], missed=pairs.categories[b], articles=tuple(articles)
        )
        for (a, b), articles in most
    ]


def _disagreements(
    scored: Scored, predictions: Predictions, gold: Gold, store: Store
) -> list[Disagreement]:
    pairs = predictions.pairs
    error = np.where(scored.judged, np.abs(scored.confidence - scored.truth), -1.0)
    cells: list[tuple[int, int]] = []
    for wrong in (scored.judged & ~scored.truth, scored.judged & scored.truth):
        rows, columns = np.nonzero(wrong)
        worst = np.argsort(-error[rows, columns], kind="stable")[: _WORST // 2]
        cells += zip(rows[worst].tolist(), columns[worst].tolist(), strict=True)
    cells.sort(key=lambda cell: -error[cell])
    disagreements: list[Disagreement] = []
    for row, n in cells:
        article, category = pairs.articles[row], pairs.categories[n]
        if error[row, n] <= 0.5 and scored.assigned[row, n] == scored.truth[row, n]:
            continue  # they agree
        record = store.load(predictions.scorer, pairs.digests[row], [category.digest])[
            category.digest
        ]
        disagreements.append(
            Disagreement(
                article=article,
                category=category,
                belongs=bool(scored.truth[row, n]),
                origin=gold.origins.get((article, category.id), ""),
                confidence=float(scored.confidence[row, n]),
                assigned=bool(scored.assigned[row, n]),
                judgement=record.judgement,
            )
        )
    return disagreements
