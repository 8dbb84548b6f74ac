"""Category definitions that a site has already: term pages, `tags.yml`, data files, tag pages."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from classifier import taxonomy
from classifier.errors import TaxonomyError
from classifier.models import Category
from classifier.site.generator import Generator
from classifier.site.vocabulary import SiteLabel, matched

_DEEPEST: Final = 4
"""Folders below a content folder in which term pages are looked for."""
_LEAST_MATCHED: Final = 0.3
"""Of the pages in a folder, that must be of labels in use for it to be one of tag pages."""
OWN_FOLDERS: Final = ("taxonomy", "_taxonomy", "Taxonomy")
"""Where `classify init` writes categories."""
_SINGULAR: Final = {"tags": "tag", "categories": "category", "topics": "topic"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    path: Path
    """A folder or file for `categories` in the settings."""
    categories: tuple[Category, ...]
    error: str = ""
    """Why they cannot be read, in one line."""


def definitions(
    folder: Path,
    content: Sequence[Path],
    kind: str,
    labels: Sequence[SiteLabel],
    generator: Generator,
) -> list[Definitions]:
    """Return what defines the labels of a kind.

    Args:
        folder: The site's own.
        content: Its folders of articles.
        kind: What the labels are called: `tags`.
        labels: Those in use; pages that have to do with none of them are no definitions.
        generator: Decides where to look.
    """
    found: dict[str, Definitions] = {}
    for path in _places(folder, content, kind, generator):
        real = os.path.realpath(path)
        if real in found:
            continue
        read = _read(path)
        if path.name in OWN_FOLDERS or read.error or _is_about(read.categories, labels, kind):
            found[real] = read
    return list(found.values())


def _places(
    folder: Path, content: Sequence[Path], kind: str, generator: Generator
) -> Iterator[Path]:
    names = [kind, *([_SINGULAR[kind]] if kind in _SINGULAR else [])]
    if generator in ("Hugo", "plain"):
        for root in content:
            yield from _term_folders(root, names)
    if generator in ("Docusaurus", "plain"):
        for root in (*content, folder):
            yield from _files(root, [f"{kind}.yml", f"{kind}.yaml"])
    if generator == "Jekyll":
        data = folder / "_data"
        yield from _files(data, [f"{name}{end}" for name in names for end in (".yml", ".yaml")])
        for name in names:
            yield from _folders(folder, [f"_{name}", name])
    yield from _own_folders(folder, kind)


def _own_folders(folder: Path, kind: str) -> Iterator[Path]:
    """Yield the folders for categories of a site that have some of a kind."""
    return (folder / own for own in OWN_FOLDERS if (folder / own / kind).is_dir())


def _term_folders(root: Path, names: Collection[str]) -> Iterator[Path]:
    """Yield folders such as `content/tags` whose folders have an `_index.md`."""
    start = len(root.parts)
    for at, folders, _ in os.walk(root):
        here = Path(at)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        if here.name.lower() in names and any((here / n / "_index.md").is_file() for n in folders):
            yield here
        if len(here.parts) - start >= _DEEPEST:
            folders.clear()


def _files(root: Path, names: Sequence[str]) -> Iterator[Path]:
    return (root / name for name in names if (root / name).is_file())


def _folders(root: Path, names: Sequence[str]) -> Iterator[Path]:
    return (root / name for name in names if (root / name).is_dir())


def _read(path: Path) -> Definitions:
    try:
        return Definitions(path=path, categories=taxonomy.load(path).categories)
    except TaxonomyError as error:
        return Definitions(path=path, categories=(), error=str(error))


def _is_about(categories: Sequence[Category], labels: Sequence[SiteLabel], kind: str) -> bool:
    meant = {category.id for category in matched(labels, categories, kind).values()}
    return len(meant) >= _LEAST_MATCHED * len(categories)
