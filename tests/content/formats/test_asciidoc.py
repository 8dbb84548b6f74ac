"""AsciiDoc: what is read, and where it is in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.content import document
from classifier.content.document import Document
from classifier.content.formats import asciidoc

TEXT = """= Sourdough bread
Jane Doe <jane@example.org>
:description: How to bake
:lang: en
:page-tags: bread, flour

Flour and *water*, see https://example.org/x[the site] and <<sec,the section>>.
// not this
include::not-this.adoc[]

[source,python]
----
not_this()
----

.A list
* First item
** Second item
. Third

NOTE: Mind the link:/a/b[heat].

== Baking

|===
|cell a |cell b
|===

____
Quoted text.
____
"""
PROSE = """Sourdough bread
Flour and water, see the site and the section.
A list
First item
Second item
Third
NOTE: Mind the heat.
Baking
cell a cell b
Quoted text."""


def opened(folder: Path, text: str) -> Document:
    file = folder / "page.adoc"
    file.write_text(text, encoding="utf-8", newline="")
    found = document.read(file)
    assert isinstance(found, Document)
    return found


def test_text_is_read_and_the_attributes_of_the_header(tmp_path: Path) -> None:
    found = opened(tmp_path, TEXT)
    assert found.prose.text == PROSE
    assert [(it.text, it.level) for it in found.prose.headings] == [
        ("Sourdough bread", 1),
        ("Baking", 2),
    ]
    assert found.front_matter.meta == {
        "description": "How to bake",
        "lang": "en",
        "tags": "bread, flour",
    }


@pytest.mark.parametrize("front", ["", "\ufeff", "---\ntitle: Loaves\n---\n"])
@pytest.mark.parametrize("quote", ["the site", "the section", "Second item", "cell b", "heat"])
def test_offsets_are_those_of_the_file(tmp_path: Path, quote: str, front: str) -> None:
    found = opened(tmp_path, front + TEXT)
    first = found.prose.text.index(quote)
    start, end = found.prose.span(first, first + len(quote))
    at = found.front_matter.body_start
    assert found.text[at + start : at + end] == quote


def test_a_block_that_is_never_closed_loses_only_its_opening_line(tmp_path: Path) -> None:
    assert opened(tmp_path, "----\nText.\n").prose.text == "Text."


_PIECES = st.sampled_from(
    [
        *("= ", "== ", "* ", ". ", ".T", "----", "====", "|===", "|", "link:a[b]", "<<a,b>>", "<<"),
        *(
            ":a: b",
            "//",
            "////",
            "include::a[]",
            "[",
            "]",
            "\n",
            "\n\n",
            " ",
            "\t",
            "é",
            "text",
            "`",
        ),
        *("```", "+", "\r\n", "https://a.b[", "image:x[]", "---\n"),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_markdown_has_a_character_for_each_of_the_file(text: str) -> None:
    found = asciidoc.read(text.encode())
    assert found.text == text
    assert len(found.body) == len(text) - found.body_start
