"""What the files are called, and what is called what in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final

from classifier.models import Category, digest

FORMS: Final = ("categories", "tags", "classifications")
"""What such files are called after. We write the last; the others are older."""

_FILE: Final = re.compile(rf"data\.(?P<stem>.+)\.(?:{'|'.join(FORMS)})\.json")


def name(article: PurePath, form: str = FORMS[-1]) -> str:
    """Return what the file beside an article is called."""
    return f"data.{article.stem}.{form}.json"


def stem(file: str) -> str | None:
    """Return the stem of the article that a file of this name is beside; None for other files."""
    found = _FILE.fullmatch(file)
    return found["stem"] if found else None


def keys(categories: Iterable[Category]) -> dict[str, str]:
    """Return the key of each category of a whole taxonomy, by id.

    That is its title, with the kind or the id in brackets where others would have the same key:
    letter case does not count, because to some readers of JSON it does not.
    """
    called = {category.id: _candidates(category) for category in categories}
    taken = Counter(name.casefold() for names in called.values() for name in names)
    return {
        id_: next((name for name in names if taken[name.casefold()] == 1), f"{id_} {digest(id_)}")
        for id_, names in called.items()
    }


def _candidates(category: Category) -> tuple[str, ...]:
    title = category.title
    return title, f"{title} ({category.kind})", f"{title} ({category.id})"
