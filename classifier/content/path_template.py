"""Paths with front matter keys in braces, such as `data/{ItemType}/{ItemId}.json`.

Values come from strangers' articles: each becomes one plain name, or none at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

_KEY: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"\w(?:[\w .+-]{0,126}[\w+-])?")
"""No separator, no dot at either end, nothing a file system takes apart."""
_DEVICES: Final = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")


def is_name(text: str) -> bool:
    """Whether a text can be one part of a path on every system, and nothing else."""
    return bool(_NAME.fullmatch(text)) and not _DEVICES.fullmatch(text)


def problem(template: str) -> str:
    """Return why a text cannot be a template; empty if it can."""
    parts = _KEY.sub("x", template).split("/")
    if not _KEY.search(template) or any(brace in "".join(parts) for brace in "{}"):
        return "expected front matter keys in braces, such as {id}"
    if not all(map(is_name, parts)) or not template.endswith(".json"):
        return "expected a path below the settings file that ends in .json"
    return ""


def fill(template: str, meta: Mapping[str, Any]) -> str:
    """Return the path for an article's front matter.

    Raises:
        ValueError: The front matter lacks a key, or a value cannot be part of a path.
    """

    def value(match: re.Match[str]) -> str:
        found = meta.get(match[1])
        if isinstance(found, bool) or not isinstance(found, str | int):
            raise ValueError(f"no text under {match[1]!r}")  # noqa: TRY004 - one error for all
        text = str(found)
        if not is_name(text):
            raise ValueError(f"{match[1]} = {repr(text)[:80]} cannot be part of a path")
        return text

    path = _KEY.sub(value, template)
    if not all(map(is_name, path.split("/"))):  # parts of one name may together be too long
        raise ValueError(f"{repr(path)[:80]} cannot be a path")
    return path
