"""A content file that is read once: its text, its front matter, and the article in it."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from classifier import addresses, language, small_files, unexpected
from classifier.content.decoding import DecodingError, decode
from classifier.content.discovery import BUNDLE_FILES
from classifier.content.formats import registry
from classifier.content.formats.extract import UnreadableError
from classifier.content.front_matter import reading
from classifier.content.front_matter.reading import FrontMatter, FrontMatterError
from classifier.models import Article, Failure, FailureReason

if TYPE_CHECKING:
    from classifier.content.formats.registry import Format
    from classifier.content.prose import Prose

_DESCRIPTIONS = ("description", "summary", "abstract", "deck", "excerpt", "subtitle")
_WORD = re.compile(r"[^\W_]")
_NAME_GAPS = re.compile(r"[-_\s]+")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")
_FINE_NS = 50_000_000
_COARSE_NS = 2_000_000_000
"""A file that was changed less than this before it was read may change again and keep its time
stamp, where the file system counts time in steps finer than a millisecond, or coarser."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it stood when it was read."""

    file: tuple[int, int]
    """Device and number."""
    size: int
    """Bytes."""
    mtime_ns: int
    ctime_ns: int
    settled: bool
    """Whether any later change shows in the other fields."""

    @classmethod
    def of(cls, status: os.stat_result, *, now_ns: int) -> Stamp:
        age = now_ns - max(status.st_mtime_ns, status.st_ctime_ns)
        return cls(
            file=(status.st_dev, status.st_ino),
            size=status.st_size,
            mtime_ns=status.st_mtime_ns,
            ctime_ns=status.st_ctime_ns,
            settled=age > (_FINE_NS if status.st_ctime_ns % 1_000_000 else _COARSE_NS),
        )

    def is_current(self, path: Path) -> bool:
        """Tell whether a file is surely the one that was read; False where that is not known."""
        try:
            now = Stamp.of(path.stat(), now_ns=0)
        except OSError:
            return False
        return self.settled and replace(now, settled=True) == self


@dataclass(frozen=True, kw_only=True)
class Document:
    id: str
    """The path as given, `-` for standard input, or whatever the caller names it."""
    text: str
    """All of it, decoded; a byte order mark is the first character. What was taken from it where
    that has no place in the file."""
    front_matter: FrontMatter
    format: str = "Markdown"
    """Others have no front matter that could be edited."""
    stamp: Stamp | None = field(default=None, compare=False)
    """Of the file that it was read from."""

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.text.encode("utf-8")

    @cached_property
    def article(self) -> Article | Failure:
        """The article in it.

        Without a word of prose in its body it is judged by its title and description. Text without
        a description, too, is a failure even where the front matter has a title: a judgement of the
        title alone would pass for one of the article.
        """
        return unexpected.contain(self._article, article=self.id)

    def _article(self) -> Article | Failure:
        meta = {key.lower(): value for key, value in self.front_matter.meta.items()}
        description = _whole(_first_text(meta, _DESCRIPTIONS))
        if not (_WORD.search(self.prose.text) or _WORD.search(description)):
            message = f"{self.id!r} has no prose to judge: at most markup or code; add some text"
            return Failure(FailureReason.EMPTY, message)
        title = _first_text(meta, ("title",)) or _heading(self.prose) or _title_from_name(self.id)
        article = Article(
            id=self.id,
            title=_whole(title),
            description=description,
            body=self.front_matter.body,
            body_start=self.front_matter.body_start,
            language=_language(meta, self.id),
        )
        _PROSE[article] = self.prose
        return article

    @cached_property
    def prose(self) -> Prose:
        """The body without markup."""
        return _prose(self.front_matter.body)

    def edited(self, text: str, front_matter: FrontMatter) -> Document:
        """Return the file with other front matter over the same body."""
        after = Document(id=self.id, text=text, front_matter=front_matter)
        if front_matter.body == self.front_matter.body:
            after.__dict__["prose"] = self.prose
        return after


_PROSE: WeakKeyDictionary[Article, Prose] = WeakKeyDictionary()
"""Kept as long as the articles themselves, and not pickled with them."""


def prose(article: Article) -> Prose:
    """Return the prose of an article's body, made once for each article that is held."""
    known = _PROSE.get(article)
    if known is None:
        known = _PROSE[article] = _prose(article.body)
    return known


def _prose(body: str) -> Prose:
    from classifier.content import markdown  # slow to import: a run may read no article

    return markdown.prose(body)


def language_of(article: Article) -> str:
    """Return the code of an article's language, detected if nothing says it; empty if unsure."""
    if article.language:
        return article.language
    return language.detect("\n".join((prose(article).text, article.description, article.title)))


def notes(article: Article) -> tuple[str, ...]:
    """Return what there is to say about how an article is judged."""
    if _WORD.search(prose(article).text):
        return ()
    return ("no text in the body: judged by title and description",)


class Documents:
    """Reads documents and keeps the first ones, so that the steps of a run read a file once.

    One whose file has changed is read again.
    """

    def __init__(self, *, most_bytes: int = 64 * 2**20) -> None:
        """Keep documents that take up to about `most_bytes` of memory."""
        self._most = most_bytes
        self._size = 0
        self._kept: dict[str, Document] = {}

    def read(self, path: Path, *, keep: bool = True) -> Document | Failure:
        """Return a document, and `keep` it; otherwise as `read` in this module."""
        name = path.as_posix()
        kept = self._kept.get(name)
        if kept is not None:
            if kept.stamp and kept.stamp.is_current(path):
                return kept
            if self._kept.pop(name, None) is kept:  # another thread may have cleared them
                self._size -= _memory(kept)
        document = read(path)
        if not keep or isinstance(document, Failure):
            return document
        if document.stamp and document.stamp.settled:
            size = _memory(document)
            if self._size + size <= self._most:
                self._kept[name] = document
                self._size += size
        return document

    def clear(self) -> None:
        """Let go of all that is kept."""
        self._kept.clear()
        self._size = 0


def _memory(document: Document) -> int:
    """Estimate the bytes of memory of text, body and prose together."""
    return 4 * (document.stamp.size if document.stamp else len(document.text)) + 1000


# --- opened from ---------------------------------------------------------------------------------


LARGEST: Final = 64_000_000
"""Bytes of an article; more would take gigabytes of memory."""
_NOT_MARKDOWN: Final = frozenset(
    f".{ending}"
    for ending in (
        *("csv", "tsv", "json", "jsonl", "xml", "odt", "doc", "rtf", "xlsx", "parquet"),
        *("mbox", "rss", "atom"),
    )
)
"""What would be judged with its markup, or as numbers, if it were taken for Markdown."""


def read(path: Path) -> Document | Failure:
    """Read a content file, or the index file of a bundle folder; `Document.id` is `path` as given.

    Raises:
        UsageError: There is nothing at `path`.
    """
    name = path.as_posix()
    try:
        file = file_of(path)
        if file is None:
            return _unreadable(name, f"is a folder without {BUNDLE_FILES[0]}; name a file in it")
        if file.suffix.lower() in _NOT_MARKDOWN:
            kind = file.suffix.lower()[1:]
            return _unreadable(
                name, f"is a {kind} file, not Markdown; convert it to Markdown first"
            )
        small_files.refuse_pipe(file)
        with file.open("rb") as opened:
            stamp = Stamp.of(os.fstat(opened.fileno()), now_ns=time.time_ns())
            data = opened.read(LARGEST + 1)
    except FileNotFoundError:
        raise addresses.missing(name) from None
    except OSError as error:
        return _unreadable(name, f"cannot be read: {error.strerror or error}; check the file")
    if len(data) > LARGEST:
        return _unreadable(name, f"is larger than {LARGEST // 10**6} MB; split it, or leave it out")
    format_ = registry.format_of(file)
    document = _of_format(data, name, format_) if format_ else from_bytes(data, id=name)
    return document if isinstance(document, Failure) else replace(document, stamp=stamp)


def from_bytes(data: bytes, *, id: str) -> Document | Failure:  # noqa: A002 - as in Article
    """Decode UTF-8, with or without a byte order mark, and read its front matter."""
    try:
        text = decode(data)
    except DecodingError as error:
        return _not_utf8(id, str(error))
    return from_text(text, id=id)


def _of_format(data: bytes, name: str, format_: Format) -> Document | Failure:
    try:
        it = registry.extract(format_, data)
    except UnreadableError as error:
        return _unreadable(name, str(error))
    except BaseException as error:  # noqa: BLE001 - raised again where it is not the article's
        return unexpected.failure(error, article=name)
    front_matter = FrontMatter(meta=it.meta, format="none", body=it.body, body_start=it.body_start)
    text = it.body if it.text is None else it.text
    return Document(id=name, text=text, front_matter=front_matter, format=format_.name)


def from_text(text: str, *, id: str = "-") -> Document | Failure:  # noqa: A002 - as in Article
    """Read text already in memory, front matter and all."""
    try:
        front_matter = reading.parse(text)
    except FrontMatterError as error:
        return Failure(FailureReason.FRONT_MATTER, f"{id!r}: {error}; fix it and run again")
    except BaseException as error:  # noqa: BLE001 - raised again where it is not the article's
        return unexpected.failure(error, article=id)
    return Document(id=id, text=text, front_matter=front_matter)


def file_of(path: Path) -> Path | None:
    """Return `path`, or the index file of a bundle folder; None for a folder without one."""
    if not small_files.is_dir(path):
        return path
    candidates = (path / name for name in BUNDLE_FILES)
    return next((file for file in candidates if small_files.is_file(file)), None)


def _unreadable(name: str, problem: str) -> Failure:
    return Failure(FailureReason.UNREADABLE, f"{name!r} {problem}")


def _not_utf8(name: str, problem: str) -> Failure:
    return Failure(FailureReason.NOT_UTF8, f"{name!r} {problem}; save it as UTF-8")


def _first_text(meta: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    values = (meta.get(key) for key in keys)
    texts = (" ".join(value.split()) for value in values if isinstance(value, str))
    return next(filter(None, texts), "")


def _whole(text: str) -> str:
    """Replace what no model can read: bytes of a file name that are not UTF-8, stray escapes."""
    return _HALF_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def _heading(prose: Prose) -> str:
    """Return the first level-1 heading, else the first of any level."""
    first = min(prose.headings, key=lambda heading: heading.level > 1, default=None)
    return first.text if first else ""


def _language(meta: Mapping[str, Any], name: str) -> str:
    """Return the code of the language that front matter or file name (`post.fr.md`) say."""
    said = language.code_of(meta.get("lang")) or language.code_of(meta.get("language"))
    return said or language.split_suffix(PurePosixPath(name).stem)[1]


def _title_from_name(name: str) -> str:
    if name == "-":
        return ""
    path = PurePosixPath(name)
    own, said = language.split_suffix(path.stem)
    bundle = path.name in BUNDLE_FILES or (said and f"{own}{path.suffix}" in BUNDLE_FILES)
    stem = path.parent.name if bundle else own
    return _NAME_GAPS.sub(" ", stem or path.stem).strip().title()
