"""`classify store`: counts and garbage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from rich.text import Text

from classifier.cli.formatting import date, identity, iso, spent
from classifier.cli.layout import Line
from classifier.project.import_partitions import PartitionsImported
from classifier.project.upkeep import Garbage, ScorerUsage, StoreStats
from classifier.wording import count

SCHEMA: Final = "classify-store/1"
_COUNTS: Final = ("pairs", "judgements", "articles", "categories", "files", "failures", "runs")
_REASONS: Final = {
    "superseded": "replaced by later ones",
    "article gone": "of texts that are in no file",
    "category gone": "of other definitions",
}
_MISSING: Final = 5


def stats(found: StoreStats) -> Iterator[Line]:
    yield Line(str(found.path), "bold", whole=True)
    for name in _COUNTS:
        yield Line(Text(f"{name:<12}{found.counts[name]:>12,}"), indent=2)
    yield Line(Text(f"{'size':<12}{found.counts['bytes'] / 1e6:>9,.1f} MB"), indent=2)
    for scorer in found.scorers:
        yield Line()
        yield Line(identity(scorer.scorer), "bold")
        judgements = count(scorer.judgements, "judgement")
        yield Line(f"{judgements}, last used {date(scorer.last_used)}", indent=2)
        yield Line(spent(scorer.usage), indent=2)


def stats_to_dict(found: StoreStats) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "store": str(found.path),
        **found.counts,
        "by_scorer": [_scorer(scorer) for scorer in found.scorers],
    }


def _scorer(scorer: ScorerUsage) -> dict[str, Any]:
    return {
        "scorer": scorer.scorer,
        "judgements": scorer.judgements,
        "last_judged_at": iso(scorer.last_used),
        "calls": scorer.usage.calls,
        "input_tokens": scorer.usage.input_tokens,
        "cached_tokens": scorer.usage.cached_tokens,
        "output_tokens": scorer.usage.output_tokens,
        "cost_usd": scorer.usage.cost,
    }


def garbage(found: Garbage, *, deleted: bool) -> Iterator[Line]:
    for reason, number in found.judgements.items():
        yield Line(f"{count(number, 'judgement')} {_REASONS[reason]}")
    if found.missing_files:
        yield Line(count(len(found.missing_files), "missing file"))
    for name in found.missing_files[:_MISSING]:
        yield Line(name, indent=2, whole=True)
    if not (found.judgements or found.missing_files):
        yield Line("nothing to delete")
    elif deleted:
        yield Line(f"deleted; {found.freed / 1e6:,.1f} MB freed")


def imported(found: PartitionsImported) -> Iterator[Line]:
    """Yield what came from the partitions of a run on many machines."""
    articles, partitions = count(found.articles, "article"), count(found.partitions, "partition")
    yield Line(f"{count(found.judgements, 'judgement')} of {articles} in {partitions} imported")
    if found.stored:
        yield Line(f"{found.stored:,} were stored before", "dim")
