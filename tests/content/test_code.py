from __future__ import annotations

import pytest

from classifier.content.markdown import prose


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # code
        ("a\n\n```py\nx = 1\n```\n\nb", "a\nb"),
        ("a\n\n~~~\n```\n~~~\nb", "a\nb"),
        ("a\n\n````\n```\n````\nb", "a\nb"),
        ("a\n\n```\nnever closed\n\nb", "a"),
        ("- a\n\n  ```\n  x\n  ```\n- b", "a\nb"),
        ("- ```\n  never closed\n\nb", "b"),
        ("> ```\n> never closed\n\nb", "b"),
        ("- a\n\n    ```\n    x\n    ```\n\n    b", "a\nb"),
        ("``` not a fence ``` here", "not a fence here"),
        ("Run `make all` or `` a`b ``.", "Run make all or a`b ."),
        ("The type `List<T>` and `*args` stay.", "The type List<T> and *args stay."),
        ("`<!--` opens a comment, `-->` closes it.", "<!-- opens a comment, --> closes it."),
        ("> `a\n> b` c", "a b c"),
        ("| `x\\|y` | b |\n|--|--|\n| 1 | 2 |", "x|y b\n1 2"),
        ("``x`` or \\`` here", "x or ` here"),
        # indented code, and what is indented but no code
        ("a\n\n    x = 1\n\n    y = 2\n\nb", "a\nb"),
        ("\tx = 1\n\nb", "b"),
        ("a\n    b", "a b"),
        ("> a\n>\n>     x = 1\n>\n> b", "a\nb"),
        ("- a\n\n  b\n\n      x = 1\n\n  c", "a\nb\nc"),
        ("Use `<div>`:\n\n    <div>x</div>", "Use <div>:"),
        ("- a\n\n    *b*\n- c", "a\nb\nc"),
        ("1. a\n\n   b\n\n    c", "a\nb\nc"),
        ("  1. a\n  \n    [b](u)", "a\nb"),
        ("- a\n\n      - b\n      - c", "a\nb\nc"),
        ("<div>\n    <p>a</p>\n\n    <p>b *c*</p>\n</div>", "a\nb c"),
        ("<table>\n  <tr>\n    <td>\n      a\n    </td>\n    \n    <td>\n      b", "a\nb"),
        ("<Tab x={[1]}>\n    a\n\n    b\n</Tab>", "a\nb"),
    ],
)
def test_code_is_left_out_and_only_code(body: str, expected: str) -> None:
    assert prose(body).text == expected
