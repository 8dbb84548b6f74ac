"""Calibrate a scorer's confidences with human labels, and write what runs use from then on."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import calibration, settings
from classifier.calibration import Calibration
from classifier.errors import UsageError
from classifier.project.artifact import Artifact, artifact
from classifier.project.gold import GoldSource, open_gold
from classifier.training.calibrate import KindCalibration, MinimumTarget, to_fitted
from classifier.training.calibrate import calibrate as fit

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationResult:
    scorer: str
    """Identity of the calibrated scorer."""
    kinds: tuple[KindCalibration, ...]
    """Those the gold has labels for, calibrated or not."""
    without_gold: tuple[str, ...]
    """All other kinds of the taxonomy."""
    target: MinimumTarget | None
    artifact: Artifact
    """The file that was written."""
    overridden: tuple[str, ...]
    """Kinds whose new minimum is not used: the settings have one."""
    dropped_minimums: bool
    """Whether minimums of an earlier calibration are gone, because there was no target."""
    complete: bool
    """Whether every article could be read and judged completely."""


def calibrate(
    project: Workspace,
    gold: str | Path | GoldSource,
    *,
    target: MinimumTarget | None,
    output: Path | None,
    judge: bool,
) -> CalibrationResult:
    file = artifact(project, "calibration", output)
    file.existing(calibration.load)  # a file that cannot be used is reported before judging
    session = open_gold(project.with_settings(calibration="off"), gold, judge=judge)
    predictions = session.predictions(project.scorer)
    kinds = fit(predictions.pairs, session.taxonomy, aim=target)
    _check(kinds, session.gold.source)
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    fitted = to_fitted(kinds, gold=session.gold.source, day=today, aim=target)
    # Read again: judging may have taken hours.
    earlier = file.existing(calibration.load) or Calibration()
    before = earlier.scorers.get(predictions.scorer)
    scorers = {**earlier.scorers, predictions.scorer: fitted}
    file.write(calibration.dump(Calibration(scorers=scorers)))
    every = {category.kind for category in session.taxonomy.categories}
    return CalibrationResult(
        scorer=predictions.scorer,
        kinds=tuple(kinds),
        without_gold=tuple(sorted(every - {kind.name for kind in kinds})),
        target=target,
        artifact=file,
        overridden=tuple(
            kind.name
            for kind in kinds
            if kind.minimum is not None and settings.sets_minimum(project.settings, kind.name)
        ),
        dropped_minimums=target is None and bool(before and before.minimum_of_kinds),
        complete=session.complete,
    )


def _check(kinds: Sequence[KindCalibration], gold: str) -> None:
    if all(kind.missing_gold for kind in kinds):
        gaps = "; ".join(f"{kind.name}: {kind.missing_gold}" for kind in kinds)
        raise UsageError(f"{gold!r} has too few labels to calibrate: {gaps}")
