from __future__ import annotations

import pytest
from support import files

from classifier.content.formats import registry
from classifier.content.formats.extract import UnreadableError
from classifier.content.markdown import prose


def read(data: bytes) -> registry.Extract:
    format_ = registry.format_of("a.epub")
    assert format_ is not None
    return registry.extract(format_, data)


def test_chapters_are_read_in_the_order_of_the_spine() -> None:
    found = read(files.epub("<h1>One</h1><p>Flour.</p>", "<h1>Two</h1><p>Water.</p>"))
    assert prose(found.body).text == "One\nFlour.\nTwo\nWater."
    assert found.meta == {"title": "Loaves", "lang": "en"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"no archive", "not a zip archive"),
        (files.archive({"a": "b"}), "it has no 'META-INF/container.xml'"),
        (files.epub("a" * 15_000_000, "b" * 15_000_000, "c" * 15_000_000), "too large"),
        (files.epub("a", prolog='<!DOCTYPE p [<!ENTITY a "b">]>'), "declares a document type"),
        (files.archive({"META-INF/container.xml": "<container/>"}), "names no package"),
    ],
)
def test_hostile_books_are_refused(data: bytes, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        read(data)


def test_a_package_cannot_lead_out_of_the_archive() -> None:
    book = files.archive(
        {
            "META-INF/container.xml": '<c><rootfile full-path="b.opf"/></c>',
            "b.opf": '<p><item id="i" href="../../etc/passwd" media-type="text/html"/>'
            '<itemref idref="i"/></p>',
        }
    )
    with pytest.raises(UnreadableError, match="it has no"):
        read(book)
