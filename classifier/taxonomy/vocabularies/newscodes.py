"""IPTC's NewsCodes as JSON, such as Media Topics (cv.iptc.org, `?format=json`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from classifier.taxonomy.vocabularies.entries import (
    Concept,
    Texts,
    VocabularyEntry,
    chosen,
    entries,
)


def read(concepts: object, *, kind: str, language: str) -> list[VocabularyEntry]:
    """Read the value of `conceptSet`; retired concepts are left out."""
    items = concepts if isinstance(concepts, list) else []
    found = [
        concept
        for item in items
        if isinstance(item, dict) and not item.get("retired")
        for concept in _concept(item, kind.casefold(), language)
    ]
    return entries(found)


def _concept(item: dict[str, Any], kind: str, language: str) -> Iterator[Concept]:
    key = item.get("uri")
    titles = chosen(_texts(item.get("prefLabel")), language)
    if isinstance(key, str) and titles:
        yield Concept(
            key=key,
            kind=kind,
            code=key.rstrip("/").rpartition("/")[2],
            title=titles[0],
            aliases=chosen(_texts(item.get("altLabel")), language),
            description=" ".join(chosen(_texts(item.get("definition")), language)),
            parents=_keys(item.get("broader")),
            related=_keys(item.get("related")),
            exact_matches=_keys(item.get("exactMatch")),
        )


def _texts(value: object) -> Texts:
    """Return texts by language; one language may have a list."""
    if not isinstance(value, dict):
        return [("", value)] if isinstance(value, str) else []
    return [
        (str(tag), text)
        for tag, own in value.items()
        for text in (own if isinstance(own, list) else [own])
        if isinstance(text, str)
    ]


def _keys(value: object) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [key for key in values if isinstance(key, str)]
