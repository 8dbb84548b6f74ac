"""What the page shows, laid out for a browser: columns of small numbers, every text once.

Pairs are numbered row by row: article x number of categories + category. What there is to say of a
pair beyond its number is kept where somebody may ask for it, and for every pair only on demand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from classifier.models import Category, Rejection, Result, Verdict
from classifier.outputs.report.columns import LEVELS, NEAR, ScorerColumns, Table, Tables, decided
from classifier.outputs.report.data import About, Data, Judged
from classifier.sanitize import one_line

SCHEMA: Final = "classify-report/1"
_ALWAYS: Final = 3
"""Of each article, this many of the best rejected pairs are explained, however far they are."""


def gather(about: About, articles: Iterable[Judged]) -> Data:
    """Take the articles in as they come; what they take up in memory is what the page does."""
    categories = about.sources[0].taxonomy.categories
    texts = Table()
    packs = Table()
    places = {category.id: n for n, category in enumerate(categories)}
    scorers = [ScorerColumns(source, places, Tables(texts, packs)) for source in about.sources]
    paths, titles = list[str](), list[str]()
    verdicts: list[list[Any]] = []
    gold: dict[bool, list[int]] = {True: [], False: []}
    for row, article in enumerate(articles):
        first = row * len(categories)
        paths.append(one_line(article.results[0].article))
        titles.append(one_line(article.results[0].title))
        for name, belongs in article.gold.items():
            if name in places:
                gold[belongs].append(first + places[name])
        verdicts += _verdicts(article.results[0], places, first)
        told = _wanted(about, article)
        for n, scorer in enumerate(scorers):
            scorer.add(row, article, n, told)
    core = {
        "schema": SCHEMA,
        "made": round(about.made),
        "of": [one_line(path) for path in about.paths],
        "explained": about.explain,
        "near": round(NEAR * 100),
        "levels": [str(level) for level in LEVELS],
        "categories": [category_row(category) for category in categories],
        "articles": {"paths": paths, "titles": titles},
        "scorers": [scorer.core() for scorer in scorers],
        "verdicts": verdicts,
        "fields": [one_line(name) for name in about.fields],
        "gold": {"yes": gold[True], "no": gold[False]},
    }
    details = {
        "texts": texts.items,
        "packs": [list(pack) for pack in packs.items],
        "scorers": [scorer.details for scorer in scorers],
    }
    return Data(core, details)


def _wanted(about: About, article: Judged) -> set[str]:
    """Return the ids of categories whose judgement, by any scorer, somebody may want explained."""
    wanted = {name for name, belongs in article.gold.items() if belongs}
    for result in article.results:
        rejections = result.decision.rejections
        wanted.update(label.category.id for label in result.decision.labels)
        wanted.update(
            pair.category.id
            for place, pair in enumerate(rejections)
            if about.explain or place < _ALWAYS or _notable(pair)
        )
    return wanted


def _notable(pair: Rejection) -> bool:
    judgement = pair.judgement
    lacking = pair.minimum - judgement.confidence
    return pair.verdict is not None or judgement.exclusion is not None or lacking <= NEAR


def _verdicts(result: Result, places: Mapping[str, int], first: int) -> Iterator[list[Any]]:
    for pair in decided(result):
        if pair.verdict is not None:
            yield [first + places[pair.category.id], *_said(pair.verdict)]


def _said(verdict: Verdict) -> tuple[int, str, str, int]:
    note, source = one_line(verdict.note), one_line(verdict.source)
    return int(verdict.accepted), note, source, round(verdict.at)


def category_row(category: Category) -> dict[str, str]:
    """Return what the page says of a category; `place` has its kind and broader categories."""
    return {
        "id": one_line(category.id),
        "kind": one_line(category.kind),
        "title": one_line(category.title),
        "place": one_line(" > ".join((category.kind, *category.path))),
        "description": one_line(category.description),
    }
