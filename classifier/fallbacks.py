"""The category of articles that no other category of a kind fits: decided, never judged. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final

from classifier.models import Decision, Judgement, Label, Rejection, Taxonomy, Verdict

_WHY: Final = "no other category of its kind fits"
_NOT_NEEDED: Final = "only for articles that no other category of its kind fits"


def held_back(
    judged: Mapping[str, Judgement], taxonomy: Taxonomy, *, without: Collection[str]
) -> tuple[dict[str, Judgement], dict[str, Judgement]]:
    """Return judgements to decide on, by category id, and those to leave out until that is done.

    Categories of `without`, on which a person has decided, are as any other.
    """
    last = {fallback.category for fallback in taxonomy.fallbacks.values()}.difference(without)
    held = {name: judged[name] for name in last & judged.keys()}
    return {name: it for name, it in judged.items() if name not in held}, held


def completed(
    decision: Decision,
    held: Mapping[str, Judgement],
    taxonomy: Taxonomy,
    *,
    verdicts: Mapping[str, Verdict],
    block_reason: str | None,
) -> Decision:
    """Return a decision with what was held back: labels where their kind has no other."""
    if not held:
        return decision
    taken = {label.category.kind for label in decision.labels}
    known = held.keys() | verdicts.keys() | {label.category.id for label in decision.labels}
    known |= {rejection.category.id for rejection in decision.rejections}
    labels, rejections = list(decision.labels), list(decision.rejections)
    for category in taxonomy.categories:
        if (judgement := held.get(category.id)) is None:
            continue
        minimum = taxonomy.minimum(category)
        complete = known.issuperset(taxonomy.fallbacks[category.kind].members)
        if complete and block_reason is None and category.kind not in taken:
            labels.append(Label(category, judgement, None, minimum, _WHY))
        else:
            why = block_reason or _NOT_NEEDED
            rejections.append(Rejection(category, judgement, why, None, minimum))
    return replace(decision, labels=tuple(labels), rejections=tuple(rejections))
