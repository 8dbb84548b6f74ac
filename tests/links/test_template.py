from __future__ import annotations

import pytest

from classifier.links import template
from classifier.links.template import Affixes
from classifier.models import Category

RYE = Category(id="tags/bread/rye", kind="tags", title="Rye")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (template.DEFAULT, "[rye](/tags/bread/rye/)"),
        ('[{text}]({{< ref "/{id}" >}})', '[rye]({{< ref "/tags/bread/rye" >}})'),
        ("[[{slug}|{text}]]", "[[rye|rye]]"),
        ("[{text}](https://x.example/{kind}/{path})", "[rye](https://x.example/tags/bread/rye)"),
        ("<a href='/{slug}'>{text}</a>", "<a href='/rye'>rye</a>"),
    ],
)
def test_links_are_written_as_the_template_says(text: str, written: str) -> None:
    assert template.problem(text) == ""
    around = template.affixes(text, RYE)
    assert around.around("rye") == written
    assert around.are_in(f"Our {written}.")
    assert not around.are_in("Our rye.")


@pytest.mark.parametrize(
    "text", ["[x](/{id}/)", "{text} {text} {id}", "[{text}](/about/)", "[{text}](/{kind}/)", ""]
)
def test_a_template_says_where_the_words_and_the_page_are(text: str) -> None:
    assert template.problem(text).startswith("expected ")


def test_a_template_is_one_line() -> None:
    assert template.problem("[{text}](/{id}/)\n# x").startswith("expected ")


@pytest.mark.parametrize("slug", ["a)b", 'a"b', "a b", "a\nb", "a<b", "a]b", "a`b", "a|b"])
def test_an_id_that_would_break_the_link_is_refused(slug: str) -> None:
    with pytest.raises(ValueError, match="would break a link"):
        template.affixes(template.DEFAULT, Category(id=f"tags/{slug}", kind="tags", title="A"))


def test_what_the_definition_is_called_is_not_taken_for_a_field() -> None:
    found = template.affixes("[{text}](/{id}/)", Category(id="tags/text", kind="tags", title="T"))
    assert found == Affixes("[", "](/tags/text/)")


@pytest.mark.parametrize(
    ("body", "linked"),
    [
        ("[x](/tags/bread/rye)", True),
        ("[x](../tags/bread/rye.md#y)", True),
        ('[x]({{< ref "tags/bread/rye" >}})', True),
        ("<a href='/tags/bread/rye/'>", True),
        ("[x](/tags/bread/rye-2/)", False),
        ("[x](/tags/bread/)", False),
        ("tags/bread/rye and wheat", False),
    ],
)
def test_links_that_people_wrote_are_known(body: str, linked: bool) -> None:
    assert template.is_linked(RYE, body) is linked
