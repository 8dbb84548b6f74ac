"""Links from articles to the pages of the categories that they mention."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier import taxonomy
from classifier.content import document
from classifier.content.document import Document
from classifier.content.front_matter.editor import Editor
from classifier.content.front_matter.model import EditError
from classifier.content.markdown import prose
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy
from classifier.links import template
from classifier.links.mentions import Names
from classifier.links.rewriting import Link, Linker, Rewritten, without_links
from classifier.links.template import Affixes
from classifier.models import Category, Failure, FailureReason
from classifier.outputs.write_back import Edited, Refused
from classifier.project import provenance
from classifier.project.apply import NotJudged
from classifier.project.noted_writing import NotedEdit, NotingWriter
from classifier.project.provenance import Provenance
from classifier.project.same_text import keep_judgements
from classifier.runs import assigned
from classifier.store import Store

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

KEY: Final = "(link)"
"""What links are noted under, where labels have their front matter key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkOptions:
    """Which links are written."""

    at_most: int | None = None
    """Links per article; None: as the settings say."""
    labels_only: bool | None = None
    """Whether an article links to its own labels only; None: as the settings say."""
    undo: bool = False
    """Whether links that we wrote are taken out, and none is written."""
    restore: bool = False
    """Whether links that we wrote and a person removed are written again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked(NotedEdit):
    """An article with its links; in a dry run, as it would be."""

    added: int
    removed: int
    unsure: tuple[str, ...] = ()
    """Links of ours that are in the article more than once, and stay."""


LinkOutcome: TypeAlias = Linked | NotJudged | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkResult:
    """What became of the articles; in a dry run, what would."""

    changed: tuple[Path, ...]
    unchanged: int
    added: int
    """Links."""
    removed: int
    """Links that we wrote earlier."""
    refused: tuple[Refused, ...]
    """Articles that cannot be edited safely, with the reason."""
    not_judged: tuple[Path, ...] = ()
    """Articles that stay as they are because nobody knows their labels."""

    @property
    def ok(self) -> bool:
        """Whether every article could be edited."""
        return not (self.refused or self.not_judged)


def link(
    project: Workspace,
    paths: Sequence[Path],
    options: LinkOptions,
    *,
    dry_run: bool,
    on_file: Callable[[LinkOutcome], None],
) -> LinkResult:
    records = project.records.get("read" if dry_run else "write")
    linker = _Linker.of(project, paths, options, records, update_index=not dry_run)
    changed: list[Path] = []
    refused: list[Refused] = []
    not_judged: list[Path] = []
    unchanged = added = removed = 0
    with closing(linker.outcomes() if dry_run else linker.write()) as outcomes:
        for outcome in outcomes:
            on_file(outcome)
            if isinstance(outcome, Refused):
                refused.append(outcome)
            elif isinstance(outcome, NotJudged):
                not_judged.append(outcome.path)
            elif outcome.edited.changed:
                changed.append(outcome.edited.path)
                added, removed = added + outcome.added, removed + outcome.removed
            else:
                unchanged += 1
            if isinstance(outcome, Linked) and outcome.unsure:
                refused.append(_unsure(outcome))
                on_file(refused[-1])
    return LinkResult(
        changed=tuple(changed),
        unchanged=unchanged,
        added=added,
        removed=removed,
        refused=tuple(refused),
        not_judged=tuple(not_judged),
    )


def _unsure(outcome: Linked) -> Refused:
    path = outcome.edited.path
    return Refused(
        path,
        f"{path.as_posix()!r} has {outcome.unsure[0]!r} more than once, and one is ours: remove "
        "the other, or this one by hand",
    )


@dataclass(frozen=True, slots=True)
class _Labels:
    """Of an article."""

    labels: frozenset[str]
    """Ids of categories."""
    unjudged: frozenset[str]
    """Ids of the categories that it is not judged by, so that nobody knows."""


@dataclass(frozen=True, kw_only=True)
class _Linker:
    scan: Scan
    corpus: Corpus
    store: Store
    provenance: Provenance
    notes_inside: bool
    options: LinkOptions
    opt_out: str
    at_most: int
    chosen: Sequence[Category]
    """Categories that get links."""
    affixes: Mapping[str, Affixes]
    """By id, of all categories."""
    policy: LabelPolicy | None = None
    """What decides on labels, where articles link to their labels only."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """By path, as the store writes it: the category whose page it is."""

    @classmethod
    def of(
        cls,
        project: Workspace,
        paths: Sequence[Path],
        options: LinkOptions,
        records: Records,
        *,
        update_index: bool,
    ) -> _Linker:
        found = project.settings.links
        fallbacks = {it.category for it in project.definitions.fallbacks.values()}
        chosen = [it for it in project.taxonomy.categories if it.id not in fallbacks]
        # Of a kind, labels are decided together: `only` leaves out no rival.
        kinds = taxonomy.select(project.policy.taxonomy, kinds=project.kinds)
        # A link in a definition would change what it says, and all that is judged by it.
        corpus = project.corpus(kinds.categories, records, update_index=update_index, pages=False)
        scan = project.scan(corpus, paths, scorer=project.scorer.identity)
        only = found.labels_only if options.labels_only is None else options.labels_only
        policy = None
        if only and not options.undo:
            policy = project.with_verdicts(project.policy.only(kinds), records)
        everything = project.definitions.categories
        return cls(
            scan=scan,
            corpus=corpus,
            store=records.store,
            provenance=Provenance.of(project, records),
            notes_inside=project.settings.provenance == "front-matter",
            options=options,
            opt_out=found.opt_out,
            at_most=options.at_most or found.at_most,
            chosen=chosen,
            affixes=dict(_affixes(project, found.template, everything)),
            policy=policy,
            sources={os.path.realpath(it.source): it.id for it in everything if it.source},
        )

    def outcomes(self) -> Generator[LinkOutcome]:
        """Edit the articles in memory, one by one, and yield what would become of each."""
        for path, failure in self.scan.unread.items():
            if failure.reason is not FailureReason.EMPTY:
                yield Refused(Path(path), failure.message)
        if self.policy is None:
            for entry in self.scan.entries:
                yield self._outcome(Path(entry.path), None)
            return
        for entry, found in assigned(self.corpus, self.scan, policy=self.policy, store=self.store):
            labels = frozenset(label.category.id for label in found)
            unjudged = _unjudged(entry)
            if labels or len(unjudged) < len(self.policy.taxonomy.categories):
                yield self._outcome(Path(entry.path), _Labels(labels, unjudged))
            else:
                yield NotJudged(Path(entry.path))

    def write(self) -> Generator[LinkOutcome]:
        """Write the edited articles, and yield what became of each."""
        writer = NotingWriter(provenance=self.provenance, store=self.store, key=self.corpus.key)
        for outcome in writer.write(self.outcomes()):
            if isinstance(outcome, Linked) and outcome.edited.changed:
                keep_judgements(self.store, outcome.edited.before, outcome.edited.after)
            yield outcome

    def _outcome(self, path: Path, labels: _Labels | None) -> LinkOutcome:
        before = self.corpus.document(path)
        if isinstance(before, Failure):
            return Refused(path, before.message)
        if before.format != "Markdown":
            return self._unchanged(path, before)
        try:
            return self._linked(path, before, labels)
        except EditError as error:
            return Refused(path, f"{path.as_posix()!r} was not changed: {error}")

    def _linked(self, path: Path, before: Document, labels: _Labels | None) -> Linked:
        meta, body = before.front_matter.meta, before.front_matter.body
        ours = self._ours(path, meta, body)
        if self.options.undo:
            made = without_links(body, [it for it in ours if it.written in body])
            left = [it for it in ours if it in made.unsure]
        elif self._opted_out(meta):
            return self._unchanged(path, before)
        else:
            made, left = self._renewed(path, before, ours, labels)
        inside = self.notes_inside or provenance.in_front_matter(meta)
        notes = tuple(dict.fromkeys(it.note for it in (*left, *made.added)))
        after = _edited(before, made.body, self._noted(meta, notes) if inside else None)
        return Linked(
            edited=_as_edit(path, before, after, made),
            ours={KEY: notes},
            noted_inside=inside,
            added=len(made.added),
            removed=len(made.removed),
            unsure=tuple(it.written for it in made.unsure) if self.options.undo else (),
        )

    def _renewed(
        self, path: Path, before: Document, ours: Sequence[Link], labels: _Labels | None
    ) -> tuple[Rewritten, list[Link]]:
        """Return the body with today's links, and those of ours from before that are still ours.

        One that a person has removed is, too, so that it is not written again. Where only labels
        are linked, one of a category that is known to be none is taken out.
        """
        body = before.front_matter.body
        no_label = {it.id for it in self.chosen if labels and it.id not in labels.labels}
        old = self._outdated(ours, body, no_label - labels.unjudged if labels else no_label)
        cleared = without_links(body, [it for it in old if it.written in body])
        left = [it for it in ours if it not in old or it in cleared.unsure]
        there = [it for it in left if it.written in body]
        if self.options.restore:
            left = there
        mine = {(it.before, it.after) for it in left}
        skip = {name for name, it in self.affixes.items() if (it.before, it.after) in mine}
        own = self.sources.get(os.path.realpath(path))
        made = self._linker.linked(
            cleared.body,
            prose(cleared.body) if cleared.removed else before.prose,
            at_most=max(0, self.at_most - len(there)),
            skip={*skip, *no_label, *([own] if own else [])},
        )
        return Rewritten(made.body, added=made.added, removed=cleared.removed), left

    def _outdated(self, ours: Sequence[Link], body: str, no_label: Collection[str]) -> list[Link]:
        """Return the links of ours that are in no form of today, or lead to no label."""
        known = {(it.before, it.after) for it in self.affixes.values()}
        gone = {(it.before, it.after) for name, it in self.affixes.items() if name in no_label}
        return [
            it
            for it in ours
            if (around := (it.before, it.after)) not in known
            or (around in gone and it.written in body)
        ]

    @cached_property
    def _linker(self) -> Linker:
        names = Names(category for category in self.chosen if category.id in self.affixes)
        return Linker(names, self.affixes)

    def _ours(self, path: Path, meta: Mapping[str, Any], body: str) -> list[Link]:
        name = self.provenance.key(path)
        intended = (Link.of(note) for note in self.provenance.file.intended(name, KEY))
        there = [it.note for it in intended if it and it.written in body]
        notes = self.provenance.labels(path.as_posix(), KEY, there=there, meta=meta)
        return [it for note in notes if (it := Link.of(note))]

    def _opted_out(self, meta: Mapping[str, Any]) -> bool:
        wanted = self.opt_out.casefold()
        return any(str(key).casefold() == wanted and value is False for key, value in meta.items())

    def _noted(self, meta: Mapping[str, Any], notes: Sequence[str]) -> list[str]:
        """Return what an article notes as ours, with these links."""
        others = [f"{key}={label}" for key, label in provenance.noted(meta) if key != KEY]
        return [*others, *(f"{KEY}={note}" for note in notes)]

    def _unchanged(self, path: Path, before: Document) -> Linked:
        edited = _as_edit(path, before, before, Rewritten(before.front_matter.body))
        return Linked(edited=edited, ours={}, noted_inside=False, added=0, removed=0)


def _unjudged(entry: Entry) -> frozenset[str]:
    held = (name for failure in entry.held for name in failure.categories)
    return frozenset((*(category.id for category in entry.pending), *held))


def _affixes(
    project: Workspace, text: str, categories: Sequence[Category]
) -> Iterator[tuple[str, Affixes]]:
    for category in categories:
        try:
            yield category.id, template.affixes(text, category)
        except ValueError as error:
            project.warn(f"no links to a category: {error}")


def _as_edit(path: Path, before: Document, after: Document, made: Rewritten) -> Edited:
    return Edited(
        path=path,
        before=before,
        after=after,
        had={},
        added={KEY: tuple(it.note for it in made.added)},
        removed={KEY: tuple(it.note for it in made.removed)},
    )


def _edited(before: Document, body: str, noted: Sequence[str] | None) -> Document:
    """Return the file with another body, and with what it notes as ours where it does so itself.

    Raises:
        EditError: More would change than that.
    """
    text, front = before.text, before.front_matter
    if body == front.body:
        return before
    if noted is not None:
        editor = Editor(text, front)
        editor.set_labels(provenance.FIELD, noted or None)
        text, front = editor.finish()
    after = document.from_text(text[: front.body_start] + body, id=before.id)
    if isinstance(after, Failure):
        raise EditError("its front matter would be read in another way")
    if after.front_matter.body != body or after.front_matter.meta != front.meta:
        raise EditError("its front matter would be read in another way")
    if after.prose.text != before.prose.text:
        raise EditError("its text would change")
    return after
