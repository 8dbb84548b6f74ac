"""The verdicts of a review in the log of all verdicts: which came last, and what they replaced."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from classifier.store import VerdictRecord
from classifier.verdicts import WHOLE_ARTICLE

SOURCE: Final = "review"
"""What verdicts of a review name as their source."""
UNDONE: Final = "review, undone"
"""Likewise of the verdict that takes one back."""


def last_given(log: Sequence[VerdictRecord]) -> list[int]:
    """Return the places of the verdicts of a review that were given last and not taken back."""
    given: list[int] = []
    for place, record in enumerate(log):
        if record.source in (SOURCE, WHOLE_ARTICLE):
            given.append(place)
        elif record.source == UNDONE and given:
            given.pop()
    return [place for place in given if log[place].at == log[given[-1]].at] if given else []


def earlier(log: Sequence[VerdictRecord], place: int) -> VerdictRecord | None:
    """Return the verdict on the same pair before the one at `place`."""
    this = log[place]
    return next(
        (
            record
            for record in reversed(log[:place])
            if (record.path, record.category) == (this.path, this.category)
        ),
        None,
    )
