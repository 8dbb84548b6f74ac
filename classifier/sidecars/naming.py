"""What the files are called, and what is called what in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from classifier.models import Category, digest

FILE_KINDS: Final = ("categories", "tags", "classifications")
"""What such files are called after. We write the last; the others are older."""

_FILE: Final = re.compile(rf"data\.(?P<stem>.+)\.(?:{'|'.join(FILE_KINDS)})\.json")


def file_name(article: PurePath, form: str = FILE_KINDS[-1]) -> str:
    """Return what the file beside an article is called."""
    return f"data.{article.stem}.{form}.json"


def article_stem(file: str) -> str | None:
    """Return the stem of the article that a file of this name is beside; None for other files."""
    found = _FILE.fullmatch(file)
    return found["stem"] if found else None


def entry_keys(categories: Iterable[Category]) -> dict[str, str]:
    """Return the key of each category of a whole taxonomy, by id.

    That is its title, with the kind or the id in brackets where others would have the same key:
    letter case does not count, because to some readers of JSON it does not.
    """
    called = {category.id: _candidates(category) for category in categories}
    taken = Counter(file_name.casefold() for names in called.values() for file_name in names)
    return {
        id_: next(
            (file_name for file_name in names if taken[file_name.casefold()] == 1),
            f"{id_} {digest(id_)}",
        )
        for id_, names in called.items()
    }


def _candidates(category: Category) -> tuple[str, ...]:
    title = category.title
    return title, f"{title} ({category.kind})", f"{title} ({category.id})"
