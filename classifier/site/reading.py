"""Read the articles of a site once."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from classifier.content import document
from classifier.content.discovery import EVERYTHING, Found, Selection, walk
from classifier.content.document import Document
from classifier.models import Failure
from classifier.site import generator as generators
from classifier.site.fields import ArticleMeta, LabelField, label_fields
from classifier.site.generator import Generator, Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteReading:
    folder: Path
    """The site's own."""
    content: tuple[Path, ...]
    """Its folders of articles."""
    exclude: tuple[str, ...]
    """Patterns below these of what is no article."""
    generator: Generator
    documents: Mapping[str, Document]
    """By path."""
    unread: tuple[Failure, ...]
    other_files: Mapping[str, int]
    """By ending, files that could be read if the settings asked for them."""

    def without(self, definitions: Collection[str]) -> SiteReading:
        """Return the site without files among its articles that define categories."""
        real = {os.path.realpath(path) for path in definitions}
        documents = {
            path: one for path, one in self.documents.items() if os.path.realpath(path) not in real
        }
        return replace(self, documents=documents)

    def fields(self) -> list[LabelField]:
        """Return the fields that hold labels."""
        articles = (
            ArticleMeta(path, one.front_matter.meta, one.front_matter.body)
            for path, one in self.documents.items()
        )
        return label_fields(articles, self.generator)


def read(
    folder: Path, content: Sequence[Path], *, selection: Selection = EVERYTHING
) -> SiteReading:
    """Read a site.

    Args:
        folder: Where its settings are, or are to be.
        content: Folders of articles; none: where its generator keeps them.
        selection: Which files are articles. Where it excludes none: not those that such sites have
            beside articles.

    Raises:
        UsageError: A folder does not exist.
    """
    start = content[0] if content else folder
    known = generators.configured(start, folder)
    chosen: list[Path] = []
    for path in content or [folder]:
        inside = known is not None and path.resolve() == known[1]
        at_top = inside or not content
        chosen += (
            generators.content_folders(path, known[0] if known else "plain") if at_top else [path]
        )
    if not selection.exclude:
        usual = dict.fromkeys(p for path in chosen for p in generators.no_articles(path))
        selection = replace(selection, exclude=tuple(usual))
    other_files: Counter[str] = Counter()
    documents, unread = _documents(chosen, selection, other_files)
    samples = (
        Sample(path, frozenset(map(str.lower, one.front_matter.meta)), one.front_matter.body)
        for path, one in documents.items()
    )
    return SiteReading(
        folder=folder,
        content=tuple(chosen),
        exclude=selection.exclude,
        generator=known[0] if known else generators.guessed(chosen[0], samples),
        documents=documents,
        unread=tuple(unread),
        other_files=other_files,
    )


def _documents(
    content: Sequence[Path], selection: Selection, other_files: Counter[str]
) -> tuple[dict[str, Document], list[Failure]]:
    documents: dict[str, Document] = {}
    unread: list[Failure] = []
    folders = [near(path) for path in content]
    for found in (found for path in folders for found in walk(path, selection, left=other_files)):
        if isinstance(found, Found):
            opened = document.read(Path(found.path))
            if isinstance(opened, Failure):
                unread.append(opened)
            else:
                documents[found.path] = opened
    return documents, unread


def near(path: Path) -> Path:
    """Return a path as a person in the current folder would type it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
