"""The page around the data: its parts lie as files beside this module."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64encode
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any, Final

from classifier.outputs.report.data import Data

_PARTS: Final = Path(__file__).parent / "page"
_SCRIPTS: Final = (
    "dom",
    "report",
    "state",
    "filters",
    "list",
    "heatmap",
    "pair",
    "overview",
    "categories",
    "articles",
    "main",
)
"""In the order in which they need each other: together they are one script."""
_SLOT: Final = re.compile(r"\{\{(\w+)\}\}")


def render(data: Data) -> str:
    """Return the page; the same data makes the same page."""
    style = _part("page.css")
    script = "\n".join(_part(f"{name}.js") for name in _SCRIPTS)
    fills = {
        "policy": _policy(script=script, style=style),
        "title": escape(f"classify report: {', '.join(data.core['of'])}"),
        "style": style,
        "script": script,
        "core": _packed(data.core),
        "details": _packed(data.details),
    }
    # In one pass, so that nothing filled in is taken for another slot.
    return _SLOT.sub(lambda slot: fills[slot[1]], _part("page.html"))


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _policy(*, script: str, style: str) -> str:
    """Return the Content Security Policy: this very script and style, and nothing else at all."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "connect-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _packed(document: dict[str, Any]) -> str:
    r"""Return it as base64 of zlib of JSON: about a fifth of the JSON, and no markup by its make.

    JSON is ASCII: half a character, as broken file names have them, is still `\udXXX`.
    """
    text = json.dumps(document, separators=(",", ":"))
    return b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")
