from __future__ import annotations

import pytest

from classifier.content.markdown import prose


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # links
        ('see [the docs](https://x.org/a_(b) "title") now', "see the docs now"),
        ("[![alt text](a.png)](https://x.org)", "alt text"),
        ("[a][ref], [ref] and [sic]\n\n[ref]: https://x.org 'T'", "a, ref and [sic]"),
        ("at https://x.org/a?b=c, or <https://y.org>.", "at , or ."),
        ('[a]({{< ref "/b.md" >}}) c', "a c"),
        ("a claim[^1] here\n\n[^1]: the source", "a claim here\nthe source"),
        ("![photo](a.png){ .wide } shows", "photo shows"),
        ("[a [b [c]] d](url)", "a [b [c]] d"),
        ("[`is:x`] y\n\n[`is:x`]: /u", "is:x y"),
        ("at _https://x.org/a\\_b_ or https://x.org/c&amp;d.", "at or ."),
        # marks
        ("**left open, *and _this", "left open, and this"),
        ("\u2022 one\n\u2022 two", "one\ntwo"),
        ("An emoji:\n:zap: is one", "An emoji: :zap: is one"),
        ("a paragraph\nof two lines\n---\nb", "a paragraph of two lines\nb"),
        ("**bold** *it* ***both*** ~~old~~ ==new== __b__", "bold it both old new b"),
        ("snake_case and 5 * 3 and a == b", "snake_case and 5 * 3 and a == b"),
        (r"\*not emphasis\* and \<b\>", "*not emphasis* and <b>"),
        ("# One #\ntext\n## Two {#id}\nmore", "One\ntext\nTwo\nmore"),
        ("# One\n---\ntext", "One\ntext"),
        ("One\n===\ntext\n\nTwo\n---\n---\nmore", "One\ntext\nTwo\nmore"),
        ("- [ ] open\n- [x] done\n1. first\n10) tenth", "open\ndone\nfirst\ntenth"),
        ("2019. That was a year", "2019. That was a year"),
        ("> quoted\n> on\n>\n> more", "quoted on\nmore"),
        ("| a | b |\n|:--|--:|\n| 1 | 2 |", "a b\n1 2"),
        ("a | b\n--|--\n1 | 2\n\nc | d", "a b\n1 2\nc | d"),
        ("a\n\n* * *\n\nb", "a\nb"),
        ("soft\nbreak\r\nand more  \nwords\\\nend", "soft break and more words end"),
    ],
)
def test_links_and_marks_leave_their_text(body: str, expected: str) -> None:
    assert prose(body).text == expected
