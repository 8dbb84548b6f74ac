from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from classifier.models import Category
from classifier.taxonomy.labels import LabelIndex, keys, label_key, least_uses, names

SAME = [
    [
        "Open Data",
        "open-data",
        "OPEN_DATA",
        " open  data ",
        "#open-data",
        "# Open Data",
        "open -_ data",
    ],
    ["J\u00e4ten und D\u00fcnger", "Ja\u0308ten und Du\u0308nger", "J\u00c4TEN-UND-D\u00dcNGER"],
    ["Stra\u00dfe", "STRASSE"],
    ["R&D", "r&d"],
    ["tags/Garden Beds", "TAGS/garden-beds"],
    ["F# tools", "f#-tools", "F#\u2011tools"],
    ["\U0001f331 Gardens", "\U0001f331-gardens"],
    ["Beginner's guide", "beginner\u2019s-guide", "Beginner\u2018s guide", "beginner\u02bcs guide"],
    ["Gardens", "Gar\u00addens", "\ufeffGardens", "gardens\u200b", "\u200eGardens\u200f"],
    ["\u2764 Gardens", "\u2764\ufe0f-gardens"],
]
APART = [
    *("C", "C++", "C#", ".C", "NET", ".NET", "F# tools", "F tools", "#", "", "go", "g o"),
    *("a b", "a: b", "a / b", "a/b", "a\u2019b", "a]b", "a&b", "a #b"),
    *("\u200b", "\ufe0f", "a\u2018\u2019b", 'a"b', "a\u200db"),
]
# Words that differ in vowel signs alone.
HINDI = ["\u0915\u0932", "\u0915\u093e\u0932", "\u0915\u0940\u0932", "\u0915\u0932\u093e"]

labels = st.text() | st.text(
    st.sampled_from("aB\u00e4\u00df\u0345\u1fb3 -_#+./&'\u2019\u0149\u00ad\ufe0f\u093f\u0915\u0130")
)


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_label_have_one_key(spellings: list[str]) -> None:
    assert len(set(map(label_key, spellings))) == 1


@pytest.mark.parametrize("others", [APART, HINDI])
def test_other_labels_have_other_keys(others: list[str]) -> None:
    assert len(set(map(label_key, others))) == len(others)


@given(labels)
@example("\u0345\u0308")
@example("# #a")
@example("# #")
def test_the_key_of_a_key_is_that_key(label: str) -> None:
    assert label_key(label_key(label)) == label_key(label)


@given(labels)
def test_composed_and_decomposed_letters_are_one(label: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, label) for form in ("NFC", "NFD"))
    assert label_key(composed) == label_key(decomposed) == label_key(label)


@given(labels)
def test_letter_case_does_not_matter(label: str) -> None:
    # Folded first, a letter may change places with a mark that was on it (U+0345).
    folded = unicodedata.normalize("NFD", label).casefold()
    assert label_key(folded) == label_key(label)


@given(
    st.text(st.characters(categories=["L", "N"]), min_size=1),
    st.sampled_from([" ", "-", "_", " - "]),
)
def test_what_separates_words_does_not_matter(word: str, separator: str) -> None:
    assert label_key(f"#{word}{separator}{word}") == label_key(f"{word} {word}")


def category(name: str, title: str, *aliases: str) -> Category:
    return Category(id=name, kind=name.partition("/")[0], title=title, aliases=aliases)


PONDS = category("tags/water/ponds", "Ponds and Fish", "Tarns")
TARNS = category("tags/tarns", "Mountain lakes")
WATER = category("concepts/ponds", "Water")


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("TAGS/water/ponds", [PONDS]),
        ("#ponds_and  fish", [PONDS]),
        ("Water/Ponds", [PONDS]),
        ("ponds", [PONDS, WATER]),
        ("tarns", [TARNS]),
        ("concepts/ponds", [WATER]),
        ("lakes", []),
        ("", []),
    ],
)
def test_a_label_means_the_category_that_goes_by_it(label: str, found: list[Category]) -> None:
    assert list(LabelIndex([PONDS, TARNS, WATER]).find(label)) == found


def test_kinds_narrow_what_a_label_can_mean() -> None:
    index = LabelIndex([PONDS, TARNS, WATER])
    assert index.find("ponds", {"concepts"}) == (WATER,)
    assert index.find("tarns", {"concepts"}) == ()


def test_what_a_category_goes_by_is_said_as_it_is_written() -> None:
    assert names(PONDS) == ("tags/water/ponds", "Ponds and Fish", "water/ponds", "ponds", "Tarns")
    assert keys(TARNS) == {"tags/tarns", "mountain-lakes", "tarns"}


@pytest.mark.parametrize(("articles", "least"), [(9, 1), (10, 2), (49, 2), (50, 3), (5000, 3)])
def test_a_label_needs_more_articles_on_a_larger_site(articles: int, least: int) -> None:
    assert least_uses(articles) == least
