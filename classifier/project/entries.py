"""Judge the entries of files that hold many articles: rows, messages, entries of feeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.content.collections import articles_in
from classifier.content.formats.tables import Columns
from classifier.models import Article, Failure, Result
from classifier.project.running import classify_many

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


def classify_entries(
    project: Workspace, path: Path, *, store: bool, retry_failed: bool = False
) -> Iterator[Result]:
    columns = Columns(**project.settings.table.model_dump())
    scorer = project.scorer.identity
    failed: list[tuple[str, Failure]] = []

    def readable() -> Iterator[Article]:
        for id_, entry in articles_in(path, columns):
            if isinstance(entry, Article):
                yield entry
            else:
                failed.append((id_, entry))

    def failures() -> Iterator[Result]:
        while failed:
            id_, failure = failed.pop(0)
            yield Result(article=id_, scorer=scorer, failures=(failure,))

    for result in classify_many(project, readable(), store=store, retry_failed=retry_failed):
        yield from failures()
        yield result
    yield from failures()
