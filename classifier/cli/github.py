"""Findings as workflow commands, which GitHub shows beside the lines of a pull request."""

from __future__ import annotations

from typing import Literal, TypeAlias

from classifier.sanitize import one_line

Mark: TypeAlias = Literal["error", "warning", "notice"]


def annotation(
    mark: Mark, message: str, *, title: str, file: str = "", line: int | None = None
) -> str:
    """Return the command on one line; `line` counts from 1."""
    values = {"file": file, "line": "" if line is None else str(line), "title": title}
    told = ",".join(f"{key}={_escaped(value, also=':,')}" for key, value in values.items() if value)
    return f"::{mark} {told}::{_escaped(message)}"


def _escaped(text: str, *, also: str = "") -> str:
    text = one_line(text)
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + also else char for char in text)
