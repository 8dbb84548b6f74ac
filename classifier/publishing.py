"""Decided labels and numbers into the front matter of the articles they were decided for."""

from __future__ import annotations

import time
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy, Pair
from classifier.derived_fields import Formula, derived
from classifier.errors import UsageError
from classifier.models import Category, FailureReason, Label, Taxonomy
from classifier.outputs import modes
from classifier.outputs.write_back import Edited, Edits, Refused, prepare, write
from classifier.runs import looked_up
from classifier.settings import FieldSettings
from classifier.store import Store
from classifier.taxonomy.labels import LabelIndex, label_key

Mode: TypeAlias = Literal["merge", "replace"]
"""`merge` keeps what people wrote; `replace` leaves our labels alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """What is known of our labels in one field of one article."""

    labels: Sequence[Label]
    """Decided now."""
    earlier: Collection[str] = ()
    """Those we ever put there, as written, and have not withdrawn: all else is a person's own."""
    complete: bool = True
    """Whether every category was judged: nothing is withdrawn for want of a judgement."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A key of the front matter, and how the labels of some categories are kept under it."""

    name: str
    value: Literal["title", "slug", "id"]
    categories: tuple[Category, ...]
    beside: tuple[Category, ...] = ()
    """All others: a label of theirs in this field is not ours to withdraw now."""
    mode: Mode = "merge"
    again: bool = False
    """Whether labels of ours that a person took out are put back."""

    def wanted(self, there: Sequence[str], ours: Ours) -> tuple[str, ...]:
        """Return the labels the field is to have, given those that are there."""
        labels = [self._written(label.category) for label in self._own(ours)]
        if self.mode == "replace":
            return modes.replace(there, labels, same=self._same)
        kept_out = {self._same(label) for label in self.taken_out(there, ours)}
        labels = [label for label in labels if self._same(label) not in kept_out]
        earlier = (label for label in ours.earlier if ours.complete and not self._others(label))
        return modes.merge(there, labels, earlier=frozenset(earlier), same=self._same)

    def taken_out(self, there: Sequence[str], ours: Ours) -> list[str]:
        """Return those of our labels that a person took out of the file: they stay out.

        Unless somebody has accepted the category.
        """
        if self.again or self.mode == "replace":
            return []
        present = {self._same(label) for label in there}
        open_to = {it.category.id for it in self._own(ours) if it.verdict is None} - present
        return [label for label in ours.earlier if self._same(label) in open_to]

    def _own(self, ours: Ours) -> Iterator[Label]:
        ids = {category.id for category in self.categories}
        return (label for label in ours.labels if label.category.id in ids)

    def _written(self, category: Category) -> str:
        if self.value == "title":
            return category.title
        return category.id if self.value == "id" else category.id.rpartition("/")[2]

    def _same(self, label: str) -> Hashable:
        """Return what the spellings of one category have in common; else those of one label."""
        return self._id(label) or label_key(label)

    def _others(self, label: str) -> bool:
        return self._id(label) is None and bool(self._besides.find(label))

    def _id(self, label: str) -> str | None:
        """Return the category of ours that a label means: first of all, the one we write so."""
        if own := self._own_spelling.get(label_key(label)):
            return own
        found = self._index.find(label)
        return found[0].id if len(found) == 1 else None

    @cached_property
    def _own_spelling(self) -> Mapping[str, str]:
        return {label_key(self._written(c)): c.id for c in self.categories}

    @cached_property
    def _index(self) -> LabelIndex:
        return LabelIndex(self.categories)

    @cached_property
    def _besides(self) -> LabelIndex:
        return LabelIndex(self.beside)


def fields(
    taxonomy: Taxonomy, of_kind: Mapping[str, FieldSettings], *, mode: Mode, again: bool = False
) -> tuple[Field, ...]:
    """Return the keys that kinds of a taxonomy are under; several kinds may share one.

    `of_kind` has the kinds whose labels are to be written. Raises UsageError where those that share
    a key are written in different ways.
    """
    kinds: dict[str, list[str]] = {}
    for kind, its in of_kind.items():
        kinds.setdefault(its.name, []).append(kind)
    found: list[Field] = []
    for name, members in kinds.items():
        value = of_kind[members[0]].value
        if any(of_kind[kind].value != value for kind in members):
            raise UsageError(
                f"the labels of {' and '.join(members)} are all under {name!r}, so they have to be "
                "written in one way: see fields in the settings"
            )
        found.append(
            Field(
                name=name,
                value=value,
                categories=tuple(c for c in taxonomy.categories if c.kind in members),
                beside=tuple(c for c in taxonomy.categories if c.kind not in members),
                mode=mode,
                again=again,
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One article whose front matter is as it is to be."""

    edited: Edited
    taken_out: tuple[str, ...] = ()
    """Labels of ours that a person took out, and that stay out."""


@dataclass(frozen=True, slots=True)
class Unjudged:
    """An article with too little on record to write anything."""

    path: Path


Outcome: TypeAlias = Published | Unjudged | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """Writes what is on record of a scan's articles."""

    corpus: Corpus
    store: Store
    policy: LabelPolicy
    fields: tuple[Field, ...]
    formulas: tuple[Formula, ...] = ()
    spaced: bool = False
    """Whether a field that is one text without commas holds a label per word."""
    create: bool = False
    """Whether an article without front matter is given some."""
    _applied: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict, init=False)

    def publish(self, scan: Scan, *, dry_run: bool = False) -> Iterator[Outcome]:
        """Yield what became, or with `dry_run` would become, of every article.

        A file is edited in nothing but its fields, or left as it is and refused. What was written
        is remembered, so that it can be told from what people wrote. Where there is nothing to
        judge there is nothing to write, and no fault.
        """
        for path, failure in scan.unread.items():
            if failure.reason is not FailureReason.EMPTY:
                yield Refused(Path(path), failure.message)
        for entry, pairs, blocked in looked_up(self.corpus, scan, self.policy, self.store):
            done = self._prepared(entry, pairs, blocked=blocked)
            if isinstance(done, Published) and done.edited.changed and not dry_run:
                refused = write(done.edited)
                if refused is None:
                    self._remember(entry, done.edited)
                yield refused or done
            else:
                yield done

    def _prepared(self, entry: Entry, pairs: Sequence[Pair], *, blocked: bool) -> Outcome:
        path = Path(entry.path)
        judged = {category for category, *_ in pairs}
        ours = {
            it.name: Ours(
                labels=self.policy.labels(
                    pairs, path=entry.path, article=entry.digest, blocked=blocked
                ),
                earlier=self._earlier(it.name, entry),
                complete=all(category.id in judged for category in it.categories),
            )
            for it in self.fields
        }
        lacking = [it.name for it in self.fields if not ours[it.name].complete]
        if not judged or (lacking and any(it.mode == "replace" for it in self.fields)):
            return Unjudged(path)
        numbers = derived({name: confidence for name, confidence, *_ in pairs}, self.formulas)
        edits = Edits(
            labels={it.name: _Wanted(it, ours[it.name]) for it in self.fields},
            numbers=numbers,
            spaced=self.spaced,
            create=self.create,
        )
        edited = prepare(path, edits, digest=entry.digest, read=self.corpus.document)
        if isinstance(edited, Refused):
            return edited
        return Published(edited=edited, taken_out=tuple(self._taken_out(edited, ours)))

    def _taken_out(self, edited: Edited, ours: Mapping[str, Ours]) -> Iterator[str]:
        for it in self.fields:
            yield from it.taken_out(edited.had[it.name], ours[it.name])

    def _earlier(self, name: str, entry: Entry) -> Sequence[str]:
        if name not in self._applied:
            self._applied[name] = self.store.applied(name)
        return self._applied[name].get(self.corpus.key(entry.path), ())

    def _remember(self, entry: Entry, edited: Edited) -> None:
        for name, added in edited.added.items():
            gone = set(edited.removed[name])
            kept = (label for label in self._earlier(name, entry) if label not in gone)
            labels = tuple(dict.fromkeys((*kept, *added)))
            self.store.apply(self.corpus.key(entry.path), name, labels, at=time.time())


@dataclass(frozen=True, slots=True)
class _Wanted:
    field: Field
    ours: Ours

    def __call__(self, there: tuple[str, ...]) -> tuple[str, ...]:
        return self.field.wanted(there, self.ours)
