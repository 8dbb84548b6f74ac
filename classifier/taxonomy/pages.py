"""Tell category definitions from the articles that stand among them, as in a Hugo site."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from classifier.taxonomy.definitions import Definition

_DATES: Final = ("date", "published", "pubdate", "publishdate", "created", "created_at", "lastmod")
_ARTICLE_WORDS: Final = 150
"""A page with as many words and nothing that defines a category is an article."""


def without_articles(
    found: Sequence[Definition], root: Path, warnings: list[str]
) -> Iterator[Definition]:
    """Leave out articles, where a folder surely has definitions too.

    A definition has a key that says so (`Instructions`, `include`, `exclude`,
    `ClassificationType`) or is a term page of Hugo (`tags/baking/_index.md`). In a folder
    below `root` without any, where most pages have a date or a long text, all pages are articles.
    Beside a definition, a page with a date is one, with a warning. Where nothing is surely a
    definition, everything is one: a folder of pages with a title and a description is a taxonomy.
    """
    sure = {definition.path for definition in found if _is_sure(definition, root)}
    if not sure:
        yield from found
        return
    groups: dict[str, list[Definition]] = defaultdict(list)
    for definition in found:
        groups[_group(definition.path, root)].append(definition)
    articles = {name for name, group in groups.items() if _holds_articles(group, sure)}
    for definition in found:
        if definition.path in sure:
            yield definition
        elif _group(definition.path, root) in articles:
            continue
        elif _is_dated(definition):
            warnings.append(
                f"{str(definition.path)!r}: has a date and nothing that defines a category, so it "
                "is taken for an article; add Instructions to make it a category"
            )
        else:
            yield definition


def _is_sure(definition: Definition, root: Path) -> bool:
    inside = definition.path.relative_to(root)
    return not definition.is_page or (inside.stem == "_index" and len(inside.parts) > 2)


def _group(path: Path, root: Path) -> str:
    inside = path.relative_to(root).parts
    return inside[0] if len(inside) > 1 else ""


def _holds_articles(group: Iterable[Definition], sure: set[Path]) -> bool:
    pages = [_is_article(definition) for definition in group if definition.path not in sure]
    whole = not any(definition.path in sure for definition in group)
    return whole and 2 * sum(pages) > len(pages)


def _is_article(definition: Definition) -> bool:
    long = len(definition.body.split()) >= _ARTICLE_WORDS
    return _is_dated(definition) or (long and definition.path.stem != "_index")


def _is_dated(definition: Definition) -> bool:
    dated = any(definition.meta.get(key) for key in _DATES)
    return dated and definition.path.stem != "_index"
