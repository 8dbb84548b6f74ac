"""Read the articles of a site once."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from classifier.content import document
from classifier.content.discovery import Found, Selection, walk
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

    def fields(self, without: Collection[Path] = ()) -> list[LabelField]:
        """Return the fields that hold labels; `without`: definitions among the articles."""
        definitions = {os.path.realpath(path) for path in without}
        articles = (
            ArticleMeta(path, one.front_matter.meta, one.front_matter.body)
            for path, one in self.documents.items()
            if not definitions or os.path.realpath(path) not in definitions
        )
        return label_fields(articles, self.generator)


def read(
    folder: Path, content: Sequence[Path], *, exclude: Sequence[str] | None = None
) -> SiteReading:
    """Read a site.

    Args:
        folder: Where its settings are, or are to be.
        content: Folders of articles; none: where its generator keeps them.
        exclude: Patterns of what is no article; None: what such sites have beside articles.

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
    if exclude is None:
        exclude = tuple(dict.fromkeys(p for path in chosen for p in generators.no_articles(path)))
    documents, unread = _documents(chosen, Selection(exclude=tuple(exclude)))
    samples = (
        Sample(path, frozenset(map(str.lower, one.front_matter.meta)), one.front_matter.body)
        for path, one in documents.items()
    )
    return SiteReading(
        folder=folder,
        content=tuple(chosen),
        exclude=tuple(exclude),
        generator=known[0] if known else generators.guessed(chosen[0], samples),
        documents=documents,
        unread=tuple(unread),
    )


def _documents(
    content: Sequence[Path], selection: Selection
) -> tuple[dict[str, Document], list[Failure]]:
    documents: dict[str, Document] = {}
    unread: list[Failure] = []
    for found in (found for path in content for found in walk(path, selection)):
        if isinstance(found, Found):
            opened = document.read(Path(found.path))
            if isinstance(opened, Failure):
                unread.append(opened)
            else:
                documents[found.path] = opened
    return documents, unread
