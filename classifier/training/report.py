"""What learning did to articles that took no part in it, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from classifier.models import Category
from classifier.training.choose import Lesson, average_precision, heard_of, loss, within_folds
from classifier.training.look import Lookup


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    before: float
    after: float
    """NaN where it is not defined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfCategory:
    category: Category
    accepted: int
    rejected: int
    heard: bool
    """Whether there is enough to go by."""
    own: float
    """Share (0-1) of what was learned of it that is used."""
    whole: float
    """0 where it stays as it was."""
    precision: Change
    """Average precision, mean over the folds."""
    loss: Change
    """Log loss, mean over the known pairs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfKind:
    kind: str
    articles: int
    micro: Change
    macro: Change
    loss: Change
    categories: tuple[OfCategory, ...]
    """Those of which something is known."""

    @property
    def pairs(self) -> int:
        return sum(it.accepted + it.rejected for it in self.categories)


def report(kind: str, lesson: Lesson, lookup: Lookup) -> OfKind:
    examples = lookup.examples
    categories = tuple(_categories(lesson, lookup))
    sides = lesson.before, lesson.after
    micro = [average_precision(its, examples.truth, examples.known) for its in sides]
    losses = [float(loss(its, examples.truth)[examples.known].mean()) for its in sides]
    defined = [it.precision for it in categories if not np.isnan(it.precision.before)]
    return OfKind(
        kind=kind,
        articles=len(lookup.labelled),
        micro=Change(before=micro[0], after=micro[1]),
        macro=Change(
            before=_mean([it.before for it in defined]), after=_mean([it.after for it in defined])
        ),
        loss=Change(before=losses[0], after=losses[1]),
        categories=categories,
    )


def _categories(lesson: Lesson, lookup: Lookup) -> Iterator[OfCategory]:
    heard = heard_of(lookup.examples)
    for i, category in enumerate(lookup.categories):
        examples = lookup.examples.some_of(i)
        known = examples.known[:, 0]
        if not known.any():
            continue
        sides = lesson.before[:, i], lesson.after[:, i]
        precision = [within_folds(its, examples, lesson.fold) for its in sides]
        losses = [float(loss(its, examples.truth[:, 0])[known].mean()) for its in sides]
        accepted = int(examples.truth[known, 0].sum())
        yield OfCategory(
            category=category,
            accepted=accepted,
            rejected=int(known.sum()) - accepted,
            heard=bool(heard[i]),
            own=float(lesson.own[i]),
            whole=float(lesson.whole[i]),
            precision=Change(before=precision[0], after=precision[1]),
            loss=Change(before=losses[0], after=losses[1]),
        )


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
