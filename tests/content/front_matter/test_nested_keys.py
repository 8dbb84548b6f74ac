"""A key within another is edited where it is there, and nothing else changes."""

from __future__ import annotations

import pytest

from classifier.content.front_matter import reading
from classifier.content.front_matter.editor import Editor
from classifier.content.front_matter.model import EditError


def edited(text: str, key: str = "taxonomies.tags") -> str:
    editor = Editor(text, reading.parse(text))
    editor.set_labels(key, lambda there: (*there, "New"))
    return editor.finish()[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\ntaxonomies:\n  tags: [a]\n  other: 1\n---\n", ("[a]", "[a, New]")),
        ("---\ntaxonomies:\n  tags:\n    - a\n  other: 1\n---\n", ("- a\n", "- a\n    - New\n")),
        ("---\ntaxonomies:\n  tags:\n  - a\n---\n", ("- a\n", "- a\n  - New\n")),
        ("---\nTaxonomies: {Tags: [a], x: 1}\n---\n", ("[a]", "[a, New]")),
        ("---\ntaxonomies:\n  tags:\n  other: 1\n---\n", ("tags:\n", "tags: [New]\n")),
        ("---\nx: [b]\ntaxonomies:\n  tags: []\n---\n", ("[]", "[New]")),
        ("---\ntags: [b]\ntaxonomies:\n  tags: [a]\n---\n", ("[a]", "[a, New]")),
        ("---\ntaxonomies.tags: [a]\n---\n", ("[a]", "[a, New]")),
        ('+++\n[taxonomies]\ntags = ["a"]\n[extra]\ntags = ["b"]\n+++\n', ('"a"', '"a", "New"')),
        ('+++\ntaxonomies.tags = ["a"]\nx = 1\n+++\n', ('"a"', '"a", "New"')),
        ('+++\ntaxonomies = { tags = ["a"], x = 1 }\n+++\n', ('"a"', '"a", "New"')),
        ("+++\n[taxonomies]\ntags = []\n+++\n", ("[]", '["New"]')),
        ('{"taxonomies": {"x": 1, "tags": ["a"]}}\n', ('"a"', '"a", "New"')),
    ],
)
def test_a_nested_key_that_is_there_is_edited(before: str, after: tuple[str, str]) -> None:
    assert edited(before + "Body.\n") == before.replace(*after) + "Body.\n"


def test_a_key_deeper_down_is_edited() -> None:
    text = "---\na:\n  b:\n    c: [x]\n---\n"
    assert edited(text, "a.b.c") == text.replace("[x]", "[x, New]")


@pytest.mark.parametrize(
    "text",
    [
        "---\ntaxonomies:\n  other: 1\n---\n",
        "---\ntaxonomies: [tags]\n---\n",
        "---\ntaxonomies: &t\n  tags: [a]\nmore: *t\n---\n",
        "---\nx: &t\n  tags: [a]\ntaxonomies: *t\n---\n",
        "---\ntaxonomies:\n  tags: [a]\n  tags: [b]\n---\n",
        "---\ntaxonomies:\n  tags: {a: 1}\n---\n",
        "+++\n[[taxonomies]]\ntags = []\n+++\n",
        '{"taxonomies": {"tags": ["a"], "tags": ["b"]}}\n',
    ],
)
def test_a_nested_key_that_is_not_surely_one_is_refused(text: str) -> None:
    with pytest.raises(EditError):
        edited(text)
