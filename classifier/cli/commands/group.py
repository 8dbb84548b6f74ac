"""What groups of commands have in common."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from classifier.content.discovery import Selection

JUDGE, MEASURE, PUBLISH, MORE = "Judge", "Measure and correct", "Publish", "More"
"""Headings of `classify --help`."""
_CONTEXT: Final = {"help_option_names": ["-h", "--help"]}


def group(**more: Any) -> typer.Typer:
    return typer.Typer(context_settings=_CONTEXT, rich_markup_mode="rich", **more)


def selection(include: Iterable[str] | None, exclude: Iterable[str] | None) -> Selection:
    """Return which files of folders --include and --exclude leave."""
    from classifier.content.discovery import Selection

    return Selection(include=tuple(include or ()), exclude=tuple(exclude or ()))
