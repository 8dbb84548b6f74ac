"""`classify store`: counts, what nothing needs any more, and damage."""

from __future__ import annotations

import json as json_
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import composition, settings, taxonomy
from classifier.cli.console import emit, log
from classifier.cli.formatting import count, date, identity, iso, spent
from classifier.cli.layout import Line, Page
from classifier.cli.records import existing
from classifier.models import Usage
from classifier.sanitize import escape_json, one_line
from classifier.scorers.embedded import corrections

SCHEMA: Final = "classify-store/1"
_WHY: Final = {
    "superseded": "judged again since",
    "article gone": "of texts that no file holds any more",
    "category gone": "of other category definitions",
}


def stats(path: Path | None, *, json: bool) -> int:
    """Return the exit code."""
    with existing(path) as records:
        counts, scorers = records.store.stats(), records.store.scorers()
    if json:
        plain = {
            "schema": SCHEMA,
            "store": str(records.path),
            **counts,
            "by_scorer": [_plain(*scorer) for scorer in scorers],
        }
        emit(escape_json(json_.dumps(plain, ensure_ascii=False)))
    else:
        emit(Page.for_stdout().lay_out(_lines(str(records.path), counts, scorers)))
    return 0


def _plain(scorer: str, judgements: int, latest: float, usage: Usage) -> dict[str, Any]:
    return {
        "scorer": scorer,
        "judgements": judgements,
        "last_judged_at": iso(latest),
        "calls": usage.calls,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "cost_usd": usage.cost,
    }


def _lines(
    store: str, counts: Mapping[str, int], scorers: Iterable[tuple[str, int, float, Usage]]
) -> Iterator[Line]:
    yield Line(store, "bold")
    for name in ("pairs", "judgements", "articles", "categories", "files", "failures", "runs"):
        yield Line(Text(f"{name:<12}{counts[name]:>12,}"), indent=2)
    yield Line(Text(f"{'size':<12}{counts['bytes'] / 1e6:>9,.1f} MB"), indent=2)
    for scorer, judgements, latest, usage in scorers:
        yield Line()
        yield Line(identity(scorer), "bold")
        yield Line(f"{count(judgements, 'judgement')}, the last {date(latest)}", indent=2)
        yield Line(spent(usage), indent=2)


def _digests(categories: Path) -> set[str]:
    """Return those of the definitions, with and without examples."""
    loaded = taxonomy.load(categories).categories
    file = composition.learned_file(settings.load(categories=categories))
    shown = loaded if file is None else corrections.load(file).shown(loaded)
    return {category.digest for category in (*loaded, *shown)}


def gc(path: Path | None, *, categories: Path | None, yes: bool) -> int:
    """Return the exit code. Changes nothing unless `yes`."""
    kept = None
    if categories is not None:
        kept = _digests(categories)
    with existing(path, read_only=not yes) as records:
        store = records.store
        gone = [name for name in store.paths() if not (records.home / name).exists()]
        before = store.stats()["bytes"]
        if yes:
            counts = store.collect(categories=kept, gone=gone)
            # Which of them are of texts that are gone cannot be told; all can be made again.
            store.drop_vectors()
        else:
            counts = store.garbage(categories=kept, gone=gone)
        freed = before - store.stats()["bytes"]
    for why, number in counts.items():
        emit(f"{count(number, 'judgement')} {_WHY[why]}")
    if gone:
        emit(f"{count(len(gone), 'path')} without a file")
        for name in gone[:5]:
            emit(f"  {one_line(name)}")
    if not counts and not gone:
        emit("nothing to drop")
    elif yes:
        emit(f"dropped; {freed / 1e6:,.1f} MB freed")
    else:
        log("nothing is dropped yet: add --yes")
    return 0


def verify(path: Path | None) -> int:
    """Return the exit code: 1 where something is wrong."""
    with existing(path) as records:
        wrong = records.store.verify()
    for line in wrong:
        emit(one_line(line))
    if not wrong:
        emit("all is well")
    return 1 if wrong else 0
