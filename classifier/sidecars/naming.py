"""Names of sidecar files, and the keys of the entries in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from classifier.content.formats.registry import BY_SUFFIX
from classifier.models import Category, digest

FILE_KINDS: Final = ("categories", "tags", "classifications")
"""Kinds of sidecar files. We write the last; the others are legacy."""

_FILE: Final = re.compile(
    rf"data\.(?P<stem>.+)\.(?:{'|'.join(FILE_KINDS)}|classifications\.[^.]+)\.json"
)


def file_name(article: PurePath, form: str = FILE_KINDS[-1]) -> str:
    """Return the name of an article's sidecar; of one that is not Markdown, with its ending."""
    stem = article.name if article.suffix.lower() in BY_SUFFIX else article.stem
    return f"data.{stem}.{form}.json"


def of_kind(file: str, kind: str) -> str:
    """Return the name of the file beside a sidecar that has the entries of one kind."""
    return f"{PurePath(file).stem}.{kind}.json"


def article_stem(file: str) -> str | None:
    """Return the stem of the article of a sidecar; None for other files."""
    match = _FILE.fullmatch(file)
    return match["stem"] if match else None


def entry_keys(categories: Iterable[Category]) -> dict[str, str]:
    """Return the key of each category of a whole taxonomy, by id.

    The key is the title, with the kind or the id in brackets if others would have the same key.
    Letter case is ignored, as some readers of JSON ignore it.
    """
    candidates = {category.id: _candidates(category) for category in categories}
    taken = Counter(file_name.casefold() for names in candidates.values() for file_name in names)
    return {
        id_: next(
            (file_name for file_name in names if taken[file_name.casefold()] == 1),
            f"{id_} {digest(id_)}",
        )
        for id_, names in candidates.items()
    }


def _candidates(category: Category) -> tuple[str, ...]:
    title = category.title
    return title, f"{title} ({category.kind})", f"{title} ({category.id})"
