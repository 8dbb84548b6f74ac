"""Rules about the words of the definitions alone."""

from __future__ import annotations

import os
import re
from collections import defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import unquote

from classifier.lint.rules import LintFinding, named, shortened
from classifier.models import Category, Taxonomy
from classifier.scorers.embedded.exclusions import beyond
from classifier.scorers.embedded.lexical import stem, words
from classifier.taxonomy import labels, same_titles, unknown_related

LONGEST: Final = 500
"""Words of Instructions: twice the longest of 38 real ones."""
THINNEST: Final = 3
"""Words that a definition needs, at least, beside those of its title."""

_SHOWN: Final = 5
_WIKI_LINK = re.compile(r"\[\[([^\[\]|#\n]{1,200})")
_FILE_LINK = re.compile(r"\]\(([^()\s#:]{1,500}\.(?:md|markdown))(?:#[^()\s]{0,200})?\)", re.I)

_Graph: TypeAlias = Mapping[str, Sequence[str]]
"""By category id: the ids it refers to."""


def check(taxonomy: Taxonomy) -> Iterator[LintFinding]:
    categories = taxonomy.categories
    yield from _loading(taxonomy)
    yield from _names(categories)
    yield from _cycles(categories)
    known = frozenset[str]().union(*map(labels.keys, categories))
    for category in categories:
        yield from _references(category, known)
        yield from _length(category)
        yield from _contradictions(category)
        yield from _unweighed(category)


def key(text: str) -> tuple[str, ...]:
    """Return what is equal for texts that differ in case, punctuation and endings only."""
    return tuple(map(stem, words(text)))


def described(category: Category) -> bool:
    """Whether a definition says enough beside its title to be compared with another."""
    i = category.instructions
    own = set(key(category.title))
    said = {s for text in (category.description, i.scope, *i.topics) for s in key(text)}
    return len(said - own) >= THINNEST


def _loading(taxonomy: Taxonomy) -> Iterator[LintFinding]:
    """Yield what reading has warned of, but for what rules of their own say better."""
    told = {*same_titles(taxonomy.categories), *unknown_related(taxonomy.categories)}
    by_file = {repr(category.source): category for category in taxonomy.categories}
    for warning in taxonomy.warnings:
        if warning not in told:
            file, _, rest = warning.partition(": ")
            category = by_file.get(file)
            if category:
                yield LintFinding("loading", rest, (category,))
            else:
                yield LintFinding("loading", warning)


# --- names ----------------------------------------------------------------------------------------


def _names(categories: Sequence[Category]) -> Iterator[LintFinding]:
    """Compare within a kind: labels of different kinds are kept apart wherever they are shown."""
    goes_by: dict[tuple[str, tuple[str, ...]], dict[str, tuple[Category, str]]] = defaultdict(dict)
    for category in categories:
        for name in (category.title, *category.aliases):
            if name_key := key(name):
                goes_by[category.kind, name_key].setdefault(category.id, (category, name))
    for group in goes_by.values():
        (first, its), *others = group.values()
        for other, name in others:
            yield _same_name(other, name, first, its)


def _same_name(this: Category, name: str, first: Category, its: str) -> LintFinding:
    if labels.label_key(this.title) == labels.label_key(first.title):
        message = (
            f"has the same title as {first.id} ({first.source!r}), so their labels look alike: "
            "rename one, or merge them"
        )
        return LintFinding("duplicate-title", message, (this, first))
    role, its_role = (
        "title" if text == category.title else "alias"
        for text, category in ((name, this), (its, first))
    )
    message = (
        f"the {role} {name!r} is also the {its_role} {its!r} of {named(first)}: remove it from "
        "one, or merge the categories"
    )
    return LintFinding("duplicate-name", message, (this, first), name)


# --- references -----------------------------------------------------------------------------------


def _references(category: Category, known: frozenset[str]) -> Iterator[LintFinding]:
    text = f"{category.description}\n{category.instructions.text}"
    linked = [name.strip() for name in _WIKI_LINK.findall(text)]
    mentioned = dict.fromkeys((*category.related, *linked))
    if unknown := [name for name in mentioned if labels.label_key(name) not in known]:
        shown = ", ".join(map(shortened, unknown[:_SHOWN]))
        more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
        message = (
            f"refers to unknown categories: {shown}{more}; define them, or remove the references"
        )
        yield LintFinding("unknown-reference", message, (category,), unknown[0])
    for target in dict.fromkeys(_FILE_LINK.findall(text)):
        path = Path(unquote(target))
        there = Path(category.source).parent / path
        exists = os.path.exists(there)  # noqa: PTH110 - Path's own raises for a name too long
        if not (path.is_absolute() or exists):
            message = f"the link to {shortened(target)} is broken: fix or remove it"
            yield LintFinding("unknown-reference", message, (category,), target)


def _cycles(categories: Sequence[Category]) -> Iterator[LintFinding]:
    """Find a category that refers to itself, and rings.

    Two that refer to each other are related, which is no ring: only one-way references count.
    """
    by_id = {category.id: category for category in categories}
    refers = _graph(categories)
    for start, ends in refers.items():
        if start in ends:
            message = f"{named(by_id[start])} refers to itself: remove the reference"
            yield LintFinding("reference-cycle", message, (by_id[start],))
    one_way = {a: [b for b in ends if a not in refers[b]] for a, ends in refers.items()}
    seen: set[str] = set()
    for start in one_way:
        if start not in seen and (ring := _ring(start, one_way)):
            seen.update(ring)
            way = " -> ".join(by_id[name].title for name in ring)
            message = f"circular references: {way}; remove the wrong one"
            yield LintFinding("reference-cycle", message, tuple(by_id[name] for name in ring[:-1]))


def _graph(categories: Sequence[Category]) -> _Graph:
    """Return references by id; a name shared by several categories is left out."""
    called: dict[str, list[str]] = defaultdict(list)
    for category in categories:
        for name in sorted(labels.keys(category)):
            called[name].append(category.id)
    return {
        category.id: [
            found[0]
            for name in category.related
            if len(found := called.get(labels.label_key(name), [])) == 1
        ]
        for category in categories
    }


def _ring(start: str, refers: _Graph) -> list[str]:
    """Return the shortest path from `start` back to it, both ends included; empty if none."""
    ways = deque([[start]])
    seen: set[str] = set()
    while ways:
        way = ways.popleft()
        for end in refers[way[-1]]:
            if end == start:
                return [*way, end]
            if end not in seen:
                seen.add(end)
                ways.append([*way, end])
    return []


# --- texts ----------------------------------------------------------------------------------------


def _length(category: Category) -> Iterator[LintFinding]:
    if not described(category):
        message = (
            f"adds little to its title {category.title!r}: write a description, or "
            "Instructions with key topics and exclusions"
        )
        yield LintFinding("thin-definition", message, (category,))
    count = len(category.instructions.text.split())
    if count > LONGEST:
        message = (
            f"Instructions of {count:,} words (advised: at most {LONGEST}) are sent with every "
            "call and hide what matters: keep the scope, the key topics and the exclusions"
        )
        yield LintFinding("long-instructions", message, (category,), "Instructions")


def _contradictions(category: Category) -> Iterator[LintFinding]:
    about = [("title", category.title), *(("alias", name) for name in category.aliases)]
    about += [("key topic", topic) for topic in category.instructions.topics]
    claimed = {key(text): (role, text) for role, text in reversed(about) if key(text)}
    for rule in category.instructions.exclusions:
        if found := claimed.get(key(rule)):
            role, text = found
            message = (
                f"excludes {shortened(rule)}, which is its own {role} {shortened(text)}: remove "
                "one of the two"
            )
            yield LintFinding("contradictory-exclusion", message, (category,), rule)


def _unweighed(category: Category) -> Iterator[LintFinding]:
    if not (rules := beyond(category.instructions.exclusions)):
        return
    total = len(category.instructions.exclusions)
    which = "its only exclusion" if total == 1 else f"{len(rules)} of its {total} exclusions"
    say = "says" if len(rules) == 1 else "say"
    message = (
        f"{which} {say} only what is missing, which the offline scorer cannot weigh: name what is "
        f"excluded instead, or by example (..., such as Scrum): {shortened(rules[0])}"
    )
    yield LintFinding("unweighed-exclusion", message, (category,), rules[0])
