"""Gather what is known at the end of a command, and advise what to do next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import composition, settings
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import ClassifierError
from classifier.models import digest
from classifier.project.advice import Advice, Carried, Facts, Finished, advise
from classifier.runs import summarise
from classifier.store import Store, values

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

_LAST: Final = "advice"
_CARRIED: Final = "label-fields"
_TO_CHANGE: Final = "to-change"
_AT_MOST: Final = 1000
"""Articles whose front matter is looked at."""


def next_step(
    project: Workspace, after: Finished, paths: Sequence[Path], *, scan: Scan | None = None
) -> Advice | None:
    """Return advice that differs from the last, and remember it in the store.

    `scan` is that of the run, where there was one: scanning takes as long as a run that has nothing
    to do.
    """
    try:
        records = project.records.get("write")
        facts = gather(project, after, paths, records, scan)
        advice = advise(facts, last=records.store.remembered(_LAST) or "")
        if advice is not None:
            records.store.remember(_LAST, advice.command)
    except ClassifierError:
        return None  # the command itself has done its work
    return advice


def gather(
    project: Workspace,
    after: Finished,
    paths: Sequence[Path],
    records: Records,
    scan: Scan | None = None,
) -> Facts:
    """Return what is known of some articles. Judges nothing."""
    shown = [path.as_posix() for path in paths]
    if not project.settings.categories:
        return Facts(after=after, paths=shown, own_categories=False)
    policy = project.with_verdicts(project.policy.only(project.taxonomy), records)
    corpus = project.corpus(policy.taxonomy.categories, records)
    if scan is None:
        scan = project.scan(corpus, project.articles(paths), scorer=project.scorer.identity)
    summary = summarise(corpus, scan, policy=policy, store=records.store)
    files = composition.trained_files(project.settings)
    file = files[0] if files else None
    carry = {} if file else _carried(project, corpus, scan, records)
    return Facts(
        after=after,
        paths=shown,
        articles=summary.articles,
        unjudged=sum(bool(entry.pending) for entry in scan.entries),
        labelled=summary.labelled,
        uncertain=summary.doubtful,
        looked_at=min(len(scan.entries), _AT_MOST),
        carry=carry,
        label_fields=[
            settings.field(project.settings, kind).name for kind in project.settings.fields
        ],
        trained=file is not None,
        new_verdicts=_new_verdicts(records.store, file),
        applied=bool(records.store.applied_fields()),
        changes=lambda: _changes(project, corpus, scan, policy, records),
    )


def _new_verdicts(store: Store, file: Path | None) -> int:
    since = file.stat().st_mtime if file is not None and file.exists() else 0.0
    last = {(verdict.path, verdict.category): verdict for verdict in store.verdicts()}
    return sum(it.accepted is not None and it.at > since for it in last.values())


def _carried(
    project: Workspace, corpus: Corpus, scan: Scan, records: Records
) -> Mapping[str, Carried]:
    """Count the articles that carry people's labels, by key; anew if anything has changed."""
    entries = _evenly(scan.entries)
    names = [category.digest for category in project.taxonomy.categories]
    key = digest(names, sorted(settings.inline_fields(project.settings)))
    key = digest(key, _files(corpus, entries, records.store))
    known = _remembered(records.store.remembered(_CARRIED), key, counts=2)
    if known is None:
        # Imported here: it knows of gold labels, and a run that has nothing to do need not.
        from classifier.project import carried

        counted = carried.count(project, corpus, entries, records)
        known = {name: [one.articles, one.named] for name, one in counted.items()}
        records.store.remember(_CARRIED, json.dumps([key, known]))
    return {name: Carried(articles, named) for name, (articles, named) in known.items()}


def _changes(
    project: Workspace, corpus: Corpus, scan: Scan, policy: LabelPolicy, records: Records
) -> int | None:
    """Count the articles that `apply` would change; None where there are many, or it cannot."""
    if len(scan.entries) > _AT_MOST:
        return None
    fields = {kind: it.model_dump() for kind, it in project.settings.fields.items()}
    key = digest(policy.rules_digest, policy.verdicts.digest, fields, scan.scorer)
    key = digest(key, _files(corpus, scan.entries, records.store))
    known = _remembered(records.store.remembered(_TO_CHANGE), key, counts=1)
    if known is None:
        # Imported here: a run that has nothing to do need not know of editing.
        from classifier.project import apply

        try:
            known = {"articles": [apply.count_changes(project, scan, records)]}
        except ClassifierError:
            return None  # `apply` says why
        records.store.remember(_TO_CHANGE, json.dumps([key, known]))
    return next(iter(known.get("articles", ())), None)


def _files(corpus: Corpus, entries: Sequence[Entry], store: Store) -> list[tuple[str, int, int]]:
    """Return what changes with any of the files, their front matter included."""
    known = store.files([corpus.key(entry.path) for entry in entries])
    return [(path, file.size, file.mtime_ns) for path, file in sorted(known.items())]


def _evenly(entries: Sequence[Entry]) -> list[Entry]:
    step = max(1.0, len(entries) / _AT_MOST)
    return [entries[int(place * step)] for place in range(min(len(entries), _AT_MOST))]


def _remembered(text: str | None, key: str, *, counts: int) -> dict[str, list[int]] | None:
    try:
        known, rows = values.loads(text)
        if known != key or any(len(row) != counts for row in rows.values()):
            return None
        return {
            values.text(name): [values.whole(count) for count in row] for name, row in rows.items()
        }
    except values.DAMAGE:
        return None
