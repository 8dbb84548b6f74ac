"""Definitions on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from classifier import taxonomy
from classifier.models import Category


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


FOOD = {
    "tags/bread": "title: Bread\ndescription: Loaves and their bakers.",
    "tags/cheese": "title: Cheese",
    "tags/olives": "title: Olives",
    "tags/wine": "title: Wine",
    "concepts/craft": "title: Craft\nexclude: [craft beer]",
}
"""Front matter of categories of two kinds."""


def write_categories(folder: Path, definitions: Mapping[str, str]) -> None:
    """Write definitions, each front matter alone, and settings that name their folder."""
    write(
        folder, {f"taxonomy/{name}.md": f"---\n{meta}\n---\n" for name, meta in definitions.items()}
    )
    (folder / "classify.toml").write_text('categories = "taxonomy"\n')


def one(root: Path, text: str, name: str = "kinds/thing.md") -> Category:
    (category,) = taxonomy.load(write(root, {name: text})).categories
    return category


TAGS = """\
news:
  label: News
  description: >
    'What happened at the gardener's'
  permalink: /n
ponds: Ponds and fish
bare:
nothing: null
"""


def assert_one_line(error: Exception, *files: Path) -> None:
    message = str(error)
    assert "\n" not in message
    assert len(message) < 400 + sum(len(str(file)) for file in files)
    for file in files:
        assert repr(str(file)) in message
