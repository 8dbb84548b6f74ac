"""A key within another is edited where it is there, and nothing else changes."""

from __future__ import annotations

import pytest
from support.editing import edit_scalar, editor

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


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("---\ntitle: x\n---\n", "---\ntitle: x\nsitemap:\n  priority: 0.7\n---\n"),
        (
            "---\nsitemap:\n    changefreq: weekly # often\ntitle: x\n---\n",
            "---\nsitemap:\n    priority: 0.7\n    changefreq: weekly # often\ntitle: x\n---\n",
        ),
        (
            "---\nSitemap: {changefreq: weekly}\n---\n",
            "---\nSitemap: {changefreq: weekly, priority: 0.7}\n---\n",
        ),
        ("---\nsitemap: {}\n---\n", "---\nsitemap: {priority: 0.7}\n---\n"),
        ("---\r\na: b\r\n---\r\n", "---\r\na: b\r\nsitemap:\r\n  priority: 0.7\r\n---\r\n"),
        (
            "---\nsitemap:\n  priority: 0.5\n---\n",
            "---\nsitemap:\n  priority: 0.7\n---\n",
        ),
        ('+++\na = "b"\n+++\n', '+++\na = "b"\nsitemap = { priority = 0.7 }\n+++\n'),
        (
            "+++\n[sitemap]\n# often\nchangefreq = 'weekly'\n\n[b]\n+++\n",
            "+++\n[sitemap]\n# often\npriority = 0.7\nchangefreq = 'weekly'\n\n[b]\n+++\n",
        ),
        (
            "+++\nsitemap = {changefreq = 'weekly'}\n+++\n",
            "+++\nsitemap = {changefreq = 'weekly', priority = 0.7}\n+++\n",
        ),
        ('{"a": "b"}\n', '{"a": "b", "sitemap": {"priority": 0.7}}\n'),
        (
            '{\n  "sitemap": {\n    "changefreq": "weekly"\n  }\n}\n',
            '{\n  "sitemap": {\n    "changefreq": "weekly",\n    "priority": 0.7\n  }\n}\n',
        ),
        ('{"sitemap": {}}\n', '{"sitemap": {"priority": 0.7}}\n'),
    ],
)
def test_a_number_within_another_key_is_written_and_then_stays(before: str, after: str) -> None:
    made = edit_scalar(f"{before}Text.\n".encode(), "sitemap.priority", 0.7)
    assert made.decode() == f"{after}Text.\n"
    assert edit_scalar(made, "sitemap.priority", 0.7) == made


@pytest.mark.parametrize(
    "before",
    [
        "---\nsitemap: weekly\n---\n",
        "---\nsitemap:\n---\n",
        "---\na: &x\n  b: 1\nsitemap: *x\n---\n",
        "---\nsitemap: [a]\n---\n",
        "---\n{a: b}\n---\n",
        "+++\nsitemap = 'weekly'\n+++\n",
        "+++\n[sitemap]\n+++\n",
        "+++\nsitemap.changefreq = 'weekly'\n+++\n",
        '{"sitemap": "weekly"}\n',
    ],
)
def test_where_a_number_cannot_be_put_within_a_key_the_file_stays(before: str) -> None:
    with pytest.raises(EditError):
        edit_scalar(f"{before}Text.\n".encode(), "sitemap.priority", 0.7)


def test_two_numbers_within_a_new_key_are_refused() -> None:
    one = editor(b"---\ntitle: x\n---\nText.\n")
    one.set_number("sitemap.priority", 0.7)
    one.set_number("sitemap.weight", 3)
    with pytest.raises(EditError):
        one.finish()
