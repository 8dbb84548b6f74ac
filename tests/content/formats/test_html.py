"""HTML: what is read of a page, and where it is in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.content import document
from classifier.content.document import Document
from classifier.content.formats import html
from classifier.content.formats.extract import UnreadableError
from classifier.content.markdown import prose

PAGE = """<!DOCTYPE html>
<html lang="de-AT"><head><title>Site | Bread</title>
<meta name="description" content="How to bake &amp; eat">
<script>var x = "<p>not this</p>";</script></head>
<body><header><a href="/">Home</a></header><nav><ul><li>Menu</ul></nav>
<main>
   <h1 class="t">
      Sourdough <em>bread</em>
   </h1>
   <p>
       Flour &amp; water, kneaded by
       hand.<br>Second line with wo<b>rd</b>.
   </p>
   <!-- a comment <p>not this</p> -->
   <div hidden>not <div>nested</div> this</div><div style="display:none">not this</div>
   <ul><li>First item<li>Second item</ul>
   <h3>Baking</h3><pre><code>not_this()</code></pre>
   <table><tr><td>cell a</td><td>cell b</td></tr></table>
   <aside>Related, not this</aside>
   ``` no fence
   <p>Last paragraph.</p>
</main><footer>Copyright</footer></body></html>
"""
PROSE = """Sourdough bread
Flour & water, kneaded by hand.
Second line with word.
First item
Second item
Baking
cell a
cell b
''' no fence
Last paragraph."""


def opened(folder: Path, text: str, name: str = "page.html") -> Document:
    file = folder / name
    file.write_text(text, encoding="utf-8", newline="")
    found = document.read(file)
    assert isinstance(found, Document)
    return found


def test_a_page_is_its_main_part(tmp_path: Path) -> None:
    found = opened(tmp_path, PAGE)
    assert found.prose.text == PROSE
    assert [(it.text, it.level) for it in found.prose.headings] == [
        ("Sourdough bread", 1),
        ("Baking", 3),
    ]
    assert found.front_matter.meta == {"description": "How to bake & eat", "lang": "de-AT"}
    assert not isinstance(found.article, document.Failure)
    assert (found.article.title, found.article.description) == (
        "Sourdough bread",
        "How to bake & eat",
    )


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(
    ("quote", "in_file"),
    [
        ("Flour & water", "Flour &amp; water"),
        ("word", "wo<b>rd"),
        ("Sourdough bread", "Sourdough <em>bread"),
        ("Last paragraph.", "Last paragraph."),
    ],
)
def test_offsets_are_those_of_the_file(tmp_path: Path, quote: str, in_file: str, mark: str) -> None:
    found = opened(tmp_path, mark + PAGE)
    first = found.prose.text.index(quote)
    start, end = found.prose.span(first, first + len(quote))
    at = found.front_matter.body_start
    assert found.text[at + start : at + end] == in_file


@pytest.mark.parametrize(
    ("page", "prose"),
    [
        ("<p>One<p>Two", "One\nTwo"),
        ("<aside>never closed <p>Text", "never closed\nText"),
        ("<main></main><p>Outside of an empty main part.", "Outside of an empty main part."),
        ("<header>Site</header><article><header><h1>T</h1></header>A</article>", "T\nA"),
        ("<article>One</article><article>Two</article>", "One\nTwo"),
        ("<div role='main'>In<div>side</div></div> Outside", "In\nside"),
        ("<noscript>no</noscript><iframe>no</iframe>Text", "Text"),
        ("<p>a &lt;b&gt; c", "a <b> c"),
        ("Text <!-- never closed", "Text"),
        ("<p title='a > b'>Text</p>", "Text"),
    ],
)
def test_what_is_read_of_pages(page: str, prose: str, tmp_path: Path) -> None:
    assert opened(tmp_path, page).prose.text == prose


def test_without_a_heading_the_title_is_that_of_the_page(tmp_path: Path) -> None:
    found = opened(tmp_path, "<title>Bread &amp; butter</title><p>Text.", "page.HTM")
    assert found.front_matter.meta == {"title": "Bread & butter"}


_PIECES = st.sampled_from(
    [
        *(
            "<",
            ">",
            "&amp;",
            "<!--",
            "-->",
            "\n",
            "  ",
            "\r\n",
            "\t",
            "word",
            "`" * 3,
            "~" * 4,
            "é",
        ),
        *("<p>", "</p>", "<h1>", "<h6 x='1'>", "</h1>", "<b>", "</b>", "<br/>", "<div hidden>"),
        *(
            "</div>",
            "<main>",
            "</main>",
            "<article>",
            "</article>",
            "<aside>",
            "</aside>",
            "<svg/>",
        ),
        *("<script>", "</script>", "<title>", "</title>", "<a '\"", "<x-y>", "</", "<?", "\ufeff"),
    ]
)


@given(st.lists(_PIECES, max_size=40).map("".join))
def test_markdown_has_a_character_for_each_of_the_page(page: str) -> None:
    assert len(html.markdown(page)) == len(page)


def test_a_page_that_is_too_large_is_refused() -> None:
    with pytest.raises(UnreadableError, match="16 MB"):
        html.read(b" " * 16_000_001)


def test_bytes_that_are_no_utf8_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_bytes(b"<p>caf\xe9")
    failure = document.read(tmp_path / "page.html")
    assert isinstance(failure, document.Failure)
    assert "not UTF-8" in failure.message


@pytest.mark.parametrize(
    ("page", "read"),
    [
        ("<p>a</p><section><div hidden><p>no</p></section><p>b</p>", "a b"),
        ("<p>a <span hidden>no <b>no</b></p><p>b</p>", "a b"),
        ("<style>.x{display:none}</style><p>a</p><div class=x><p>no</p></div><p>b</p>", "a b"),
        ("<style>.x{display:none}</style><p>a <i class='y x'>no</i> b</p>", "a b"),
        ("<style>.x{color:#fff}</style><p>a <i class='x'>seen</i> b</p>", "a seen b"),
        ("<p>a</p><nav><p>never closed</p>", "a never closed"),
        ("<p>a</p><footer><div></footer><p>b</p>", "a b"),
    ],
)
def test_what_a_page_hides_ends_where_a_browser_ends_it(page: str, read: str) -> None:
    text = f"<html><body>{page}</body></html>"
    found = html.markdown(text)
    assert len(found) == len(text)
    assert prose(found).text.split() == read.split()
