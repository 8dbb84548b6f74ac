"""Judge the entries of files that hold many articles: rows, messages, entries of feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.content.collections import articles_in
from classifier.content.formats.tables import Columns
from classifier.decisions import LabelPolicy
from classifier.models import Article, Failure, Result, failures_by_reason
from classifier.project.running import classify_many
from classifier.store import JudgementRecord, Store

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


def classify_entries(
    project: Workspace, path: Path, *, store: bool, retry_failed: bool = False
) -> Iterator[Result]:
    columns = Columns(**project.settings.table.model_dump())
    scorer = project.scorer.identity
    failed: list[tuple[str, Failure]] = []
    number = 0

    def readable() -> Iterator[Article]:
        nonlocal number
        for number, (id_, entry) in enumerate(articles_in(path, columns), 1):  # noqa: B007
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
    if not number:
        project.note(f"no entries in {path.as_posix()!r}")


def digests(project: Workspace, path: Path) -> dict[str, str]:
    """Return the digest of each entry that can be read, by its id."""
    return {article.id: article.digest for article in _articles(project, path)}


def stored_entries(
    project: Workspace, path: Path, *, policy: LabelPolicy, store: Store
) -> Iterator[tuple[Result, Mapping[str, JudgementRecord]]]:
    """Yield what is stored of each entry that can be read, with labels decided now."""
    scorer = project.scorer.identity
    known = {category.id: category.digest for category in policy.taxonomy.categories}
    for article in _articles(project, path):
        records = store.load(scorer, article.digest, known.values())
        found = {id_: records[digest] for id_, digest in known.items() if digest in records}
        judged = [replace(record.judgement, category=id_) for id_, record in found.items()]
        held = store.held(scorer, [article.digest]).get(article.digest, {})
        failures = failures_by_reason({id_: held[d] for id_, d in known.items() if d in held})
        decision = policy.decide(judged, path=article.id, article=article.digest, failures=failures)
        yield (
            Result(
                article=article.id,
                title=article.title,
                digest=article.digest,
                scorer=scorer,
                decision=decision,
            ),
            found,
        )


def _articles(project: Workspace, path: Path) -> Iterator[Article]:
    columns = Columns(**project.settings.table.model_dump())
    return (it for _, it in articles_in(path, columns) if isinstance(it, Article))
