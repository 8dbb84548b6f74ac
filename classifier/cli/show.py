"""`classify show`: what is on record of one article, and how it came about."""

from __future__ import annotations

import json as json_
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import composition, settings
from classifier.cli.console import emit
from classifier.cli.formatting import count, date, identity, iso, two_digits
from classifier.cli.layout import STYLES, Line, Page
from classifier.cli.records import existing
from classifier.content import articles
from classifier.corpus import Corpus
from classifier.errors import UsageError
from classifier.history import Change, changes, latest
from classifier.models import Article, Category, Failure, Taxonomy, Verdict
from classifier.project.records import Records
from classifier.sanitize import escape_json, one_line
from classifier.store import JudgementRecord
from classifier.verdicts import Verdicts

SCHEMA: Final = "classify-show/1"


@dataclass(frozen=True, slots=True)
class _Shown:
    path: str
    article: Article | Failure | None
    """None: it is gone."""
    versions: Sequence[tuple[str, float]]
    """(digest, last seen) of all the path ever held, latest first."""
    records: Sequence[JudgementRecord]
    """Of all versions, in the order they were made."""
    failed: Mapping[str, Failure]
    """The last one by scorer, overcome since or not."""
    verdicts: Mapping[str, Verdict]
    categories: Mapping[str, Category]

    @property
    def digest(self) -> str:
        """Of the version whose records are shown: that of now, else the last."""
        if isinstance(self.article, Article):
            return self.article.digest
        return self.versions[0][0] if self.versions else ""

    @property
    def latest(self) -> list[JudgementRecord]:
        return latest(record for record in self.records if record.article == self.digest)

    @property
    def changes(self) -> list[Change]:
        return list(changes(self.records))

    @property
    def failures(self) -> dict[str, Failure]:
        """Those that were not overcome."""
        judged = {(record.scorer, record.judgement.category) for record in self.latest}
        return {
            name: failure
            for name, failure in self.failed.items()
            if any((name, id_) not in judged for id_ in failure.categories or self.categories)
        }

    def outdated(self, record: JudgementRecord) -> bool:
        """Whether the definition is another one now."""
        category = self.categories.get(record.judgement.category)
        return category is None or record.category not in (category.digest, category.definition)

    def title(self, record: JudgementRecord) -> str:
        category = self.categories.get(record.judgement.category)
        return record.judgement.category if category is None else category.title


def show(path: Path, *, overrides: Mapping[str, Any], json: bool) -> int:
    """Return the exit code."""
    found = settings.load(**overrides)
    taxonomy = composition.load_taxonomy(found)
    with existing(found.store) as records:
        shown = _gather(path, records, taxonomy)
    if not shown.versions and shown.article is None:
        raise UsageError(f"no such file, and nothing on record of it: {str(path)!r}")
    if json:
        emit(escape_json(json_.dumps(_plain(shown), ensure_ascii=False)))
    else:
        page = Page.for_stdout()
        emit(page.lay_out(_lines(shown, page)))
    return 0


def _gather(path: Path, records: Records, taxonomy: Taxonomy) -> _Shown:
    store = records.store
    corpus = Corpus(taxonomy.categories, store, home=records.home, update_index=False)
    file = articles.file_of(path) or path
    article = articles.read(file) if file.exists() else None
    key = corpus.key(file)
    versions = store.versions(key)
    digests = [digest for digest, _ in reversed(versions)]
    if isinstance(article, Article) and article.digest not in digests:
        digests.append(article.digest)
    made = sorted(
        (record for digest in digests for record in store.history(digest)),
        key=lambda record: record.judged_at,
    )
    failed = [(name, store.failed(name, [key])) for name, *_ in store.scorers()]
    return _Shown(
        path=file.as_posix(),
        article=article,
        versions=versions,
        records=made,
        failed={name: found[key] for name, found in failed if found},
        verdicts=Verdicts(store.verdicts(), taxonomy.categories, home=records.home).of(
            path=file.as_posix(), article=digests[-1] if digests else ""
        ),
        categories={category.id: category for category in taxonomy.categories},
    )


# --- for people ----------------------------------------------------------------------------------


def _lines(shown: _Shown, page: Page) -> Iterator[Line]:
    article = shown.article
    title = article.title if isinstance(article, Article) else ""
    yield Line(title or shown.path, "bold")
    if title:
        yield Line(shown.path, "dim", whole=True)
    if isinstance(article, Failure):
        yield Line(article.message)
    elif article is None:
        yield Line("the file is gone: this is of what it held last")
    if not shown.latest:
        yield Line()
        yield Line("Nothing is on record of it as it is now.")
    yield from _verdicts(shown)
    for scorer, records in groupby(shown.latest, key=lambda record: record.scorer):
        yield from _judged(scorer, list(records), shown, page)
    for scorer, failure in shown.failures.items():
        yield Line()
        yield Line(f"{identity(scorer)} failed last time ({failure.reason})", "bold")
        yield Line(failure.message, indent=2)
    yield from _history(shown)


def _verdicts(shown: _Shown) -> Iterator[Line]:
    if shown.verdicts:
        yield Line()
        yield Line("People's verdicts", "bold")
    for category, verdict in shown.verdicts.items():
        word = "accepted" if verdict.accepted else "rejected"
        note = f": {verdict.note}" if verdict.note else ""
        yield Line(f"{word} {shown.categories[category].title}{note}", indent=2)


def _judged(
    scorer: str, records: Sequence[JudgementRecord], shown: _Shown, page: Page
) -> Iterator[Line]:
    yield Line()
    yield Line(identity(scorer), "bold")
    yield Line(f"judged {date(max(record.judged_at for record in records))}", "dim", 2)
    for record in records:
        judgement = record.judgement
        row = Text("  ")
        row.append(page.bar(judgement.confidence), STYLES[judgement.level])
        old = " (of an earlier definition)" if shown.outdated(record) else ""
        row.append(f"  {two_digits(judgement.confidence)}  {one_line(shown.title(record))}{old}")
        yield Line(row)
        if judgement.exclusion is not None:
            yield Line(f"excluded: {judgement.exclusion}", "dim", 20)
        if judgement.reasoning:
            yield Line(judgement.reasoning, "dim", 20)


def _history(shown: _Shown) -> Iterator[Line]:
    if len(shown.versions) > 1:
        yield Line()
        yield Line("Versions of the text", "bold")
    for digest, seen in shown.versions if len(shown.versions) > 1 else ():
        now = " (now)" if digest == shown.digest else ""
        yield Line(f"{digest[:8]} last seen {date(seen)}{now}", indent=2)
    moved = [change for change in shown.changes if len(set(_confidences(change))) > 1]
    if shown.changes:
        yield Line()
        yield Line("Judged again", "bold")
    if still := len(shown.changes) - len(moved):
        yield Line(f"{count(still, 'time')} with the same confidence", "dim", 2)
    for change in moved:
        before, after = _confidences(change)
        why = " and ".join(change.why)
        told = f"{why} changed" if why else "nothing had changed"
        yield Line(
            f"{date(change.after.judged_at)}  {before} -> {after}"
            f"  {shown.title(change.after)}: {told}",
            indent=2,
        )


def _confidences(change: Change) -> tuple[str, str]:
    before, after = change.before.judgement, change.after.judgement
    return two_digits(before.confidence), two_digits(after.confidence)


# --- as JSON -------------------------------------------------------------------------------------


def _plain(shown: _Shown) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "article": shown.path,
        "digest": shown.digest,
        "versions": [{"digest": digest, "seen_at": iso(seen)} for digest, seen in shown.versions],
        "verdicts": [
            {
                "category": category,
                "accepted": verdict.accepted,
                "note": verdict.note,
                "source": verdict.source,
                "given_at": iso(verdict.at),
            }
            for category, verdict in shown.verdicts.items()
        ],
        "records": [_record(record, shown) for record in shown.latest],
        "failures": [
            {"scorer": scorer, "reason": str(failure.reason), "message": failure.message}
            for scorer, failure in shown.failures.items()
        ],
        "changes": [_change(change) for change in shown.changes],
    }


def _record(record: JudgementRecord, shown: _Shown) -> dict[str, Any]:
    judgement = record.judgement
    return {
        "scorer": record.scorer,
        "model": record.model,
        "judged_at": iso(record.judged_at),
        "category": judgement.category,
        "title": shown.title(record),
        "outdated": shown.outdated(record),
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


def _change(change: Change) -> dict[str, Any]:
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
