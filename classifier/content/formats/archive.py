"""Parts of zip archives, which DOCX and EPUB are: bounded, and never written to disk."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Final

from classifier.content.formats.extract import UnreadableError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MOST_PARTS: Final = 10_000


class Archive:
    """Reads parts of an archive, up to a number of bytes over all of them."""

    def __init__(self, data: bytes, *, most_bytes: int) -> None:
        """Open an archive. Raises UnreadableError if it is none, or has too many parts."""
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            raise UnreadableError("is damaged: not a zip archive") from None
        self.names = self._zip.namelist()
        self._left = most_bytes
        if len(self.names) > _MOST_PARTS:
            raise UnreadableError(f"has more than {_MOST_PARTS:,} parts")

    def size(self, name: str) -> int:
        """Return the bytes of a part, unpacked; no more are ever read of it."""
        return self._zip.getinfo(name).file_size

    def read(self, name: str) -> bytes:
        """Return a part. Raises UnreadableError if there is none, or if it is too large."""
        try:
            self._left -= self.size(name)
            if self._left < 0:
                raise UnreadableError("is too large when it is unpacked; split it, or leave it out")
            return self._zip.read(name)
        except KeyError:
            raise UnreadableError(f"is damaged: it has no {name!r}") from None

    def xml(self, name: str) -> Element:
        """Parse a part; see `parsed`."""
        return parsed(self.read(name))


def parsed(part: bytes) -> Element:
    """Parse XML, without entities of its own and without fetching anything.

    Raises:
        UnreadableError: It declares some, or a document type.
    """
    from defusedxml import DefusedXmlException, ElementTree

    try:
        root: Element = ElementTree.fromstring(part, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableError("declares a document type or entities, which are not read") from None
    return root


def texts(root: Element, name: str) -> str:
    """Return the text of the first element of that name, whatever its namespace."""
    found = next((it for it in root.iter() if local(it) == name), None)
    return "" if found is None else "".join(found.itertext()).strip()


def local(element: Element) -> str:
    """Return an element's name without its namespace."""
    return element.tag.rpartition("}")[2]
