"""What the labels of a category say about those above and below it. Pure."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Judgement,
    Label,
    Rejection,
    Taxonomy,
)


def ancestors(category: Category, known: Mapping[str, Category]) -> Iterator[Category]:
    """Yield the categories above one, nearest first, as far as they are in `known` (by id)."""
    seen: set[str] = set()
    left = deque(category.parents)
    while left:
        id_ = left.popleft()
        if id_ not in seen and (above := known.get(id_)) is not None:
            seen.add(id_)
            yield above
            left += above.parents


def more_specific(
    eligible: Iterable[Judgement], known: Mapping[str, Category]
) -> dict[str, Category]:
    """Return, by id, the categories that have others of `eligible` below them.

    Each with one of those that have no other below them.
    """
    above = {
        judgement.category: [c.id for c in ancestors(known[judgement.category], known)]
        for judgement in eligible
    }
    broader = {id_ for ids in above.values() for id_ in ids}
    found: dict[str, Category] = {}
    for lowest in (id_ for id_ in above if id_ not in broader):
        for id_ in above[lowest]:
            found.setdefault(id_, known[lowest])
    return found


def with_parents(decision: Decision, taxonomy: Taxonomy) -> Decision:
    """Add the categories above each label, of the kinds whose rule is `with parents`.

    Not those that a person rejected, whose exclusion fired, or that were not judged.
    """
    known = {category.id: category for category in taxonomy.categories}
    because: dict[str, Label] = {}
    for label in decision.labels:
        if taxonomy.rule(label.category.kind).hierarchy == "with parents":
            for above in ancestors(label.category, known):
                because.setdefault(above.id, label)
    added: list[Label] = []
    left: list[Rejection] = []
    for rejection in decision.rejections:
        below = because.get(rejection.category.id)
        if below and not rejection.verdict and rejection.judgement.exclusion is None:
            added.append(_above(rejection, below))
        else:
            left.append(rejection)
    place = {id_: n for n, id_ in enumerate(known)}
    labels = sorted(
        (*decision.labels, *added),
        key=lambda label: (-label.judgement.confidence, place[label.category.id]),
    )
    return replace(decision, labels=tuple(labels), rejections=tuple(left))


def _above(rejection: Rejection, label: Label) -> Label:
    judgement, below = rejection.judgement, label.judgement.confidence
    if judgement.confidence < below:
        judgement = raised(judgement, below)
    return Label(
        rejection.category,
        judgement,
        minimum=min(rejection.minimum, judgement.confidence),
        why=f"above {label.category.title!r}",
    )


def backed_off(
    judged: Mapping[str, Judgement], taxonomy: Taxonomy, *, without: Collection[str]
) -> dict[str, Judgement]:
    """Return the judgements that change with those below them, for the rule `best level`.

    Args:
        judged: By category id.
        taxonomy: Holds the categories and the rules.
        without: As for `together`.
    """
    kinds = {category.kind for category in taxonomy.categories if category.parents}
    kinds = {kind for kind in kinds if taxonomy.rule(kind).hierarchy == "best level"}
    if not kinds:
        return {}
    known = {category.id: category for category in taxonomy.categories if category.kind in kinds}
    of_kinds = {id_: judgement for id_, judgement in judged.items() if id_ in known}
    return together(of_kinds, known, without=without)


def together(
    judged: Mapping[str, Judgement], known: Mapping[str, Category], *, without: Collection[str]
) -> dict[str, Judgement]:
    """Return judgements of categories with children, as sure as their children are together.

    The chance that an article belongs to a child of the category is 1 - (1 - a)(1 - b)... for
    children with the confidences a, b, ... as if they were independent, of those with
    `LEAST_CHILD` or more. Categories whose own confidence is higher are left out. So none is less
    sure than its surest child.

    Args:
        judged: By category id.
        known: Categories by id.
        without: Ids of categories that neither say anything about others nor are changed.
    """
    usable = {
        id_: judgement
        for id_, judgement in judged.items()
        if judgement.exclusion is None and id_ not in without
    }
    children: defaultdict[str, list[str]] = defaultdict(list)
    for id_ in usable:
        for parent in known[id_].parents:
            if parent in usable:
                children[parent].append(id_)
    changed: dict[str, Judgement] = {}
    for id_ in _deepest_first(children):
        below = (changed.get(child, usable[child]).confidence for child in children[id_])
        chance = combined(below)
        if chance > usable[id_].confidence:
            changed[id_] = raised(usable[id_], chance)
    return changed


LEAST_CHILD: Final = 0.1
"""What a child says of its parent if it is less sure is noise: eighty children of 0.03, as every
article has, would make a parent of 0.91 (docs/decisions/0027)."""


def combined(confidences: Iterable[float]) -> float:
    """Return the chance (0-1) that one of several holds, as if they were independent.

    Those below `LEAST_CHILD` do not count, unless all are: then it is the largest.
    """
    values = list(confidences)
    together = 1 - math.prod(1 - value for value in values if value >= LEAST_CHILD)
    return max(together, *values)


def raised(judgement: Judgement, confidence: float) -> Judgement:
    """Return a judgement with a confidence that others give it; its own is `raw`."""
    own = judgement.confidence if judgement.raw is None else judgement.raw
    return replace(judgement, confidence=confidence, raw=own, kind=ConfidenceKind.CALIBRATED)


def _deepest_first(children: Mapping[str, list[str]]) -> list[str]:
    """Return the categories with children, each after its children."""
    order: list[str] = []
    done: set[str] = set()
    left = [(id_, False) for id_ in children]
    while left:
        id_, ready = left.pop()
        if ready:
            order.append(id_)
        elif id_ not in done:
            done.add(id_)
            left.append((id_, True))
            left += [(child, False) for child in children[id_] if child in children]
    return order
