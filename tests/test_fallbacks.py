from __future__ import annotations

from classifier import fallbacks
from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Fallback,
    Judgement,
    Label,
    Taxonomy,
    Verdict,
)

BREAD, OTHER, CRAFT = (
    Category(id=name, kind=name.partition("/")[0], title=name)
    for name in ("tags/bread", "tags/other", "concepts/craft")
)
TAXONOMY = Taxonomy(
    categories=(BREAD, OTHER, CRAFT),
    fallbacks={"tags": Fallback(category=OTHER.id, members=(BREAD.id, OTHER.id))},
)


def judgement(category: Category) -> Judgement:
    return Judgement(
        category=category.id, confidence=0.9, kind=ConfidenceKind.STATED, scorer="test"
    )


JUDGED = {category.id: judgement(category) for category in TAXONOMY.categories}


def test_only_the_fallback_waits_and_not_where_a_person_has_decided() -> None:
    rest, held = fallbacks.held_back(JUDGED, TAXONOMY, without=())
    assert (list(rest), list(held)) == ([BREAD.id, CRAFT.id], [OTHER.id])
    assert fallbacks.held_back(JUDGED, TAXONOMY, without=[OTHER.id]) == (JUDGED, {})


def test_labels_of_other_kinds_do_not_count_and_missing_judgements_do() -> None:
    craft = Decision((Label(CRAFT, JUDGED[CRAFT.id]),), ())
    held = {OTHER.id: JUDGED[OTHER.id]}
    told = {BREAD.id: Verdict(category=BREAD.id, accepted=False)}
    decided = fallbacks.completed(craft, held, TAXONOMY, verdicts=told, block_reason=None)
    assert [label.category for label in decided.labels] == [CRAFT, OTHER]
    assert decided.labels[-1].why
    missing = fallbacks.completed(craft, held, TAXONOMY, verdicts={}, block_reason=None)
    assert [label.category for label in missing.labels] == [CRAFT]
    assert [rejection.category for rejection in missing.rejections] == [OTHER]
