from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.growth import grows_linearly
from support.markdown import bodies, plain

from classifier.content.passages import Locator, locate, prose, sentences, split


@given(bodies | plain, st.integers(1, 80))
def test_passages_cover_the_prose_in_order_within_the_limit(body, limit):
    passages = split(body, limit=limit)
    joined = "".join("".join(passage.text.split()) for passage in passages)
    assert joined == "".join(prose(body).text.split())
    assert all(0 < len(passage.text) <= limit for passage in passages)
    _assert_ordered(passages, body)


@given(bodies | plain)
def test_sentences_are_ordered_and_inside_the_body(body):
    _assert_ordered(sentences(body), body)


@given(bodies | plain, st.integers(10, 80))
def test_sentences_of_a_passage_are_found_without_the_rest(body, limit):
    text = prose(body)
    every = sentences(text)
    for passage in split(text, limit=limit):
        start, end = text.at_or_after(passage.start), text.at_or_after(passage.end)
        part = sentences(text, start=start, end=end)
        assert set(part) <= set(every)
        inside = [it for it in every if passage.start <= it.start and it.end <= passage.end]
        assert set(inside) <= set(part)


def _assert_ordered(passages, body):
    end = 0
    for passage in passages:
        assert end <= passage.start < passage.end <= len(body)
        end = passage.end


def test_a_heading_begins_a_passage_and_names_all_below_it():
    body = "Before.\n\n# Boats\n\n" + "Long sentence about boats. " * 4 + "\n\n## Oars\n\nShort."
    passages = split(body, limit=60)
    assert [passage.heading for passage in passages] == ["", "Boats", "Boats", "Oars"]
    assert passages[1].text.startswith("Boats\nLong sentence")
    assert passages[3].text == "Oars\nShort."


def test_headings_with_nothing_between_them_begin_one_passage():
    (passage,) = split("# Boats\n\n## Oars\n\nShort.")
    assert (passage.text, passage.heading) == ("Boats\nOars\nShort.", "Oars")


def test_paragraphs_are_merged_up_to_the_limit_and_never_cut_while_they_fit():
    body = "\n\n".join(letter * 30 for letter in "abc")
    assert [passage.text for passage in split(body, limit=61)] == [
        "a" * 30 + "\n" + "b" * 30,
        "c" * 30,
    ]


def test_a_word_longer_than_the_limit_is_cut_anywhere():
    assert [passage.text for passage in split("x" * 25, limit=10)] == ["x" * 10, "x" * 10, "x" * 5]


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match="limit"):
        split("a", limit=0)


def test_sentences_end_at_stops_but_not_at_abbreviations():
    body = (
        "# Heading\n\nDr. Ada Li met J. Smith at 3.5 km. Was it far, e.g. for a child? "
        '"Not at all!" she said. It ended well.\n\n- an item of a list\n- another item of it'
    )
    assert [sentence.text for sentence in sentences(body)] == [
        "Dr. Ada Li met J. Smith at 3.5 km.",
        "Was it far, e.g. for a child?",
        '"Not at all!" she said. It ended well.',
        "an item of a list",
        "another item of it",
    ]
    assert {sentence.heading for sentence in sentences(body)} == {"Heading"}


STORY = "The **quick** [brown](https://x.org) fox\njumped — “oh” — over\xa0the dog… It cost $5."


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("quick brown fox", "quick** [brown](https://x.org) fox"),
        ("QUICK  brown\nFOX", "quick** [brown](https://x.org) fox"),
        ('fox jumped -- "oh" -- over the dog...', "fox\njumped — “oh” — over\xa0the dog"),
        ("… over the dog", "over\xa0the dog"),
        ("**quick** [brown](https://x.org)", "quick** [brown](https://x.org"),
        ("the dog. It cost $5", "the dog… It cost $5"),
    ],
)
def test_a_quote_is_found_whatever_its_typography_and_markup(quote, source):
    found = locate(quote, STORY)
    assert found is not None
    assert STORY[slice(*found)] == source


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "  \n",
        "the dog",
        "uick brown fox",
        "quick fox jumped",
        "the dog. It cost €5",
        "quick ... dog it cost",
    ],
)
def test_a_quote_that_is_absent_cut_inside_a_word_or_too_short_is_not_found(quote):
    assert locate(quote, STORY) is None


def test_quotes_in_scripts_without_spaces_are_found_inside_a_clause():
    body = "東京の美しい庭園を散歩しました。"
    found = locate("美しい庭園を散歩し", body)
    assert found is not None
    assert body[slice(*found)] == "美しい庭園を散歩し"


def test_composed_and_decomposed_letters_are_the_same():
    assert locate("Grüße aus Köln", "Viele Gru\u0308ße aus Ko\u0308ln") == (6, 22)


def test_a_quote_of_code_is_found_in_the_raw_body():
    body = "Text.\n\n```\nmake all clean\n```\n"
    assert locate("make all clean", body) == (11, 25)


def test_a_locator_finds_what_locate_finds():
    locator = Locator(STORY)
    for quote in ("quick brown fox", "not in the story", "It cost $5"):
        assert locator.find(quote) == locate(quote, STORY)


@given(bodies)
def test_every_long_enough_sentence_is_found_where_it_is_or_earlier(body):
    locator = Locator(body)
    for sentence in sentences(body):
        found = locator.find(sentence.text)
        if found is None:
            assert sum(map(str.isalnum, sentence.text)) < 40
        else:
            assert found[0] <= sentence.end


@pytest.mark.parametrize(
    "unit",
    [
        *("<", "[", "{{<", "`", "` `` ", "*", "_", "%%", "&", "\\", "|\n", "# ", "#\n", "\n", " "),
        *("...", "http://", "](a ", "[x[a]", "<a b='", "<!--", "{%", "> ```\n", "- ```\n"),
        *("import {\n", "[a]: "),
    ],
)
def test_hostile_repetition_costs_linear_work(unit):
    def work(size: int) -> None:
        body = "# a" + unit * (size // len(unit)) + "b"
        sentences(body)
        locate("words that are nowhere", body)

    assert grows_linearly(work, 20_000)


# --- copies --------------------------------------------------------------------------------------


def test_a_letter_by_letter_copy_goes_before_a_looser_match():
    body = "Many teams - one product. And again: many teams, one product."
    start, end = Locator(body).find("many teams, one product")
    assert body[start:end] == "many teams, one product"
    assert start > 20


def test_a_copy_that_begins_or_ends_within_a_word_is_none():
    body = "Rethinking products takes time. Thinking product-wise, C++ code."
    assert locate("thinking products take", body) is None
    start, end = locate("thinking product", body)
    assert body[start:end] == "Thinking product"
    assert locate("product-wise, C", body) is None


def test_a_locator_takes_prose_that_is_at_hand():
    body = "See [the long guide](https://example.org) now."
    locator = Locator(body, read=prose(body))
    assert locator.find("the long guide") == locate("the long guide", body)


@pytest.mark.parametrize(
    ("quote", "whole"),
    [
        ("Many teams share", "Many teams share one product."),
        ("teams SHARE one", "teams share one product."),
        ("They keep their", "They keep their agility, e.g. by Scrum (again)!"),
        ("Loaves and more", "Loaves and more"),
        (
            "one product. They keep",
            "one product. They keep their agility, e.g. by Scrum (again)!",
        ),
        ("a list item", "a list item without a stop"),
    ],
)
def test_a_quote_is_completed_to_the_end_of_its_sentence(quote, whole):
    body = (
        "## Loaves and more\n\nMany teams share *one* product. They keep their agility, e.g. "
        "by Scrum (again)! That is all there is.\n\n- a list item without a stop\n- another\n"
    )
    found = Locator(body).complete(quote)
    assert found is not None
    assert found.text == whole
    assert body[found.start : found.end].replace("*", "") == whole


def test_a_long_sentence_is_completed_up_to_a_word():
    body = "It begins here, " + "word " * 200 + "and ends.\n"
    found = Locator(body).complete("It begins here", limit=50)
    assert found is not None
    assert found.text == "It begins here, word word word word word word"
    short = Locator(body).complete("It begins here", limit=5)
    assert short is not None
    assert short.text == "It begins here"


@given(bodies)
def test_a_completed_quote_begins_with_it_and_is_in_the_body(body):
    locator = Locator(body)
    for sentence in sentences(body):
        begin = " ".join(sentence.text.split()[:5])
        if locator.find(begin) is None:
            continue
        found = locator.complete(begin)
        assert found is not None
        assert locator.find(begin)[0] == found.start
        assert found.end >= locator.find(begin)[1]


def test_what_is_not_in_the_prose_is_not_completed():
    assert Locator("One. Two.").complete("Three four five six") is None
    assert Locator("").complete("Three four five six") is None
