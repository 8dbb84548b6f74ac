"""From gold labels and records to a calibration, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
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
    target: MetricTarget
    per: Literal["kind", "category"] = "kind"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindCalibration:
    """What came of one kind of categories."""

    name: str
    pairs: GoldPairs
    missing_gold: str | None = None
    """The gold that is missing; with it, nothing else is there."""
    fit: CurveFit | None = None
    """None: no curve does better than the scorer itself on articles it has not seen."""
    before: Measures = field(default_factory=dict)
    after: Measures = field(default_factory=dict)
    """On articles that took no part in the fit."""
    minimum: ChosenMinimum | None = None
    """None: nothing was aimed at."""
    minimums: Mapping[str, ChosenMinimum] = field(default_factory=dict)
    """By category id: those that have one of their own."""


def calibrate(
    pairs: GoldPairs, taxonomy: Taxonomy, *, aim: MinimumTarget | None = None
) -> list[KindCalibration]:
    """Fit each kind the gold says something about. Reads only `taxonomy`'s rules."""
    ordered = sorted(range(len(pairs.categories)), key=lambda n: pairs.categories[n].kind)
    kinds = groupby(ordered, key=lambda n: pairs.categories[n].kind)
    return [
        _kind(name, _some(pairs, list(columns)), taxonomy.rule(name), aim)
        for name, columns in kinds
    ]


def to_fitted(
    kinds: list[KindCalibration], *, gold: str, day: str, aim: MinimumTarget | None = None
) -> ScorerCalibration:
    """Return what the file says about it; `day` is ISO 8601."""
    with_fit = [(kind.name, kind.fit) for kind in kinds if kind.fit is not None]
    minimums = {k.name: _minimum(k.minimum, aim) for k in kinds if aim and k.minimum}
    definitions = {c.id: c.digest for kind in kinds for c in kind.pairs.categories}
    own = {
        name: _minimum(chosen, aim)
        for kind in kinds
        for name, chosen in kind.minimums.items()
        if aim is not None
    }
    return ScorerCalibration(
        fitted=day,
        gold=gold,
        kinds={name: fit.kind for name, fit in with_fit},
        categories={name: own for _, fit in with_fit for name, own in fit.categories.items()},
        minimum_of_kinds={name: it for name, it in minimums.items() if it is not None},
        minimum_of_categories={
            name: CategoryMinimum(definition=definitions[name], **it.model_dump())
            for name, it in own.items()
            if it is not None
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


def _some(pairs: GoldPairs, columns: list[int]) -> GoldPairs:
    return replace(
        pairs,
        categories=tuple(pairs.categories[n] for n in columns),
        truth=pairs.truth[:, columns],
        known=pairs.known[:, columns],
        confidence=pairs.confidence[:, columns],
        excluded=pairs.excluded[:, columns],
    )


def _kind(name: str, pairs: GoldPairs, rule: Rule, aim: MinimumTarget | None) -> KindCalibration:
    if missing := curves.missing_gold(pairs):
        return KindCalibration(name=name, pairs=pairs, missing_gold=missing)
    fit = curves.fit(pairs)
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
    """Return each of `MEASURES` with its interval; the first row of `weights` is the gold as is."""
    known = usable_pairs(pairs)
    scored = Scored(confidence, pairs.truth, known, np.zeros_like(known))
    no_macro = np.full((len(weights), 1), np.nan)
    found = Statistics(scored).measure(weights, no_macro)
    loss = np.where(known, log_loss(confidence, pairs), 0).sum(axis=1)
    found["log_loss"] = ratio(weights @ loss, weights @ known.sum(axis=1))
    made = {name: estimate(float(found[name][0]), found[name][1:]) for name in MEASURES}
    return {name: it for name, it in made.items() if it is not None}


def _of_categories(
    field: PairScores, pairs: GoldPairs, target: MetricTarget, rule: Rule, lowest: float
) -> dict[str, ChosenMinimum]:
    """Choose a minimum for each category whose gold allows it, and measure them all together.

    Chosen as if there was room for all: what others take away of an article's places, or leave to
    it, depends on their minimums.
    """
    chosen = {
        n: it
        for n in range(len(pairs.categories))
        if (it := targets.choose_minimum(field.column(n), target, _FREE)).minimum is not None
    }
    minimums = np.full(len(pairs.categories), lowest)
    for n, it in chosen.items():
        minimums[n] = it.minimum
    labels = targets.assigned(field.held_out, field.excluded, minimums, rule)
    base = labels if target.measure == "precision" else field.truth & pairs.judged
    found = {
        n: Proportion.of(
            (labels & field.truth & field.known)[:, n].astype(np.intp),
            (base & field.known)[:, n].astype(np.intp),
        )
        for n in chosen
        if (base & field.known)[:, n].any()
    }
    return {
        pairs.categories[n].id: ChosenMinimum(chosen[n].minimum, proportion)
        for n, proportion in found.items()
    }
