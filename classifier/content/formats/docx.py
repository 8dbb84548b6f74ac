"""Word documents, by mammoth: headings and text as its HTML, images left out."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final
from xml.etree import ElementTree

from classifier.content.formats import html
from classifier.content.formats.archive import Archive, local, texts
from classifier.content.formats.extract import Extract, UnreadableError, named

_MOST_XML: Final = 10_000_000
"""Bytes of all XML, unpacked: as a tree it takes many times as much."""
_DECLARATIONS: Final = [
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
]

_TEXT: Final = re.compile(r"word/(?:document|footnotes|endnotes|comments)\d*\.xml")
_OFF: Final = frozenset({"0", "false", "off"})
_LEAST_LETTER: Final = 5
"""Half points."""


def read(data: bytes) -> Extract:
    """Read a document. Raises UnreadableError, and whatever mammoth raises."""
    import mammoth

    archive = Archive(data, most_bytes=_MOST_XML)
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            part = archive.read(name)
            if any(mark in part for mark in _DECLARATIONS):
                raise UnreadableError("has XML declarations that no Word document needs")
    data = _without_hidden(data, archive.names)
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


def _without_hidden(data: bytes, names: list[str]) -> bytes:
    """Return the document without runs of text that no reader sees; mammoth does not know them."""
    archive = Archive(data, most_bytes=_MOST_XML)
    roots = {name: archive.xml(name) for name in names if _TEXT.fullmatch(name)}
    changed = {name: root for name, root in roots.items() if _drop_hidden(root)}
    if not changed:
        return data
    cleaned = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(cleaned, "w") as new:
        for name in dict.fromkeys(names):
            if name in changed:
                new.writestr(name, ElementTree.tostring(changed[name], "utf-8"))
            elif name.endswith((".xml", ".rels")):
                new.writestr(name, old.read(name))
    return cleaned.getvalue()


def _drop_hidden(root: ElementTree.Element) -> bool:
    """Take hidden runs out of a part; return whether there were any."""
    found = False
    for parent in root.iter():
        for child in list(parent):
            if local(child) == "r" and _is_hidden(child):
                parent.remove(child)
                found = True
    return found


def _is_hidden(run: ElementTree.Element) -> bool:
    """Tell whether a run says that it is not shown, or cannot be read on a white page."""
    own = next((it for it in run if local(it) == "rPr"), None)
    said = {} if own is None else {local(it): _value(it) for it in own}
    vanished = any(name in said and said[name] not in _OFF for name in ("vanish", "webHidden"))
    size = said.get("sz", "")
    tiny = size.isdecimal() and int(size) < _LEAST_LETTER
    white = said.get("color", "").upper() == "FFFFFF" and not {"shd", "highlight"} & said.keys()
    return vanished or tiny or white


def _value(element: ElementTree.Element) -> str:
    return next((value for name, value in element.items() if name.endswith("}val")), "").lower()
