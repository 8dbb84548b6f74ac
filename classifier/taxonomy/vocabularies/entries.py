"""A concept of a vocabulary as a definition, and the names it gets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

_WORD: Final = re.compile(r"[^\W\d_]{2}")

Texts: TypeAlias = Sequence[tuple[str, str]]
"""Language tag, empty without one, and text."""


class UnreadableVocabularyError(Exception):
    """Why a file is no vocabulary, in a few words without the file."""


@dataclass(frozen=True, slots=True)
class VocabularyEntry:
    kind: str
    slug: str
    meta: Mapping[str, object]
    """As in the front matter of a definition."""


@dataclass(slots=True, kw_only=True)
class Concept:
    """A concept as a file says it; `key` and what refers to others are the file's own keys."""

    key: str
    kind: str
    code: str = ""
    """What it goes by in the vocabulary, such as a notation."""
    title: str
    aliases: list[str] = field(default_factory=list)
    description: str = ""
    instructions: str = ""
    parents: list[str] = field(default_factory=list)
    related: list[str] = field(default_factory=list)
    exact_matches: list[str] = field(default_factory=list)
    """Addresses in other vocabularies."""


def entries(concepts: Sequence[Concept]) -> list[VocabularyEntry]:
    """Return concepts as definitions, with ids for what they refer to.

    References to concepts that are not there, or to parents of another kind, are left out.
    """
    slugs = _slugs(concepts)
    by_key = {concept.key: concept for concept in concepts}
    made: list[VocabularyEntry] = []
    for concept in by_key.values():
        meta: dict[str, object] = {"title": concept.title}
        aliases = [name for name in dict.fromkeys(concept.aliases) if name != concept.title]
        parents = [by_key[key] for key in dict.fromkeys(concept.parents) if key in by_key]
        related = [by_key[key] for key in dict.fromkeys(concept.related) if key in by_key]
        meta["aliases"] = aliases
        meta["description"] = concept.description
        meta["instructions"] = concept.instructions
        meta["parent"] = [
            f"{other.kind}/{slugs[other.key]}" for other in parents if other.kind == concept.kind
        ]
        meta["concepts"] = [f"{other.kind}/{slugs[other.key]}" for other in related]
        meta["exact_match"] = list(dict.fromkeys(concept.exact_matches))
        made.append(
            VocabularyEntry(
                concept.kind,
                slugs[concept.key],
                {key: value for key, value in meta.items() if value},
            )
        )
    return made


def chosen(texts: Texts, language: str) -> list[str]:
    """Return the texts in a language, else those without one, else those of the first."""
    wanted = language.casefold()
    for fits in (
        lambda tag: tag == wanted,
        lambda tag: tag.partition("-")[0] == wanted.partition("-")[0],
        lambda tag: not tag,
    ):
        if found := [text for tag, text in texts if fits(tag.casefold())]:
            return found
    first = min((tag for tag, _ in texts), default="")
    return [text for tag, text in texts if tag == first]


def _slugs(concepts: Iterable[Concept]) -> dict[str, str]:
    """Return a slug by key: the code where it has letters, else made from the title."""
    plain = {concept.key: (concept.kind, _slug(concept)) for concept in concepts}
    times = Counter(plain.values())
    taken: set[tuple[str, str]] = set()
    found: dict[str, str] = {}
    for concept in concepts:
        kind, slug = plain[concept.key]
        if times[kind, slug] > 1 and concept.code:
            slug = f"{slug}-{_clean(concept.code)}"
        wanted, n = slug, 2
        while (kind, slug.casefold()) in taken:
            slug, n = f"{wanted}-{n}", n + 1
        taken.add((kind, slug.casefold()))
        found[concept.key] = slug
    return found


def _slug(concept: Concept) -> str:
    if _WORD.search(concept.code):
        return _clean(concept.code)
    words = re.sub(r"[^\w+#]+", "-", concept.title.casefold()).strip("-")
    return words or _clean(concept.code) or "concept"


def _clean(code: str) -> str:
    """Return a code as it can stand in an id: no empty or dotted folders, no control characters."""
    shown = " ".join("".join(c if c.isprintable() else " " for c in code).split())
    parts = (part.strip() for part in shown.split("/"))
    return "/".join(part for part in parts if part.strip("."))
