from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.growth import grows_linearly

from classifier.taxonomy.instructions import parse_instructions

INCLUDING = (
    "Key topics:",
    "**Key Topics:**",
    "## Topics",
    "**Topics that should be discussed under this category include:**",
    "Use this category for:",
    "Includes:",
    "This tag covers:",
    "__In scope__",
    "Include",
)
EXCLUDING = (
    "Strictly exclude:",
    "**Strictly Exclude**",
    "## Exclusions",
    "**Do not use this category for:**",
    "Don\u2019t use it when:",
    "This category does not include:",
    "Not for:",
    "Excludes",
    "Avoid using this tag for:",
    "### Out of scope",
    "What does not belong here:",
)


def everything(text: str) -> list[str]:
    found = parse_instructions(text)
    return re.findall(r"\w+", " ".join((found.scope, *found.topics, *found.exclusions)).lower())


@pytest.mark.parametrize("lead", INCLUDING)
@pytest.mark.parametrize("marker", ["-", "*", "+", "1.", "2)"])
def test_bullets_under_an_including_lead_are_topics(lead: str, marker: str) -> None:
    found = parse_instructions(f"About gardens.\n\n{lead}\n\n{marker} pruning\n{marker} compost\n")
    assert found.topics == ("pruning", "compost")
    assert found.scope == "About gardens."
    assert found.exclusions == ()


@pytest.mark.parametrize("lead", EXCLUDING)
def test_bullets_under_an_excluding_lead_are_exclusions(lead: str) -> None:
    found = parse_instructions(f"Topics:\n- pruning\n{lead}\n- plastic lawns\n- fences\n")
    assert found.topics == ("pruning",)
    assert found.exclusions == ("plastic lawns", "fences")


@pytest.mark.parametrize(
    ("sentence", "rules"),
    [
        ("**Strictly exclude** plastic lawns.", ("plastic lawns.",)),
        ("Do not use this category for plastic lawns.", ("plastic lawns.",)),
        ("This category does not include fences; walls", ("fences", "walls")),
        ("Exclude fences, as well as walls made of stone.", ("fences", "walls made of stone.")),
        ("Never use it for fences as well as walls.", ("fences as well as walls.",)),
        ("Out of scope: fences. Walls should also be avoided.",
         ("fences.", "Walls should also be avoided.")),
        ("Job adverts do not belong here.", ("Job adverts do not belong here.",)),
        ("## Do not use for fences", ("fences",)),
    ],
)  # fmt: skip
def test_an_exclusion_in_running_prose_is_a_rule(sentence: str, rules: tuple[str, ...]) -> None:
    found = parse_instructions(f"About gardens.\n\n{sentence}\n")
    assert found.exclusions == rules
    assert found.scope == "About gardens."


def test_an_exclusion_in_the_middle_of_a_sentence_is_taken_out_of_the_scope() -> None:
    found = parse_instructions(
        "Use it for posts on gardens, but do not use it for fences. Ponds too."
    )
    assert found.scope == "Use it for posts on gardens Ponds too."
    assert found.exclusions == ("fences.",)


def test_what_belongs_after_an_exclusion_is_scope_again() -> None:
    found = parse_instructions("Do not use this tag for fences. Posts on ponds belong here.")
    assert found.scope == "Posts on ponds belong here."
    assert found.exclusions == ("fences.",)


def test_a_negation_inside_a_topic_stays_a_topic() -> None:
    items = ("why not to use peat", "when lawns do not work", "Exclude weeds early", "not for sale")
    found = parse_instructions("Key topics:\n" + "".join(f"- {item}\n" for item in items))
    assert found.topics == items
    assert found.exclusions == ()


def test_a_loud_exclusion_among_the_topics_is_an_exclusion() -> None:
    found = parse_instructions("Topics:\n- ponds\n- Do not use this tag for fences\n- trees")
    assert found.topics == ("ponds", "trees")
    assert found.exclusions == ("fences",)


def test_wrapped_and_nested_bullets_keep_their_words_together() -> None:
    found = parse_instructions(
        "Key topics\n- ponds and\n  their fish\n- trees:\n  - oak\n  - elm\n- soil\n\n  and sand\n"
    )
    assert found.topics == ("ponds and their fish", "trees: oak; elm", "soil and sand")


def test_a_paragraph_after_the_bullets_ends_a_section_that_no_heading_opened() -> None:
    found = parse_instructions("**Exclude:**\n- fences\n\nWritten for beginners.")
    assert (found.scope, found.exclusions) == ("Written for beginners.", ("fences",))


def test_a_heading_keeps_its_section_until_the_next() -> None:
    found = parse_instructions("# Out of scope\nFences.\n\nWalls.\n\n# History\nOld gardens.")
    assert found.exclusions == ("Fences.", "Walls.")
    assert found.scope == "History\n\nOld gardens."


def test_an_abbreviation_does_not_end_a_rule() -> None:
    found = parse_instructions("Strictly exclude tools, e.g. Saws, and machines.")
    assert found.exclusions == ("tools, e.g. Saws, and machines.",)


def test_markdown_marks_go_and_names_with_underscores_stay() -> None:
    found = parse_instructions("Topics:\n- **bold**: [a link](https://x.example) to `snake_case`")
    assert found.topics == ("bold: a link to snake_case",)


def test_the_text_is_kept_as_written() -> None:
    text = "  **Exclude** fences.\r\n"
    assert parse_instructions(text).text == text


@st.composite
def sheets(draw: st.DrawFn) -> tuple[str, Counter[str]]:
    """Instructions in the forms people use, and the words that must not get lost."""
    numbers = iter(range(10_000))
    kept: list[str] = []

    def words() -> str:
        new = [f"Word{next(numbers)}" for _ in range(draw(st.integers(1, 4)))]
        kept.extend(new)
        return " ".join(new)

    parts = []
    for _ in range(draw(st.integers(1, 8))):
        lead = draw(st.sampled_from(("", *INCLUDING, *EXCLUDING)))
        gap = draw(st.sampled_from(("\n", "\n\n")))
        shape = draw(st.sampled_from(("bullets", "prose", "inline", "nested")))
        if shape == "inline":
            parts.append(f"{lead.lstrip('# ')} {words()}, {words()}; {words()}. {words()}.")
        elif shape == "prose":
            parts.append(f"{lead}{gap}{words()}. {words()},\n{words()}.")
        elif shape == "nested":
            parts.append(f"{lead}{gap}- {words()}:\n  - {words()}\n    {words()}\n- {words()}")
        else:
            parts.append(f"{lead}{gap}- {words()}\n- {words()}\n{words()}")
    joiner = draw(st.sampled_from(("\n", "\n\n")))
    return joiner.join(parts), Counter(word.lower() for word in kept)


@given(sheets())
def test_every_word_ends_up_in_exactly_one_place(sheet: tuple[str, Counter[str]]) -> None:
    text, kept = sheet
    found = Counter(word for word in everything(text) if word.startswith("word"))
    assert found == kept


@given(st.text(alphabet=" \n\t-*_#:;.,[]()`1aZé", max_size=200))
def test_no_word_is_made_up_and_only_link_targets_are_dropped(text: str) -> None:
    source = re.sub(r"\[([^\[\]\n]*)\]\([^()\s]*\)", r"\1", text)
    letters = Counter(c for c in source.lower() if c in "azé")
    found = Counter(c for c in " ".join(everything(text)) if c in "azé")
    assert found == letters


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert parse_instructions(text).text == text


@pytest.mark.parametrize(
    "pattern",
    ["*", "_", "a_", "[", "[a](", "the x ", "this ", "do not use, ", "please ", "- ", "  - a:\n",
     ", as well as", "Exclude. ", "( ", "**a", "`", ". A", "; exclude", "\u2014 not for "],
)  # fmt: skip
def test_the_work_grows_with_the_length_only(pattern: str) -> None:
    def work(times: int) -> None:
        parse_instructions("x" + pattern * times + "x")

    assert grows_linearly(work, 5_000)
