"""The checker that the editor is checked by: it must see what an editor may do wrong."""

from __future__ import annotations

import pytest
from support.one_key import trouble

BEFORE = """---
title: x
# of tags
tags:
  - a
  # of b
  - b

text: |
  tags:
  - no
---
body
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  - b\n", "  - b\n  - c\n"),
        ("  - a\n", ""),
        ("tags:\n  - a\n  # of b\n  - b\n", "tags: []\n  # of b\n"),
    ],
)
def test_changes_of_the_one_key_are_no_trouble(old: str, new: str) -> None:
    assert trouble(BEFORE.encode(), BEFORE.replace(old, new, 1).encode(), "tags") is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("body\n", "body"),
        ("---\ntitle", "--- \ntitle"),
        ("title: x\n", "title: y\n"),
        ("title: x\n", "title:  x\n"),
        ("title: x\n", "title: x\r\n"),
        ("title: x\n# of tags\n", "title: x\n"),
        ("  # of b\n", ""),
        ("  - b\n\n", "  - b\n"),
        ("  - no\n", "  - no\n  - c\n"),
        ("text: |\n  tags:\n  - no\n", ""),
    ],
)
def test_any_other_change_is_trouble(old: str, new: str) -> None:
    assert BEFORE.count(old) >= 1
    assert trouble(BEFORE.encode(), BEFORE.replace(old, new, 1).encode(), "tags")


def test_another_value_than_the_expected_one_is_trouble() -> None:
    after = BEFORE.replace("  - b\n", "  - b\n  - 2019\n").encode()
    assert trouble(BEFORE.encode(), after, "tags", ["a", "b", 2019]) is None
    assert trouble(BEFORE.encode(), after, "tags", ["a", "b", "2019"])
