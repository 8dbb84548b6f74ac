"""Format numbers for people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from classifier.models import Usage
from classifier.scorers.base import display_name
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.scorers.openai.costs import UsageEstimate


def money(dollars: float | None) -> str:
    """Format dollars to the cent; small amounts get more digits."""
    if dollars is None:
        return "unknown price"
    return f"${dollars:,.2f}" if dollars >= 10 else f"${dollars:.4f}"


def span(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f}s"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h {minutes:02}m"
    return f"{minutes}m {seconds:02}s" if minutes else f"{seconds}s"


def tokens(usage: Usage) -> str:
    cached = f" ({usage.cached_tokens:,} cached)" if usage.cached_tokens else ""
    return f"{usage.input_tokens:,} tokens in{cached}, {usage.output_tokens:,} out"


def spent(usage: Usage) -> str:
    if not usage.calls:
        return "offline, free"
    return f"{count(usage.calls, 'call')}, {tokens(usage)}, {money(usage.cost)}"


def date(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def who(scorer: str, model: str = "") -> str:
    """Return the name and model in a scorer's identity; `model` is the name in its answers."""
    return display_name(scorer, model)


def calibrated(kinds: Collection[str], those: Collection[str], as_is: str = "") -> str:
    """Return which `kinds` of categories have calibrated confidences.

    `as_is`: the kind of the other confidences, such as `similarity`.
    """
    if not those:
        return f"confidences: {as_is}, not calibrated" if as_is else "confidences: not calibrated"
    if len(those) == len(kinds):
        return "confidences: calibrated"
    rest = ", ".join(sorted(set(kinds) - set(those)))
    return f"confidences: calibrated for {', '.join(sorted(those))}, not for {rest}"


def identity(scorer: str) -> str:
    """Return a scorer's identity with a shortened digest."""
    rest, _, digest = scorer.rpartition(":")
    return f"{rest}:{digest[:8]}" if rest else digest


def two_digits(confidence: float) -> str:
    """Round down: 0.4996 shown as 0.50 would seem to reach a minimum of 0.50."""
    return f"{int(confidence * 100 + 1e-9) / 100:.2f}"


def between(estimate: UsageEstimate) -> str:
    """Return the expected cost with its range."""
    if estimate.expected is None:
        return money(None)
    return f"{money(estimate.expected)} ({money(estimate.low)} to {money(estimate.high)})"
