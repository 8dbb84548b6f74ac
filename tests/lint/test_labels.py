from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from support.definitions import category, taxonomy

from classifier.lint import LabelCounts, lint
from classifier.models import Category

BREAD, CAKE = category("Bread"), category("Cake")


def _broken(articles: Iterable[str], *categories: Category) -> list[str]:
    """`articles`: the initials of the labels of each."""
    found = categories or (BREAD, CAKE)
    counted = LabelCounts.count(
        ({c.id: 0.3 for c in found}, [c.id for c in found if c.title[0] in labels])
        for labels in articles
    )
    return [finding.rule for finding in lint(taxonomy(*found), assigned=counted)]


def test_labels_that_are_used_apart_break_no_rule() -> None:
    assert _broken(["B", "C", ""] * 100) == []


def test_what_is_never_assigned_is_told_once_enough_articles_are_judged() -> None:
    assert _broken(["B", ""] * 99) == []
    assert _broken(["B", ""] * 100) == ["never-assigned"]


def test_what_is_nearly_always_assigned_is_told_once_enough_articles_are_judged() -> None:
    assert _broken(["B"] * 29) == []
    assert _broken(["B"] * 24 + ["C"] * 6) == ["always-assigned"]


def test_two_labels_with_the_same_articles_overlap() -> None:
    assert _broken(["BC"] * 9 + [""] * 20) == []
    assert _broken(["BC"] * 10 + ["B"] * 10 + [""] * 20) == ["overlapping-labels"]


def test_a_label_that_never_comes_alone_is_nested() -> None:
    articles = ["BC"] * 9 + ["C"] + ["B"] * 20 + [""] * 20
    assert _broken(articles) == ["nested-labels"]
    assert _broken([*articles, "C"]) == []


def test_labels_of_two_kinds_may_come_together() -> None:
    cake = replace(CAKE, id="concepts/cake", kind="concepts")
    assert _broken(["BC"] * 10 + [""] * 20, BREAD, cake) == []
