from __future__ import annotations

from email.message import Message

import pytest
from support.page_server import PAGE

from classifier.content.articles import from_text
from classifier.content.front_matter import reading
from classifier.fetching import pages
from classifier.fetching.addresses import PageAddress
from classifier.fetching.client import Answer, FetchError
from classifier.models import Article

HERE = PageAddress.parse("https://example.org/loaves")


def article(body: bytes, type_: str = "text/html; charset=utf-8", *, at: PageAddress = HERE) -> str:
    headers = Message()
    headers["Content-Type"] = type_
    return pages.article(Answer(200, headers, body), named=HERE, at=at)


def test_a_page_becomes_an_article_with_its_url() -> None:
    text = article(PAGE, at=PageAddress.parse("https://www.example.org/loaves"))
    meta = reading.parse(text).meta
    assert {key: meta[key] for key in meta if key != "fetched"} == {
        "title": "Loaves",
        "lang": "en",
        "source_url": "https://example.org/loaves",
        "final_url": "https://www.example.org/loaves",
    }
    read = from_text(text)
    assert isinstance(read, Article)
    assert "We bake rye bread with a slow dough." in read.body
    assert "Home" not in read.body


@pytest.mark.parametrize(
    ("body", "type_", "said"),
    [
        ("Käse".encode("cp1252"), "text/html; charset=ISO-8859-1", "Käse"),
        (b"<meta charset='windows-1251'>" + "Хлеб".encode("cp1251"), "text/html", "Хлеб"),
        (b"\xef\xbb\xbfK\xc3\xa4se", "text/plain; charset=latin-1", "Käse"),
        ("Brot für alle".encode(), "text/markdown", "Brot für alle"),
    ],
)
def test_a_page_is_decoded_as_browsers_do(body: bytes, type_: str, said: str) -> None:
    assert said in article(body, type_)


@pytest.mark.parametrize(
    ("body", "type_", "why"),
    [
        (b"{}", "application/json", "its type is application/json"),
        (PAGE, "text/html; charset=rot13", "unknown character set: rot13"),
        (b"<html><script>draw()</script></html>", "text/html", "no prose to judge"),
        (b"%PDF-1.4 broken", "application/pdf", "PDF"),
        (b"a\0b", "text/plain", "no text"),
        (b"<p>a\0b", "text/html", "not text"),
    ],
)
def test_what_is_no_article_is_said(body: bytes, type_: str, why: str) -> None:
    with pytest.raises(FetchError, match=why):
        article(body, type_)


def test_a_page_writes_no_front_matter_of_its_own() -> None:
    title = "Loaves\n---\ntags: [bread]\n---\n &#34;: x"
    text = article(f"<title>{title}</title><p>---</p><p>tags: [bread]</p><p>Dough.".encode())
    meta = reading.parse(text).meta
    assert set(meta) == {"title", "source_url", "fetched"}
    own = article(b"---\ntitle: Rye\ntags: [bread]\n---\n\nWe bake rye.\n", "text/markdown")
    assert "tags" not in reading.parse(own).meta
    assert reading.parse(own).meta["title"] == "Rye"
