"""Write decided labels, and numbers derived from confidences, into the front matter of articles."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from classifier import derived_fields, small_files, taxonomy
from classifier.content.inline_tags import inline_tags
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy, Pair
from classifier.derived_fields import LinearField
from classifier.models import Failure, FailureReason, Label
from classifier.outputs.label_file import FILE
from classifier.outputs.write_back import (
    Edits,
    LabelsOfKeys,
    Refused,
    prepare,
)
from classifier.project import provenance
from classifier.project.label_fields import TargetField, WriteOptions, WrittenLabels, target_fields
from classifier.project.noted_writing import NotedEdit, NotingWriter
from classifier.project.provenance import Provenance
from classifier.runs import looked_up
from classifier.store import Store

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied(NotedEdit):
    """A file whose front matter has the decided labels; in a dry run, would have."""

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
    new_label_file: Path | None = None
    """The file that says which labels are ours, if there was none before."""

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
    label_file = writer.provenance.file.path
    is_new = not os.path.lexists(label_file)
    with closing(writer.outcomes() if dry_run else writer.write()) as outcomes:
        for outcome in outcomes:
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
        new_label_file=label_file if is_new and os.path.lexists(label_file) else None,
    )


def count_changes(project: Workspace, scan: Scan, records: Records) -> int:
    """Count the articles of a scan whose front matter `apply` would change. Writes nothing."""
    writer = replace(
        make_writer(project, (), WriteOptions(), records, update_index=False), scan=scan
    )
    with closing(writer.outcomes()) as outcomes:
        return sum(isinstance(one, Applied) and one.edited.changed for one in outcomes)


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
        provenance=Provenance.of(project, records),
        notes_inside=project.settings.provenance == "front-matter",
        policy=project.with_verdicts(project.policy.only(chosen), records),
        fields=fields,
        numbers=() if options.suggest else derived_fields.linear_fields(project.settings, whole),
        options=options,
        roots=[path for path in paths if small_files.is_dir(path)],
        on_doubt=partial(_warn_of_gone, project),
    )


def _warn_of_gone(project: Workspace, gone: Sequence[str]) -> None:
    more = f" and {len(gone) - 1:,} more" if len(gone) > 1 else ""
    project.warn(
        f"{FILE!r} has lines of {gone[0]!r}{more}, where there is no article: if it was moved, "
        "change its path there; if it was deleted, delete its lines"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatterWriter:
    """Writes what is stored of a scan's articles into their files."""

    corpus: Corpus
    scan: Scan
    store: Store
    provenance: Provenance
    notes_inside: bool
    """Whether each file is to say itself which labels are ours."""
    policy: LabelPolicy
    fields: tuple[TargetField, ...]
    numbers: tuple[LinearField, ...]
    options: WriteOptions
    roots: Sequence[Path]
    """The folders that the scan looked through."""
    on_doubt: Callable[[Sequence[str]], None]
    """Called with articles that are gone, and whose notes are kept since they may be elsewhere."""

    def outcomes(self) -> Generator[FileOutcome]:
        """Edit the files one by one in memory, and yield what would become of each.

        Nothing but the keys changes, or the file is refused and stays as it is. An article without
        prose has no labels and is passed over.
        """
        for path, failure in self.scan.unread.items():
            if failure.reason is not FailureReason.EMPTY:
                yield Refused(Path(path), failure.message)
        for entry, pairs, blocked in looked_up(self.corpus, self.scan, self.policy, self.store):
            yield self._prepared(entry, pairs, blocked=blocked)

    def write(self) -> Generator[FileOutcome]:
        """Write the edited files, and yield what became of each.

        What is noted of articles that were moved or deleted follows them.
        """
        digests = {entry.path: entry.digest for entry in self.scan.entries}
        self.provenance.follow(digests)
        writer = NotingWriter(provenance=self.provenance, store=self.store, key=self.corpus.key)
        yield from writer.write(self.outcomes())
        kept = self.provenance.forget_gone(digests, self.roots)
        self.provenance.file.save()
        if kept:
            self.on_doubt(kept)

    def _prepared(self, entry: Entry, pairs: Sequence[Pair], *, blocked: bool) -> FileOutcome:
        path = Path(entry.path)
        judged = {category for category, *_ in pairs}
        labels = self.policy.labels(pairs, path=entry.path, article=entry.digest, blocked=blocked)
        meta, body = self._parts(path)
        rules = self.policy.at(entry.path).taxonomy
        wanted = {
            target.name: _Wanted(
                target,
                labels,
                at_most={kind: rules.rule(kind).at_most for kind in target.at_most},
                complete=all(category.id in judged for category in target.categories),
                inline=inline_tags(body) if target.inline else (),
                earlier=partial(self.provenance.labels, entry.path, target.name, meta=meta),
            )
            for target in self.fields
        }
        incomplete = not all(one.complete for one in wanted.values())
        replacing = any(target.mode == "replace" for target in self.fields)
        if not judged or (incomplete and replacing):
            return NotJudged(path)
        confidences = {name: confidence for name, confidence, *_ in pairs}
        inside = self.notes_inside or provenance.in_front_matter(meta)
        edits = Edits(
            labels=wanted,
            numbers=derived_fields.compute(confidences, self.numbers),
            note=partial(_note, wanted, meta) if inside else None,
            spaced=self.options.spaced or [it.name for it in self.fields if it.spaced],
            create=self.options.create,
        )
        edited = prepare(path, edits, digest=entry.digest, read=self.corpus.document)
        if isinstance(edited, Refused):
            return edited
        removed = (
            label
            for key, one in wanted.items()
            for label in one.target.removed_by_person(edited.had[key], one.ours(edited.had[key]))
        )
        return Applied(
            edited=edited,
            removed_by_person=tuple(removed),
            ours=_ours(wanted, edited.had, edited.added, edited.removed),
            noted_inside=inside,
        )

    def _parts(self, path: Path) -> tuple[Mapping[str, Any], str]:
        """Return the front matter and the text after it."""
        document = self.corpus.document(path)
        if isinstance(document, Failure):
            return {}, ""
        return document.front_matter.meta, document.front_matter.body


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What one key of one article is to have."""

    target: TargetField
    labels: Sequence[Label]
    at_most: Mapping[str, int | None]
    complete: bool
    inline: Sequence[str]
    earlier: Callable[..., Sequence[str]]
    """Of the labels that are there, those of ours."""

    def ours(self, there: tuple[str, ...]) -> WrittenLabels:
        return WrittenLabels(
            labels=self.labels,
            earlier=self.earlier(there=there),
            complete=self.complete,
            at_most=self.at_most,
            inline=self.inline,
        )

    def __call__(self, there: tuple[str, ...]) -> tuple[str, ...] | None:
        return self.target.wanted(there, self.ours(there))


def _ours(
    wanted: Mapping[str, _Wanted], had: LabelsOfKeys, added: LabelsOfKeys, removed: LabelsOfKeys
) -> dict[str, tuple[str, ...]]:
    """Return the labels of ours under each key after an edit."""
    ours = {}
    for key, one in wanted.items():
        kept = (label for label in one.earlier(there=had[key]) if label not in removed[key])
        ours[key] = tuple(dict.fromkeys((*kept, *added[key])))
    return ours


def _note(
    wanted: Mapping[str, _Wanted],
    meta: Mapping[str, Any],
    had: LabelsOfKeys,
    added: LabelsOfKeys,
    removed: LabelsOfKeys,
) -> tuple[str, tuple[str, ...] | None]:
    """Return the key of an article that notes the labels of ours, and its value."""
    names = {key.casefold() for key in wanted}
    others = (
        f"{key}={label}" for key, label in provenance.noted(meta) if key.casefold() not in names
    )
    ours = _ours(wanted, had, added, removed)
    own = (f"{key}={label}" for key, labels in ours.items() for label in labels)
    return provenance.FIELD, (*others, *own) or None
