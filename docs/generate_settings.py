"""Write the table of settings into docs/settings.md, from the model the program reads them with."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from classifier.settings import Settings

PAGE = Path(__file__).with_name("settings.md")
START = "<!-- settings: written by docs/generate_settings.py -->\n"
END = "<!-- end of settings -->\n"
NAMES = {Path: "path", str: "text", int: "whole number", float: "number", bool: "true or false"}


def kind(annotation: Any) -> str:
    origin = get_origin(annotation)
    if origin is Annotated:
        return kind(get_args(annotation)[0])
    if origin is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(kind(a) for a in get_args(annotation) if a is not type(None))
    if origin is tuple:
        return f"list of {kind(get_args(annotation)[0])}s"
    return NAMES.get(annotation, "table")


def rows() -> Iterator[str]:
    yield "| Setting | Value | Default | Meaning |"
    yield "|---|---|---|---|"
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True, validated_data={})
        if isinstance(default, BaseModel):
            default = default.model_dump(mode="json")
        shown = f"`{json.dumps(default)}`" if default not in (None, {}) else "none"
        yield f"| `{name}` | {kind(field.annotation)} | {shown} | {field.description} |"


def page(text: str) -> str:
    """Return the page with its table as it should be."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return before + START + "\n".join(rows()) + "\n" + END + after


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
