"""Common options of all command groups."""

from __future__ import annotations

from typing import Any, Final

import typer

_CONTEXT: Final = {"help_option_names": ["-h", "--help"]}


def group(*, add_completion: bool = False, **more: Any) -> typer.Typer:
    return typer.Typer(
        context_settings=_CONTEXT, rich_markup_mode="rich", add_completion=add_completion, **more
    )
