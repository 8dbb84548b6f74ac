from __future__ import annotations

import json

import frontmatter as python_frontmatter
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from classifier.content.front_matter.reading import FrontMatterError, parse, unread

ELSEWHERE = "is not the first thing in the file: put it first"

BODY = "A first line.\n\n---\n\nMore.\n"
PREFIXES = {
    "yaml": "---\ntitle: Tide tables\n---\n",
    "toml": '+++\ntitle = "Tide tables"\n+++\n',
    "json": '{\n  "title": "Tide tables"\n}\n',
}
# Nothing that begins like the rest of an opening or closing line may follow the prefix.
bodies = st.text().filter(lambda text: "\r" not in text)


@pytest.mark.parametrize("kind", PREFIXES)
def test_every_format_gives_its_keys_and_the_body_verbatim(kind):
    document = parse(PREFIXES[kind] + BODY)
    assert document.format == kind
    assert document.meta == {"title": "Tide tables"}
    assert document.body == BODY
    assert document.body_start == len(PREFIXES[kind])


def test_the_block_is_what_is_between_the_fences_or_the_object_itself():
    for prefix, block in [
        (PREFIXES["yaml"], "title: Tide tables\n"),
        (PREFIXES["toml"], 'title = "Tide tables"\n'),
        (PREFIXES["json"], PREFIXES["json"].rstrip()),
        ("Title: Tide tables\n---\n", "Title: Tide tables\n"),
        ("---\n---\n", ""),
    ]:
        text = f"\ufeff\n{prefix}{BODY}"
        assert text[slice(*parse(text).block)] == block
    assert parse(BODY).block is None


@pytest.mark.parametrize("before", ["\ufeff", "\n\n", "\ufeff \t\n\n"])
@pytest.mark.parametrize("kind", PREFIXES)
def test_a_byte_order_mark_and_blank_lines_before_the_opening_change_nothing(kind, before):
    document = parse(before + PREFIXES[kind] + BODY)
    assert (document.format, document.body) == (kind, BODY)


@pytest.mark.parametrize("kind", PREFIXES)
def test_windows_line_ends_are_read_and_kept_in_the_body(kind):
    document = parse((PREFIXES[kind] + BODY).replace("\n", "\r\n"))
    assert document.meta["title"] == "Tide tables"
    assert document.body == BODY.replace("\n", "\r\n")


@pytest.mark.parametrize("kind", PREFIXES)
def test_a_file_may_end_with_its_front_matter(kind):
    document = parse(PREFIXES[kind].rstrip("\n"))
    assert (document.meta, document.body) == ({"title": "Tide tables"}, "")


def test_trailing_blanks_after_the_fences_do_not_hide_the_block():
    assert parse("--- \ntitle: x\n---\t\nbody").meta == {"title": "x"}


@pytest.mark.parametrize("block", ["", "\n", "# only a comment\n"])
def test_an_empty_block_is_front_matter_without_keys(block):
    document = parse(f"---\n{block}---\nbody")
    assert (document.format, document.meta, document.body) == ("yaml", {}, "body")


def test_yaml_without_an_opening_line_is_read_up_to_its_closing_line():
    document = parse("Title: Ropes\nTags:\n  - knots\n---\nbody")
    assert document.meta == {"Title": "Ropes", "Tags": ["knots"]}
    assert document.body == "body"


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nProse after a thematic break.\n\n---\n\nMore.",
        "---\nNo second line of dashes.",
        "A heading of the second level\n---\nprose",
        "Dear reader: a line\nand another without a key\n---\nprose",
        "{{< figure >}}\n\nprose",
        "{a} and {b}",
        "+++ plus plus plus",
        "",
    ],
)
def test_what_only_resembles_front_matter_is_body(text):
    document = parse(text)
    assert (document.format, document.meta, document.body) == ("none", {}, text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n---\ntitle: x\ntags: [a\n---\n", 5),
        ("---\ntitle: x\n\tlead: y\n---\n", 3),
        ('+++\ntitle = "x"\ndate =\n+++\n', 3),
        ('\n{"title": "x",\n "date" 1}\n', 3),
    ],
)
def test_a_broken_block_is_refused_with_its_line_in_one_line(text, line):
    with pytest.raises(FrontMatterError, match=f"at line {line}: ") as caught:
        parse(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("title", ["No", "1.10", "2024-01-01", "2021-02-30", "0x1F", "~"])
def test_as_text_every_scalar_is_what_its_author_wrote(title):
    assert parse(f"---\ntitle: {title}\n---\n", as_text=True).meta == {"title": title}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("---\ntitle: x\n\n# A heading\n", "is opened but never closed"),
        ("+++\ntitle = 1\n", "is opened but never closed"),
        ("---\ntitle: x\n ---\nbody", "is opened but never closed"),
        ("---\n- a\n- b\n---\nbody", "is not a list of `key: value` lines"),
        ("<!-- a licence -->\n---\ntitle: x\n---\n", "is behind a comment: put it first"),
        ("<!-- a\n-->\n\n<!-- b -->\n+++\n# c\nx = 1\n", "is behind a comment: put it first"),
        ('{/* a licence */}\n{"title": "x"}\n', "is behind a comment: put it first"),
        ("---yaml\ntitle: x\n---\n", "opens with '---yaml': write --- above and below it"),
        ("-----\ntitle: x\n-----\n", "opens with '-----': write --- above and below it"),
        (";;;\n{}\n;;;\n", "opens with ';;;': write --- above and below it"),
        ("Title: x\n\nbody", "has no --- line above and below it"),
        ("\ufeff\nDate: 2020-01-01\nTags: a, b\n\nbody", "has no --- line above and below it"),
        ("% A title\n% An author\n\nbody", "has no --- line above and below it"),
        ("#+title: x\n#+filetags: :a:\n\nbody", "has no --- line above and below it"),
        ("<!--\n.. title: x\n.. tags: a\n-->\nbody", "has no --- line above and below it"),
        ("--- # meta\ntitle: x\n---\n", "opens with '--- # meta': write --- above and below it"),
        ("---\u00a0\ntitle: x\n---\n", "opens with '---': write --- above and below it"),
        ("{% comment %}a{% endcomment %}\n---\na: 1\n---\n", "is behind a comment: put it first"),
        ("<%# a %>\n---\ntitle: x\n---\n", "is behind a comment: put it first"),
        ("\ufeff\ufeff---\ntitle: x\n---\n", ELSEWHERE),
        ("\u200b---\ntitle: x\n---\n", ELSEWHERE),
        ("#!/usr/bin/env mdrun\n---\ntitle: x\n---\n", ELSEWHERE),
        ("%YAML 1.2\n---\ntitle: x\n---\n", ELSEWHERE),
        ("---\rtitle: x\r---\rbody", "has line ends of CR alone: save it with LF"),
        ("---\r\r\ntitle: x\r\r\n---\r\r\n", "has line ends of CR alone: save it with LF"),
    ],
)
def test_front_matter_in_a_form_that_is_not_read_is_recognised(text, problem):
    assert parse(text).block is None
    assert unread(text) == problem


@pytest.mark.parametrize(
    "text",
    [
        "Just text.",
        "---\nNo second line of dashes.",
        "# A heading\n\n---\ntitle: x\n---\n",
        "<!-- a comment -->\nText.",
        "<!-- never closed\n---\ntitle: x\n---\n",
        "<!-- a comment -->\n---\n\nText under a thematic break.",
        "Summary: all went well.\n\nMore.",
        "#!/bin/sh\nA script.\n\n---\ntitle: x\n---\n",
        "% of all gardens\n\nMore.",
        "# A heading\r\rFrom an old Mac.\r",
        "\x0c\n\ufeffText.",
        "{{< figure >}}",
        "",
    ],
)
def test_text_without_front_matter_is_not_taken_for_some(text):
    assert unread(text) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("---\na: " + "[" * 100_000 + "\n---\n", "the YAML front matter is broken at line 2: "),
        (
            "---\n" + "".join(" " * depth + "a:\n" for depth in range(500)) + "---\n",
            "the YAML front matter is broken at line 102: ",
        ),
        ("+++\na = " + "[" * 100_000 + "\n+++\n", "the TOML front matter is broken: "),
        ('{"a":' * 100_000, "the JSON front matter is broken: "),
    ],
)
def test_deep_nesting_is_refused_instead_of_crashing(text, message):
    with pytest.raises(FrontMatterError, match=f"^{message}"):
        parse(text)


@given(bodies, st.sampled_from(sorted(PREFIXES)))
def test_the_body_after_front_matter_is_exact(body, kind):
    document = parse(PREFIXES[kind] + body)
    if kind == "json" and body[:1] in {" ", "\t", "\n"}:
        return  # the prefix already ends its line
    assert document.body == body


@given(st.text())
def test_any_text_is_read_or_refused_and_offsets_are_exact(text):
    _check(text)


@given(
    st.lists(st.sampled_from([*"-+{}[]:\"'&*!|>%@ \t\r\n#ab0", "---\n", "+++\n", "a: ", "\ufeff"]))
)
def test_any_mixture_of_syntax_is_read_or_refused(pieces):
    for prefix in ("", "---\n", "+++\n", '{"a":'):
        _check(prefix + "".join(pieces) + "\n---\n")


def _check(text: str) -> None:
    try:
        document = parse(text)
    except FrontMatterError as error:
        message = str(error)
    else:
        message = ""
        assert document.body == text[document.body_start :]
    assert "\n" not in message


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9**9) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.slow
@given(st.dictionaries(st.text(min_size=1), values, min_size=1), bodies)
def test_what_a_writer_dumps_is_read_back(meta, body):
    written = yaml.safe_dump(meta, allow_unicode=False)
    document = parse(f"---\n{written}---\n{body}")
    assert (dict(document.meta), document.body) == (meta, body)
    document = parse(json.dumps(meta) + "\n" + body)
    assert (dict(document.meta), document.body) == (meta, body)


plain = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\ufeff")
words = st.text(plain, min_size=1).map(str.strip).filter(bool)


@given(st.dictionaries(words, words | st.integers(-9, 9**9) | st.lists(words), min_size=1), words)
def test_another_reader_reads_the_same(meta, body):
    post = python_frontmatter.Post(body)
    post.metadata = meta
    written = python_frontmatter.dumps(post)
    post, ours = python_frontmatter.loads(written), parse(written)
    assert (ours.meta, ours.body.strip()) == (post.metadata, post.content)
