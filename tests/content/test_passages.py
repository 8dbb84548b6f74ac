from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.growth import grows_linearly

from classifier.content import passages
from classifier.content.passages import Locator, locate, prose, sentences, split

# Markup in every combination, well formed or not.
pieces = st.sampled_from(
    [
        *"<>[](){}*_~=`#|!&%\\\"':;.-+ \t\n\r",
        *("word", "Zwei Wörter", "a1", "é", "漢字", "\x00", "\x93", "&amp;", "&#65;", "http://x"),
        *("\n\n", "```", "~~~\n", "# ", "- ", "> ", "\n---\n", "\n===\n", ":::", "%%", "[[", "]]"),
        *("<!--", "-->", "<pre>", "</pre>", "<b>", "</b>", "<Tab x={1}>", "{/*", "*/}", "](u)"),
        *("{{<", ">}}", "{%", "%}", "[^1]", "[a]: b\n", "| a | b |\n", "|---|---|\n"),
    ]
)
bodies = st.lists(pieces, max_size=40).map("".join) | st.text()
words = st.text("abcdefgh", min_size=1, max_size=12)
paragraphs = st.lists(words, min_size=1, max_size=60).map(" ".join)
plain = st.lists(paragraphs | paragraphs.map("## {}".format), max_size=12).map("\n\n".join)


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
        ("    four blanks might be a list's paragraph", "four blanks might be a list's paragraph"),
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
        # marks
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


@given(bodies | plain, st.integers(1, 80))
def test_passages_cover_the_prose_in_order_within_the_limit(body, limit):
    passages = split(body, limit=limit)
    joined = "".join("".join(passage.text.split()) for passage in passages)
    assert joined == "".join(prose(body).text.split())
    assert all(0 < len(passage.text) <= limit for passage in passages)
    _assert_ordered(passages, body)


@given(bodies | plain)
def test_sentences_are_ordered_and_inside_the_body(body):
    _assert_ordered(sentences(body), body)


def _assert_ordered(passages, body):
    end = 0
    for passage in passages:
        assert end <= passage.start < passage.end <= len(body)
        end = passage.end


def test_a_heading_begins_a_passage_and_names_all_below_it():
    body = "Before.\n\n# Boats\n\n" + "Long sentence about boats. " * 4 + "\n\n## Oars\n\nShort."
    passages = split(body, limit=60)
    assert [passage.heading for passage in passages] == ["", "Boats", "Boats", "Oars"]
    assert passages[1].text.startswith("Boats\nLong sentence")
    assert passages[3].text == "Oars\nShort."


def test_headings_with_nothing_between_them_begin_one_passage():
    (passage,) = split("# Boats\n\n## Oars\n\nShort.")
    assert (passage.text, passage.heading) == ("Boats\nOars\nShort.", "Oars")


def test_paragraphs_are_merged_up_to_the_limit_and_never_cut_while_they_fit():
    body = "\n\n".join(letter * 30 for letter in "abc")
    assert [passage.text for passage in split(body, limit=61)] == [
        "a" * 30 + "\n" + "b" * 30,
        "c" * 30,
    ]


def test_a_word_longer_than_the_limit_is_cut_anywhere():
    assert [passage.text for passage in split("x" * 25, limit=10)] == ["x" * 10, "x" * 10, "x" * 5]


def test_a_limit_below_one_is_refused():
    with pytest.raises(ValueError, match="limit"):
        split("a", limit=0)


def test_sentences_end_at_stops_but_not_at_abbreviations():
    body = (
        "# Heading\n\nDr. Ada Li met J. Smith at 3.5 km. Was it far, e.g. for a child? "
        '"Not at all!" she said. It ended well.\n\n- an item of a list\n- another item of it'
    )
    assert [sentence.text for sentence in sentences(body)] == [
        "Dr. Ada Li met J. Smith at 3.5 km.",
        "Was it far, e.g. for a child?",
        '"Not at all!" she said. It ended well.',
        "an item of a list",
        "another item of it",
    ]
    assert {sentence.heading for sentence in sentences(body)} == {"Heading"}


STORY = "The **quick** [brown](https://x.org) fox\njumped — “oh” — over\xa0the dog… It cost $5."


@pytest.mark.parametrize(
    ("quote", "source"),
    [
        ("quick brown fox", "quick** [brown](https://x.org) fox"),
        ("QUICK  brown\nFOX", "quick** [brown](https://x.org) fox"),
        ('fox jumped -- "oh" -- over the dog...', "fox\njumped — “oh” — over\xa0the dog"),
        ("… over the dog", "over\xa0the dog"),
        ("**quick** [brown](https://x.org)", "quick** [brown](https://x.org"),
        ("the dog. It cost $5", "the dog… It cost $5"),
    ],
)
def test_a_quote_is_found_whatever_its_typography_and_markup(quote, source):
    found = locate(quote, STORY)
    assert found is not None
    assert STORY[slice(*found)] == source


@pytest.mark.parametrize(
    "quote",
    [
        "",
        "  \n",
        "the dog",
        "uick brown fox",
        "quick fox jumped",
        "the dog. It cost €5",
        "quick ... dog it cost",
    ],
)
def test_a_quote_that_is_absent_cut_inside_a_word_or_too_short_is_not_found(quote):
    assert locate(quote, STORY) is None


def test_quotes_in_scripts_without_spaces_are_found_inside_a_clause():
    body = "東京の美しい庭園を散歩しました。"
    found = locate("美しい庭園を散歩し", body)
    assert found is not None
    assert body[slice(*found)] == "美しい庭園を散歩し"


def test_composed_and_decomposed_letters_are_the_same():
    assert locate("Grüße aus Köln", "Viele Gru\u0308ße aus Ko\u0308ln") == (6, 22)


def test_a_quote_of_code_is_found_in_the_raw_body():
    body = "Text.\n\n```\nmake all clean\n```\n"
    assert locate("make all clean", body) == (11, 25)


def test_a_locator_finds_what_locate_finds():
    locator = Locator(STORY)
    for quote in ("quick brown fox", "not in the story", "It cost $5"):
        assert locator.find(quote) == locate(quote, STORY)


@given(bodies)
def test_every_long_enough_sentence_is_found_where_it_is_or_earlier(body):
    locator = Locator(body)
    for sentence in sentences(body):
        found = locator.find(sentence.text)
        if found is None:
            assert sum(map(str.isalnum, sentence.text)) < 40
        else:
            assert found[0] <= sentence.end


@pytest.mark.parametrize(
    "unit",
    [
        *("<", "[", "{{<", "`", "` `` ", "*", "_", "%%", "&", "\\", "|\n", "# ", "#\n", "\n", " "),
        *("...", "http://", "](a ", "[x[a]", "<a b='", "<!--", "{%", "> ```\n", "- ```\n"),
        *("import {\n", "[a]: "),
    ],
)
def test_hostile_repetition_costs_linear_work(unit):
    def work(size: int) -> None:
        body = "# a" + unit * (size // len(unit)) + "b"
        sentences(body)
        locate("words that are nowhere", body)

    assert grows_linearly(work, 20_000)


# --- copies --------------------------------------------------------------------------------------


def test_a_letter_by_letter_copy_goes_before_a_looser_match():
    body = "Many teams - one product. And again: many teams, one product."
    start, end = Locator(body).find("many teams, one product")
    assert body[start:end] == "many teams, one product"
    assert start > 20


def test_a_copy_that_begins_or_ends_within_a_word_is_none():
    body = "Rethinking products takes time. Thinking product-wise, C++ code."
    assert locate("thinking products take", body) is None
    start, end = locate("thinking product", body)
    assert body[start:end] == "Thinking product"
    assert locate("product-wise, C", body) is None


def test_a_locator_takes_prose_that_is_at_hand():
    body = "See [the long guide](https://example.org) now."
    locator = Locator(body, read=prose(body))
    assert locator.find("the long guide") == locate("the long guide", body)


def test_no_group_is_repeated_possessively() -> None:
    """Python before 3.11.5 matches those wrongly (python/cpython#106052); CI has a later one."""
    package = Path(passages.__file__).parent
    lines = (line for file in package.rglob("*.py") for line in file.read_text("utf-8").split("\n"))
    patterns = (line for line in lines if "_PUNCTUATION = " not in line)
    assert not [line for line in patterns if re.search(r"\)[*+?]\+", line)]
