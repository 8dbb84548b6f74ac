from __future__ import annotations

import re
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.growth import grows_linearly
from support.markdown import bodies, plain

from classifier.content import markdown
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
        # HTML
        ("a <b class='x'>bold</b> word", "a bold word"),
        ("one<br>two<br/>three", "one two three"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("a <!-- no\n\n``` --> b", "a b"),
        ("a <!-- never closed", "a never closed"),
        ("a <script>if (a < b) {}</script> b", "a\nb"),
        ("<style>\np {}\n\nq {}\n</style>\nb", "b"),
        ("<pre><code>x < 1</code></pre>b", "b"),
        ("<svg viewBox='0 0 1 1'><text>no</text></svg>b", "b"),
        ("<img\n  src='x.png'\n  alt='y'>b", "b"),
        ("if a < b and c > d, x <3 y", "if a < b and c > d, x <3 y"),
        ("from {place} to {place}", "from {place} to {place}"),
        (
            "fish &amp; chips&nbsp;&#8211; &lt;b&gt; &nonsense;",
            "fish & chips \u2013 <b> &nonsense;",
        ),
        ("a \\<b c\\> d", "a <b c> d"),
        # hidden
        ('a <span style="color: red; display:none">no</span> b', "a\nb"),
        ("<div hidden>no <div>no</div> no</div>b", "b"),
        ('a <i class="x" aria-hidden="true">no</i> b', "a\nb"),
        ("<p style={{display: 'none'}}>no</p><p hidden={true}>no</p>b", "b"),
        ("a <template>no</template> b", "a\nb"),
        ("<p hidden>never closed", "never closed"),
        ('<p class="hidden" title="a hidden b">a</p><p hidden={false}>b</p>', "a\nb"),
        # templates
        ('a {{< figure src="x.png" >}} b {{% note %}}kept{{% /note %}}', "a b kept"),
        ("a {{< highlight go >}}code{{< /highlight >}} b", "a\nb"),
        ("a {{< gist user 123 >}} b", "a\nb"),
        ("{% if x %}kept{% endif %} {{ page.title }} b", "kept b"),
        ("a\n{% highlight ruby %}\nputs 1\n{% endhighlight %}\nb", "a\nb"),
        ("{% raw %}kept{% endraw %}", "kept"),
        # MDX, Docusaurus, Obsidian
        ("import Tabs from '@theme/Tabs';\nimport {\n  A,\n} from 'b'\n\na", "a"),
        ("export const x = {\n  a: 1,\n};\n\na", "a"),
        ("import duties from overseas rose.", "import duties from overseas rose."),
        ("<Tabs values={[{a: '>'}]} on={() => go()}>\n\nkept\n\n</Tabs>", "kept"),
        ("<Card icon={<Star />}>kept</Card>", "kept"),
        ("a {/* no */} b <>c</>", "a b c"),
        (":::tip[Good to know]\nkept\n:::\nb", "Good to know\nkept\nb"),
        ('!!! warning "Mind"\n    kept', '"Mind"\nkept'),
        ("!!! note\n\n    a\n\n    ```\n    x\n    ```\n\n    b\n\nc", "a\nb\nc"),
        ('=== "Tab"\n\n    a\n\n        x = 1', "Tab\na"),
        ("[[Page]] and [[Page|alias]] ![[embed.png]]", "Page and alias"),
        ("a %%hidden%% b\n\n%%\nhidden\n%%\nc, 5%% and 6%% more", "a b\nc, 5%% and 6%% more"),
        ("> [!note] Mind\n> the gap", "Mind the gap"),
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
        # characters
        ("zero\u200bwidth so\u00adft \x1b[31mred", "zerowidth soft [31mred"),
        ("It\x92s \x93quoted\x94", "It’s “quoted”"),  # noqa: RUF001 - the point of the test
    ],
)
def test_prose_is_what_a_reader_reads(body, expected):
    assert prose(body).text == expected


def test_headings_are_found_in_every_form():
    body = "# **One** #\n\nTwo\n---\n\n<h3>Three</h3>\n\n```\n# no\n```\n> #### Four\n#five\n"
    found = [(heading.level, heading.text) for heading in prose(body).headings]
    assert found == [(1, "One"), (2, "Two"), (3, "Three"), (4, "Four")]


def test_a_span_covers_the_source_of_its_text_and_no_more():
    body = "See **the [old](https://x.org) town** &amp; harbour"
    found = prose(body)
    for words, source in {
        "old": "old",
        "the old": "the [old",
        "town &": "town** &amp;",
        "& harbour": "&amp; harbour",
    }.items():
        start = found.text.index(words)
        assert body[slice(*found.span(start, start + len(words)))] == source


def test_a_paragraph_above_a_rule_is_no_heading():
    assert prose("of two\nlines\n---\n\nof one\n---").headings[0].text == "of one"


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (-1, 1), (0, 5)])
def test_a_span_outside_the_prose_is_refused(span):
    with pytest.raises(ValueError, match="no prose at"):
        prose("four").span(*span)


@given(bodies)
def test_every_character_of_prose_has_its_place_in_the_body(body):
    found = prose(body)
    spans = [found.span(at, at + 1) for at in range(len(found.text))]
    for (start, end), (after, _) in pairwise(spans):
        assert start < end <= after
    assert not spans or (spans[0][0] >= 0 and spans[-1][1] <= len(body))
    for character, (start, _) in zip(found.text, spans, strict=True):
        if character.isalnum() and body[start] != "&" and not "\x80" <= body[start] <= "\x9f":
            assert character == body[start]


@given(bodies)
def test_prose_has_one_line_for_each_block_and_no_controls(body):
    text = prose(body).text
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]|  | \n|\n |\n\n|^\s|\s\Z", text)


@given(plain)
def test_plain_text_loses_no_word(body):
    assert prose(body).text.split() == body.replace("## ", "").split()


@given(st.text(st.characters()))
def test_any_text_has_prose(body):
    prose(body)


@pytest.mark.slow
@pytest.mark.parametrize(
    "unit",
    [
        *("\n\n    a", "\n\n     <b", "- a\n\n    b\n", "  1. a\n\n    b\n", "\n    a\n\n<div>\n"),
        *(
            "<div hidden>",
            "<div hidden>a</div>",
            "<p style='",
            '<p hidden x="',
            "<div>",
            "<script>",
        ),
        *("!!! a\n\n    ", '=== "a"\n', "::: ", "> [!a]", "export const\n", "\u2022 ", "2019. "),
        *("é`é` ", "`a`\n", "[[a|", "[^a]: ", ">", "> - ", "|a|b|\n|-|-|\n", "&amp;", "a\n: b\n"),
    ],
)
def test_hostile_repetition_costs_linear_work(unit):
    assert grows_linearly(lambda size: prose("a" + unit * (size // len(unit))), 20_000)


def test_deep_nesting_needs_no_deep_stack():
    def read() -> None:
        for opening, closing in {
            ">": "",
            "> - ": "",
            "[": "](u)",
            "*a **b ": "",
            "<div>": "",
        }.items():
            texts.append(prose(f"{opening * 50_000}word{closing * 50_000}").text)

    texts: list[str] = []
    before = threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)
    assert ["word" in text for text in texts] == [True] * 5


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5 matches those wrongly (python/cpython#106052); CI has a later one."""
    package = Path(markdown.__file__).parent
    lines = (line for file in package.rglob("*.py") for line in file.read_text("utf-8").split("\n"))
    patterns = (line for line in lines if "_PUNCTUATION = " not in line)
    assert not [line for line in patterns if re.search(r"\)[*+?]\+", line)]
