"""What groups of commands have in common."""

from __future__ import annotations

from typing import Any, Final

import typer

JUDGE, MEASURE, PUBLISH, MORE = "Judge", "Measure and correct", "Publish", "More"
"""Headings of `classify --help`."""
_CONTEXT: Final = {"help_option_names": ["-h", "--help"]}


def group(**more: Any) -> typer.Typer:
    return typer.Typer(context_settings=_CONTEXT, rich_markup_mode="rich", **more)
