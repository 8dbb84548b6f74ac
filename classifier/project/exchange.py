"""Uncertain pairs for annotation tools, and the annotations that come back."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier.content.document import prose
from classifier.errors import UsageError
from classifier.exchange import annotated, argilla, label_studio
from classifier.exchange.pairs import Annotation, PairKey, Tool, UncertainPair
from classifier.models import Article, Category, Label, Rejection, Result
from classifier.outputs.files import write_text
from classifier.project.queued_pairs import QueuedPairs, queued_pairs
from classifier.runs import results
from classifier.store import VerdictRecord

if TYPE_CHECKING:
    from classifier.corpus import Corpus, Entry, Scan
    from classifier.decisions import LabelPolicy
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.store import Store

_LONGEST: Final = 20_000
"""Characters of an article that an annotator is shown, at most."""

_Chosen: TypeAlias = Mapping[str, Sequence[str]]
"""Ids of the chosen categories, by path of the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsExported:
    folder: Path
    files: tuple[Path, ...]
    pairs: int
    articles: int


def export_pairs(
    project: Workspace, paths: Sequence[Path], *, to: Tool, folder: Path, most: int
) -> PairsExported:
    if most < 1:
        raise UsageError(f"`most` {most}: expected at least 1")
    records = project.records.existing()
    policy = project.with_verdicts(project.policy.only(project.taxonomy), records)
    corpus = project.corpus(policy.taxonomy.categories, records, update_index=False)
    scan = project.scan(corpus, paths, scorer=project.scorer.identity)
    queued = queued_pairs(project, corpus, scan, policy, records.store, policy.verdicts)
    chosen = _chosen(queued, most)
    if not chosen:
        raise UsageError(
            "nothing to look at: no pair of these articles is judged and without a verdict; "
            "classify them first, or see `scorer`"
        )
    pairs = list(_pairs(corpus, scan, policy, records.store, chosen))
    files = {folder / name: text for name, text in _files(to, pairs).items()}
    for path, text in files.items():
        write_text(path, text)
    return PairsExported(
        folder=folder,
        files=tuple(files),
        pairs=len(pairs),
        articles=len(chosen),
    )


def _chosen(queued: QueuedPairs, most: int) -> dict[str, list[str]]:
    """Return the first pairs of the queue, at most `most`, by article."""
    table = queued.table
    chosen: dict[str, list[str]] = defaultdict(list)
    for row, column in islice(queued.one_by_one(), most):
        chosen[table.rows[row].path].append(table.categories[column].id)
    return chosen


def _pairs(
    corpus: Corpus, scan: Scan, policy: LabelPolicy, store: Store, chosen: _Chosen
) -> Iterator[UncertainPair]:
    entries = {entry.path: entry for entry in scan.entries}
    some: list[Entry] = [entries[path] for path in chosen]
    part = replace(scan, entries=some, unread={})
    for result, _ in results(corpus, part, policy=policy, store=store):
        article = corpus.article(result.article)
        if not isinstance(article, Article):
            continue
        both: list[Label | Rejection] = [*result.decision.labels, *result.decision.rejections]
        decided = {one.category.id: one for one in both}
        for category in chosen[result.article]:
            if category in decided:
                yield _pair(corpus.key(result.article), article, result, decided[category])


def _pair(path: str, article: Article, result: Result, decided: Label | Rejection) -> UncertainPair:
    category, judgement = decided.category, decided.judgement
    return UncertainPair(
        key=PairKey(
            path=path,
            article=article.digest,
            category=category.id,
            definition=category.digest,
        ),
        title=article.title,
        text=(prose(article).text or article.description)[:_LONGEST],
        category_title=category.title,
        definition_text=_definition(category),
        confidence=judgement.confidence,
        label=isinstance(decided, Label),
        reasoning=judgement.reasoning,
        quotes=tuple(quote.text for quote in judgement.evidence),
        scorer=result.scorer,
    )


def _definition(category: Category) -> str:
    i = category.instructions
    parts = [
        category.description or i.scope,
        f"Topics: {'; '.join(i.topics)}" if i.topics else "",
        f"Not: {'; '.join(i.exclusions)}" if i.exclusions else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _files(to: Tool, pairs: Sequence[UncertainPair]) -> dict[str, str]:
    match to:
        case "label-studio":
            return {
                "tasks.json": _json(label_studio.tasks(pairs)),
                "config.xml": label_studio.CONFIG,
            }
        case "argilla":
            return {
                ".argilla/dataset.json": _json(argilla.DATASET),
                ".argilla/settings.json": _json(argilla.SETTINGS),
                "records.json": _json(argilla.records(pairs)),
            }


def _json(value: Any) -> str:
    # Half a character, from a file name that is not UTF-8, is written as an escape.
    text = json.dumps(value, ensure_ascii=False, indent=1)
    return text if text.isascii() or _is_utf8(text) else json.dumps(value, indent=1)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


# --- back -----------------------------------------------------------------------------------------


def read_annotations(project: Workspace, file: Path, records: Records) -> list[VerdictRecord]:
    """Return the verdicts in an export of an annotation tool; warn about those left out."""
    definitions = {category.id: category.digest for category in project.definitions.categories}
    by_pair: dict[PairKey, list[Annotation]] = defaultdict(list)
    for annotation in annotated.read(file):
        by_pair[annotation.key].append(annotation)
    if not by_pair:
        raise UsageError(f"{str(file)!r} has no submitted annotation")
    # An export is data of a stranger: it names no file that the store does not know.
    paths = {key.path for key in by_pair}
    known = paths & {*records.store.paths(), *(v.path for v in records.store.verdicts())}
    left: Counter[str] = Counter()
    verdicts = []
    for key, given in by_pair.items():
        if key.path not in known:
            left["on articles that are not stored here"] += 1
        elif key.category not in definitions:
            left["on categories that are not defined"] += 1
        elif len({each.accepted for each in given}) > 1:
            left["on which annotators disagree"] += 1
        else:
            verdicts.append(_verdict(key, given, file))
    for reason, number in left.items():
        pairs = "1 pair" if number == 1 else f"{number:,} pairs"
        project.warn(f"{str(file)!r}: left out {pairs} {reason}")
    return verdicts


def _verdict(key: PairKey, given: Iterable[Annotation], file: Path) -> VerdictRecord:
    notes = dict.fromkeys(each.note for each in given if each.note)
    return VerdictRecord(
        path=key.path,
        article=key.article,
        category=key.category,
        definition=key.definition,
        accepted=next(iter(given)).accepted,
        note="; ".join(notes),
        source=str(file),
        at=time.time(),
    )
