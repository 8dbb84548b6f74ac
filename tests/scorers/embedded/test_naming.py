from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.scorers.embedded import naming
from classifier.scorers.embedded.lexical import Text


def mentions(title: str, body: str, *aliases: str, heading: str = "") -> naming.Mentions:
    names = naming.names((title, *aliases))
    return naming.mentions(names, title=Text(""), headings=Text(heading), body=Text(body))


def test_a_mention_is_a_whole_word_in_any_form() -> None:
    found = mentions("Open source", "Open-source tools. OPEN SOURCES! Reopen sourcery.")
    assert found.body == 2


def test_aliases_count_and_overlapping_names_count_once() -> None:
    assert mentions("Scaling", "Scaled agile is scaling.", "Scaled agile").body == 2


def test_initials_count_only_in_capitals() -> None:
    assert mentions("Artificial intelligence", "AI helps. An ai is a sloth.").body == 2
    assert mentions("Artificial intelligence", "An ai is a sloth.").body == 0


def test_headings_are_counted_apart() -> None:
    found = mentions("Hiring", "nothing here", heading="Hiring well")
    assert (found.body, found.headings, found.first) == (0, 1, 1.0)


# --- initials ------------------------------------------------------------------------------------


def test_two_letters_count_only_beside_the_words_of_the_title() -> None:
    assert mentions("Open source", "Windows and other OS. Our OS is new.").body == 0
    assert mentions("Open source", "Open the source. OS for short.").body == 1
    assert mentions("Agency work", "AW").body == 0


def test_initials_in_general_use_count_alone() -> None:
    assert mentions("Machine learning", "ML is everywhere").body == 1
    assert mentions("Test driven development", "TDD").body == 1
    assert mentions("General services administration", "GSA").body == 1


def test_a_usual_abbreviation_is_a_name_even_if_it_is_not_made_of_initials() -> None:
    assert mentions("User experience", "Good UX, and the ux of it").body == 2
    assert mentions("Kubernetes", "k8s clusters").body == 1


# --- several readings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "readings"),
    [
        ("Mergers/Acquisitions", ("Mergers", "Acquisitions")),
        ("Danish Krone/Crown", ("Danish Krone", "Danish Crown")),
        ("Money/Foreign Exchange", ("Money Exchange", "Foreign Exchange")),
        (
            "Heating Oil / Gas Oil",
            ("Heating Oil", "Gas Oil", "Heating Oil Oil", "Heating Gas Oil"),
        ),
        ("Open source", ()),
        ("/", ()),
    ],
)
def test_what_a_title_with_slashes_may_be_short_for(title: str, readings: tuple[str, ...]) -> None:
    assert naming.alternatives(title) == readings


def test_a_title_with_slashes_is_mentioned_by_its_parts_and_as_a_whole() -> None:
    found = mentions("Mergers/Acquisitions", "A merger. Acquisitions! Mergers and acquisitions.")
    assert found.body == 4
    assert found.name == "Mergers/Acquisitions"
    assert mentions("Research & Development", "research and development").body == 1
    assert mentions("Research & Development", "research").body == 0


def test_a_name_is_found_in_one_word_and_one_word_as_a_name() -> None:
    assert mentions("Open source", "opensource, #OpenSource and open source").body == 3
    assert mentions("aspnetmvc", "ASP.NET MVC").body == 1


def test_an_abbreviation_goes_by_its_meaning_too() -> None:
    assert naming.known_names("oss", ("Free software",)) == (
        "oss",
        "Free software",
        "open source software",
    )
    assert naming.known_names("AI", ("artificial intelligence",)) == (
        "AI",
        "artificial intelligence",
    )


def test_an_abbreviation_of_several_things_goes_by_none() -> None:
    assert naming.known_names("IP", ()) == ("IP",)
    assert naming.known_names("Bread", ()) == ("Bread",)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_title_and_text_can_be_compared(title: str, text: str) -> None:
    found = naming.names((title,))
    assert len(found) < 30
    one = Text(text)
    assert naming.mentions(found, title=one, headings=one, body=one).body <= max(len(one), 0)


# --- where they are ------------------------------------------------------------------------------


def spots(title: str, text: str) -> list[str]:
    return [text[start:end] for start, end in naming.spans(naming.names((title,)), text)]


def test_the_places_of_names_are_in_characters() -> None:
    assert spots("aspnetmvc", "Our ASP.NET MVC site") == ["ASP.NET MVC"]
    assert spots("Open source", "Open-source and opensource") == ["Open-source", "opensource"]
    assert spots("Open source", "An OS.") == []


@given(st.text(max_size=20), st.text(max_size=60))
def test_a_text_without_any_beginning_of_a_name_has_no_mention(title: str, text: str) -> None:
    names = naming.names(naming.known_names(title, ()))
    body, nothing = Text(text), Text("")
    if body.known.isdisjoint(naming.starts(names)):
        found = naming.mentions(names, title=nothing, headings=nothing, body=body)
        assert found == naming.unmentioned(names)


@pytest.mark.parametrize(
    ("title", "text"),
    [("ASP.NET MVC", "aspnetmvc"), ("aspnetmvc", "ASP.NET MVC"), ("Open source", "opensource")],
)
def test_what_a_name_begins_with_is_in_every_text_that_mentions_it(title: str, text: str) -> None:
    names = naming.names((title,))
    assert naming.mentions(names, title=Text(""), headings=Text(""), body=Text(text)).body == 1
    assert not Text(text).known.isdisjoint(naming.starts(names))
