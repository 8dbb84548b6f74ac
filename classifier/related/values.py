"""What is known of an article that may be related to others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_OFF: Final = (False, "false", "no")
_ON: Final = (True, "true", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedPage:
    """An article as others refer to it."""

    path: str
    """As the caller wrote it."""
    reference: str
    """The path in its content folder, with `/`; of a bundle, its folder."""
    title: str
    section: str
    slug: str
    kind: str = ""
    """`ItemKind` in the front matter."""
    type: str = ""
    """`ItemType` in the front matter, else the section."""
    id: str = ""
    """`ItemId` in the front matter."""
    draft: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """One of the articles related to an article."""

    page: RelatedPage
    similarity: float
    """0-1."""
    labels: tuple[str, ...]
    """Ids of the categories that both articles have."""


def page_of(
    path: str, below: str, *, meta: Mapping[str, Any], title: str, section_key: str = ""
) -> RelatedPage:
    """Return what is known of an article.

    Args:
        path: As the caller wrote it.
        below: The path in its content folder, with `/`.
        meta: Its front matter.
        title: Of the article.
        section_key: The key that holds its section; without, it is the first folder in `below`.
    """
    small = {key.lower(): value for key, value in meta.items()}
    folder, _, name = below.rpartition("/")
    stem = name.rpartition(".")[0]
    bundle = stem in ("index", "_index")
    reference = folder if bundle and folder else below
    section = below.partition("/")[0] if "/" in below else ""
    if section_key:
        section = text_of(small, section_key)
    return RelatedPage(
        path=path,
        reference=reference,
        title=title,
        section=section,
        slug=text_of(small, "slug") or (folder.rpartition("/")[2] if bundle and folder else stem),
        kind=text_of(small, "itemkind"),
        type=text_of(small, "itemtype") or section,
        id=text_of(small, "itemid"),
        draft=_is_draft(small),
    )


def text_of(meta: Mapping[str, Any], key: str) -> str:
    """Return a text or a whole number of front matter with lower-case keys; else nothing."""
    value = meta.get(key.lower())
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return re.sub(r"\s+", " ", str(value)).strip()


def _is_draft(meta: Mapping[str, Any]) -> bool:
    def is_one(key: str, values: tuple[object, ...]) -> bool:
        value = meta.get(key)
        return (value.strip().lower() if isinstance(value, str) else value) in values

    return is_one("draft", _ON) or is_one("published", _OFF) or is_one("publish", _OFF)
