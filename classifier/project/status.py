"""How far the articles of some folders are, for each scorer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.corpus import ArticleStatus, Scan

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScorerStatus:
    """The status of every article, by the judgements of one scorer."""

    scan: Scan
    articles: Mapping[str, ArticleStatus]
    """By path as given."""
    configured: bool
    """Whether it is the scorer that judges now."""

    def paths(self, status: ArticleStatus) -> list[str]:
        return [path for path, its in self.articles.items() if its == status]


def status(project: Workspace, paths: Sequence[Path]) -> list[ScorerStatus]:
    records = project.records.get("read")
    categories = project.select(project.definitions).categories
    corpus = project.corpus(categories, records, update_index=False)
    configured = project.scorer.identity
    others = [name for name, *_ in records.store.scorers() if name != configured]
    found = []
    for name in (configured, *others):
        scan = project.scan(corpus, paths, scorer=name)
        found.append(ScorerStatus(scan, corpus.statuses(scan), name == configured))
    return found
