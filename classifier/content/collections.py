"""Files that hold many articles: tables, archives of mail and feeds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final

from classifier import unexpected
from classifier.content.document import Document
from classifier.content.formats.extract import Extract, Item, UnreadableError
from classifier.content.front_matter.reading import FrontMatter
from classifier.models import Article, Failure, FailureReason

if TYPE_CHECKING:
    from classifier.content.formats.tables import Columns

TABLES: Final = (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet")
MAIL: Final = (".mbox",)
FEEDS: Final = (".rss", ".atom", ".xml")
SUFFIXES: Final = (*TABLES, *MAIL, *FEEDS)


def is_collection(path: PurePath) -> bool:
    """Whether a file, by its ending, holds many articles."""
    return path.suffix.lower() in SUFFIXES


def articles_in(path: Path, columns: Columns) -> Iterator[tuple[str, Article | Failure]]:
    """Yield the id and the article of each entry; what is wrong with one is its failure.

    An id is `path#name`. The name is what the file calls the entry (its id column, Message-ID or
    guid), and where it has none, its number, such as `row 3`. Of entries with one name, the second
    and later are failures. A file that cannot be read (any further) is one failure with its path.

    Args:
        path: The file.
        columns: The columns of a table.
    """
    name = path.as_posix()
    seen: set[str] = set()
    try:
        for item in _items(path, columns):
            id_ = f"{name}#{item.name}"
            if id_ in seen:
                yield id_, _failure(id_, "has the id of an earlier entry; ids must differ")
                continue
            seen.add(id_)
            yield id_, article_of(id_, item)
    except UnreadableError as error:
        yield name, _failure(name, str(error))
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}; check the file"
        yield name, _failure(name, problem)
    except Exception as error:  # noqa: BLE001 - raised again where it is not the file's
        yield name, unexpected.failure(error, article=name)


def _items(path: Path, columns: Columns) -> Iterator[Item]:
    from classifier.content.formats import feed, mailbox, tables

    suffix = path.suffix.lower()
    if suffix in TABLES:
        return tables.read(path, columns)
    return mailbox.read(path) if suffix in MAIL else feed.read(path)


def article_of(id_: str, item: Item) -> Article | Failure:
    """Return the article of an entry, or what is wrong with it."""
    it = item.content
    if not isinstance(it, Extract):
        return _failure(id_, f"{'' if it.startswith(('has ', 'is ')) else 'cannot be read: '}{it}")
    matter = FrontMatter(meta=it.meta, format="none", body=it.body, body_start=it.body_start)
    text = it.body if it.text is None else it.text
    # Without a name, so that an entry without a title gets none made of its id.
    article = Document(id="-", text=text, front_matter=matter, format="entry").article
    if isinstance(article, Failure):
        return replace(article, message=article.message.replace("'-'", repr(id_), 1))
    return replace(article, id=id_)


def _failure(name: str, problem: str) -> Failure:
    return Failure(FailureReason.UNREADABLE, f"{name!r} {problem}")
