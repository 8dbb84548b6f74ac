"""Jupyter notebooks: their Markdown cells. Code and outputs are not for reading."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from classifier.content.formats.extract import (
    Extract,
    UnreadableError,
    bounded,
    decoded,
    front_matter,
    named,
)


def read(data: bytes) -> Extract:
    """Read the Markdown cells, and front matter in a first raw cell, as Quarto has it.

    Raises:
        UnreadableError: It is no notebook.
    """
    try:
        notebook = json.loads(decoded(data).removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise UnreadableError(f"is no notebook: {error.msg} at line {error.lineno}") from None
    except RecursionError:
        raise UnreadableError("is no notebook: nested too deeply") from None
    if not isinstance(notebook, dict):
        raise UnreadableError("is no notebook: expected a JSON object")
    cells = list(_cells(notebook))
    if not cells and "cells" not in notebook and "worksheets" not in notebook:
        raise UnreadableError("is no notebook: it has no cells")
    meta: dict[str, Any] = named(title=_mapping(notebook.get("metadata")).get("title"))
    if cells and cells[0].get("cell_type") in ("raw", "markdown"):
        front = front_matter(_source(cells[0]))
        if front.format != "none":
            meta |= front.meta
            cells[0] = {"cell_type": "markdown", "source": front.body}
    texts = (_source(cell) for cell in cells if cell.get("cell_type") in ("markdown", "heading"))
    return Extract(body=bounded("\n\n".join(texts)), meta=meta)


def _cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield the cells; before version 4 they are in worksheets."""
    sheets = notebook.get("worksheets")
    holders = sheets if isinstance(sheets, list) else [notebook]
    for holder in holders:
        cells = _mapping(holder).get("cells")
        yield from (cell for cell in cells or () if isinstance(cell, dict))


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    level = cell.get("level")
    is_heading = cell.get("cell_type") == "heading" and isinstance(level, int)
    return f"{'#' * min(max(level or 1, 1), 6)} {text}" if is_heading else text


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
