"""Which labels two taxonomies give to the same articles, and why they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy
from classifier.models import Category, Label, Rejection, Taxonomy
from classifier.runs import assigned
from classifier.store import Store

Change: TypeAlias = Literal["added", "removed", "changed", "same"]
"""Of a definition, as a scorer sees it."""

Decided: TypeAlias = Label | Rejection


@dataclass(frozen=True, slots=True)
class Side:
    """A taxonomy, and what is on record of its categories."""

    policy: LabelPolicy
    corpus: Corpus
    scan: Scan
    store: Store

    def labels(self) -> Iterator[tuple[Entry, tuple[Label, ...]]]:
        return assigned(self.corpus, self.scan, policy=self.policy, store=self.store)

    def decided(self, entry: Entry) -> dict[str, Decided]:
        """Return all that is decided on an article, by category id."""
        ids = {category.digest: category.id for category in self.policy.taxonomy.categories}
        found = self.store.load(self.scan.scorer, entry.digest, ids)
        judgements = [replace(it.judgement, category=ids[key]) for key, it in found.items()]
        decision = self.policy.decide(judgements, path=entry.path, article=entry.digest)
        every: list[Decided] = [*decision.labels, *decision.rejections]
        return {it.category.id: it for it in every}


@dataclass(frozen=True, slots=True)
class Flip:
    """An article that has a label on one side only."""

    path: str
    category: Category
    """As it is now, or was where it is gone."""
    before: Decided | None
    """None where there was no such category."""
    after: Decided | None

    @property
    def gained(self) -> bool:
        return isinstance(self.after, Label)


@dataclass(frozen=True, slots=True)
class Difference:
    changes: Mapping[str, Change]
    """By category id: those of now, then those that are gone."""
    flips: tuple[Flip, ...]
    """In the order of the articles."""
    articles: int


def compare(before: Side, after: Side) -> Difference:
    """Compare the labels of the articles that both scans have.

    A category whose id alone has changed is one and the same. A pair that one side has not judged
    is no flip: what it would be is not known.
    """
    old, new = before.policy.taxonomy, after.policy.taxonomy
    renamed = _renamed(old, new)
    had = {
        entry.path: {renamed.get(label.category.id, label.category.id) for label in labels}
        for entry, labels in before.labels()
    }
    flips: list[Flip] = []
    articles = 0
    for entry, labels in after.labels():
        if entry.path in had:
            articles += 1
            flipped = had[entry.path] ^ {label.category.id for label in labels}
            flips += _flips(entry, flipped, before, after) if flipped else ()
    return Difference(_changes(old, new, renamed), tuple(flips), articles)


def _flips(entry: Entry, flipped: set[str], before: Side, after: Side) -> Iterator[Flip]:
    old, new = before.policy.taxonomy, after.policy.taxonomy
    renamed = _renamed(old, new)
    was = {renamed.get(name, name): it for name, it in before.decided(entry).items()}
    now = after.decided(entry)
    there = {renamed.get(category.id, category.id) for category in old.categories}
    here = {category.id for category in new.categories}
    for name in sorted(flipped):
        one, other = was.get(name), now.get(name)
        unjudged = (one is None and name in there) or (other is None and name in here)
        known = other or one
        if known is not None and not unjudged:
            yield Flip(entry.path, known.category, one, other)


def _renamed(old: Taxonomy, new: Taxonomy) -> dict[str, str]:
    """Return the ids of now by those of before, of categories whose id alone has changed."""
    gone = _by_definition(old, without=new)
    return {
        id_: new_id
        for key, new_id in _by_definition(new, without=old).items()
        if (id_ := gone.get(key)) is not None
    }


def _by_definition(taxonomy: Taxonomy, *, without: Taxonomy) -> dict[tuple[str, str], str]:
    known = {category.id for category in without.categories}
    return {(c.kind, c.digest): c.id for c in taxonomy.categories if c.id not in known}


def _changes(old: Taxonomy, new: Taxonomy, renamed: Mapping[str, str]) -> dict[str, Change]:
    before = {renamed.get(c.id, c.id): c.digest for c in old.categories}
    changes: dict[str, Change] = {}
    for category in new.categories:
        was = before.pop(category.id, None)
        if was is None:
            changes[category.id] = "added"
        else:
            changes[category.id] = "same" if was == category.digest else "changed"
    return changes | dict.fromkeys(before, "removed")
