from __future__ import annotations

import pytest
from support import files

from classifier.content.formats import docx
from classifier.content.formats.extract import UnreadableError
from classifier.content.markdown import prose


def test_headings_text_and_properties_are_read() -> None:
    found = docx.read(files.docx("Bread", "Flour &amp; water.", "Second.", title="Loaves"))
    text = prose(found.body)
    assert text.text == "Bread\nFlour & water.\nSecond."
    assert [(it.text, it.level) for it in text.headings] == [("Bread", 1)]
    assert found.meta == {"title": "Loaves", "lang": "fr"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"PK\3\4 damaged", "not a zip archive"),
        (files.docx("a" * 10_000_000), "too large when it is unpacked"),
        (files.docx("&a;", prolog='<!DOCTYPE w [<!ENTITY a "b">]>'), "declarations"),
    ],
)
def test_hostile_documents_are_refused(data: bytes, problem: str) -> None:
    with pytest.raises(UnreadableError, match=problem):
        docx.read(data)


@pytest.mark.parametrize(
    ("style", "seen"),
    [
        ("<w:vanish/>", False),
        ('<w:vanish w:val="false"/>', True),
        ('<w:color w:val="FFFFFF"/>', False),
        ('<w:color w:val="ffffff"/><w:highlight w:val="black"/>', True),
        ('<w:color w:val="FF0000"/>', True),
        ('<w:sz w:val="2"/>', False),
        ('<w:sz w:val="20"/>', True),
        ("", True),
    ],
    ids=range(8),
)
def test_text_that_no_reader_sees_is_not_read(style: str, seen: bool) -> None:
    inside = (
        f"Shown.</w:t></w:r><w:r><w:rPr>{style}</w:rPr><w:t> Secret.</w:t></w:r><w:r><w:t> End."
    )
    text = prose(docx.read(files.docx("Bread", inside)).body).text
    assert text == ("Bread\nShown. Secret. End." if seen else "Bread\nShown. End.")
