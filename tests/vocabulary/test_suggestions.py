from __future__ import annotations

from support.definitions import category, taxonomy

from classifier.lint import LabelCounts
from classifier.vocabulary.suggestions import merges, retirements, wide

BREAD, LOAF, WINE = category("Bread"), category("Loaf"), category("Wine")
ALL = taxonomy(BREAD, LOAF, WINE, category("Craft", name="concepts/craft"))


def counts(*articles: tuple[str, ...]) -> LabelCounts:
    known = dict.fromkeys((it.id for it in ALL.categories), 0.3)
    return LabelCounts.count((known, labels) for labels in articles)


BOTH = ("tags/bread", "tags/loaf")


def test_categories_on_the_same_articles_are_to_be_merged() -> None:
    (found,) = merges(ALL, counts(*[BOTH] * 10, *[("tags/bread",)] * 10))
    assert (found.one, found.other, found.both, found.either) == (BREAD, LOAF, 10, 20)


def test_few_articles_or_another_kind_are_no_reason_to_merge() -> None:
    assert not list(merges(ALL, counts(*[BOTH] * 9)))
    assert not list(merges(ALL, counts(*[BOTH] * 10, *[("tags/bread",)] * 11)))
    assert not list(merges(ALL, counts(*[("concepts/craft", "tags/bread")] * 20)))


def test_what_no_article_has_is_to_be_retired_once_enough_are_judged() -> None:
    found = [it.category.id for it in retirements(ALL, counts(*[BOTH] * 30))]
    assert found == ["concepts/craft", "tags/wine"]
    assert not list(retirements(ALL, counts(*[BOTH] * 29)))


def test_a_category_on_a_third_of_the_articles_is_wide() -> None:
    assert wide(ALL, counts(*[BOTH] * 10, *[("tags/wine",)] * 20)) == [WINE, BREAD, LOAF]
    assert wide(ALL, counts(*[BOTH] * 10, *[()] * 21)) == []
