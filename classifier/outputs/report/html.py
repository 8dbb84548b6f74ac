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
    "verdicts",
    "pair",
    "overview",
    "grid",
    "categories",
    "articles",
    "desk",
    "review",
    "main",
)
"""In the order in which they need each other: together they are one script."""
PAGE_POLICY: Final = "content-security-policy"
"""The header that the policy of a live page is sent in."""
_SLOT: Final = re.compile(r"\{\{(\w+)\}\}")


def render(data: Data) -> str:
    """Return the page; the same data makes the same page."""
    title = f"classify report: {', '.join(data.core['of'])}"
    page, _ = _page(title, {"core": data.core, "details": data.details}, connect="'none'")
    return page


def live_page(start: dict[str, Any]) -> tuple[str, str]:
    """Return the same page for a server, and the policy to send with it.

    Args:
        start: What the page shows at first; it asks the server for all else.
    """
    page, policy = _page(
        "classify review", {"start": start}, connect="'self'", images="'self' data:"
    )
    return page, f"{policy}; frame-ancestors 'none'"


def _page(
    title: str, documents: dict[str, dict[str, Any]], *, connect: str, images: str = "data:"
) -> tuple[str, str]:
    style = _part("page.css")
    script = "\n".join(_part(f"{name}.js") for name in _SCRIPTS)
    policy = _policy(script=script, style=style, connect=connect, images=images)
    fills = {
        "policy": policy,
        "title": escape(title),
        "style": style,
        "script": script,
        "data": "\n".join(
            f'<script type="application/octet-stream" id="{name}">{_packed(document)}</script>'
            for name, document in documents.items()
        ),
    }
    # In one pass, so that nothing filled in is taken for another slot.
    return _SLOT.sub(lambda slot: fills[slot[1]], _part("page.html")), policy


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _policy(*, script: str, style: str, connect: str, images: str) -> str:
    """Return the Content Security Policy: this very script and style, and nothing of strangers."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            f"img-src {images}",
            f"connect-src {connect}",
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
