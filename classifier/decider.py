"""From what is on record to labels: calibrate, put people's verdicts first, apply the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

from classifier.calibration import Curve, Fitted, calibrated
from classifier.decide import decide, veto
from classifier.models import (
    ConfidenceKind,
    Decision,
    Failure,
    Judgement,
    Label,
    Taxonomy,
    digest,
)
from classifier.verdicts import Verdicts

Pair: TypeAlias = tuple[str, float, float, bool]
"""Category id, confidence as calibrated, the minimum it needs, whether an exclusion fired."""


@dataclass(frozen=True)
class Decider:
    """All that turns judgements into labels. Pure, so that it is applied anew at every reading."""

    taxonomy: Taxonomy
    calibration: Fitted | None = None
    """Of the scorer that judges; None: its confidences are taken as they are."""
    verdicts: Verdicts = field(default_factory=lambda: Verdicts(home=Path()))

    def only(self, taxonomy: Taxonomy) -> Decider:
        """Return the same for another choice of the categories."""
        return replace(self, taxonomy=taxonomy)

    def decide(
        self,
        judgements: Iterable[Judgement],
        *,
        path: str,
        article: str,
        failures: Iterable[Failure] = (),
    ) -> Decision:
        """Decide on one article; `path` is as given, `article` its digest."""
        if self.curves:
            judgements = calibrated(judgements, self.curves)
        verdicts = self.verdicts.of(path=path, article=article)
        return decide(judgements, self.taxonomy, veto=veto(failures), verdicts=verdicts)

    def pairs(self, confidences: Mapping[str, tuple[float, bool]]) -> Iterator[Pair]:
        """Yield what the store's bulk view (by category digest) says of one article's pairs."""
        for category, key, minimum, curve in self._prepared:
            if key in confidences:
                confidence, excluded = confidences[key]
                yield category, curve(confidence) if curve else confidence, minimum, excluded

    def labels(
        self, pairs: Iterable[Pair], *, path: str, article: str, vetoed: bool
    ) -> tuple[Label, ...]:
        """Return the labels that `decide` gives; their judgements have a confidence alone."""
        verdicts = self.verdicts.of(path=path, article=article)
        eligible = [
            Judgement(
                category=category, confidence=confidence, kind=ConfidenceKind.STATED, scorer=""
            )
            for category, confidence, minimum, excluded in pairs
            if confidence >= minimum and not (excluded or vetoed)
        ]
        if not eligible and not verdicts:
            return ()
        return decide(eligible, self.taxonomy, verdicts=verdicts).labels

    @cached_property
    def _prepared(self) -> list[tuple[str, str, float, Curve | None]]:
        return [
            (c.id, c.digest, self.taxonomy.minimum(c), self.curves.get(c.id))
            for c in self.taxonomy.categories
        ]

    @cached_property
    def curves(self) -> Mapping[str, Curve]:
        """By category id; those of kinds that are not calibrated are left out."""
        if self.calibration is None:
            return {}
        curves = {c.id: self.calibration.curve(c) for c in self.taxonomy.categories}
        return {name: curve for name, curve in curves.items() if curve is not None}

    @cached_property
    def rules_digest(self) -> str:
        """Changes with the rules and the calibration; verdicts are apart."""
        rules = [
            (c.id, c.digest, asdict(self.taxonomy.rule(c.kind)), self.taxonomy.minimum(c))
            for c in self.taxonomy.categories
        ]
        curves = {name: curve.points for name, curve in self.curves.items()}
        return digest(rules, curves)
