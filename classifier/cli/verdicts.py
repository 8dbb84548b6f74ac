"""`classify accept`, `classify reject` and `classify verdicts`: a person's word on a pair."""

from __future__ import annotations

import json as json_
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier import composition, settings, taxonomy
from classifier.cli.console import emit, log
from classifier.cli.formatting import count, date, iso
from classifier.cli.layout import Line, Page
from classifier.cli.records import existing, opened
from classifier.content import articles
from classifier.content.discovery import Selection, key_of
from classifier.errors import UsageError
from classifier.models import Article, Category, Failure, Taxonomy
from classifier.project.records import Records
from classifier.sanitize import escape_json
from classifier.store import VerdictRecord

if TYPE_CHECKING:
    from classifier.evaluation.gold import Gold

SCHEMA: Final = "classify-verdicts/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a person says about some categories."""

    accepted: bool | None
    """None takes back what was said."""
    note: str = ""


def give(
    path: Path, names: Sequence[str], word: Word, *, overrides: Mapping[str, Any], quiet: bool
) -> int:
    """Store a verdict on one article and each of the named categories; return the exit code."""
    found = settings.load(**overrides)
    categories = taxonomy.select(composition.load_taxonomy(found), categories=names).categories
    file, article = _read(path)
    with opened(found, "write") as records:
        records.store.add_verdicts(
            *(_given(file, article, category, word, home=records.home) for category in categories)
        )
    if not quiet:
        told = {True: "accepted", False: "rejected", None: "no verdict any more"}[word.accepted]
        for category in categories:
            log(f"{str(path)!r}: {category.id}: {told}")
    return 0


def take_in(
    gold: Path,
    *,
    fields: Sequence[str],
    content: Path | None,
    files: Selection,
    overrides: Mapping[str, Any],
) -> int:
    """Store what a gold file or the front matter of a folder says; return the exit code.

    Only what is written there: that an article has no label is nobody's word.
    """
    from classifier.evaluation import gold as labels

    found = settings.load(**overrides)
    loaded = composition.load_taxonomy(found)
    read = labels.read(gold, loaded, fields=fields, content=content, selection=files)
    for warning in read.warnings:
        log(f"warning: {warning}")
    with opened(found, "write") as records:
        given = list(_told(read, loaded, records))
        records.store.add_verdicts(*given)
    accepted = sum(it.accepted is True for it in given)
    log(
        f"{count(len(given), 'verdict')} on {count(len({it.path for it in given}), 'article')}: "
        f"{accepted:,} accepted, {len(given) - accepted:,} rejected"
    )
    return 0


def listed(*, overrides: Mapping[str, Any], json: bool) -> int:
    """Print the verdicts that hold; return the exit code."""
    with existing(settings.load(**overrides).store) as records:
        given = records.store.verdicts()
    holding = {(it.path, it.category): it for it in given}
    shown = sorted(
        (it for it in holding.values() if it.accepted is not None),
        key=lambda it: (it.path, it.category),
    )
    if json:
        plain = {"schema": SCHEMA, "verdicts": [_plain(it) for it in shown]}
        emit(escape_json(json_.dumps(plain, ensure_ascii=False)))
    else:
        emit(Page.for_stdout().lay_out(_lines(shown)))
    return 0


def _read(path: Path) -> tuple[Path, Article]:
    file = articles.file_of(path) or path
    article = articles.read(file)
    if isinstance(article, Failure):
        raise UsageError(article.message)
    return file, article


def _given(
    file: Path, article: Article, category: Category, word: Word, *, home: Path
) -> VerdictRecord:
    return VerdictRecord(
        path=key_of(file, home=home),
        article=article.digest,
        category=category.id,
        definition=category.digest,
        accepted=word.accepted,
        note=word.note,
        at=time.time(),
    )


def _told(gold: Gold, loaded: Taxonomy, records: Records) -> Iterator[VerdictRecord]:
    categories = {category.id: category for category in loaded.categories}
    read: dict[str, Article] = {}
    at = time.time()
    for (path, name), where in gold.origins.items():
        if path not in read:
            read[path] = _read(Path(path))[1]
        yield VerdictRecord(
            path=key_of(path, home=records.home),
            article=read[path].digest,
            category=name,
            definition=categories[name].digest,
            accepted=gold.labels[path][name],
            note=where,
            source=gold.source,
            at=at,
        )


def _lines(given: Sequence[VerdictRecord]) -> Iterator[Line]:
    if not given:
        yield Line("no verdicts: give one with `classify accept` or `classify reject`")
    path = None
    for it in given:
        if it.path != path:
            path = it.path
            yield Line(path, "bold", whole=True)
        word = "accepted" if it.accepted else "rejected"
        note = f": {it.note}" if it.note else ""
        yield Line(f"{word} {it.category}{note} ({date(it.at)})", indent=2)


def _plain(given: VerdictRecord) -> dict[str, Any]:
    return {
        "article": given.path,
        "category": given.category,
        "accepted": given.accepted,
        "note": given.note,
        "source": given.source,
        "given_at": iso(given.at),
    }
