"""The text of a drafted category file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from classifier.site.drafts import Draft

_MARK: Final = "# A draft by `classify init`"
_START: Final = 500
"""Bytes of a file in which the mark is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDraft:
    title: str
    aliases: Sequence[str] = ()
    parent: str = ""
    articles: int
    draft: Draft


def text_of(category: CategoryDraft) -> str:
    """Return a Markdown file with front matter that reads back as what was put in, whatever it is.

    Comments mark it as a draft, and hold its typical sentences for whoever writes the description:
    as a description, they cost more labels than they brought (decision 19).
    """
    meta: dict[str, object] = {"title": _clean(category.title)}
    if category.aliases:
        meta["aliases"] = [_clean(alias) for alias in category.aliases]
    if category.parent:
        meta["parent"] = _clean(category.parent)
    if category.draft.terms:
        meta["include"] = [_clean(term) for term in category.draft.terms]
    block = yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100)
    articles = "1 article" if category.articles == 1 else f"{category.articles:,} articles"
    mark = f"{_MARK} from {articles}: edit it.\n"
    return f"---\n{mark}{block}---\n{_quoted(category.draft)}"


def is_draft(path: Path) -> bool:
    """Whether a category file still has the mark of a draft."""
    try:
        with path.open("rb") as file:
            return f"\n{_MARK}".encode() in file.read(_START).replace(b"\r\n", b"\n")
    except OSError:
        return False


def _quoted(draft: Draft) -> str:
    if not draft.sentences:
        return ""
    # No sentence may end the comment, and no paragraph begin in it.
    lines = (f"- {_clean(sentence).replace('--', '-')}\n" for sentence in draft.sentences)
    return f"<!-- Write a description; typical sentences of these articles:\n{''.join(lines)}-->\n"


def _clean(text: str) -> str:
    """Leave out what no name needs: control and format characters, half characters."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    return " ".join("".join(kept).split())


def readable(slug: str) -> str:
    """Return a slug as a title: `open-data` is `Open data`."""
    words = " ".join(slug.replace("-", " ").replace("_", " ").split())
    return words if any(char.isupper() for char in words) else words[:1].upper() + words[1:]
