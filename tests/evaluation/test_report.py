from __future__ import annotations

from support.evaluations import report, side

from classifier.evaluation.evaluate import evaluate
from classifier.evaluation.gold import Gold
from classifier.store import Store


def test_what_was_given_for_another_is_counted_by_article(store: Store) -> None:
    one = side([[0.9, 0.9, 0.2, 0.1], [0.7, 0.1, 0.1, 0.1], [0.9, 0.1, 0.1, 0.1]])
    found = evaluate(Gold(labels={}, source="g"), one, store=store).confusions
    told = [(it.assigned.id, it.missed.id, it.articles) for it in found]
    assert told == [("tags/0", "tags/1", ("b.md",)), ("tags/0", "tags/2", ("c.md",))]


def test_disagreements_have_the_reasons_of_both_sides(store: Store) -> None:
    found = report(store).disagreements
    assert [(it.article, it.category.id, it.belongs) for it in found] == [
        ("c.md", "tags/1", False),
        ("b.md", "tags/0", False),
    ]
    assert found[0].scorer_says == 'because of c "a quote"'
    assert found[0].gold_says == "does not belong: not among its labels"
