"""Which reader reads which file, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from classifier.content.formats.extract import Extract, UnreadableError


@dataclass(frozen=True, slots=True)
class Format:
    """A format other than Markdown."""

    name: str
    suffixes: tuple[str, ...]
    read: Callable[[bytes], Extract]
    """Raises UnreadableError. Imports what it needs when it is called."""
    extra: str = ""
    """The extra that has what it needs; empty if nothing is missing without one."""


def _html(data: bytes) -> Extract:
    from classifier.content.formats import html

    return html.read(data)


def _notebook(data: bytes) -> Extract:
    from classifier.content.formats import notebook

    return notebook.read(data)


def _asciidoc(data: bytes) -> Extract:
    from classifier.content.formats import asciidoc

    return asciidoc.read(data)


def _restructuredtext(data: bytes) -> Extract:
    from classifier.content.formats import restructuredtext

    return restructuredtext.read(data)


def _docx(data: bytes) -> Extract:
    from classifier.content.formats import docx

    return docx.read(data)


def _epub(data: bytes) -> Extract:
    from classifier.content.formats import epub

    return epub.read(data)


def _pdf(data: bytes) -> Extract:
    from classifier.content.formats import pdf

    return pdf.read(data)


FORMATS: Final = (
    Format("HTML", (".html", ".htm", ".xhtml"), _html),
    Format("notebook", (".ipynb",), _notebook),
    Format("AsciiDoc", (".adoc", ".asciidoc", ".asc"), _asciidoc),
    Format("reStructuredText", (".rst",), _restructuredtext, extra="files"),
    Format("Word", (".docx",), _docx, extra="files"),
    Format("EPUB", (".epub",), _epub, extra="files"),
    Format("PDF", (".pdf",), _pdf, extra="files"),
)
BY_SUFFIX: Final = {suffix: format_ for format_ in FORMATS for suffix in format_.suffixes}
TEXT_SUFFIXES: Final = (".txt",)
"""Read as Markdown, front matter and all; folders are searched for them only if asked to."""
OPTIONAL_SUFFIXES: Final = (*TEXT_SUFFIXES, *BY_SUFFIX)
"""What a folder run takes only if it is asked to."""


def format_of(path: PurePath | str) -> Format | None:
    """Return the format of a file; None for Markdown and whatever is read as such."""
    return BY_SUFFIX.get(PurePath(path).suffix.lower())


def extract(format_: Format, data: bytes) -> Extract:
    """Read a file.

    Raises:
        UnreadableError: It cannot be read, or its extra is not installed.
    """
    try:
        return format_.read(data)
    except UnreadableError:
        raise
    except ImportError:
        if not format_.extra:
            raise
        needed = f"pip install 'category-classifier[{format_.extra}]'"
        raise UnreadableError(f"is {format_.name}, which needs an extra: {needed}") from None
    except Exception as error:
        if not format_.extra:
            raise
        # A library met something that its format does not allow; it may raise anything.
        problem = " ".join(str(error).split())[:200] or type(error).__name__
        raise UnreadableError(f"cannot be read as {format_.name}: {problem}") from None
