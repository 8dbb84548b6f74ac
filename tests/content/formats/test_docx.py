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
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "needs a password"),
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


@pytest.mark.parametrize(
    ("used", "seen"),
    [
        ("Hidden", False),
        ("Below", False),
        ("Shown", True),
        ("Tiny", False),
        ("White", True),
        ("Ring", True),
        ("unknown", True),
    ],
)
def test_text_that_its_style_hides_is_not_read(used: str, seen: bool) -> None:
    def style(name: str, says: str, above: str = "") -> str:
        based = f'<w:basedOn w:val="{above}"/>' if above else ""
        head = f'<w:style w:type="character" w:styleId="{name}">'
        return f"{head}{based}<w:rPr>{says}</w:rPr></w:style>"

    styles = (
        style("Hidden", "<w:vanish/>")
        + style("Below", "<w:b/>", "Hidden")
        + style("Shown", '<w:vanish w:val="0"/>', "Hidden")
        + style("Tiny", '<w:sz w:val="1"/>')
        + style("White", '<w:color w:val="FFFFFF"/>')
        + style("Ring", "<w:b/>", "Ring")
    )
    run = f'<w:r><w:rPr><w:rStyle w:val="{used}"/></w:rPr><w:t> Secret.'
    inside = f"Shown.</w:t></w:r>{run}</w:t></w:r><w:r><w:t> End."
    text = prose(docx.read(files.docx("Bread", inside, styles=styles)).body).text
    assert text == ("Bread\nShown. Secret. End." if seen else "Bread\nShown. End.")


@pytest.mark.parametrize("is_named", [True, False])
def test_paragraphs_of_a_hidden_style_are_not_read(is_named: bool) -> None:
    default = "" if is_named else 'w:default="1"'
    styles = (
        f'<w:style w:type="paragraph" {default} w:styleId="Gone"><w:rPr><w:vanish/></w:rPr>'
        "</w:style>"
    )
    properties = '<w:pPr><w:pStyle w:val="Gone"/></w:pPr>' if is_named else ""
    secret = f"Shown.</w:t></w:r></w:p><w:p>{properties}<w:r><w:t>Secret."
    found = prose(docx.read(files.docx(secret, styles=styles)).body).text
    assert found == "Shown."


def test_a_main_part_of_any_name_is_looked_through_and_only_xml_is_unpacked() -> None:
    secret = "Shown.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t> Secret."
    assert prose(docx.read(files.docx(secret, name="other.xml")).body).text == "Shown."
    with pytest.raises(OSError, match="main document"):
        docx.read(files.docx("a" * 20_000_000, name="document.bin"))
