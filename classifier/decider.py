"""From what is on record to labels: calibrate, put people's verdicts first, apply the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path

from classifier.calibration import Curve, Fitted, calibrated
from classifier.decide import decide, veto
from classifier.models import Decision, Failure, Judgement, Taxonomy, digest
from classifier.verdicts import Verdicts


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

    @cached_property
    def curves(self) -> Mapping[str, Curve]:
        """By category id; empty where nothing is calibrated."""
        if self.calibration is None:
            return {}
        return {c.id: self.calibration.curve(c) for c in self.taxonomy.categories}

    @cached_property
    def rules_digest(self) -> str:
        """Changes with the rules and the calibration; verdicts are apart."""
        rules = [
            (c.id, c.digest, asdict(self.taxonomy.rule(c.kind)), self.taxonomy.minimum(c))
            for c in self.taxonomy.categories
        ]
        curves = {name: curve.points for name, curve in self.curves.items()}
        return digest(rules, curves)
