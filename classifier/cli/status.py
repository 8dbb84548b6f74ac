"""`classify status`: how far the articles of some folders are, for each scorer."""

from __future__ import annotations

import json as json_
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import composition, settings
from classifier.cli.console import emit
from classifier.cli.formatting import count, identity
from classifier.cli.option_checks import check_fit
from classifier.cli.page import Line, Page
from classifier.cli.records import opened
from classifier.content.discovery import Selection
from classifier.corpus import ArticleStatus, Corpus, Scan
from classifier.sanitize import escape_json

SCHEMA: Final = "classify-status/1"
_STATES: Final[tuple[ArticleStatus, ...]] = ("current", "stale", "missing", "failed")
_WIDTHS: Final = (9, 8, 9, 8, 12)


@dataclass(frozen=True, slots=True)
class _Standings:
    """Of all articles, with one scorer."""

    scan: Scan
    states: Mapping[str, ArticleStatus]
    configured: bool

    def paths(self, state: ArticleStatus) -> list[str]:
        return [path for path, its in self.states.items() if its == state]


def status(
    paths: Sequence[Path], *, overrides: Mapping[str, Any], files: Selection, json: bool
) -> int:
    """Return the exit code."""
    found = settings.load(**overrides)
    check_fit(found, overrides)
    taxonomy, scorer = composition.load_taxonomy(found), composition.make_scorer(found)
    with opened(found, "read") as records:
        corpus = Corpus(taxonomy.categories, records.store, home=records.home, update_index=False)
        now = scorer.identity
        others = [name for name, *_ in records.store.scorers() if name != now]
        all_of_them: list[_Standings] = []
        for name in (now, *others):
            scan = corpus.scan(paths, scorer=name, selection=files)
            all_of_them.append(_Standings(scan, corpus.statuses(scan), name == now))
    categories = len(taxonomy.categories)
    if json:
        emit(escape_json(json_.dumps(_plain(all_of_them, categories), ensure_ascii=False)))
    else:
        emit(Page.for_stdout().lay_out(_lines(all_of_them, categories)))
    return 0


def _lines(found: Sequence[_Standings], categories: int) -> Iterator[Line]:
    scan = found[0].scan
    articles = len(scan.entries) + len(scan.unread)
    yield Line(f"{count(articles, 'article')} x {categories:,} categories", "bold")
    if scan.skipped:
        yield Line(f"{len(scan.skipped):,} skipped", "dim")
    yield Line()
    yield Line(Text(_cells((*_STATES, "pairs left")), "dim"))
    for each in found:
        mark = "judges now" if each.configured else "on record"
        yield Line(Text(f"{identity(each.scan.scorer)} ({mark})"))
        numbers = [len(each.paths(state)) for state in _STATES]
        yield Line(Text(_cells(f"{n:,}" for n in (*numbers, each.scan.pending_pairs))))


def _cells(cells: Iterable[str]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _plain(found: Sequence[_Standings], categories: int) -> dict[str, Any]:
    scan = found[0].scan
    return {
        "schema": SCHEMA,
        "articles": len(scan.entries) + len(scan.unread),
        "categories": categories,
        "skipped": [{"path": it.path, "why": it.why} for it in scan.skipped],
        "scorers": [
            {
                "scorer": each.scan.scorer,
                "configured": each.configured,
                **{state: len(each.paths(state)) for state in _STATES},
                "pairs": each.scan.pairs,
                "pairs_to_judge": each.scan.pending_pairs,
                "paths": {state: each.paths(state) for state in _STATES if state != "current"},
            }
            for each in found
        ],
    }
