from __future__ import annotations

import pytest
from support import files

from classifier.content.formats import pdf, registry
from classifier.content.formats.extract import UnreadableError
from classifier.content.markdown import prose


def test_the_text_of_pages_is_read_and_is_no_markup() -> None:
    found = pdf.read(files.pdf("Flour and wa-\nter * x * here\n# no heading", "Page two."))
    text = prose(found.body)
    assert text.text == "Flour and water * x * here # no heading\nPage two."
    assert text.headings == ()
    assert found.meta == {"lang": "en-GB"}


@pytest.mark.parametrize(
    ("title", "shown"),
    [("Loaves", "Loaves"), ("Microsoft Word - a.doc", ""), ("draft.tex", ""), ("Untitled", "")],
)
def test_a_title_that_is_a_file_name_is_none(title: str, shown: str) -> None:
    assert pdf.read(files.pdf("Flour.", title=title)).meta.get("title", "") == shown


@pytest.mark.parametrize("data", [b"", b"no PDF", files.pdf("Flour.")[:200]])
def test_a_damaged_file_is_one_line(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    format_ = registry.format_of("a.PDF")
    assert format_ is not None
    with pytest.raises(UnreadableError, match="cannot be read as PDF"):
        registry.extract(format_, data)
    assert capsys.readouterr().err == ""


def test_pages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_MOST_PAGES", 1)
    with pytest.raises(UnreadableError, match="more than 1 pages"):
        pdf.read(files.pdf("One.", "Two."))
