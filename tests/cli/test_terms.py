"""The library names settings and arguments; the command line names its options."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.cli.terms import _OTHERS, _SAME, in_options

ROOT = Path(__file__).parents[2]
NAMING_OPTIONS = {
    # Of git, pip and servers.
    "project/diff.py",
    "project/git.py",
    "project/moved_articles.py",
    "project/since.py",
    "scorers/embedded/model_files.py",
    "scorers/openai/responses.py",
    # Of our own commands, which these are about.
    "project/advice.py",
    "settings/model.py",
}


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("raise `max_cost` or `max_calls`", "raise --max-cost or --max-calls"),
        ("set `scorer=openai`", "set --scorer openai"),
        ("or store nothing: `store=False`", "or store nothing: --no-store"),
        ("`fields` 'x': no kind", "--field 'x': no kind"),
        ("set `content` in classify.toml", "set `content` in classify.toml"),
        ("`store` in the settings", "`store` in the settings"),
        ("run `classify train` again", "run `classify train` again"),
        ("`links` has no `kind=` or `nothing`", "`links` has no --kind  or `nothing`"),
    ],
)
def test_settings_and_arguments_become_options(message: str, shown: str) -> None:
    assert in_options(message) == shown


def test_every_option_that_is_named_exists() -> None:
    page = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    options = {*_OTHERS.values(), *(f"--{name.replace('_', '-')}" for name in _SAME)}
    assert not {option for option in options if f"`{option}`" not in page}


def test_the_library_names_no_options() -> None:
    found = [
        f"{path}: {text}"
        for path in sorted((ROOT / "classifier").rglob("*.py"))
        for text in _texts(path)
        if re.search(r"(?<![\w-])--[a-z]", re.sub(r"classify [a-z][^`]*", "", text))
    ]
    assert found == []


def _texts(path: Path) -> Iterator[str]:
    """Yield the texts in a module of the library, without docstrings and style sheets."""
    name = path.relative_to(ROOT / "classifier").as_posix()
    if name.startswith("cli/") or name in NAMING_OPTIONS:
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for text in (node.value for node in texts if id(node) not in passed):
        if isinstance(text, str) and "{ color-scheme:" not in text:
            yield text
