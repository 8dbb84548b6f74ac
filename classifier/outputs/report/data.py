"""What a report is made of, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from classifier.models import Result, Taxonomy, Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportScorer:
    """A scorer whose records the page shows."""

    identity: str
    taxonomy: Taxonomy
    """With the rules and minimums that hold for this scorer."""
    decided_by: str = ""
    """What chose the minimums beside the rules, in a few words: the site profile."""
    usage: Usage = field(default_factory=Usage)
    """Of all its records, also those of other articles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the whole page is about."""

    paths: Sequence[str]
    """As they were given."""
    sources: Sequence[ReportScorer]
    """Not empty; all with the same categories."""
    made: float
    """Seconds since the epoch."""
    fields: Sequence[str] = ()
    """Keys of the front matter that the `gold` of articles was read from."""
    explain: bool = False
    """Whether the reasoning of every pair is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One article."""

    results: Sequence[Result]
    """One for each source, in their order."""
    times: Sequence[Mapping[str, float]]
    """Likewise: when each category was judged, by category id; seconds since the epoch."""
    body: str = ""
    gold: Mapping[str, bool] = field(default_factory=dict)
    """By category id: whether its front matter says that it belongs."""


@dataclass(frozen=True, slots=True)
class Data:
    """JSON values. `core` is enough for the first sight of the page."""

    core: dict[str, Any]
    details: dict[str, Any]
