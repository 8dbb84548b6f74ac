"""Word documents, by mammoth: headings and text as its HTML, images left out."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Final
from xml.etree import ElementTree

from classifier.content.formats import html
from classifier.content.formats.archive import Archive, local, parsed, texts
from classifier.content.formats.extract import Extract, UnreadableError, named

_MOST_XML: Final = 10_000_000
"""Bytes of all XML, unpacked: as a tree it takes many times as much."""
_DECLARATIONS: Final = [
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
]

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
"""What files of Office before 2007 begin with, and encrypted ones of today."""
_ON: Final = frozenset({"1", "true", "on"})
_OFF: Final = frozenset({"0", "false", "off"})
_LEAST_LETTER: Final = 5
"""Half points."""


def read(data: bytes) -> Extract:
    """Read a document. Raises UnreadableError, and whatever mammoth raises."""
    import mammoth

    if data.startswith(_OLE):
        raise UnreadableError(
            "needs a password, or is of Word before 2007; save it as .docx without a password"
        )
    archive = Archive(data, most_bytes=_MOST_XML)
    # Only these: what a relationship calls a document may be a part of any name and size.
    parts = {
        name: archive.read(name)
        for name in dict.fromkeys(archive.names)
        if name.endswith((".xml", ".rels"))
    }
    if any(mark in part for part in parts.values() for mark in _DECLARATIONS):
        raise UnreadableError("has XML declarations that no Word document needs")
    data = _packed(_without_hidden(parts))
    images = mammoth.images.img_element(lambda _: {"src": ""})
    converted = mammoth.convert_to_html(
        io.BytesIO(data), convert_image=images, external_file_access=False
    )
    meta = {}
    if "docProps/core.xml" in parts:
        properties = parsed(parts["docProps/core.xml"])
        meta = named(
            title=texts(properties, "title"),
            description=texts(properties, "description"),
            lang=texts(properties, "language"),
        )
    return Extract(body=html.fragment(converted.value), meta=meta)


def _packed(parts: Mapping[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return packed.getvalue()


# --- what is not shown ----------------------------------------------------------------------------


def _without_hidden(parts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the parts without runs of text that no reader sees; mammoth does not know them."""
    roots = {
        name: parsed(part)
        for name, part in parts.items()
        if name.endswith(".xml") and b"wordprocessingml" in part.replace(b"\0", b"")
    }
    styles = _Styles(root for root in roots.values() if local(root) == "styles")
    changed = {
        name: ElementTree.tostring(root, "utf-8")
        for name, root in roots.items()
        if local(root) != "styles" and _drop_hidden(root, styles)
    }
    return {**parts, **changed}


class _Styles:
    """What styles say of runs, by id, with what they are based on."""

    def __init__(self, roots: Iterable[ElementTree.Element]) -> None:
        self._own: dict[str, dict[str, str]] = {}
        self._based_on: dict[str, str] = {}
        self.default = ""
        """Id of the style of paragraphs that name none."""
        for style in (each for root in roots for each in root if local(each) == "style"):
            id_ = _attribute(style, "styleId")
            self._own[id_] = _said(style)
            self._based_on[id_] = _value(_child(style, "basedOn"))
            if _attribute(style, "type") == "paragraph" and _attribute(style, "default") in _ON:
                self.default = id_

    def of(self, id_: str) -> dict[str, str]:
        """Return what a style says of runs, in at most ten steps from one to the next."""
        chain = [id_]
        while len(chain) < 10 and (above := self._based_on.get(chain[-1])):
            chain.append(above)
        said: dict[str, str] = {}
        for name in reversed(chain):
            said |= self._own.get(name, {})
        return said


def _drop_hidden(root: ElementTree.Element, styles: _Styles) -> bool:
    """Take hidden runs out of a part; return whether there were any."""
    found = False
    around: dict[ElementTree.Element, dict[str, str]] = {root: {}}
    for parent in root.iter():
        said = around.get(parent, {})
        if local(parent) == "p":
            named = _value(_child(_child(parent, "pPr"), "pStyle"))
            said = styles.of(named or styles.default)
        for child in list(parent):
            if local(child) == "r" and _is_hidden(child, said, styles):
                parent.remove(child)
                found = True
            else:
                around[child] = said
    return found


def _is_hidden(run: ElementTree.Element, paragraph: Mapping[str, str], styles: _Styles) -> bool:
    """Tell whether a run is not shown, or cannot be read on a white page.

    A style that makes letters white has something dark behind them more often than not.
    """
    own = _said(run)
    said = {**paragraph, **styles.of(own.get("rStyle", "")), **own}
    vanished = any(name in said and said[name] not in _OFF for name in ("vanish", "webHidden"))
    size = said.get("sz", "")
    tiny = size.isdecimal() and int(size) < _LEAST_LETTER
    white = own.get("color", "").upper() == "FFFFFF" and not {"shd", "highlight"} & own.keys()
    return vanished or tiny or white


def _said(element: ElementTree.Element) -> dict[str, str]:
    """Return the properties of a run or style, by name."""
    properties = _child(element, "rPr")
    return {} if properties is None else {local(it): _value(it) for it in properties}


def _child(element: ElementTree.Element | None, name: str) -> ElementTree.Element | None:
    return None if element is None else next((it for it in element if local(it) == name), None)


def _value(element: ElementTree.Element | None) -> str:
    return "" if element is None else _attribute(element, "val")


def _attribute(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.items() if key.endswith(f"}}{name}")), "")
