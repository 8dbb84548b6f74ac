from __future__ import annotations

import pytest

from classifier.site.naming import file_name


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Open Data", "open-data"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        (".NET", "dot-net"),
        ("R&D", "r-and-d"),
        ("../x", "x"),
        ("..\\x", "x"),
        ("/etc/passwd", "etc-passwd"),
        ("index", "index-label"),
        ("_index", "index-label"),
        ("CON", "con-label"),
        ("com1", "com1-label"),
        ("Straße", "strasse"),
        ("日本語", "日本語"),
        ("a\0b\nc", "a-b-c"),
        ("-", "label-3973e022"),
        ("~", "label-7ace431c"),
    ],
)
def test_a_label_becomes_a_safe_file_name(label: str, name: str) -> None:
    assert file_name(label) == name


@pytest.mark.parametrize("label", ["🍞", "..", ".", "", "///", "‮", "\ud800"])
def test_a_name_is_never_empty_and_leads_nowhere(label: str) -> None:
    name = file_name(label)
    assert name.isascii()
    assert name.replace("-", "").isalnum()


def test_a_name_that_is_taken_gets_a_number() -> None:
    assert file_name("A b", taken={"a-b", "a-b-2"}) == "a-b-3"


def test_long_labels_get_short_names() -> None:
    assert len(file_name("word " * 100)) <= 60
