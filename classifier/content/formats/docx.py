"""Word documents, by mammoth: headings and text as its HTML, images left out."""

from __future__ import annotations

import io
from typing import Final

from classifier.content.formats import html
from classifier.content.formats.archive import Archive, texts
from classifier.content.formats.extract import Extract, UnreadableError, named

_MOST_XML: Final = 10_000_000
"""Bytes of all XML, unpacked: as a tree it takes many times as much."""
_DECLARATIONS: Final = [
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
]


def read(data: bytes) -> Extract:
    """Read a document. Raises UnreadableError, and whatever mammoth raises."""
    import mammoth

    archive = Archive(data, most_bytes=_MOST_XML)
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            part = archive.read(name)
            if any(mark in part for mark in _DECLARATIONS):
                raise UnreadableError("has XML declarations that no Word document needs")
    images = mammoth.images.img_element(lambda _: {"src": ""})
    converted = mammoth.convert_to_html(
        io.BytesIO(data), convert_image=images, external_file_access=False
    )
    meta = {}
    if "docProps/core.xml" in archive.names:
        properties = Archive(data, most_bytes=_MOST_XML).xml("docProps/core.xml")
        meta = named(
            title=texts(properties, "title"),
            description=texts(properties, "description"),
            lang=texts(properties, "language"),
        )
    return Extract(body=html.fragment(converted.value), meta=meta)
