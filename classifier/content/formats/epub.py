"""EPUB: the chapters of a book in their order."""

from __future__ import annotations

import posixpath
from typing import Final
from urllib.parse import unquote

from classifier.content.formats import html
from classifier.content.formats.archive import Archive, local, texts
from classifier.content.formats.extract import (
    Extract,
    UnreadableError,
    bounded,
    decoded,
    named,
)

_MOST: Final = 32_000_000
"""Bytes of all chapters, unpacked."""
_PAGES: Final = frozenset({"application/xhtml+xml", "text/html"})


def read(data: bytes) -> Extract:
    """Read a book. Raises UnreadableError, and whatever the parser of XML raises."""
    archive = Archive(data, most_bytes=_MOST)
    container = archive.xml("META-INF/container.xml")
    place = next((it.get("full-path") for it in container.iter() if local(it) == "rootfile"), None)
    if not place:
        raise UnreadableError("is damaged: its container names no package")
    package = archive.xml(place)
    items = {it.get("id"): it for it in package.iter() if local(it) == "item"}
    order = [items.get(it.get("idref")) for it in package.iter() if local(it) == "itemref"]
    folder = posixpath.dirname(place)
    chapters = (
        _chapter(archive, posixpath.normpath(posixpath.join(folder, unquote(it.get("href", "")))))
        for it in order
        if it is not None and it.get("media-type") in _PAGES and it.get("properties") != "nav"
    )
    return Extract(
        body=bounded("\n\n".join(chapters)),
        meta=named(
            title=texts(package, "title"),
            description=html.fragment(texts(package, "description")),
            lang=texts(package, "language"),
        ),
    )


def _chapter(archive: Archive, name: str) -> str:
    return html.fragment(decoded(archive.read(name)))
