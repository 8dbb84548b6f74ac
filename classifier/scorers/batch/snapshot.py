"""What the answers of a batch are read with, as bytes for the store.

The format stays readable: batches that an earlier version submitted are still to be collected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain
from types import MappingProxyType
from typing import Any, Final

from classifier.errors import UsageError
from classifier.models import Article, Category, Instructions
from classifier.scorers.openai.responses import VERSION, Rubric
from classifier.store.values import DAMAGE, compress, decompress

_READABLE: Final = (2, 3, VERSION)
"""What versions 2 and 3 asked for is a special case of what is read now."""
_DAMAGED: Final = (
    "what was stored of a batch is damaged: restore a copy of the store, or drop the batch with"
    " `classify batch cancel`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSnapshot:
    """Categories and rubric of a whole batch. Satisfies `Rubric`."""

    categories: Mapping[str, Category]
    """By digest. Incomplete, only what reading an answer takes, so their own digests differ."""
    canary: Category | None
    """Of all requests that are not in `canaries`."""
    aspects: Mapping[str, float]
    exclusion_cap: float
    floors: Mapping[str, int]
    touched: Mapping[str, int] = field(default_factory=dict)
    short_below: float = 0.3
    canaries: Mapping[str, tuple[Category, ...]] = field(default_factory=dict)
    """By the request's name."""

    def canaries_of(self, request: str) -> tuple[Category, ...]:
        return self.canaries.get(request, () if self.canary is None else (self.canary,))


def dump(
    categories: Iterable[Category],
    *,
    canary: Category | None,
    rubric: Rubric,
    canaries: Mapping[str, Sequence[Category]] = MappingProxyType({}),
) -> bytes:
    """Return what `load` reads. `canaries`: by request, where it has others than `canary`."""
    different = list(dict.fromkeys(chain.from_iterable(canaries.values())))
    places = {category: place for place, category in enumerate(different)}
    return compress(
        {
            "version": VERSION,
            "categories": {category.digest: _plain(category) for category in categories},
            "decoy": canary and _plain(canary),
            "canaries": [_plain(category) for category in different],
            "drawn": {name: [places[c] for c in drawn] for name, drawn in canaries.items()},
            "aspects": dict(rubric.aspects),
            "exclusion_cap": rubric.exclusion_cap,
            "floors": dict(rubric.floors),
            "touched": dict(rubric.touched),
            "short_below": rubric.short_below,
        }
    )


def load(data: bytes) -> BatchSnapshot:
    """Read what `dump` made.

    Raises:
        UsageError: a version of the program made it that reads answers differently.
    """
    stored = _decompressed(data)
    if stored.get("version") not in _READABLE:
        raise UsageError(
            "a batch was submitted by another version of classify; collect it with that version"
        )
    try:
        different = [_category(**fields) for fields in stored.get("canaries", ())]
        return BatchSnapshot(
            canaries={
                name: tuple(different[place] for place in _places(drawn))
                for name, drawn in stored.get("drawn", {}).items()
            },
            categories={key: _category(**fields) for key, fields in stored["categories"].items()},
            canary=_category(**stored["decoy"]) if stored["decoy"] else None,
            aspects=stored["aspects"],
            exclusion_cap=stored["exclusion_cap"],
            floors=stored["floors"],
            touched=stored.get("touched", {}),
            short_below=stored.get("short_below", 0.3),
        )
    except DAMAGE as error:
        raise UsageError(_DAMAGED) from error


def dump_article(article: Article) -> bytes:
    return compress(asdict(article))


def load_article(data: bytes) -> Article:
    try:
        return Article(**_decompressed(data))
    except TypeError as error:
        raise UsageError(_DAMAGED) from error


def _decompressed(data: bytes) -> dict[str, Any]:
    try:
        found = decompress(data)
    except DAMAGE as error:
        raise UsageError(_DAMAGED) from error
    if not isinstance(found, dict):
        raise UsageError(_DAMAGED)
    return found


def _places(drawn: int | list[int]) -> list[int]:
    """Return the places of a request's canaries; an earlier version stored that of the only one."""
    return [drawn] if isinstance(drawn, int) else drawn


def _plain(category: Category) -> dict[str, object]:
    return {
        "id": category.id,
        "kind": category.kind,
        "title": category.title,
        "exclusions": category.instructions.exclusions,
    }


def _category(*, id: str, kind: str, title: str, exclusions: Iterable[str]) -> Category:  # noqa: A002 - as in Category
    instructions = Instructions(exclusions=tuple(exclusions))
    return Category(id=id, kind=kind, title=title, instructions=instructions)
