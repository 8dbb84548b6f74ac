"""Judgements of other programs, as `classify sidecars import` stored them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from classifier.models import Failure, FailureReason, Outcome, Task, digest

IDENTITY: Final = f"imported:sidecar:{digest('sidecar', 2)}"
"""Covers all of them: their files do not say who judged."""


class ImportedScorer:
    """Judges nothing itself. What was imported is found in the store; the rest is missing."""

    identity = IDENTITY

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield a failure for what was not imported for this text and these definitions."""
        for task in tasks:
            missing = tuple(category.id for category in task.categories)
            why = "not imported for this text and definition: see `classify sidecars import`"
            yield Outcome(task=task, failures=(Failure(FailureReason.MISSING, why, missing),))
