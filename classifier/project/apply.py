"""Write decided labels, and numbers derived from confidences, into the front matter of articles."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from classifier import derived_fields, taxonomy
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy, Pair
from classifier.derived_fields import LinearField
from classifier.models import FailureReason
from classifier.outputs.write_back import Edited, Edits, Refused, prepare, write
from classifier.project.label_fields import OwnLabels, TargetField, WriteOptions, target_fields
from classifier.runs import looked_up
from classifier.store import Store

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """A file whose front matter has the decided labels; in a dry run, would have."""

    edited: Edited
    removed_by_person: tuple[str, ...] = ()
    """Decided labels that are not written, because a person removed them from the file."""


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A file that is left alone because too little of it is judged."""

    path: Path


FileOutcome: TypeAlias = Applied | NotJudged | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyResult:
    """What became of the files; in a dry run, what would."""

    changed: tuple[Path, ...]
    unchanged: int
    """Files that were up to date."""
    refused: tuple[Refused, ...]
    """Files that cannot be edited safely, with the reason."""
    not_judged: tuple[Path, ...]
    removed_by_person: Mapping[Path, tuple[str, ...]]
    """Decided labels that are not written, because a person removed them from the file."""

    @property
    def ok(self) -> bool:
        """Whether every file has its labels."""
        return not (self.refused or self.not_judged)


def apply(
    project: Workspace,
    paths: Sequence[Path],
    options: WriteOptions,
    *,
    dry_run: bool,
    on_file: Callable[[FileOutcome], None],
) -> ApplyResult:
    records = project.records.get("read" if dry_run else "write")
    writer = make_writer(project, paths, options, records, update_index=not dry_run)
    changed: list[Path] = []
    refused: list[Refused] = []
    not_judged: list[Path] = []
    removed: dict[Path, tuple[str, ...]] = {}
    unchanged = 0
    for outcome in writer.outcomes(dry_run=dry_run):
        on_file(outcome)
        match outcome:
            case Refused():
                refused.append(outcome)
            case NotJudged(path):
                not_judged.append(path)
            case Applied(edited=edited, removed_by_person=labels):
                if edited.changed:
                    changed.append(edited.path)
                else:
                    unchanged += 1
                if labels:
                    removed[edited.path] = labels
    return ApplyResult(
        changed=tuple(changed),
        unchanged=unchanged,
        refused=tuple(refused),
        not_judged=tuple(not_judged),
        removed_by_person=removed,
    )


def make_writer(
    project: Workspace,
    paths: Sequence[Path],
    options: WriteOptions,
    records: Records,
    *,
    update_index: bool,
) -> FrontMatterWriter:
    """Look up what is stored of the articles.

    Categories that `only` leaves out within a kind count all the same: of a kind, all labels are
    written or none.
    """
    whole = project.policy.taxonomy
    chosen = taxonomy.select(whole, kinds=project.kinds)
    kinds = list(dict.fromkeys(category.kind for category in chosen.categories))
    fields = target_fields(project.settings, whole, kinds, options)
    corpus = project.corpus(chosen.categories, records, update_index=update_index)
    return FrontMatterWriter(
        corpus=corpus,
        scan=project.scan(corpus, paths, scorer=project.scorer.identity),
        store=records.store,
        policy=project.with_verdicts(project.policy.only(chosen), records),
        fields=fields,
        numbers=() if options.suggest else derived_fields.linear_fields(project.settings, whole),
        options=options,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatterWriter:
    """Writes what is stored of a scan's articles into their files."""

    corpus: Corpus
    scan: Scan
    store: Store
    policy: LabelPolicy
    fields: tuple[TargetField, ...]
    numbers: tuple[LinearField, ...]
    options: WriteOptions
    _written: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict, init=False)
    """By key and article, the labels we wrote before."""

    def outcomes(self, *, dry_run: bool) -> Iterator[FileOutcome]:
        """Edit the files one by one, and yield what became of each.

        Nothing but the keys changes, or the file is refused and stays as it is. What was written
        is stored, to tell it from what people write. An article without prose has no labels and is
        passed over.
        """
        for path, failure in self.scan.unread.items():
            if failure.reason is not FailureReason.EMPTY:
                yield Refused(Path(path), failure.message)
        for entry, pairs, blocked in looked_up(self.corpus, self.scan, self.policy, self.store):
            outcome = self._prepared(entry, pairs, blocked=blocked)
            if isinstance(outcome, Applied) and outcome.edited.changed and not dry_run:
                refused = write(outcome.edited)
                if refused is None:
                    self._remember(entry, outcome.edited)
                yield refused or outcome
            else:
                yield outcome

    def _prepared(self, entry: Entry, pairs: Sequence[Pair], *, blocked: bool) -> FileOutcome:
        path = Path(entry.path)
        judged = {category for category, *_ in pairs}
        labels = self.policy.labels(pairs, path=entry.path, article=entry.digest, blocked=blocked)
        ours = {
            target.name: OwnLabels(
                labels=labels,
                earlier=self._earlier(target.name, entry),
                complete=all(category.id in judged for category in target.categories),
            )
            for target in self.fields
        }
        incomplete = not all(own.complete for own in ours.values())
        replacing = any(target.mode == "replace" for target in self.fields)
        if not judged or (incomplete and replacing):
            return NotJudged(path)
        confidences = {name: confidence for name, confidence, *_ in pairs}
        edits = Edits(
            labels={target.name: _Wanted(target, ours[target.name]) for target in self.fields},
            numbers=derived_fields.compute(confidences, self.numbers),
            spaced=self.options.spaced,
            create=self.options.create,
        )
        edited = prepare(path, edits, digest=entry.digest, read=self.corpus.document)
        if isinstance(edited, Refused):
            return edited
        removed = (
            label
            for target in self.fields
            for label in target.removed_by_person(edited.had[target.name], ours[target.name])
        )
        return Applied(edited=edited, removed_by_person=tuple(removed))

    def _earlier(self, name: str, entry: Entry) -> Sequence[str]:
        if name not in self._written:
            self._written[name] = self.store.applied(name)
        return self._written[name].get(self.corpus.key(entry.path), ())

    def _remember(self, entry: Entry, edited: Edited) -> None:
        for name, added in edited.added.items():
            gone = set(edited.removed[name])
            kept = (label for label in self._earlier(name, entry) if label not in gone)
            labels = tuple(dict.fromkeys((*kept, *added)))
            self.store.apply(self.corpus.key(entry.path), name, labels, at=time.time())


@dataclass(frozen=True, slots=True)
class _Wanted:
    target: TargetField
    ours: OwnLabels

    def __call__(self, there: tuple[str, ...]) -> tuple[str, ...]:
        return self.target.wanted(there, self.ours)
