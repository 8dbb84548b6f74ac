from __future__ import annotations

from pathlib import Path

import pytest

from classifier.content.formats.extract import Extract, UnreadableError
from classifier.content.formats.feed import read

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Bakers</title><language>de-AT</language>
<item><title>Rye &amp;amp; wheat</title><guid>urn:1</guid><description>Short.</description>
<content:encoded><![CDATA[<p>Rye <em>bread</em> rises.</p>]]></content:encoded></item>
<item><title>Only a title</title><link>https://example.org/2</link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">
<entry><id>tag:1</id><title>Rye</title><content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><h2>Dough</h2><p>Rye bread rises.</p></div>
</content></entry></feed>"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "feed.xml"
    path.write_text(text, "utf-8")
    return path


def test_the_fullest_text_of_an_entry_is_read(tmp_path: Path) -> None:
    first, second = read(_file(tmp_path, RSS))
    assert first.name == "urn:1"
    assert isinstance(first.content, Extract)
    assert first.content.meta == {"title": "Rye & wheat", "lang": "de-AT"}
    assert "bread" in first.content.body
    assert "<p>" not in first.content.body
    assert "Short" not in first.content.body
    assert second.name == "https://example.org/2"
    assert second.content == "has a title, but no text"


def test_atom_with_markup_in_elements(tmp_path: Path) -> None:
    (entry,) = read(_file(tmp_path, ATOM))
    assert entry.name == "tag:1"
    assert isinstance(entry.content, Extract)
    assert entry.content.meta == {"title": "Rye", "lang": "en"}
    assert "## Dough" in entry.content.body
    assert "Rye bread rises." in entry.content.body


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE rss [<!ENTITY a "aaaa">]><rss><item>&a;</item></rss>',
        '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item>&a;</item></rss>',
        '<!DOCTYPE rss SYSTEM "http://example.org/x.dtd"><rss/>',
    ],
    ids=["entity", "file", "fetched"],
)
def test_a_hostile_feed_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnreadableError, match="document type or entities"):
        list(read(_file(tmp_path, text)))


def test_other_xml_is_no_feed(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no RSS or Atom feed"):
        list(read(_file(tmp_path, "<urlset><url/></urlset>")))
