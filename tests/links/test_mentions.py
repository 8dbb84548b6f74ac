from __future__ import annotations

import pytest

from classifier.links.mentions import Names
from classifier.models import Category


def category(title: str, *aliases: str) -> Category:
    slug = title.lower().replace(" ", "-")
    return Category(id=f"tags/{slug}", kind="tags", title=title, aliases=aliases)


def found(body: str, *categories: Category) -> list[tuple[str, str]]:
    mentions = Names(categories).first_mentions(body, [(0, len(body))])
    return [(body[one.start : one.end], one.category.title) for one in mentions]


def test_the_first_mention_of_each_is_found_in_the_order_of_the_text() -> None:
    bread, wine = category("Bread", "loaf"), category("Wine")
    assert found("Wine, a loaf, bread and wine.", bread, wine) == [
        ("Wine", "Wine"),
        ("loaf", "Bread"),
    ]


def test_of_names_that_overlap_the_longest_is_meant() -> None:
    assert found("Rye bread. Bread.", category("Bread"), category("Rye bread")) == [
        ("Rye bread", "Rye bread"),
        ("Bread", "Bread"),
    ]


def test_a_name_may_go_over_a_line_break() -> None:
    assert found("My rye\nbread", category("Rye bread")) == [("rye\nbread", "Rye bread")]
    assert found("My rye\n\nbread", category("Rye bread")) == []


@pytest.mark.parametrize(
    ("title", "body", "there"),
    [
        ("Bread", "breads", False),
        ("Bread", "gingerbread", False),
        ("Bread", "bread-maker", False),
        ("Bread", "half-bread", False),
        ("Bread", "bread.md", False),
        ("Bread", "a/bread", False),
        ("Bread", "#bread", False),
        ("Bread", "!bread", False),
        ("Bread", "bread(x)", False),
        ("Bread", "the bread's crust", True),
        ("Bread", "the bread\u2019s crust", True),
        ("Bread", "(bread), it is said.", True),
        ("Bread", "\u201cbread\u201d", True),
        ("Pain", "l'pain", True),
        ("C", "C++ and C#", False),
        ("C", "in C.", True),
        ("C++", "in C++.", True),
        (".NET", "in .NET 8", True),
        (".NET", "the net", False),
        ("Go", "let us go", False),
        ("Go", "in Go", True),
        ("AI", "in AI", True),
        ("AI", "ai", False),
        ("NASA", "Nasa", False),
        ("Rye", "in rye", True),
        ("DevOps", "our devops", True),
    ],
)
def test_whole_words_in_any_case_but_for_short_names(title: str, body: str, there: bool) -> None:
    assert bool(found(body, category(title))) is there


def test_a_name_of_two_categories_means_the_first() -> None:
    other = Category(id="concepts/bread", kind="concepts", title="bread")
    assert [title for _, title in found("Bread and bread", category("Bread"), other)] == ["Bread"]


def test_a_mention_is_within_one_span() -> None:
    names = Names([category("Rye bread"), category("Bread")])
    (mention,) = names.first_mentions("rye bread", [(0, 4), (4, 9)])
    assert (mention.start, mention.end) == (4, 9)


def test_a_name_without_a_word_is_never_found() -> None:
    assert found("+++", category("+++")) == []
