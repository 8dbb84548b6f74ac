"""People's verdicts on articles: accepted or rejected categories."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import taxonomy
from classifier.content import articles
from classifier.content.discovery import key_of
from classifier.errors import UsageError
from classifier.exchange import annotated
from classifier.models import Article, Failure
from classifier.project.gold import GoldSource, read_table
from classifier.store import VerdictRecord

if TYPE_CHECKING:
    from classifier.evaluation.gold import Gold
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


def give(  # noqa: PLR0913 - all but three by name
    project: Workspace,
    path: Path,
    names: Sequence[str],
    *,
    accepted: bool | None,
    note: str,
    source: str = "",
) -> list[VerdictRecord]:
    """Store a verdict for each category; `accepted` None withdraws the earlier one."""
    if not names:
        raise UsageError("a verdict needs a category")
    categories = taxonomy.select(project.definitions, categories=names).categories
    file = articles.file_of(path) or path
    article = _read(file)
    records = project.records.get("write")
    given = [
        VerdictRecord(
            path=key_of(file, home=records.home),
            article=article.digest,
            category=category.id,
            definition=category.digest,
            accepted=accepted,
            note=note,
            source=source,
            at=time.time(),
        )
        for category in categories
    ]
    records.store.add_verdicts(*given)
    return given


def current(project: Workspace) -> list[VerdictRecord]:
    """Return the last verdict on each pair, unless it was withdrawn, by path and category."""
    records = project.records.existing()
    last = {(verdict.path, verdict.category): verdict for verdict in records.store.verdicts()}
    return [verdict for _, verdict in sorted(last.items()) if verdict.accepted is not None]


def import_verdicts(project: Workspace, gold: str | Path | GoldSource) -> list[VerdictRecord]:
    source = gold if isinstance(gold, GoldSource) else GoldSource(gold)
    if Path(source.path).suffix.lower() == annotated.SUFFIX:
        return _import_annotations(project, Path(source.path))
    found = read_table(project, source, project.records.get("read"))
    for warning in found.warnings:
        project.warn(warning)
    records = project.records.get("write")
    imported = list(_labels(project, found, records))
    records.store.add_verdicts(*imported)
    return imported


def _import_annotations(project: Workspace, file: Path) -> list[VerdictRecord]:
    from classifier.project.exchange import read_annotations

    imported = read_annotations(project, file, project.records.existing())
    if imported:
        project.records.get("write").store.add_verdicts(*imported)
    return imported


def _labels(project: Workspace, gold: Gold, records: Records) -> Iterator[VerdictRecord]:
    """Yield the labels in the source; missing labels are not rejections."""
    definitions = {category.id: category.digest for category in project.definitions.categories}
    read: dict[str, Article] = {}
    now = time.time()
    for (path, category), note in gold.origins.items():
        if path not in read:
            read[path] = _read(Path(path))
        yield VerdictRecord(
            path=key_of(path, home=records.home),
            article=read[path].digest,
            category=category,
            definition=definitions[category],
            accepted=gold.labels[path][category],
            note=note,
            source=gold.source,
            at=now,
        )


def _read(file: Path) -> Article:
    article = articles.read(file)
    if isinstance(article, Failure):
        raise UsageError(article.message)
    return article
