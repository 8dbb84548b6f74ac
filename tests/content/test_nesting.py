from __future__ import annotations

import pytest

from classifier.content import nesting


@pytest.mark.parametrize(
    ("text", "closed", "unclosed"),
    [
        ("<b>1</b>", ["<b>1</b>"], []),
        ("<div>1<div>2</div>", ["<div>2</div>"], ["<div>1<div>2</div>"]),
        ("<ul><li>1<li>2</ul>3", ["<ul><li>1<li>2</ul>"], ["<li>1<li>2", "<li>2"]),
        (
            "<span><div></span></div></span>",
            ["<div></span></div>", "<span><div></span></div></span>"],
            [],
        ),
        ("<b><div>1</b>2</div>", ["<b><div>1</b>", "<div>1</b>2</div>"], []),
        ("</p><br><x/><P>1</p>", ["<P>1</p>"], []),
        ("<i title='</i>'>1</i>", ["<i title='</i>'>1</i>"], []),
        ("<A on={() => { go('<b>') }}>1</A>", ["<A on={() => { go('<b>') }}>1</A>"], []),
        ("<i title='x\n\n</i>' <b>1</b>", ["<b>1</b>"], []),
        ("<i><!-- </i> --></i>", ["<i><!-- </i> --></i>"], []),
        ("<!-- <i>1</i>", ["<i>1</i>"], []),
        ("<i><title></i></title></i>", ["<i><title></i></title></i>", "<title></i></title>"], []),
    ],
)
def test_elements_end_where_a_browser_ends_them(
    text: str, closed: list[str], unclosed: list[str]
) -> None:
    found = nesting.ends(nesting.tags(text), len(text))
    assert sorted(text[a:b] for a, b in found.closed.items()) == sorted(closed)
    assert sorted(text[a:b] for a, b in found.unclosed.items()) == sorted(unclosed)


def test_a_text_of_too_many_open_elements_is_read() -> None:
    text = "<b>" * 100_010 + "</b>"
    found = nesting.ends(nesting.tags(text), len(text))
    assert len(found.closed) == 1
    assert len(found.unclosed) == 99_999
