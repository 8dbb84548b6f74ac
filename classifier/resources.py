"""Files that travel with the program: from a wheel, or from a checkout beside the package."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).parent


def folder(name: Literal["prompts", "categories"]) -> Path:
    """Return the folder of the given name that belongs to this very copy of the program."""
    carried = _PACKAGE / f"{name}_data"
    return carried if carried.is_dir() else _PACKAGE.parent / name
