"""RSS and Atom feeds: each entry is an article. Nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import small_files
from classifier.content.formats import html
from classifier.content.formats.archive import local
from classifier.content.formats.extract import LARGEST, Extract, Item, UnreadableError, named

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ROOTS: Final = ("rss", "feed", "RDF")
_BODIES: Final = ("encoded", "content", "description", "summary")
"""Elements with the text of an entry, the fullest first."""
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def read(path: Path) -> Iterator[Item]:
    """Yield the entries, named by their guid or id, else their link. Raises UnreadableError."""
    small_files.refuse_pipe(path)
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST // 10**6} MB; split it, or leave it out")
    root = _parsed(data)
    if local(root) not in _ROOTS:
        raise UnreadableError("is no RSS or Atom feed; convert it to Markdown first")
    language = root.get(_LANG) or next(
        (it.text or "" for it in root.iter() if local(it) == "language"), ""
    )
    entries = (it for it in root.iter() if local(it) in ("item", "entry"))
    for number, entry in enumerate(entries, 1):
        own = {local(child): child for child in reversed(entry)}
        name = _text(own.get("guid")) or _text(own.get("id")) or _link(own.get("link"))
        yield Item(name or f"entry {number}", _extract(own, entry.get(_LANG) or language))


def _parsed(data: bytes) -> Element:
    try:
        from defusedxml import DefusedXmlException, ElementTree
    except ImportError:
        needed = "pip install 'category-classifier[files]'"
        raise UnreadableError(f"is a feed, which needs an extra: {needed}") from None
    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise UnreadableError("declares a document type or entities, which are not read") from None
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        problem = " ".join(str(error).split())[:200]
        raise UnreadableError(f"cannot be read as XML: {problem}") from None
    return root


def _extract(own: dict[str, Element], language: str) -> Extract | str:
    body = next((it for name in _BODIES if (it := own.get(name)) is not None and _text(it)), None)
    title = unescape(html.fragment(_text(own.get("title"))))
    if body is None:
        return "has no text" if not title else "has a title, but no text"
    try:
        # Markup is escaped, in CDATA or, as XHTML, in elements of its own.
        text = html.fragment(_markup(body) if len(body) else _text(body))
    except UnreadableError as error:
        return str(error)
    return Extract(body=text, meta=named(title=title, lang=language))


def _markup(element: Element) -> str:
    from xml.etree.ElementTree import tostring

    for it in element.iter():
        it.tag = local(it)
    return tostring(element, encoding="unicode")


def _text(element: Element | None) -> str:
    return "" if element is None else "".join(element.itertext()).strip()


def _link(element: Element | None) -> str:
    return "" if element is None else _text(element) or (element.get("href") or "").strip()
