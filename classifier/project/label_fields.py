"""Front matter keys, and the labels that each should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from classifier import settings
from classifier.errors import UsageError
from classifier.models import Category, Label, Taxonomy
from classifier.outputs import label_merge
from classifier.project.arguments import names
from classifier.settings import FieldSettings, Settings
from classifier.taxonomy.labels import LabelIndex, label_key

Mode: TypeAlias = Literal["merge", "replace"]
"""`merge` keeps the labels that people wrote; `replace` removes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """Where labels are written in the front matter, and what happens to existing ones."""

    fields: Sequence[str] = ()
    """Keys, as `KEY` or `KIND=KEY`, in place of those in the settings."""
    mode: Mode = "merge"
    suggest: str | None = None
    """A separate key for the labels of all kinds; other keys are left alone."""
    restore: bool = False
    """Whether labels that we wrote and a person removed are written again."""
    spaced: bool = False
    """Whether a value that is one text without commas holds a label per word, as in Jekyll."""
    create: bool = False
    """Whether an article without front matter gets some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLabels:
    """Our labels for one key of one article."""

    labels: Sequence[Label]
    """Decided now."""
    earlier: Collection[str] = ()
    """Labels we wrote there before and have not withdrawn. All others are a person's own."""
    complete: bool = True
    """Whether every category is judged; only then are labels withdrawn."""
    at_most: Mapping[str, int | None] | None = None
    """By kind, for this article; None: as everywhere."""
    inline: Sequence[str] = ()
    """`#tags` in the text, of a field whose labels may stand there: a person's own."""


@dataclass(frozen=True, kw_only=True)
class TargetField:
    """A key of the front matter, and how the labels of some categories are written to it."""

    name: str
    value: Literal["title", "slug", "path", "id"]
    categories: tuple[Category, ...]
    spaced: bool = False
    """Whether a value that is one text without commas holds a label per word."""
    inline: bool = False
    """Whether `#tags` in the text are labels, too."""
    other_categories: tuple[Category, ...] = ()
    """All others: their labels are never withdrawn from this key."""
    mode: Mode = "merge"
    restore: bool = False
    """Whether labels of ours that a person removed are written again."""
    at_most: Mapping[str, int | None] = field(default_factory=dict)
    """By kind: how many labels an article may have, those that people wrote included."""
    fallbacks: frozenset[str] = frozenset()
    """Ids of the categories for articles that no other fits."""

    def wanted(self, there: Sequence[str], ours: WrittenLabels) -> tuple[str, ...] | None:
        """Return the labels that the key should have, given those there; None: no key."""
        in_text = {self._id(label) for label in ours.inline}
        written = {self._id(label) for label in there}
        own = [one for one in self._own(ours) if one.category.id not in in_text - written]
        if self.mode == "replace":
            labels = [self._written(label.category) for label in own]
            return label_merge.replace(there, labels, same=self._same)
        removed = {self._same(label) for label in self.removed_by_person(there, ours)}
        own = [one for one in own if self._same(self._written(one.category)) not in removed]
        earlier = {label for label in ours.earlier if ours.complete and not self._others(label)}
        stay = {self._id(label) for label in there if label not in earlier} | in_text
        labels = [self._written(label.category) for label in self._fitting(own, stay, ours)]
        merged = label_merge.merge(there, labels, earlier=earlier, same=self._same)
        # An empty list would say that a person found no label to fit.
        return merged if merged or not there else None

    def _fitting(
        self, own: Sequence[Label], stay: Set[str | None], ours: WrittenLabels
    ) -> Iterator[Label]:
        """Yield what there is room for beside the categories that stay, a person's choice first."""
        given = {label.category.id for label in own if label.verdict is not None}
        kinds = (category.kind for category in self.categories if category.id in stay | given)
        taken = Counter(kinds)
        limits = self.at_most if ours.at_most is None else ours.at_most
        for label in own:
            kind = label.category.kind
            most = limits.get(kind)
            if label.category.id in self.fallbacks - given and any(
                name is None or (name.startswith(f"{kind}/") and name != label.category.id)
                for name in stay
            ):
                continue  # a person has found one that fits
            if label.category.id in stay | given:
                yield label
            elif most is None or taken[kind] < most:
                taken[kind] += 1
                yield label

    def removed_by_person(self, there: Sequence[str], ours: WrittenLabels) -> list[str]:
        """Return labels of ours that a person has removed from the file.

        They are not written again unless somebody accepts the category.
        """
        if self.restore or self.mode == "replace":
            return []
        present = {self._same(label) for label in there}
        open_to = {it.category.id for it in self._own(ours) if it.verdict is None} - present
        return [label for label in ours.earlier if self._same(label) in open_to]

    def _own(self, ours: WrittenLabels) -> Iterator[Label]:
        ids = {category.id for category in self.categories}
        return (label for label in ours.labels if label.category.id in ids)

    def _written(self, category: Category) -> str:
        if self.value == "title":
            return category.title
        if self.value == "path":
            return category.id.partition("/")[2]
        return category.id if self.value == "id" else category.id.rpartition("/")[2]

    def _same(self, label: str) -> Hashable:
        """Return what the spellings of one category have in common; else those of one label."""
        return self._id(label) or label_key(label)

    def _others(self, label: str) -> bool:
        return self._id(label) is None and bool(self._other_index.find(label))

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
    def _other_index(self) -> LabelIndex:
        return LabelIndex(self.other_categories)


def target_fields(
    found: Settings, taxonomy: Taxonomy, kinds: Sequence[str], options: WriteOptions
) -> tuple[TargetField, ...]:
    """Return the keys that the labels of some kinds of a whole taxonomy are written to.

    Raises:
        UsageError: A field of the options names no kind, or kinds that share a key are written in
            different ways.
    """
    of_kind = {kind: settings.field(found, kind) for kind in kinds}
    for text in names(options.fields):
        kind, _, name = text.rpartition("=")
        if not kind and len(kinds) > 1:
            raise UsageError(f"`fields` {text}: for which kind? Write `fields={kinds[0]}={text}`")
        wanted = label_key(kind or kinds[0])
        found_kind = next((one for one in kinds if label_key(one) == wanted), None)
        if found_kind is None:
            raise UsageError(f"`fields` {text}: no kind {kind!r}: expected {', '.join(kinds)}")
        of_kind[found_kind] = _renamed(of_kind[found_kind], name)
    if options.suggest is None:
        return _fields(taxonomy, of_kind, mode=options.mode, restore=options.restore)
    if options.suggest in {field.name for field in of_kind.values()}:
        raise UsageError(f"`suggest` {options.suggest}: this key holds the labels; name another")
    of_kind = {kind: _renamed(field, options.suggest) for kind, field in of_kind.items()}
    return _fields(taxonomy, of_kind, mode="replace", restore=False)


def _renamed(field: FieldSettings, name: str) -> FieldSettings:
    return field.model_copy(update={"name": name})


def _fields(
    taxonomy: Taxonomy, of_kind: Mapping[str, FieldSettings], *, mode: Mode, restore: bool
) -> tuple[TargetField, ...]:
    """Return the keys for kinds of a taxonomy; several kinds may share one."""
    kinds: dict[str, list[str]] = {}
    for kind, settings_of in of_kind.items():
        kinds.setdefault(settings_of.name, []).append(kind)
    return tuple(
        TargetField(
            name=name,
            value=_value(name, members, of_kind),
            spaced=any(of_kind[kind].spaced for kind in members),
            inline=any(of_kind[kind].inline for kind in members),
            categories=tuple(c for c in taxonomy.categories if c.kind in members),
            other_categories=tuple(c for c in taxonomy.categories if c.kind not in members),
            mode=mode,
            restore=restore,
            at_most={kind: taxonomy.rule(kind).at_most for kind in members},
            fallbacks=frozenset(it.category for it in taxonomy.fallbacks.values()),
        )
        for name, members in kinds.items()
    )


def _value(
    name: str, kinds: Sequence[str], of_kind: Mapping[str, FieldSettings]
) -> Literal["title", "slug", "path", "id"]:
    first, *others = (of_kind[kind].value for kind in kinds)
    if any(value != first for value in others):
        raise UsageError(
            f"the labels of {' and '.join(kinds)} share the key {name!r}, so they need the same "
            "`value`: see fields in the settings"
        )
    return first
