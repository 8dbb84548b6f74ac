from __future__ import annotations

import pytest
from support.blocks import added, yaml
from support.editing import edit, labels

from classifier.content.front_matter.model import EditError

# Of each pair: a block, and the same block with the label `New one` behind the others.
YAML = {
    "a list at the margin": ("tags:\n- a\n- b\nz: 1\n", "tags:\n- a\n- b\n- New one\nz: 1\n"),
    "a list further in": ("tags:\n    -  a\nz: 1\n", "tags:\n    -  a\n    -  New one\nz: 1\n"),
    "quoted neighbours": ("tags:\n- 'a'\n- 'b'\n", "tags:\n- 'a'\n- 'b'\n- 'New one'\n"),
    "other quotes": ('tags: ["a"]\n', 'tags: ["a", "New one"]\n'),
    "comments below": ("tags:\n- a # x\n\n# y\nz: 1\n", "tags:\n- a # x\n- New one\n\n# y\nz: 1\n"),
    "a label below its dash": ("tags:\n-\n  a\n", "tags:\n-\n  a\n- New one\n"),
    "a label over two lines": ("tags:\n- 'a\n  b'\n", "tags:\n- 'a\n  b'\n- 'New one'\n"),
    "brackets": ("tags: [a, b]  # x\n", "tags: [a, b, New one]  # x\n"),
    "tight brackets": ("tags: [a,b]\n", "tags: [a,b,New one]\n"),
    "wide brackets": ("tags: [ a ]\n", "tags: [ a, New one ]\n"),
    "brackets over lines": ("tags: [\n  a,\n  b\n]\n", "tags: [\n  a,\n  b,\n  New one\n]\n"),
    "a comma behind the last": ("tags: [\n  a,\n  ]\n", "tags: [\n  a,\n  New one,\n  ]\n"),
    "comments in brackets": (
        "tags: [\n  a, # x\n  # y\n  b # z\n  ]\n",
        "tags: [\n  a, # x\n  # y\n  b, # z\n  New one\n  ]\n",
    ),
    "one text": ("tags: a # x\n", "tags: [a, New one] # x\n"),
    "a number": ("tags: 2019\n", "tags: [2019, New one]\n"),
    "a text with commas": ("tags: a,b\n", "tags: a,b,New one\n"),
    "a quoted text with commas": ("tags: 'a, b'\n", "tags: 'a, b, New one'\n"),
    "nothing": ("tags:  # x\nz: 1\n", "tags:  # x\n  - New one\nz: 1\n"),
    "nothing, other lists in brackets": ("l: [x]\ntags:\n", "l: [x]\ntags: [New one]\n"),
    "null": ("tags: ~\n", "tags: [New one]\n"),
    "empty brackets": ("tags: [] # x\n", "tags: [New one] # x\n"),
    "empty brackets, other lists": (
        "tags: [] # x\nl:\n- 'x'\n",
        "tags: # x\n- 'New one'\nl:\n- 'x'\n",
    ),
    "no key": ("title: x\n", "title: x\ntags:\n  - New one\n"),
    "no key, blank lines": ("title: x\n\n\n", "title: x\ntags:\n  - New one\n\n\n"),
    "no key, blank lines of a text": ("t: |+\n  x\n\n", "t: |+\n  x\n\ntags:\n  - New one\n"),
    "no key, a list like it": ("l:\n- 'x'\n", "l:\n- 'x'\ntags:\n- 'New one'\n"),
    "no key, brackets": ("l: [ x ]\n", "l: [ x ]\ntags: [ New one ]\n"),
    "no key, all further in": ("  t: x\n", "  t: x\n  tags:\n    - New one\n"),
    "only a comment": ("# x\n", "# x\ntags:\n  - New one\n"),
    "an empty block": ("", "tags:\n  - New one\n"),
    "a text that looks like it": (
        "t: |\n  tags:\n  - x\ntags:\n- a\n",
        "t: |\n  tags:\n  - x\ntags:\n- a\n- New one\n",
    ),
    "a key in quotes": ('"tags" : [a]\n', '"tags" : [a, New one]\n'),
}


@pytest.mark.parametrize("case", YAML)
def test_yaml_is_added_to_in_its_own_style(case: str) -> None:
    before, after = YAML[case]
    assert added(yaml(before), "New one") == yaml(after)


def test_a_key_within_another_is_not_made_up() -> None:
    with pytest.raises(EditError, match="nested key"):
        edit(yaml("extra:\n  other: []\n"), "extra.tags", ["a"])


def test_words_of_a_text_are_labels_where_the_site_reads_it_so() -> None:
    data = yaml("tags: a b\n")
    assert labels(data, "tags", spaced=True) == ("a", "b")
    assert edit(data, "tags", ["a", "b", "c"], spaced=True) == yaml("tags: a b c\n")
    assert edit(data, "tags", ["a", "c d"], spaced=True) == yaml("tags: [a, c d]\n")


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_a_break_that_only_some_readers_know_makes_no_key(mark: str) -> None:
    with pytest.raises(EditError, match=rf"the key 'tags' follows a U\+{ord(mark):04X}"):
        edit(yaml(f"title: A{mark}tags: [a]\n"), "tags", ["b"])
    after = edit(yaml(f'title: "A{mark} b"\ntags: [a]\n'), "tags", ["b"])
    assert after == yaml(f'title: "A{mark} b"\ntags: [b]\n')
