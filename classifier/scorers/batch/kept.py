"""What the answers of a batch are read with, as bytes for the store."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from classifier.errors import UsageError
from classifier.models import Article, Category, Instructions
from classifier.scorers.openai.responses import VERSION, Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of a whole batch. Satisfies `Rubric`."""

    categories: Mapping[str, Category]
    """By digest. Only what an answer is understood by: they have not the digests of the whole."""
    canary: Category | None
    aspects: Mapping[str, float]
    exclusion_cap: float
    floors: Mapping[str, int]


def pack(categories: Iterable[Category], *, canary: Category | None, rubric: Rubric) -> bytes:
    return _packed(
        {
            "version": VERSION,
            "categories": {category.digest: _plain(category) for category in categories},
            "decoy": canary and _plain(canary),
            "aspects": dict(rubric.aspects),
            "exclusion_cap": rubric.exclusion_cap,
            "floors": dict(rubric.floors),
        }
    )


def unpack(data: bytes) -> Kept:
    """Raise UsageError where a version of the program made it that reads answers differently."""
    found = _unpacked(data)
    if found["version"] != VERSION:
        raise UsageError(
            "a batch was submitted by another version of classify: collect it with that one"
        )
    return Kept(
        categories={name: _category(**it) for name, it in found["categories"].items()},
        canary=_category(**found["decoy"]) if found["decoy"] else None,
        aspects=found["aspects"],
        exclusion_cap=found["exclusion_cap"],
        floors=found["floors"],
    )


def pack_article(article: Article) -> bytes:
    return _packed(asdict(article))


def unpack_article(data: bytes) -> Article:
    return Article(**_unpacked(data))


def _packed(value: object) -> bytes:
    # Not as \u escapes: those would join two halves of a character that came apart.
    text = json.dumps(value, ensure_ascii=False)
    return zlib.compress(text.encode("utf-8", "surrogatepass"))


def _unpacked(data: bytes) -> Any:
    return json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))


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
