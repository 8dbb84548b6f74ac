from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.blocks import added, json, toml, yaml
from support.editing import edit, edit_scalar, editor, labels
from support.one_key import trouble

from classifier.content.front_matter.model import EditError


@pytest.mark.parametrize(
    ("before", "wanted", "after"),
    [
        ("tags:\n# x\n- a # y\n- b\n", ["b"], "tags:\n# x\n- b\n"),
        ("tags:\n- a\n# x\n- b\n", ["a"], "tags:\n- a\n# x\n"),
        ("tags:\n- a\n# x\n- b\n", [], "tags: []\n# x\n"),
        ("tags:\n- a\n- b\n", ["c"], "tags:\n- c\n"),
        ("tags:\n- a\n- b # y\n", ["b", "a"], None),
        ("tags: [a, b, c]\n", ["c"], "tags: [c]\n"),
        ("tags: [a, b, c, ]\n", ["a", "b"], "tags: [a, b, ]\n"),
        ("tags: [\n  a, # x\n  b # y\n  ]\n", ["b"], "tags: [\n  b # y\n  ]\n"),
        ("tags: [\n  a, # x\n  b # y\n  ]\n", ["a"], "tags: [\n  a # x\n  ]\n"),
        ("tags: [a, b]\n", [], "tags: []\n"),
        ("tags: a, b b\n", ["b b"], "tags: [b b]\n"),
        ("tags: a\n", [], "tags: []\n"),
        ("z: 1\ntags:\n- a # x\n\ny: 1\n", None, "z: 1\n\ny: 1\n"),
        ("tags: [\n  a]\n", None, ""),
        ("tags:\n", None, ""),
        ("z: 1\n", None, "z: 1\n"),
    ],
)
def test_labels_leave_with_their_lines_and_the_rest_stays(
    before: str, wanted: Sequence[str] | None, after: str | None
) -> None:
    edited = edit(yaml(before), "tags", wanted)
    if after is not None:
        assert edited == yaml(after)
    else:
        assert labels(edited, "tags") == tuple(wanted or ())


def test_labels_that_stay_keep_their_characters_and_so_their_types() -> None:
    before = yaml("tags:\n- 2019\n- yes\n- 2020-01-01\n- 'quoted'\n- !!str 5\n-\n- ~\n")
    assert labels(before, "tags") == ("2019", "yes", "2020-01-01", "quoted", "5", "", "~")
    after = added(before, "New")
    assert after == before.replace(b"- ~\n", b"- ~\n- New\n")
    assert edit(after, "tags", ["~", "", "2019"]) == yaml("tags:\n- ~\n- \n- 2019\n")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_block_without_a_final_line_break_keeps_its_line_ends(end: str) -> None:
    before = f"\ufeff---{end}tags:{end}- a{end}---".encode()
    assert added(before, "b") == f"\ufeff---{end}tags:{end}- a{end}- b{end}---".encode()
    empty = f"---{end}---{end}".encode()
    assert added(empty, "b") == f"---{end}tags:{end}  - b{end}---{end}".encode()


def test_a_file_without_an_opening_line_is_edited_too() -> None:
    before = b"Title: x\nTags:\n  - a\n---\nbody"
    assert added(before, "b") == b"Title: x\nTags:\n  - a\n  - b\n---\nbody"


@pytest.mark.parametrize(
    "label",
    [
        *(
            "yes",
            "No",
            "null",
            "~",
            "1.0",
            "1e3",
            "0o7",
            "12:30",
            "1,000",
            "y",
            "a: b",
            "#x",
            "a #b",
        ),
        *("@a", "- a", "[a]", "it's", 'say "x"', "back\\slash", " a ", "...", "---", "<<", "a, b"),
    ],
)
@pytest.mark.parametrize("beside", ["a", "'a'", '"a"', None])
def test_a_label_reads_back_as_the_text_that_it_is(label: str, beside: str | None) -> None:
    for data in (
        yaml(f"tags:\n- {beside}\n" if beside else "tags:\n"),
        yaml(f"tags: [{beside or ''}]\n"),
        toml(f"tags = [{beside if beside and len(beside) == 3 else ''}]\n"),
        json('{"tags": ["a"]}' if beside else '{"tags": []}'),
    ):
        there = labels(data, "tags")
        assert trouble(data, added(data, label), "tags", [*there, label]) is None


@pytest.mark.parametrize(
    "label", ["18f", "C#", "C++", ".NET", "it's", "R&D", "a/b", "naïve", "2fa"]
)
def test_no_quotes_where_none_are_needed(label: str) -> None:
    assert added(yaml("tags: [a]\n"), label) == yaml(f"tags: [a, {label}]\n")


REFUSED = {
    "no front matter": (b"Just text.\n", "no front matter"),
    "an open thematic break": (b"---\nno closing line\n", "no front matter"),
    "broken YAML": (yaml("tags: [a\n"), "broken"),
    "broken TOML": (toml("tags = [1\n"), "broken"),
    "the key twice": (yaml("tags: [a]\ntags: [b]\n"), "more than once"),
    "the key twice, in JSON": (json('{"tags": [], "tags": []}'), "more than once"),
    "two spellings": (yaml("tags: [a]\nTags: [b]\n"), "more than once"),
    "an alias": (yaml("a: &a [x]\ntags: *a\n"), "alias"),
    "an alias among labels": (yaml("a: &a x\ntags: [*a]\n"), "alias"),
    "an anchor": (yaml("tags: &a [x]\nb: *a\n"), "anchor"),
    "a tag": (yaml("tags: !!seq [x]\n"), "anchor or a tag"),
    "a mapping": (yaml("tags: {a: 1}\n"), "mapping"),
    "nested lists": (yaml("tags: [a, [b]]\n"), "itself a list"),
    "mappings in the list": (yaml("tags:\n- a: 1\n"), "itself a list or a mapping"),
    "a block of text": (yaml("tags: |\n  a\n"), "block of text"),
    "a block of text as a label": (yaml("tags:\n- |\n  a\n"), "block of text"),
    "a text of several lines": (yaml("tags: a,\n  b\n"), "several lines"),
    "a text with spaces": (yaml("tags: a b\n"), "with spaces"),
    "merged keys": (yaml("a: &a {tags: [x]}\n<<: *a\n"), "merges"),
    "braces": (yaml("{title: x}\n"), "braces"),
    "the list on its key's line": (yaml("? tags\n: - a\n"), "line of its key"),
    "a table": (toml("[tags]\na = 1\n"), "table"),
    "tables": (toml("[[tags]]\na = 1\n"), "table"),
    "dotted keys": (toml("tags.a = 1\n"), "table"),
    "an array in the array": (toml("tags = [[1]]\n"), "neither"),
    "a time with a space": (toml("tags = [2020-01-01 10:00:00]\n"), "neither"),
    "an object": (json('{"tags": {}}'), "object"),
    "an object in the list": (json('{"tags": [{}]}'), "object"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_edited_safely_is_refused_in_one_line(case: str) -> None:
    data, reason = REFUSED[case]
    with pytest.raises(EditError, match=reason) as refusal:
        added(data, "New")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("label", ["a\nb", "\x1b[31m", "\x85", "\u2028", "\ud800", "", "  "])
@pytest.mark.parametrize("data", [yaml("tags: [a]\n"), toml("tags = []\n"), json('{"tags": []}')])
def test_a_label_that_is_no_line_of_text_is_refused(data: bytes, label: str) -> None:
    with pytest.raises(EditError, match="a label for it"):
        added(data, label)


def test_a_key_with_a_comment_among_its_labels_is_not_removed() -> None:
    with pytest.raises(EditError, match="comment"):
        edit(yaml("tags:\n# x\n- a\n"), "tags", None)


def test_nothing_to_change_leaves_even_an_odd_value_alone() -> None:
    for block in ("tags: a b\n", "tags:\n", "title: x\n", "tags: 'a,b ,'\n"):
        assert edit(yaml(block), "tags", lambda there: there) == yaml(block)


@pytest.mark.parametrize("depth", [50, 150, 300, 450, 700, 900, 5000])
def test_depth_is_no_trouble_but_a_reason_to_refuse(depth: int) -> None:
    nest = "[" * depth + "]" * depth
    for data in (
        yaml(f"tags: [a]\nx: {nest}\n"),
        toml(f"tags = ['a']\nx = {nest}\n"),
        json(f'{{"tags": ["a"], "x": {nest}}}'),
    ):
        try:
            after = added(data, "b")
        except EditError as error:
            reason = str(error)
        else:
            assert len(after) > len(data)
            continue
        assert depth > 50
        assert "deep" in reason or "nesting" in reason


@pytest.mark.parametrize("number", [500, 501])
def test_a_long_list_is_edited_and_one_without_measure_is_refused(number: int) -> None:
    block = "tags:\n" + "".join(f"- label {n % 7}\n" for n in range(number))
    if number > 500:
        with pytest.raises(EditError, match="more than 500 labels"):
            added(yaml(block), "New")
    else:
        assert added(yaml(block), "New") == yaml(f"{block}- New\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (yaml("weight: 12 # x\n"), yaml("weight: 57 # x\n")),
        (yaml("weight: '12'\n"), yaml("weight: 57\n")),
        (yaml("weight: # x\n"), yaml("weight: 57 # x\n")),
        (yaml("weight: 57.0\n"), yaml("weight: 57.0\n")),
        (yaml("tags:\n- a\n"), yaml("tags:\n- a\nweight: 57\n")),
        (toml("weight = 1\n"), toml("weight = 57\n")),
        (toml("[weights]\n"), toml("weight = 57\n[weights]\n")),
        (json('{"weight": null}'), json('{"weight": 57}')),
        (json('{"a": 1}'), json('{"a": 1, "weight": 57}')),
    ],
)
def test_a_number_takes_the_place_of_what_was_there(before: bytes, after: bytes) -> None:
    assert edit_scalar(before, "weight", 57) == after


def test_a_number_in_place_of_a_list_is_refused() -> None:
    with pytest.raises(EditError, match="is a list"):
        edit_scalar(yaml("weight: [1]\n"), "weight", 57)


# --- several keys at once -------------------------------------------------------------------------

SEVERAL = {
    "YAML": (yaml("title: x\ntags:\n"), "title: x\ntags:\n  - a\ntopics:\n  - b\nweight: 3\n"),
    "YAML with a list at its end": (
        yaml("x: 1\ntags:\n- z\n"),
        "x: 1\ntags:\n- a\ntopics:\n- b\nweight: 3\n",
    ),
    "an empty block": (yaml(""), "tags:\n  - a\ntopics:\n  - b\nweight: 3\n"),
    "TOML": (
        toml("tags = ['z']\n\n[extra]\n"),
        "tags = ['a']\ntopics = ['b']\nweight = 3\n\n[extra]\n",
    ),
    "JSON": (
        json('{\n  "tags": []\n}'),
        '{\n  "tags": [\n    "a"\n  ],\n  "topics": [\n    "b"\n  ],\n  "weight": 3\n}',
    ),
    "empty JSON": (json("{}"), '{"tags": ["a"], "topics": ["b"], "weight": 3}'),
}


@pytest.mark.parametrize("case", SEVERAL)
@pytest.mark.parametrize("order", [1, -1])
def test_several_keys_are_edited_at_once(case: str, order: int) -> None:
    before, block = SEVERAL[case]
    one = editor(before)
    for key, value in [("topics", ["b"]), ("tags", ["a"])][::order]:
        one.set_labels(key, value)
    one.set_number("weight", 3)
    text, front = one.finish()
    if (order == 1 and case.startswith("empty")) or case == "an empty block":
        assert sorted(front.meta) == ["tags", "topics", "weight"]
    else:
        assert text[slice(*front.block or (0, 0))] == block
    assert front.meta | {"tags": ["a"], "topics": ["b"], "weight": 3} == front.meta


def test_a_key_edited_again_has_what_was_asked_for_last() -> None:
    one = editor(yaml("tags: [a, b]\n"))
    one.set_labels("tags", ["a", "b", "c"])
    assert one.labels("TAGS") == ("a", "b", "c")
    one.set_labels("Tags", lambda there: (*there, "d"))
    assert one.finish()[0].encode() == yaml("tags: [a, b, c, d]\n")
    one.set_labels("tags", ["a", "b"])
    assert one.finish()[0].encode() == yaml("tags: [a, b]\n")


def test_a_new_key_asked_for_in_two_letter_cases_is_one() -> None:
    one = editor(yaml("title: x\n"))
    one.set_labels("Topics", ["a"])
    one.set_labels("topics", lambda there: (*there, "b"))
    assert one.finish()[1].meta == {"title": "x", "Topics": ["a", "b"]}


# --- a block for a file that has none -------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_file_without_front_matter_is_given_some(newline: str, mark: str) -> None:
    body = f"# Compost{newline}{newline}---{newline}{newline}Text.{newline}"
    one = editor((mark + body).encode(), create=True)
    assert one.finish()[0] == mark + body
    one.set_labels("tags", ["a"])
    text, front = one.finish()
    assert text == mark + newline.join(("---", "tags:", "  - a", "---", body))
    assert (front.body, front.meta) == (body, {"tags": ["a"]})


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a licence -->\n---\ntitle: x\ntags: [a]\n---\nText.\n",
        "---\ntitle: x\ntags: [a]\n\nText.\n",
        "---yaml\ntags: [a]\n---\nText.\n",
        "---\n- a\n---\nText.\n",
        "Title: x\nTags: a, b\n\nText.\n",
    ],
)
def test_no_block_is_put_before_one_in_another_form(text: str) -> None:
    with pytest.raises(EditError, match=r"^its front matter \w+ "):
        editor(text.encode(), create=True)
