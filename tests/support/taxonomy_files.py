"""Definitions on disk."""

from __future__ import annotations

from pathlib import Path

from classifier import taxonomy
from classifier.models import Category


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


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
