"""Plots as inline SVG, coloured by classes of the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from classifier.evaluation.metrics import Bin
from classifier.evaluation.report import PrecisionRecallCurve

_SIDE: Final = 300
_LEFT, _BELOW, _ABOVE = 44, 42, 8
_POINTS: Final = 400
"""Points of a curve, at most: more cannot be told apart."""


def precision_recall(curves: Sequence[PrecisionRecallCurve]) -> str:
    """Return precision-recall curves in one plot, with the classes `line0`, `line1`."""
    drawn = [f'<path class="line{n}" d="{_steps(curve)}"/>' for n, curve in enumerate(curves)]
    return _plot("recall", "precision", drawn)


def reliability(bins: Sequence[Bin]) -> str:
    """Return a reliability diagram; the area of a dot grows with the pairs of its bin."""
    most = max((b.pairs for b in bins), default=1)
    diagonal = f'<path class="even" d="M{_x(0)} {_y(0)}L{_x(1)} {_y(1)}"/>'
    dots = (
        f'<circle class="dot" cx="{_x(b.confidence)}" cy="{_y(b.share)}"'
        f' r="{3 + 7 * (b.pairs / most) ** 0.5:.1f}"><title>{b.low:.2f}-{b.high:.2f}:'
        f" {b.pairs:,} pairs, confidence {b.confidence:.3f}, true {b.share:.3f}</title></circle>"
        for b in bins
    )
    return _plot("confidence", "share that is true", [diagonal, *dots])


def _steps(curve: PrecisionRecallCurve) -> str:
    """Return a path under which the area is the average precision."""
    every = max(1, len(curve.recall) // _POINTS)
    points = list(zip(curve.recall, curve.precision, strict=True))
    # The last one stays, whatever is left out.
    shown = [*points[:-1:every], *points[-1:]]
    steps = "".join(f"V{_y(precision)}H{_x(recall)}" for recall, precision in shown)
    return f"M{_x(0)} {_y(shown[0][1])}{steps}" if shown else ""


def _plot(across: str, up: str, inside: Sequence[str]) -> str:
    ticks = "".join(
        f'<path class="grid" d="M{_x(at)} {_y(0)}V{_y(1)}M{_x(0)} {_y(at)}H{_x(1)}"/>'
        f'<text x="{_x(at)}" y="{_ABOVE + _SIDE + 16}" text-anchor="middle">{at:g}</text>'
        f'<text x="{_LEFT - 6}" y="{_y(at)}" dy=".35em" text-anchor="end">{at:g}</text>'
        for at in (0, 0.2, 0.4, 0.6, 0.8, 1)
    )
    width, height = _LEFT + _SIDE + 12, _ABOVE + _SIDE + _BELOW
    middle = _ABOVE + _SIDE / 2
    return (
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{up} by {across}">{ticks}'
        f'<text x="{_LEFT + _SIDE / 2}" y="{height - 6}" text-anchor="middle">{across}</text>'
        f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">{up}</text>'
        f"{''.join(inside)}</svg>"
    )


def _x(share: float) -> str:
    return f"{_LEFT + share * _SIDE:.1f}"


def _y(share: float) -> str:
    return f"{_ABOVE + (1 - share) * _SIDE:.1f}"
