from __future__ import annotations

import pytest
from support.blocks import added, toml
from support.editing import edit

TOML = {
    "one line": ('tags = ["a"] # x\n', 'tags = ["a", "New one"] # x\n'),
    "literal neighbours": ("tags=['a', 'b']\n", "tags=['a', 'b', 'New one']\n"),
    "several lines": ("tags = [\n\t'a', # x\n]\n", "tags = [\n\t'a', # x\n\t'New one',\n]\n"),
    "a text": ('tags = "a"\n', 'tags = ["a", "New one"]\n'),
    "no key": ('t = "x"\n\n# of p\n[p]\n', 't = "x"\ntags = ["New one"]\n\n# of p\n[p]\n'),
    "no key, only a table": ("[p]\ntags = [1]\n", 'tags = ["New one"]\n[p]\ntags = [1]\n'),
    "no key, a list like it": ("l = ['x','y']\n", "l = ['x','y']\ntags = ['New one']\n"),
    "no key, an inline table": (
        't = "x"\np = { tags = [1] }\n',
        't = "x"\np = { tags = [1] }\ntags = ["New one"]\n',
    ),
    "no key, a comment last": ("t = 1\n# end\n\n", 't = 1\n# end\ntags = ["New one"]\n\n'),
    "no key, only a comment": ("# none yet\n", '# none yet\ntags = ["New one"]\n'),
    "no key, nothing": ("", 'tags = ["New one"]\n'),
    "a text that looks like it": (
        't = """\ntags = [\'x\']\n"""\ntags = [1]\n',
        't = """\ntags = [\'x\']\n"""\ntags = [1, "New one"]\n',
    ),
}


@pytest.mark.parametrize("case", TOML)
def test_toml_is_added_to_in_its_own_style(case: str) -> None:
    before, after = TOML[case]
    assert added(toml(before), "New one") == toml(after)


def test_a_key_leaves_toml_with_its_lines() -> None:
    assert edit(toml("a = 1\ntags = [\n 'x']\n[p]\n"), "tags", None) == toml("a = 1\n[p]\n")
