"""`classify history` for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from rich.text import Text

from classifier.cli.formatting import date, identity, iso, two_digits
from classifier.cli.layout import STYLES, Line, Page
from classifier.cli.terms import in_options
from classifier.models import Article, Failure
from classifier.project.history import ArticleHistory, JudgementChange
from classifier.sanitize import one_line
from classifier.store import JudgementRecord
from classifier.wording import count

SCHEMA: Final = "classify-show/1"


def lines(history: ArticleHistory, page: Page) -> Iterator[Line]:
    article = history.article
    title = article.title if isinstance(article, Article) else ""
    yield Line(title or history.path, "bold")
    if title:
        yield Line(history.path, "dim", whole=True)
    if isinstance(article, Failure):
        yield Line(in_options(article.message))
    elif article is None:
        yield Line("The file is gone. This is its last stored version.")
    if not history.judgements:
        yield Line()
        yield Line("Nothing is stored for its current text.")
    yield from _verdicts(history)
    for scorer, records in groupby(history.judgements, key=lambda record: record.scorer):
        yield from _judged(scorer, list(records), history, page)
    if history.profile:
        yield Line()
        yield Line(f"minimums: by {history.profile}", "dim")
    for scorer, failure in history.failures.items():
        yield Line()
        yield Line(f"{identity(scorer)} failed last time ({failure.reason})", "bold")
        yield Line(in_options(failure.message), indent=2)
    yield from _versions(history)
    yield from _changes(history)


def _verdicts(history: ArticleHistory) -> Iterator[Line]:
    if history.verdicts:
        yield Line()
        yield Line("Verdicts", "bold")
    for category, verdict in history.verdicts.items():
        done = "accepted" if verdict.accepted else "rejected"
        note = f": {verdict.note}" if verdict.note else ""
        yield Line(f"{done} {history.categories[category].title}{note}", indent=2)


def _judged(
    scorer: str, records: Sequence[JudgementRecord], history: ArticleHistory, page: Page
) -> Iterator[Line]:
    yield Line()
    yield Line(identity(scorer), "bold")
    yield Line(f"judged {date(max(record.judged_at for record in records))}", "dim", 2)
    for record in records:
        judgement = record.judgement
        row = Text("  ")
        row.append(page.bar(judgement.confidence), STYLES[judgement.level])
        old = " (earlier definition)" if history.outdated(record) else ""
        row.append(f"  {two_digits(judgement.confidence)}  {one_line(history.title(record))}{old}")
        yield Line(row, hang=20)
        if judgement.exclusion is not None:
            yield Line(f"excluded: {judgement.exclusion}", "dim", 20)
        if judgement.reasoning:
            yield Line(judgement.reasoning, "dim", 20)


def _versions(history: ArticleHistory) -> Iterator[Line]:
    if len(history.versions) < 2:
        return
    yield Line()
    yield Line("Versions", "bold")
    for digest, seen in history.versions:
        current = " (shown)" if digest == history.digest else ""
        yield Line(f"{digest[:8]} last seen {date(seen)}{current}", indent=2)


def _changes(history: ArticleHistory) -> Iterator[Line]:
    if not history.changes:
        return
    yield Line()
    yield Line("Judged again", "bold")
    moved = [change for change in history.changes if len(set(_confidences(change))) > 1]
    if still := len(history.changes) - len(moved):
        yield Line(f"{count(still, 'time')} with the same confidence", "dim", 2)
    for change in moved:
        before, after = _confidences(change)
        why = " and ".join(change.why)
        cause = f"{why} changed" if why else "same article, definition and scorer"
        yield Line(
            f"{date(change.after.judged_at)}  {before} -> {after}"
            f"  {history.title(change.after)}: {cause}",
            indent=2,
        )


def _confidences(change: JudgementChange) -> tuple[str, str]:
    before, after = change.before.judgement, change.after.judgement
    return two_digits(before.confidence), two_digits(after.confidence)


# --- JSON ----------------------------------------------------------------------------------------


def to_dict(history: ArticleHistory) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "article": history.path,
        "digest": history.digest,
        "versions": [{"digest": digest, "seen_at": iso(seen)} for digest, seen in history.versions],
        "verdicts": [
            {
                "category": category,
                "accepted": verdict.accepted,
                "note": verdict.note,
                "source": verdict.source,
                "given_at": iso(verdict.at),
            }
            for category, verdict in history.verdicts.items()
        ],
        "records": [_record(record, history) for record in history.judgements],
        "site_profile": history.profile or None,
        "failures": [
            {"scorer": scorer, "reason": str(failure.reason), "message": failure.message}
            for scorer, failure in history.failures.items()
        ],
        "changes": [_change(change) for change in history.changes],
    }


def _record(record: JudgementRecord, history: ArticleHistory) -> dict[str, Any]:
    judgement = record.judgement
    return {
        "scorer": record.scorer,
        "model": record.model,
        "judged_at": iso(record.judged_at),
        "category": judgement.category,
        "title": history.title(record),
        "outdated": history.outdated(record),
        "confidence": round(judgement.confidence, 4),
        "confidence_kind": str(judgement.kind),
        "level": str(judgement.level),
        "aspects": dict(judgement.aspects),
        "exclusion": judgement.exclusion,
        "reasoning": judgement.reasoning,
        "evidence": [
            {"text": e.text, "start": e.start, "end": e.end, "verified": e.verified}
            for e in judgement.evidence
        ],
    }


def _change(change: JudgementChange) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "judged_at": iso(after.judged_at),
        "category": after.judgement.category,
        "changed": list(change.why),
        "scorer": {"before": before.scorer, "after": after.scorer},
        "confidence": {
            "before": round(before.judgement.confidence, 4),
            "after": round(after.judgement.confidence, 4),
        },
    }
