"""Read an article: from a file, a bundle folder, bytes or text. Trouble with it is a value."""

from __future__ import annotations

from pathlib import Path

from classifier.content import document
from classifier.content.document import Document, file_of
from classifier.models import Article, Failure

__all__ = ["file_of", "from_bytes", "from_text", "read"]


def read(path: Path) -> Article | Failure:
    """Read a content file, or the index file of a bundle folder; `Article.id` is the path as given.

    Raises:
        UsageError: There is nothing at `path`.
    """
    return _article(document.read(path))


def from_bytes(data: bytes, *, id: str) -> Article | Failure:  # noqa: A002 - as in Article
    """Decode UTF-8, with or without a byte order mark, and read the article."""
    return _article(document.from_bytes(data, id=id))


def from_text(text: str, *, id: str = "-") -> Article | Failure:  # noqa: A002 - as in Article
    """Read text already in memory, front matter and all."""
    return _article(document.from_text(text, id=id))


def _article(opened: Document | Failure) -> Article | Failure:
    return opened if isinstance(opened, Failure) else opened.article
