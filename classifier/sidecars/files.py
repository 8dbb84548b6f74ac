"""Sidecar files: where they are, and reading them."""

from __future__ import annotations

import errno
import stat
from pathlib import Path
from typing import Final

from classifier import small_files
from classifier.content.discovery import SUFFIXES
from classifier.content.formats.registry import format_of
from classifier.errors import UsageError
from classifier.sidecars import naming, parsing
from classifier.sidecars.parsing import Sidecar, SidecarError

_LARGEST: Final = 16 * 2**20
"""Bytes; a hundred categories with reasoning and evidence take about a hundredth of this."""


def path_for(article: Path, form: str = naming.FILE_KINDS[-1]) -> Path:
    return article.with_name(naming.file_name(article, form))


def article_of(path: Path) -> Path:
    """Return the article of a sidecar; any other path is returned as it is.

    Raises:
        UsageError: The article does not exist.
    """
    stem = naming.article_stem(path.name)
    if stem is None or small_files.is_dir(path):
        return path
    if not small_files.exists(path):
        raise UsageError(f"no such file or folder: {str(path)!r}")
    names = [stem + suffix for suffix in SUFFIXES]
    if format_of(stem):
        names.insert(0, stem)
    articles = (path.with_name(name) for name in names)
    article = next((article for article in articles if small_files.exists(article)), None)
    if article is None:
        raise UsageError(f"{str(path)!r}: the article of this sidecar does not exist")
    return article


def read(article: Path, form: str = naming.FILE_KINDS[-1]) -> Sidecar:
    """Return the entries of an article's sidecar; none if there is no file.

    Raises:
        SidecarError: The file cannot be used; the message is one line that names it.
    """
    return read_file(path_for(article, form), beside=article)


def read_file(path: Path, *, beside: Path | None = None) -> Sidecar:
    """Return the entries of a sidecar; none if there is no file.

    Args:
        path: The file.
        beside: The article that it is beside, if it is; no other article may have the same file.

    Raises:
        SidecarError: The file cannot be used; the message is one line that names it.
    """
    try:
        entries = _parsed(path)
        if entries and beside is not None:
            check_alone(beside)
    except SidecarError as error:
        raise SidecarError(f"{str(path)!r}: {error}") from None
    return entries


def check_alone(article: Path) -> None:
    """Check that no other article has the same sidecar.

    Raises:
        SidecarError: One has.
    """
    if format_of(article):
        others = [article.with_name(article.name + suffix) for suffix in SUFFIXES]
    else:
        others = [article.with_suffix(s) for s in SUFFIXES if s != article.suffix]
        if format_of(article.stem):
            others.append(article.with_name(article.stem))
    if rival := next((other for other in others if small_files.exists(other)), None):
        raise SidecarError(
            f"it would belong to both {article.name!r} and {rival.name!r}: rename one of them"
        )


def _parsed(path: Path) -> Sidecar:
    try:
        status = path.lstat()
        # A link could lead anywhere, and reading from a pipe could block for ever.
        if not stat.S_ISREG(status.st_mode):
            raise SidecarError("a link, folder or device where a file should be")
        if status.st_size > _LARGEST:
            raise SidecarError(f"larger than {_LARGEST:,} bytes")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SidecarError("not UTF-8; save it as UTF-8") from None
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENAMETOOLONG):
            return {}
        raise SidecarError(f"cannot be read: {error.strerror or error}") from None
    return parsing.parse(text)
