"""The tree of an article: what people read of it, where it is marked, and nothing harmful."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.content.rendering import NAMES, Element, Mark, Marked, Node, rendered

HOSTILE = """<script>alert(1)</script> <img src=x onerror=alert(2)>

[a link](javascript:alert(3)) ![a picture](http://example.org/x.png) <b onclick=x>bold</b>

{{< raw "<iframe>" >}} &lt;script&gt;
"""


def flat(nodes: tuple[Node, ...]) -> Iterator[Node]:
    for node in nodes:
        yield node
        if isinstance(node, Element):
            yield from flat(node.children)


def text(nodes: tuple[Node, ...]) -> str:
    return "".join(
        node if isinstance(node, str) else node.text
        for node in flat(nodes)
        if not isinstance(node, Element)
    )


def marked(nodes: tuple[Node, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(node.text, node.names) for node in flat(nodes) if isinstance(node, Marked)]


def test_the_structure_of_markdown_is_kept() -> None:
    body = (
        "# Top\n\nOne *two* **three**.\n\n1. a\n2. b\n\n> said\n\n| x | y |\n|---|---|\n| 1 | 2 |\n"
    )
    assert rendered(body) == (
        Element("h3", ("Top",)),
        Element(
            "p",
            ("One ", Element("em", ("two",)), " ", Element("strong", ("three",)), "."),
        ),
        Element("ol", (Element("li", ("a",)), Element("li", ("b",)))),
        Element("blockquote", (Element("p", ("said",)),)),
        Element(
            "table",
            (
                Element("tr", (Element("td", ("x",)), Element("td", ("y",)))),
                Element("tr", (Element("td", ("1",)), Element("td", ("2",)))),
            ),
        ),
    )


def test_code_is_shown_as_it_is_written() -> None:
    nodes = rendered("Before `a < b`.\n\n```js\nif (a) {\n  b();\n}\n```\n\nAfter.\n")
    assert Element("code", ("a < b",)) in flat(nodes)
    assert nodes[1] == Element("pre", ("if (a) {\n  b();\n}",))
    assert text(nodes[2:]) == "After."


def test_html_scripts_links_and_templating_are_text_or_nothing() -> None:
    nodes = rendered(HOSTILE)
    assert "alert" not in text(nodes)
    assert "javascript" not in str(nodes)
    assert "example.org" not in str(nodes)
    assert Element("u", ("a link",)) in flat(nodes)
    assert Element("image", ("a picture",)) in flat(nodes)
    assert "bold" in text(nodes)
    assert "<script>" in text(nodes)  # it was written to be read


@pytest.mark.parametrize(
    ("target", "leads"),
    [
        ("https://example.org/x?y=1", True),
        ("HTTP://example.org", True),
        ("/about", False),
        ("mailto:a@example.org", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https:evil", False),
        ("//example.org", False),
        ("http://[", False),
    ],
)
def test_links_lead_to_web_pages_or_nowhere(target: str, leads: bool) -> None:
    (paragraph,) = rendered(f"[a *link*]({target})")
    assert isinstance(paragraph, Element)
    (link,) = paragraph.children
    assert isinstance(link, Element)
    assert (link.name, link.target) == (("a", target) if leads else ("u", ""))
    assert text((link,)) == "a link"


def test_images_have_a_target_where_the_caller_knows_the_file() -> None:
    body = "![one](a.png) ![two](b.png) ![](a.png)"
    images = [
        (text((it,)), it.target)
        for it in flat(rendered(body, shows=lambda target: target == "a.png"))
        if isinstance(it, Element) and it.name == "image"
    ]
    assert images == [("one", "a.png"), ("two", ""), ("", "a.png")]


def test_a_mark_covers_its_words_across_markup() -> None:
    body = "We had **fresh [bread](x)** and wine."
    start, end = body.index("fresh"), body.index(" and wine")
    inner = body.index("bread")
    nodes = rendered(body, [Mark(start, end, "0"), Mark(inner, inner + 5, "1")])
    assert marked(nodes) == [("fresh ", ("0",)), ("bread", ("0", "1"))]
    assert text(nodes) == "We had fresh bread and wine."


@pytest.mark.parametrize("mark", [Mark(3, 3, "0"), Mark(90, 99, "0"), Mark(5, 2, "0")])
def test_a_mark_of_nothing_marks_nothing(mark: Mark) -> None:
    assert marked(rendered("Some text.", [mark])) == []


def test_offsets_are_of_characters_in_any_script() -> None:
    body = "Ünï 🍞 bröd — *sourdough* ok"
    start = body.index("sourdough")
    assert marked(rendered(body, [Mark(start, start + 9, "q")])) == [("sourdough", ("q",))]


def test_what_is_nested_too_deep_loses_its_elements_and_keeps_its_text() -> None:
    assert "deep" in text(rendered(">" * 500 + " deep"))


@given(st.text(alphabet="ab <>*_`[]()!#-|~&;{}%\n\t\"'\\:1.é\u202e\x00", max_size=120))
def test_any_text_becomes_known_elements(body: str) -> None:
    nodes = rendered(body, [Mark(0, len(body) // 2, "0")])
    assert {node.name for node in flat(nodes) if isinstance(node, Element)} <= NAMES
    assert not set(text(nodes)) & set("\x00\x01\x02\x03\u202e")
