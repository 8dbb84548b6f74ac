"""Propose categories for the labels of a site that no definition is about."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from classifier.models import Category
from classifier.site import vocabulary
from classifier.site.category_file import CategoryDraft, readable, text_of
from classifier.site.drafts import Draft, Drafter
from classifier.site.existing import Definitions
from classifier.site.fields import LabelField
from classifier.site.naming import file_name
from classifier.site.reading import SiteReading
from classifier.site.vocabulary import SiteLabel, Written

_DRAFTED_FROM: Final = 50
"""Articles of each label that a draft is made from, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedCategory:
    label: SiteLabel
    title: str
    parent: str = ""
    """The slug of the category it is below; empty where there is none."""
    path: Path
    """The file to write."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProposal:
    """A field whose labels become categories."""

    field: LabelField
    kind: str
    value: Written
    at_most: int
    """Labels that nine in ten labelled articles do not exceed."""
    labels: tuple[SiteLabel, ...]
    """All of them, the most used first."""
    definitions: tuple[Definitions, ...]
    """What defines some of them already, to be used in place."""
    defined: Mapping[str, Category]
    """By label key: the labels in use that are defined."""
    new: tuple[ProposedCategory, ...]
    rare: tuple[SiteLabel, ...]
    """On too few articles to become a category."""
    unusable: tuple[SiteLabel, ...]
    """Without a letter or digit, or too long for a name."""

    @property
    def joined(self) -> list[SiteLabel]:
        """The labels that have several spellings."""
        return [label for label in self.labels if len(label.spellings) > 1]


def propose(
    field: LabelField,
    kind: str,
    definitions: Sequence[Definitions],
    *,
    least_uses: int,
    folder: Path,
) -> FieldProposal:
    """Propose categories without a description yet.

    Args:
        field: Where the labels are.
        kind: What the categories are to be, as a folder may be called.
        definitions: What may define them already.
        least_uses: Articles that a label needs to become a category.
        folder: Where the files are to go.
    """
    labels = vocabulary.vocabulary(field)
    every = [category for one in definitions for category in one.categories]
    defined = vocabulary.matched(labels, every, kind)
    if defined:
        kind = Counter(category.kind for category in defined.values()).most_common(1)[0][0]
    undefined = [label for label in labels if label.key not in defined]
    usable = [label for label in undefined if label.is_usable]
    chosen = [label for label in usable if len(label.articles) >= least_uses]
    value = vocabulary.written_as(field, defined) if defined else _value(chosen)
    kept = {label.key for label in chosen} | defined.keys()
    counts = Counter(path for label in labels if label.key in kept for path in label.articles)
    return FieldProposal(
        field=field,
        kind=kind,
        value=value,
        at_most=vocabulary.most_labels(counts.values()),
        labels=tuple(labels),
        definitions=tuple(definitions),
        defined=defined,
        new=tuple(_categories(chosen, every, defined, value, folder / file_name(kind))),
        rare=tuple(label for label in usable if len(label.articles) < least_uses),
        unusable=tuple(label for label in undefined if not label.is_usable),
    )


def drafted(proposals: Sequence[FieldProposal], site: SiteReading) -> list[FieldProposal]:
    """Return the proposals with the texts of their files, drafted from the articles."""
    carriers = {
        path: None
        for one in proposals
        for category in one.new
        for path in category.label.articles[:_DRAFTED_FROM]
    }
    drafter = Drafter({path: site.documents[path].prose for path in carriers})
    return [
        replace(one, new=tuple(_with_text(category, drafter) for category in one.new))
        for one in proposals
    ]


def _with_text(category: ProposedCategory, drafter: Drafter) -> ProposedCategory:
    label = category.label
    draft: Draft = drafter.draft(
        label.articles[:_DRAFTED_FROM], without=(category.title, *label.spellings)
    )
    aliases = [name for name in label.spellings if name != category.title]
    made = CategoryDraft(
        title=category.title,
        aliases=aliases,
        parent=category.parent,
        articles=len(label.articles),
        draft=draft,
    )
    return replace(category, text=text_of(made))


def _value(labels: Sequence[SiteLabel]) -> Written:
    if not vocabulary.are_slugs(label.text for label in labels):
        return "title"
    return "path" if any(label.parent for label in labels) else "slug"


def _categories(
    labels: Sequence[SiteLabel],
    every: Sequence[Category],
    defined: Mapping[str, Category],
    value: Written,
    folder: Path,
) -> Iterator[ProposedCategory]:
    slugs = {key: category.id.partition("/")[2] for key, category in defined.items()}
    slugs |= _slugs(
        labels, folder, {category.id.partition("/")[2].casefold() for category in every}
    )
    titles = Counter(_title(label, value).casefold() for label in labels)
    for label in labels:
        title = _title(label, value)
        if label.parent and titles[title.casefold()] > 1:
            title += f" ({readable(label.parent.rpartition('/')[2])})"
        yield ProposedCategory(
            label=label,
            title=title,
            parent=slugs.get(label.parent, ""),
            path=folder / f"{slugs[label.key]}.md",
        )


def _title(label: SiteLabel, value: Written) -> str:
    return label.text if value == "title" else readable(label.text.rpartition("/")[2])


def _slugs(labels: Sequence[SiteLabel], folder: Path, known: Collection[str]) -> dict[str, str]:
    """Return the path of each label's file in `folder`, without suffix; no two are the same.

    None is one of `known`: two definitions of an id are an error.
    """
    taken: dict[str, set[str]] = {}
    slugs = {}
    for label in labels:
        *above, last = [part for part in label.text.split("/") if part.strip()] or [label.text]
        inside = "/".join(file_name(part) for part in above)
        if inside not in taken:
            above_it = f"{inside}/".lstrip("/")
            own = (slug.removeprefix(above_it) for slug in known if slug.startswith(above_it))
            taken[inside] = {*_names(folder / inside), *own}
        here = taken[inside]
        name = file_name(last, taken=here)
        here.add(name)
        slugs[label.key] = f"{inside}/{name}".lstrip("/")
    return slugs


def _names(folder: Path) -> set[str]:
    """Return what a folder's files are called, without suffix, in lower case."""
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names alone
        return {Path(name).stem.casefold() for name in names if "." in name}
    except OSError:  # there is none yet
        return set()


def paths_of(definitions: Collection[Definitions]) -> list[Path]:
    """Return the folders and files that can be read."""
    return list(dict.fromkeys(one.path for one in definitions if not one.error))
