"""The text of a drafted category file."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from classifier.site.drafts import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryDraft:
    title: str
    aliases: Sequence[str] = ()
    parent: str = ""
    articles: int
    draft: Draft


def text_of(category: CategoryDraft) -> str:
    """Return a Markdown file with front matter that reads back as what was put in, whatever it is.

    A comment marks it as a draft.
    """
    meta: dict[str, object] = {"title": _clean(category.title)}
    if description := _description(category.draft):
        meta["description"] = description
    if category.aliases:
        meta["aliases"] = [_clean(alias) for alias in category.aliases]
    if category.parent:
        meta["parent"] = _clean(category.parent)
    if category.draft.terms:
        meta["include"] = [_clean(term) for term in category.draft.terms]
    block = yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100)
    articles = "1 article" if category.articles == 1 else f"{category.articles:,} articles"
    return f"---\n# A draft by `classify init` from {articles}: edit it.\n{block}---\n"


def _description(draft: Draft) -> str:
    return " ".join(map(_clean, draft.sentences))


def _clean(text: str) -> str:
    """Leave out what no name needs: control and format characters, half characters."""
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    return " ".join("".join(kept).split())


def readable(slug: str) -> str:
    """Return a slug as a title: `open-data` is `Open data`."""
    words = " ".join(slug.replace("-", " ").replace("_", " ").split())
    return words if any(char.isupper() for char in words) else words[:1].upper() + words[1:]
