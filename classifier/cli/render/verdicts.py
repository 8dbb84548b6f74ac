"""Verdicts, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from classifier.cli.formatting import date, iso
from classifier.cli.layout import Line
from classifier.project.exchange import PairsExported
from classifier.store import VerdictRecord
from classifier.wording import count

SCHEMA: Final = "classify-verdicts/1"
_DONE: Final = {True: "accepted", False: "rejected", None: "withdrew the verdict on"}


def given(path: Path, verdicts: Sequence[VerdictRecord]) -> Iterator[str]:
    for verdict in verdicts:
        yield f"{str(path)!r}: {_DONE[verdict.accepted]} {verdict.category}"


def imported(verdicts: Sequence[VerdictRecord]) -> str:
    accepted = sum(verdict.accepted is True for verdict in verdicts)
    articles = count(len({verdict.path for verdict in verdicts}), "article")
    return (
        f"{count(len(verdicts), 'verdict')} on {articles}: "
        f"{accepted:,} accepted, {len(verdicts) - accepted:,} rejected"
    )


def exported(written: PairsExported) -> str:
    files = ", ".join(repr(str(file)) for file in written.files)
    return (
        f"{count(written.pairs, 'pair')} of {count(written.articles, 'article')} written to {files}"
    )


def lines(verdicts: Sequence[VerdictRecord]) -> Iterator[Line]:
    if not verdicts:
        yield Line("no verdicts: add some with `classify accept` or `classify reject`")
    for path, group in groupby(verdicts, key=lambda verdict: verdict.path):
        yield Line(path, "bold", whole=True)
        for verdict in group:
            note = f": {verdict.note}" if verdict.note else ""
            done = f"{_DONE[verdict.accepted]} {verdict.category}"
            yield Line(f"{done}{note} ({date(verdict.at)})", indent=2)


def to_dict(verdicts: Sequence[VerdictRecord]) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "verdicts": [
            {
                "article": verdict.path,
                "category": verdict.category,
                "accepted": verdict.accepted,
                "note": verdict.note,
                "source": verdict.source,
                "given_at": iso(verdict.at),
            }
            for verdict in verdicts
        ],
    }
