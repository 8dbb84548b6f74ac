from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.markdown import bodies, pieces

from classifier.content.markdown import prose
from classifier.links import template
from classifier.links.mentions import Names
from classifier.links.rewriting import Link, Linker, Rewritten, without_links
from classifier.models import Category

CATEGORIES = (
    Category(id="tags/word", kind="tags", title="Word"),
    Category(id="tags/zwei", kind="tags", title="Zwei W\u00f6rter", aliases=("a1",)),
)
mentioning = bodies | st.lists(pieces | st.just(" word "), max_size=30).map("".join)
templates = st.sampled_from(
    [
        template.DEFAULT,
        '[{text}]({{< ref "/{id}" >}})',
        "[[{path}|{text}]]",
        "{{< t {id} >}}{text}{{< /t >}}",
        "{{< t {id} {text} >}}",
        "<a href='/{slug}'>{text}</a>",
    ]
)


def linker(text: str = template.DEFAULT) -> Linker:
    affixes = {category.id: template.affixes(text, category) for category in CATEGORIES}
    return Linker(Names(CATEGORIES), affixes)


def linked(body: str, text: str = template.DEFAULT, *, at_most: int = 10) -> Rewritten:
    return linker(text).linked(body, prose(body), at_most=at_most)


def test_only_the_first_mention_becomes_a_link_once() -> None:
    made = linked("A word, and a Word. # word\n")
    assert made.body == "A [word](/tags/word/), and a Word. # word\n"
    assert linked(made.body).body == made.body


def test_at_most_so_many() -> None:
    assert linked("a1 word", at_most=1).body == "[a1](/tags/zwei/) word"
    assert linked("a1 word", at_most=0) == Rewritten("a1 word")


def test_some_get_none() -> None:
    body = "a1 word"
    made = linker().linked(body, prose(body), at_most=9, skip={"tags/zwei"})
    assert made.body == "a1 [word](/tags/word/)"


def test_a_link_that_a_person_wrote_is_enough() -> None:
    body = "A word, see [there](/tags/word)."
    assert linked(body).body == body


def test_a_template_that_hides_the_words_writes_nothing() -> None:
    assert linked("A word.", "{{< t {id} {text} >}}").body == "A word."


@given(mentioning, templates)
def test_everything_else_stays_and_the_prose_stays(body: str, text: str) -> None:
    made = linked(body, text)
    assert prose(made.body).text == prose(body).text
    rest, at = [], 0
    for link in made.added:
        place = made.body.index(link.written, at)
        rest += made.body[at:place], link.text
        at = place + len(link.written)
    assert "".join([*rest, made.body[at:]]) == body


@given(mentioning, templates)
def test_links_are_taken_out_exactly(body: str, text: str) -> None:
    made = linked(body, text)
    noted = [Link.of(link.note) for link in made.added]
    assert noted == list(made.added)
    back = without_links(made.body, [link for link in noted if link])
    assert back.body == body
    assert back.unsure == ()


@given(mentioning, templates)
def test_a_second_time_no_category_is_linked_again(body: str, text: str) -> None:
    made = linked(body, text)
    pages = [{(it.before, it.after) for it in one.added} for one in (made, linked(made.body, text))]
    assert pages[0].isdisjoint(pages[1])


def test_a_link_that_is_there_twice_stays() -> None:
    made = linked("A word.")
    copied = made.body * 2
    assert without_links(copied, made.added) == Rewritten(copied, unsure=made.added)


def test_a_link_that_is_gone_is_left_out() -> None:
    made = linked("A word.")
    assert without_links("A word.", made.added) == Rewritten("A word.")


def test_notes_are_one_line_and_nonsense_is_none() -> None:
    link = Link("[", "rye\r\nbr\\ead", "](/x/)")
    assert "\n" not in link.note
    assert Link.of(link.note) == link
    assert [Link.of(it) for it in ("", "Bread", "1+0 x", "5+5 abc", "1+2")] == [None] * 5
