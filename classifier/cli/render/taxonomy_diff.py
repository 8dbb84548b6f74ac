"""What `classify taxonomy diff` found, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from classifier.cli.formatting import between, two_digits, who
from classifier.cli.layout import Line
from classifier.models import Label
from classifier.project.diff import (
    Decided,
    DefinitionChange,
    LabelChange,
    Snapshot,
    TaxonomyDiff,
)
from classifier.wording import count

SCHEMA: Final = "classify-diff/1"
_SHOWN: Final = 10
"""Articles of a category, unless all are asked for."""


def lines(diff: TaxonomyDiff, *, everything: bool) -> Iterator[Line]:
    definitions = diff.definitions
    changed = [id_ for id_, change in definitions.items() if change != "same"]
    heading = f"{count(len(changed), 'definition')} of {len(definitions):,} changed"
    yield Line(f"{heading}, {count(diff.articles, 'article')}", "bold")
    by_category = sorted(diff.labels, key=lambda label: label.category.id)
    labels = {
        id_: list(group) for id_, group in groupby(by_category, key=lambda it: it.category.id)
    }
    for id_, change in definitions.items():
        if id_ in labels or change != "same":
            yield Line()
            yield from _category(id_, change, labels.get(id_, []), everything=everything)
    yield Line()
    added = sum(label.added for label in diff.labels)
    yield Line(f"{count(added, 'label')} added, {len(diff.labels) - added:,} removed", "bold")
    if diff.unjudged:
        pairs = count(diff.unjudged, "pair")
        yield Line(f"{pairs} not judged: whether their labels change is unknown")
    yield Line(f"judged by {who(diff.after.scan.scorer)}", "dim")


def _category(
    id_: str, change: DefinitionChange, labels: Sequence[LabelChange], *, everything: bool
) -> Iterator[Line]:
    added = sum(label.added for label in labels)
    what = "same definition" if change == "same" else change
    yield Line(f"{id_}: +{added} -{len(labels) - added} ({what})", "bold")
    shown = labels if everything else labels[:_SHOWN]
    for label in shown:
        sign, style = ("+", "green") if label.added else ("-", "red")
        yield Line(f"{sign} {label.path}", style, 2, whole=True)
        yield Line(_why(label), "dim", 4)
    if more := len(labels) - len(shown):
        yield Line(f"and {count(more, 'more article')}; --all shows all", "dim", 2)


def _why(label: LabelChange) -> str:
    numbers = f"{_confidence(label.before)} -> {_confidence(label.after)}"
    if label.after is None:
        return f"{numbers}: the category was removed"
    if isinstance(label.after, Label):
        return f"{numbers}: {label.after.judgement.reasoning}".rstrip(": ")
    return f"{numbers}: {label.after.why}"


def _confidence(decided: Decided | None) -> str:
    return "none" if decided is None else two_digits(decided.judgement.confidence)


def unpaid(snapshot: Snapshot) -> str | None:
    """Return what judging the rest would cost, where nobody asked to pay for it."""
    if snapshot.cost is None:
        return None
    pairs = count(snapshot.scan.pending_pairs, "pair")
    scorer = who(snapshot.scan.scorer)
    return (
        f"{pairs} not judged by {scorer} yet, {between(snapshot.cost)}: add --judge to judge them"
    )


def to_dict(diff: TaxonomyDiff) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "articles": diff.articles,
        "pairs_not_judged": diff.unjudged,
        "categories": dict(diff.definitions),
        "flips": [
            {
                "article": label.path,
                "category": label.category.id,
                "gained": label.added,
                "before": _decided(label.before),
                "after": _decided(label.after),
            }
            for label in diff.labels
        ],
    }


def _decided(decided: Decided | None) -> dict[str, Any] | None:
    if decided is None:
        return None
    return {
        "label": isinstance(decided, Label),
        "confidence": round(decided.judgement.confidence, 4),
        "reasoning": decided.judgement.reasoning,
        "why": None if isinstance(decided, Label) else decided.why,
    }
