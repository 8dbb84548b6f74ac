"""A fetched page becomes an article: Markdown, with its URL in the front matter."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from classifier import unexpected
from classifier.content import document
from classifier.content.document import Document
from classifier.content.formats import registry
from classifier.content.formats.extract import UnreadableError, bounded
from classifier.content.front_matter.reading import FrontMatter
from classifier.fetching.addresses import PageAddress
from classifier.fetching.client import Answer, FetchError
from classifier.models import Failure

_SUFFIXES: Final = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/plain": ".md",
    "application/pdf": ".pdf",
}
"""How a page of a media type is read."""
_CHARSET: Final = re.compile(
    r"utf-?(?:8|16|16le|16be)|us-ascii|latin-?1|iso-?8859-?\d{1,2}|(?:windows-|cp)125[0-8]|koi8-[ru]"
    r"|shift[_-]jis|sjis|euc-(?:jp|kr)|gbk?|gb2312|gb18030|big5",
    re.IGNORECASE,
)
"""Those that may be named; Python knows others that are no character sets of pages."""
_META: Final = re.compile(rb"""<meta\b[^<>]*?\bcharset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HEAD: Final = 2_000
_LATIN: Final = re.compile(r"latin-?1|iso-?8859-?1|us-ascii", re.IGNORECASE)


def article(answer: Answer, *, named: PageAddress, at: PageAddress) -> str:
    """Return the text of a Markdown file.

    Args:
        answer: What a server sent.
        named: What was asked for.
        at: Where it was in the end.

    Raises:
        FetchError: It is of a type that nothing reads, damaged, or without prose.
    """
    suffix = _SUFFIXES.get(answer.media_type)
    if suffix is None:
        shown = answer.media_type[:80] or "nothing that is named"
        raise FetchError(f"is no page: its type is {shown}")
    page = unexpected.contain(lambda: _read(answer, suffix), article=str(named))
    if isinstance(page, Failure):
        raise FetchError(f"cannot be read: {page.message}")
    if isinstance(page, str):
        raise FetchError(page)
    found = page.article
    if isinstance(found, Failure):
        raise FetchError("has no prose to judge; a script may fill it in a browser")
    body = bounded(found.body).strip("\n")
    front = {
        "title": found.title or str(named),
        "description": found.description,
        "lang": found.language,
        "source_url": str(named),
        "final_url": str(at) if at != named else "",
        "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return _front_matter({key: value for key, value in front.items() if value}) + body + "\n"


def _read(answer: Answer, suffix: str) -> Document | str:
    """Return the page as a document, or what is wrong with it."""
    format_ = registry.format_of(f"page{suffix}")
    try:
        data = answer.body if suffix == ".pdf" else _decoded(answer).encode("utf-8")
        if format_ is None:
            read = document.from_bytes(data, id="-")
            return "has broken front matter, or is no text" if isinstance(read, Failure) else read
        extract = registry.extract(format_, data)
    except UnreadableError as error:
        return str(error)
    matter = FrontMatter(meta=extract.meta, format="none", body=extract.body, body_start=0)
    return Document(id="-", text=extract.body, front_matter=matter)


def _decoded(answer: Answer) -> str:
    """Decode a text as browsers do: by its mark, the server's word, the page's own, or UTF-8."""
    data = answer.body
    declared = _META.search(data[:_HEAD])
    names = (
        "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "",
        answer.headers.get_content_charset("") or "",
        declared[1].decode() if declared else "",
    )
    name = next(filter(None, names), "utf-8")
    if _LATIN.fullmatch(name):
        name = "cp1252"
    if name != "utf-8-sig" and not _CHARSET.fullmatch(name):
        raise UnreadableError(f"is in an unknown character set: {name[:40]}")
    return data.decode(name, "replace")


def _front_matter(values: dict[str, str]) -> str:
    import yaml

    text = yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=2**20)
    return f"---\n{text}---\n\n"
