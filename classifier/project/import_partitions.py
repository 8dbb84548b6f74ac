"""Import what a run on many machines has judged into the store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from classifier import addresses
from classifier.errors import UsageError
from classifier.models import Judgement, Usage
from classifier.outputs.partition_folder import Folder
from classifier.outputs.partitions import JudgedArticle
from classifier.store import JudgementSet, Store

if TYPE_CHECKING:
    from pathlib import Path

    from classifier.project.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class PartitionsImported:
    partitions: int = 0
    articles: int = 0
    judgements: int = 0
    stored: int = 0
    """Judgements that were stored before, or have a later one in their place."""
    errors: list[str] = field(default_factory=list)
    """One line for each file that could not be used."""


def import_partitions(project: Workspace, folder: str | Path) -> PartitionsImported:
    place = addresses.address(folder)
    found = Folder(addresses.absolute(place))
    names = found.names()
    if not names:
        raise UsageError(
            f"no partitions in {place!r}: name the folder that `classify run --engine ray` wrote to"
        )
    store = project.records.get("write").store
    result = PartitionsImported()
    for name in names:
        try:
            articles = found.articles(name)
        except ValueError as error:
            result.errors.append(
                f"{place.rstrip('/')}/{name}: {error}; the run that wrote it makes it anew"
            )
            continue
        result.partitions += 1
        result.articles += len(articles)
        _store(articles, store, result)
    return result


def _store(articles: Iterable[JudgedArticle], store: Store, result: PartitionsImported) -> None:
    new: list[JudgementSet] = []
    for article in articles:
        categories = list(article.judgements)
        times = store.judged_at(article.scorer, [article.digest], categories)
        known = times.get(article.digest, {})
        left = {
            key: (judgement, at)
            for key, (judgement, at) in article.judgements.items()
            if known.get(key, -1.0) < at
        }
        result.judgements += len(left)
        result.stored += len(article.judgements) - len(left)
        # What it cost is stored once, with the judgements that it was paid for.
        usage = Usage() if known else article.usage
        new += _sets(replace(article, judgements=left, usage=usage))
    if new:
        store.add(*new)


def _sets(article: JudgedArticle) -> Iterator[JudgementSet]:
    """Yield judgements that were made at one time, the earliest first."""
    together: defaultdict[float, dict[str, Judgement]] = defaultdict(dict)
    for key, (judgement, at) in article.judgements.items():
        together[at][key] = judgement
    usage = article.usage
    for at, judgements in sorted(together.items()):
        yield JudgementSet(
            scorer=article.scorer,
            article=article.digest,
            judgements=judgements,
            judged_at=at,
            model=article.model,
            usage=usage,
        )
        usage = Usage()
