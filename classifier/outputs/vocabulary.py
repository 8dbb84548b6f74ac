"""Category definitions as SKOS and as a DefinedTermSet of schema.org."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal, TypeAlias
from urllib.parse import quote

from classifier.errors import UsageError
from classifier.models import Category, Instructions
from classifier.taxonomy.instructions import parse_instructions
from classifier.taxonomy.labels import LabelIndex

if TYPE_CHECKING:
    from pyoxigraph import NamedNode, Quad

Format: TypeAlias = Literal["turtle", "jsonld", "schema-org"]

_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\\\^`]+")
"""What is written for a match; anything else in a definition is a note for people."""
_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


def render(categories: Sequence[Category], *, format_: Format, base: str) -> str:
    """Return definitions as text.

    Args:
        categories: Of any kinds; each kind is a scheme.
        format_: `turtle` and `jsonld` are SKOS; `schema-org` has no parents.
        base: The address that every category's begins with, such as `https://example.org/`.

    Raises:
        UsageError: The base is no address, or SKOS is asked for without the extra `skos`.
    """
    if format_ == "schema-org":
        return json.dumps(_terms(categories, base), ensure_ascii=False, indent=2)
    try:
        import pyoxigraph as rdf
    except ImportError:
        msg = "writing SKOS needs another package: pip install 'category-classifier[skos]'"
        raise UsageError(msg) from None
    try:
        quads = list(_quads(categories, base))
    except ValueError:
        msg = f"expected an address such as https://example.org/ to begin with, not {base!r}"
        raise UsageError(msg) from None
    syntax = rdf.RdfFormat.TURTLE if format_ == "turtle" else rdf.RdfFormat.JSON_LD
    data = rdf.serialize(
        [quad.triple for quad in quads] if format_ == "turtle" else quads,
        format=syntax,
        prefixes={"skos": _SKOS},
    )
    return (data or b"").decode("utf-8")


def instructions(own: Instructions) -> str:
    """Return Instructions as one text that says all of them."""
    parsed = parse_instructions(own.text) if own.text else Instructions()
    parts = [own.text] if own.text else []
    for lead, items, said in (
        ("Key topics:", own.topics, parsed.topics),
        ("Strictly exclude:", own.exclusions, parsed.exclusions),
    ):
        if more := [f"- {item}" for item in items if item not in said]:
            parts.append("\n".join((f"**{lead}**", "", *more)))
    if parts and not own.text and own.scope:
        parts.insert(0, own.scope)
    return "\n\n".join(parts)


def _quads(categories: Sequence[Category], base: str) -> Iterator[Quad]:
    from pyoxigraph import Literal as Text
    from pyoxigraph import NamedNode, Quad

    def quad(subject: str, name: str, value: NamedNode | Text) -> Quad:
        node = NamedNode(name if ":" in name else f"{_SKOS}{name}")
        return Quad(NamedNode(_address(base, subject)), node, value)

    type_ = f"{_RDF}type"
    ids = {category.id for category in categories}
    index = LabelIndex(categories)
    for kind in sorted({category.kind for category in categories}):
        yield quad(kind, type_, NamedNode(f"{_SKOS}ConceptScheme"))
        yield quad(kind, "prefLabel", Text(kind))
    for category in categories:
        yield quad(category.id, type_, NamedNode(f"{_SKOS}Concept"))
        yield quad(category.id, "inScheme", NamedNode(_address(base, category.kind)))
        for name, text in _texts(category):
            yield quad(category.id, name, Text(text))
        for name, other in _references(category, ids, index):
            yield quad(category.id, name, NamedNode(_address(base, other)))
        for address in filter(_ADDRESS.fullmatch, category.exact_matches):
            yield quad(category.id, "exactMatch", NamedNode(address))


def _texts(category: Category) -> Iterator[tuple[str, str]]:
    yield "notation", category.id.partition("/")[2]
    yield "prefLabel", category.title
    for alias in category.aliases:
        yield "altLabel", alias
    if category.description:
        yield "definition", category.description
    if note := instructions(category.instructions):
        yield "scopeNote", note


def _references(
    category: Category, ids: Collection[str], index: LabelIndex
) -> Iterator[tuple[str, str]]:
    for parent in category.parents:
        if parent in ids:
            yield "broader", parent
    for name in category.related:
        if len(found := index.find(name)) == 1:
            yield "related", found[0].id


def _terms(categories: Sequence[Category], base: str) -> dict[str, object]:
    by_kind = sorted(categories, key=lambda category: category.kind)
    return {
        "@context": "https://schema.org",
        "@graph": [
            {
                "@type": "DefinedTermSet",
                "@id": _address(base, kind),
                "name": kind,
                "hasDefinedTerm": [_term(category, base) for category in members],
            }
            for kind, members in groupby(by_kind, key=lambda category: category.kind)
        ],
    }


def _term(category: Category, base: str) -> dict[str, object]:
    term: dict[str, object] = {
        "@type": "DefinedTerm",
        "@id": _address(base, category.id),
        "termCode": category.id.partition("/")[2],
        "name": category.title,
        "inDefinedTermSet": {"@id": _address(base, category.kind)},
    }
    if category.description:
        term["description"] = category.description
    if category.aliases:
        term["alternateName"] = list(category.aliases)
    if matches := [*filter(_ADDRESS.fullmatch, category.exact_matches)]:
        term["sameAs"] = matches
    return term


def _address(base: str, id_: str) -> str:
    return base + quote(id_, safe="/")
