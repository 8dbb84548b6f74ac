"""Train one kind of categories: corrections, calibration and minimums, and what they are worth.

Every part is kept only if its own cross-validation speaks for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from classifier.calibration import CategoryMinimum, Minimum, ScorerCalibration
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.evaluation.metrics import Bools, Floats
from classifier.models import Category, Rule
from classifier.scorers.embedded.corrections import KindCorrections
from classifier.site_profile import KindProfile
from classifier.training import curves, f1_minimums
from classifier.training.calibrate import KindCalibration, MinimumTarget, calibrate_kind, to_fitted
from classifier.training.correction_model import probability
from classifier.training.cross_validate import CrossValidated, cross_validate
from classifier.training.dataset import Dataset
from classifier.training.f1_minimums import F1Minimums
from classifier.training.held_out import KindGain, measure_gain
from classifier.training.quality import (
    EQUAL,
    Quality,
    f1_difference,
    f1_estimate,
    is_better,
    is_worse,
    measure_quality,
)
from classifier.training.serialize import kind_corrections
from classifier.training.targets import PairScores, assigned

Part = Literal["corrections", "calibration", "minimums"]
_DIGITS: Final = 4
_ERRORS: Final = 1.0
"""By how many standard errors minimums alone must beat a site profile, which chooses them, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutChange:
    """A label that training adds to, or takes from, an article that it was not trained on."""

    article: str
    """Path."""
    category: Category
    added: bool
    right: bool
    """Whether people say the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlearned:
    """A category that its labels did not change."""

    category: Category
    accepted: int
    rejected: int
    reason: Literal["no labels", "only rejections", "no gain"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KindTraining:
    """The result for one kind."""

    kind: str
    pairs: GoldPairs
    """The labels beside the confidences that were calibrated."""
    missing_gold: str | None
    """A message that says which labels a calibration lacks; None if there is one."""
    corrections: KindCorrections | None
    """None: the scorer cannot be corrected, or it does not help."""
    gain: KindGain | None
    """What the corrections gain; None where none can be fitted."""
    calibration: KindCalibration | None
    fitted: ScorerCalibration | None
    """Curves and minimums to write."""
    before: Quality
    after: Quality
    difference: MetricEstimate | None
    """Of F1; None if there is no true pair."""
    changes: tuple[HeldOutChange, ...]
    refused: tuple[Part, ...]
    """Parts that made it no better in cross-validation, and are not used."""
    unlearned: tuple[Unlearned, ...]

    @property
    def refused_all(self) -> bool:
        return "calibration" in self.refused

    @property
    def articles(self) -> int:
        return int(self.pairs.known.any(axis=1).sum())

    @property
    def labelled_pairs(self) -> int:
        return int(self.pairs.known.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRule:
    """How labels of a kind are given."""

    rule: Rule
    fixed: bool
    """Whether a person has set the minimum: it wins over a trained one."""
    aim: MinimumTarget | None = None
    """Precision or recall to reach in place of the best F1."""
    profile: KindProfile | None = None
    """The site profile that decides before training, where one does."""
    spread: bool = False
    """Whether the articles were chosen to be unlike each other. Cross-validation then understates
    what is learned, and of two metrics one falls by chance: the mean of both F1 must not fall."""

    @property
    def by_person(self) -> bool:
        """Whether F1 is not what a person wants most."""
        return self.fixed or self.aim is not None

    def minimums(self, pairs: GoldPairs, confidence: Floats) -> Floats:
        """Return the minimums before training: one for all, or articles x categories."""
        if self.profile is None or self.fixed:
            return np.full(1, self.rule.minimum)
        names = [category.uncorrected.digest for category in pairs.categories]
        minimums = np.empty(confidence.shape)
        for needed, row in zip(minimums, confidence.tolist(), strict=True):
            judged = {
                n: value for n, value in zip(names, row, strict=True) if not math.isnan(value)
            }
            of_article = self.profile.minimums(judged)
            needed[:] = [of_article.get(name, 1.0) for name in names]
        return minimums

    def accepts(self, labels: Bools, before: Bools, pairs: GoldPairs, errors: float) -> bool:
        """Whether labels in cross-validation may take the place of those before.

        `errors`: by how many standard errors they must beat a site profile.
        """
        if self.profile is None:
            return not is_worse(labels, before, pairs, on_average=self.spread)
        return is_better(labels, before, pairs, errors, on_average=self.spread)

    def of_categories(self, categories: Sequence[Category]) -> Floats:
        """Return the minimums before training, one per category, in an average article."""
        if self.profile is None or self.fixed:
            return np.full(len(categories), self.rule.minimum)
        digests = [category.uncorrected.digest for category in categories]
        return np.array([self.profile.minimum(name) for name in digests])


def train_on_features(kind: str, dataset: Dataset, rule: TrainingRule) -> KindTraining:
    """Train the corrections of the embedded scorer, then calibrate what they give."""
    validated = cross_validate(dataset.examples)
    gain = measure_gain(kind, validated, dataset)
    before, after = probability(validated.before), probability(validated.after)
    pairs = GoldPairs(
        articles=tuple(each.article.id for each in dataset.articles),
        digests=tuple(each.article.digest for each in dataset.articles),
        categories=dataset.categories,
        truth=dataset.examples.truth,
        known=dataset.measured,
        confidence=after,
        excluded=dataset.excluded,
        rejected=dataset.rejected,
    )
    minimums = rescaled(rule.of_categories(dataset.categories), validated)
    corrected = train_on_confidences(kind, pairs, rule, before=Uncorrected(before, minimums))
    if not _worse(gain) and not corrected.refused_all:
        return replace(
            corrected,
            corrections=kind_corrections(validated, dataset),
            gain=gain,
            unlearned=tuple(_unlearned(pairs, gain)),
        )
    plain = train_on_confidences(kind, replace(pairs, confidence=before), rule)
    return replace(plain, gain=gain, refused=("corrections", *plain.refused))


def rescaled(minimums: Floats, validated: CrossValidated) -> Floats:
    """Return what minimums, one per category, come to on the scale of the corrected confidences."""
    odds = np.log(minimums / (1 - minimums))
    changed = validated.fit.slope * odds + validated.fit.constant
    return probability(odds + validated.blend * (changed - odds))


def _worse(gain: KindGain) -> bool:
    """Whether corrections lower the average precision of the kind."""
    return any(
        change.after < change.before - EQUAL  # NaN, where nothing belongs, is not less
        for change in (gain.micro, gain.macro)
    )


@dataclass(frozen=True, slots=True, eq=False)
class Uncorrected:
    """What was before the corrections of some pairs."""

    confidence: Floats
    """Articles x categories, 0-1."""
    minimums: Floats
    """One per category: that of before, on the scale of the corrected confidences (`rescaled`)."""


def train_on_confidences(
    kind: str, pairs: GoldPairs, rule: TrainingRule, *, before: Uncorrected | None = None
) -> KindTraining:
    """Calibrate confidences (0-1) of any scorer, and choose minimums.

    Args:
        kind: Its name.
        pairs: Labels of one kind, beside held-out confidences.
        rule: How labels are given.
        before: What was before, where the confidences of `pairs` are corrected.
    """
    at_start = pairs.confidence if before is None else before.confidence
    at_first = assigned(at_start, pairs.excluded, rule.minimums(pairs, at_start), rule.rule)
    as_it_was = measure_quality(at_start, at_first, pairs)
    missing = curves.missing_gold(pairs)
    calibration = (
        None
        if missing
        else calibrate_kind(kind, pairs, rule.rule, rule.aim, fitted_to_labels=before is not None)
    )
    decided = (
        _Decided.of(pairs, calibration, rule, before, at_first)
        if calibration is not None
        else _Decided.without_calibration(pairs, rule, before)
    )
    trained = KindTraining(
        kind=kind,
        pairs=pairs,
        missing_gold=missing,
        corrections=None,
        gain=None,
        calibration=calibration,
        fitted=None,
        before=as_it_was,
        after=as_it_was,
        difference=None,
        changes=(),
        refused=("calibration", "minimums"),
        unlearned=tuple(_unlearned(pairs, None)),
    )
    if decided is None or (
        not rule.by_person and is_worse(decided.labels, at_first, pairs, on_average=rule.spread)
    ):
        return trained
    return replace(
        trained,
        fitted=decided.fitted,
        after=measure_quality(decided.confidence, decided.labels, pairs),
        difference=f1_difference(at_first, decided.labels, pairs),
        changes=tuple(_changes(at_first, decided.labels, pairs)),
        refused=decided.refused,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Decided:
    """Held-out confidences and labels, and what gives them in a run."""

    confidence: Floats
    labels: Bools
    fitted: ScorerCalibration | None
    refused: tuple[Part, ...] = ()

    @classmethod
    def without_calibration(
        cls, pairs: GoldPairs, rule: TrainingRule, before: Uncorrected | None
    ) -> _Decided:
        # A site profile decides on confidences without corrections only.
        corrected = before is not None
        minimums = (
            np.full(1, rule.rule.minimum) if corrected else rule.minimums(pairs, pairs.confidence)
        )
        labels = assigned(pairs.confidence, pairs.excluded, minimums, rule.rule)
        return cls(confidence=pairs.confidence, labels=labels, fitted=None)

    @classmethod
    def of(
        cls,
        pairs: GoldPairs,
        calibration: KindCalibration,
        rule: TrainingRule,
        before: Uncorrected | None,
        at_first: Bools,
    ) -> _Decided | None:
        fitted = to_fitted([calibration], gold="", day="", aim=rule.aim)
        fit = calibration.fit
        scores = PairScores(
            confidence=pairs.confidence if fit is None else fit.confidence,
            held_out=pairs.confidence if fit is None else fit.held_out,
            truth=pairs.truth,
            known=pairs.judged,
            excluded=pairs.excluded,
        )
        minimums = _minimums(fitted, rule, pairs.categories)
        labels = assigned(scores.held_out, scores.excluded, minimums, rule.rule)
        plain = cls(confidence=scores.held_out, labels=labels, fitted=fitted)
        if rule.by_person:
            return plain
        earlier = rule.of_categories(pairs.categories) if before is None else before.minimums
        choices = plain._with_minimums(scores, pairs, rule.rule, earlier)
        errors = _ERRORS if before is None else 0.0
        return next(
            (it for it in choices if rule.accepts(it.labels, at_first, pairs, errors)), None
        )

    def _with_minimums(
        self, scores: PairScores, pairs: GoldPairs, rule: Rule, earlier: Floats
    ) -> Iterator[_Decided]:
        """Yield this with the minimums of the best F1, then with those before training.

        Which of two has the better F1 is chance where labels are few: the second count only where
        the first are no better than before.

        Args:
            scores: The calibrated confidences.
            pairs: The labels, and the confidences that were calibrated.
            rule: How labels are given.
            earlier: The minimums before training, one per category, on the scale of `pairs`.
        """
        kept = _kept_minimums(self.fitted, pairs.categories, rule, earlier)
        folds = curves.folds_of(pairs)
        known = kept.categories, pairs.rejected
        labels = f1_minimums.held_out_labels(scores, rule, folds, *known)
        yield self._by(f1_minimums.choose_minimums(scores, *known), labels, pairs)
        # A curve that rises keeps what was a label.
        labels = assigned(pairs.confidence, pairs.excluded, earlier, rule)
        yield replace(self._by(kept, labels, pairs), refused=("minimums",))

    def _by(self, minimums: F1Minimums, labels: Bools, pairs: GoldPairs) -> _Decided:
        assert self.fitted is not None
        return replace(
            self, labels=labels, fitted=_minimums_added(self.fitted, minimums, labels, pairs)
        )


def _kept_minimums(
    fitted: ScorerCalibration | None,
    categories: tuple[Category, ...],
    rule: Rule,
    earlier: Floats,
) -> F1Minimums:
    """Return the minimums before training on the calibrated scale."""
    assert fitted is not None
    curve = fitted.kinds.get(categories[0].kind)
    of_kind = rule.minimum if curve is None else curve.curve(rule.minimum)
    own = [fitted.curve(category) for category in categories]
    each = [
        least if curve is None else curve(least)
        for curve, least in zip(own, earlier.tolist(), strict=True)
    ]
    # Rounded down, so that what was a label stays one.
    return F1Minimums(_floor(of_kind), np.array([_floor(minimum) for minimum in each]))


def _floor(minimum: float) -> float:
    return math.floor(minimum * 10**_DIGITS) / 10**_DIGITS


def _minimums_added(
    fitted: ScorerCalibration, chosen: F1Minimums, labels: Bools, pairs: GoldPairs
) -> ScorerCalibration:
    reached = f1_estimate(labels, pairs)
    assert reached is not None
    common = {
        "target": "f1",
        "reached": round(reached.value, _DIGITS),
        "interval": (round(reached.low, _DIGITS), round(reached.high, _DIGITS)),
        "pairs": int((pairs.truth & pairs.judged).sum()),
    }
    own = {
        category.id: CategoryMinimum.model_validate(
            {"minimum": float(minimum), "definition": category.definition, **common}
        )
        for category, minimum in zip(pairs.categories, chosen.categories, strict=True)
        if abs(minimum - chosen.kind) > EQUAL
    }
    of_kind = Minimum.model_validate({"minimum": chosen.kind, **common})
    return fitted.model_copy(
        update={
            "minimum_of_kinds": {pairs.categories[0].kind: of_kind},
            "minimum_of_categories": own,
        }
    )


def _minimums(
    fitted: ScorerCalibration, rule: TrainingRule, categories: tuple[Category, ...]
) -> Floats:
    if rule.fixed:
        return np.full(1, rule.rule.minimum)
    found = [fitted.minimum_of(category) for category in categories]
    return np.array([rule.rule.minimum if one is None else one.minimum for one in found])


def _changes(before: Bools, after: Bools, pairs: GoldPairs) -> Iterator[HeldOutChange]:
    for row, column in np.argwhere((before != after) & pairs.judged):
        added = bool(after[row, column])
        yield HeldOutChange(
            article=pairs.articles[row],
            category=pairs.categories[column],
            added=added,
            right=bool(pairs.truth[row, column]) == added,
        )


def _unlearned(pairs: GoldPairs, gain: KindGain | None) -> Iterator[Unlearned]:
    accepted = (pairs.truth & pairs.known).sum(axis=0)
    rejected = (~pairs.truth & pairs.known).sum(axis=0)
    gains: Mapping[str, float] = (
        {each.category.id: each.blend for each in gain.categories} if gain else {}
    )
    for category, yes, no in zip(pairs.categories, accepted, rejected, strict=True):
        reason: Literal["no labels", "only rejections", "no gain"] | None = None
        if not yes:
            reason = "only rejections" if 0 < no < len(pairs.articles) else "no labels"
        elif gain is not None and not gains.get(category.id):
            reason = "no gain"
        if reason is not None:
            yield Unlearned(category=category, accepted=int(yes), rejected=int(no), reason=reason)
