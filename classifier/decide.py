"""From judgements to labels: pure, so thresholds and rules re-apply without judging again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from classifier.models import (
    Decision,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Rejection,
    Rule,
    Taxonomy,
)


def decide(
    judgements: Iterable[Judgement], taxonomy: Taxonomy, *, veto: str | None = None
) -> Decision:
    """Apply each kind's rule; every judgement becomes a label or a rejection that says why.

    `veto` is a reason, in one phrase, why nothing may be assigned whatever the confidence.

    Raises ValueError for a judgement of a category that is not in `taxonomy`, a second one of the
    same category, or a confidence outside 0-1: those are mistakes of the caller, and a guess here
    would hide them.
    """
    categories = {category.id: category for category in taxonomy.categories}
    place = {id_: n for n, id_ in enumerate(categories)}
    ranked = sorted(
        _checked(judgements, known=categories), key=lambda j: (-j.confidence, place[j.category])
    )

    labels: list[Label] = []
    rejections: list[Rejection] = []
    eligible: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in ranked:
        category = categories[judgement.category]
        rule = taxonomy.rule(category.kind)
        why = veto or _unfit(judgement, rule)
        if why is None:
            eligible[category.kind].append(judgement)
            why = _outdone(eligible[category.kind], rule)
        if why is None:
            labels.append(Label(category, judgement))
        else:
            rejections.append(Rejection(category, judgement, why))
    return Decision(tuple(labels), tuple(rejections))


def veto(failures: Iterable[Failure]) -> str | None:
    """Return the reason, if there is one, why an article with these failures gets no label."""
    tampered = any(failure.reason is FailureReason.TAMPERED for failure in failures)
    return (
        "the article talked the model into something, so no answer is trusted" if tampered else None
    )


def _checked(judgements: Iterable[Judgement], *, known: Collection[str]) -> list[Judgement]:
    by_id: dict[str, Judgement] = {}
    for judgement in judgements:
        if judgement.category not in known:
            raise ValueError(f"judged, but not in the taxonomy: {judgement.category!r}")
        if judgement.category in by_id:
            raise ValueError(f"judged twice: {judgement.category!r}")
        if not 0 <= judgement.confidence <= 1:
            raise ValueError(
                f"confidence of {judgement.category!r} is not in 0-1: {judgement.confidence!r}"
            )
        by_id[judgement.category] = judgement
    return list(by_id.values())


def _unfit(judgement: Judgement, rule: Rule) -> str | None:
    """Say why the judgement alone, whatever the others are, cannot be a label."""
    if judgement.exclusion is not None:
        return f"excluded: {judgement.exclusion}"
    if judgement.confidence < rule.minimum:
        have, need = _apart(judgement.confidence, rule.minimum)
        return f"{have} is below the {need} needed"
    return None


def _outdone(ranked: Sequence[Judgement], rule: Rule) -> str | None:
    """Say why the last of `ranked` gives way to those before it."""
    best, this = ranked[0].level, ranked[-1].level
    if rule.by == "level" and this is not best:
        return f"{this}, while the best is {best}"
    if rule.at_most is not None and len(ranked) > rule.at_most:
        return f"{_ordinal(len(ranked))} best, and at most {rule.at_most} fit"
    return None


def _apart(low: float, high: float) -> tuple[str, str]:
    """Write both with two decimals, or as many as it takes to tell them apart."""
    for digits in range(2, 17):
        texts = f"{low:.{digits}f}", f"{high:.{digits}f}"
        if texts[0] != texts[1]:
            return texts
    return repr(low), repr(high)


def _ordinal(n: int) -> str:
    suffix = "th" if n % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"
