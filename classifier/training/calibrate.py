"""Fit a calibration and minimums to gold labels, and measure what they are worth.

Start with `calibrate`; `curves` fits the curve of a kind, `targets` chooses minimums.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, Literal

import numpy as np

from classifier.calibration import CategoryMinimum, Minimum, ScorerCalibration
from classifier.evaluation.bootstrap import MetricEstimate, estimate, resample_weights
from classifier.evaluation.clopper_pearson import Proportion
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Floats, Scored, Statistics, Weights, ratio, unit_weights
from classifier.models import Rule, Taxonomy
from classifier.training import curves, targets
from classifier.training.curves import CurveFit, log_loss, usable_pairs
from classifier.training.targets import ChosenMinimum, MetricTarget, PairScores

MEASURES: Final = {
    "ece": "calibration error",
    "brier": "Brier score",
    "log_loss": "log loss",
    "micro_ap": "average precision",
}

Measures = Mapping[str, MetricEstimate]
_DIGITS: Final = 4
_FREE: Final = Rule(at_most=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MinimumTarget:
    """The precision or recall that minimums are chosen for, by kind or by category."""

    target: MetricTarget
    per: Literal["kind", "category"] = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCalibration:
    """The result for one kind of categories."""

    name: str
    pairs: GoldPairs
    missing_gold: str | None = None
    """A message that says which gold is missing; the fields below are then empty."""
    fit: CurveFit | None = None
    """None if no curve has a lower held-out log loss than the scorer's own confidences."""
    before: Measures = field(default_factory=dict)
    """`MEASURES` of the scorer's own confidences."""
    after: Measures = field(default_factory=dict)
    """`MEASURES` of the calibrated confidences on held-out articles."""
    minimum: ChosenMinimum | None = None
    """None if there is no target."""
    minimums: Mapping[str, ChosenMinimum] = field(default_factory=dict)
    """Minimums of categories that have one of their own, by id."""


def calibrate(
    pairs: GoldPairs, taxonomy: Taxonomy, *, aim: MinimumTarget | None = None
) -> list[KindCalibration]:
    """Calibrate each kind that the gold is about.

    Args:
        pairs: The gold beside a scorer's confidences.
        taxonomy: Only its rules are read.
        aim: What to choose minimums for; None for none.

    Example:
        >>> kinds = calibrate(pairs, taxonomy)  # doctest: +SKIP
        >>> to_fitted(kinds, gold="gold.csv", day="2026-11-26")  # doctest: +SKIP
    """
    ordered = sorted(range(len(pairs.categories)), key=lambda n: pairs.categories[n].kind)
    kinds = groupby(ordered, key=lambda n: pairs.categories[n].kind)
    return [
        calibrate_kind(name, pairs.some(list(columns)), taxonomy.rule(name), aim)
        for name, columns in kinds
    ]


def to_fitted(
    kinds: list[KindCalibration], *, gold: str, day: str, aim: MinimumTarget | None = None
) -> ScorerCalibration:
    """Return the part of `trained.json` for these kinds; `day` is an ISO 8601 date."""
    with_fit = [(kind.name, kind.fit) for kind in kinds if kind.fit is not None]
    minimums = {k.name: _minimum(k.minimum, aim) for k in kinds if aim and k.minimum}
    definitions = {c.id: c.definition for kind in kinds for c in kind.pairs.categories}
    of_categories = {
        name: _minimum(chosen, aim)
        for kind in kinds
        for name, chosen in kind.minimums.items()
        if aim is not None
    }
    return ScorerCalibration(
        fitted=day,
        gold=gold,
        kinds={name: fit.kind for name, fit in with_fit},
        categories={
            name: of_categories
            for _, fit in with_fit
            for name, of_categories in fit.categories.items()
        },
        minimum_of_kinds={
            name: minimum for name, minimum in minimums.items() if minimum is not None
        },
        minimum_of_categories={
            name: CategoryMinimum(definition=definitions[name], **minimum.model_dump())
            for name, minimum in of_categories.items()
            if minimum is not None
        },
    )


def _minimum(chosen: ChosenMinimum, aim: MinimumTarget) -> Minimum | None:
    if chosen.minimum is None or chosen.measured is None:
        return None
    low, high = chosen.measured.interval
    return Minimum(
        minimum=chosen.minimum,
        target=aim.target.measure,
        value=aim.target.value,
        reached=round(chosen.measured.value, _DIGITS),
        interval=(round(low, _DIGITS), round(high, _DIGITS)),
        pairs=chosen.measured.pairs,
    )


def calibrate_kind(
    name: str,
    pairs: GoldPairs,
    rule: Rule,
    aim: MinimumTarget | None,
    *,
    fitted_to_labels: bool = False,
) -> KindCalibration:
    """Calibrate one kind; `pairs` are of its categories alone.

    `fitted_to_labels`: whether its confidences are held-out estimates of such a fit. They are
    calibrated as they are where no curve betters them.
    """
    if missing := curves.missing_gold(pairs):
        return KindCalibration(name=name, pairs=pairs, missing_gold=missing)
    fit = curves.fit(pairs)
    if fit is None and fitted_to_labels:
        fit = curves.unchanged(pairs)
    weights = np.concatenate(
        [unit_weights(len(pairs.articles)), resample_weights(len(pairs.articles))]
    )
    offered = PairScores(
        confidence=pairs.confidence if fit is None else fit.confidence,
        held_out=pairs.confidence if fit is None else fit.held_out,
        truth=pairs.truth,
        known=pairs.known,
        excluded=pairs.excluded,
    )
    minimum = targets.choose_minimum(offered, aim.target, rule) if aim else None
    minimums: Mapping[str, ChosenMinimum] = {}
    if aim is not None and aim.per == "category":
        lowest = rule.minimum if minimum is None or minimum.minimum is None else minimum.minimum
        minimums = _of_categories(offered, pairs, aim.target, rule, lowest)
    return KindCalibration(
        name=name,
        pairs=pairs,
        fit=fit,
        before=measures(pairs.confidence, pairs, weights),
        after={} if fit is None else measures(fit.held_out, pairs, weights),
        minimum=minimum,
        minimums=minimums,
    )


def measures(confidence: Floats, pairs: GoldPairs, weights: Weights) -> Measures:
    """Return each of `MEASURES` with its 95 % interval.

    Args:
        confidence: Articles x categories, 0-1.
        pairs: The gold.
        weights: Resamples x articles; the first row is the gold as it is.
    """
    known = usable_pairs(pairs)
    scored = Scored(confidence, pairs.truth, known, np.zeros_like(known))
    no_macro = np.full((len(weights), 1), np.nan)
    values = Statistics(scored).measure(weights, no_macro)
    loss = np.where(known, log_loss(confidence, pairs), 0).sum(axis=1)
    values["log_loss"] = ratio(weights @ loss, weights @ known.sum(axis=1))
    estimates = {name: estimate(float(values[name][0]), values[name][1:]) for name in MEASURES}
    return {name: measure for name, measure in estimates.items() if measure is not None}


def _of_categories(
    field: PairScores, pairs: GoldPairs, target: MetricTarget, rule: Rule, lowest: float
) -> dict[str, ChosenMinimum]:
    """Choose a minimum for each category with enough gold, then measure all of them together.

    Each is chosen as if an article could have any number of labels, because how many places other
    categories leave depends on their minimums.
    """
    chosen = {
        n: choice
        for n in range(len(pairs.categories))
        if (choice := targets.choose_minimum(field.column(n), target, _FREE)).minimum is not None
    }
    minimums = np.full(len(pairs.categories), lowest)
    for n, choice in chosen.items():
        minimums[n] = choice.minimum
    labels = targets.assigned(field.held_out, field.excluded, minimums, rule)
    base = labels if target.measure == "precision" else field.truth & pairs.judged
    measured = {
        n: Proportion.of(
            (labels & field.truth & field.known)[:, n].astype(np.intp),
            (base & field.known)[:, n].astype(np.intp),
        )
        for n in chosen
        if (base & field.known)[:, n].any()
    }
    return {
        pairs.categories[n].id: ChosenMinimum(chosen[n].minimum, proportion)
        for n, proportion in measured.items()
    }
