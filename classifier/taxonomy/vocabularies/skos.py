"""SKOS vocabularies in Turtle, N-Triples, RDF/XML and JSON-LD, read by pyoxigraph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, TypeAlias

from classifier.taxonomy.vocabularies.entries import (
    Concept,
    Texts,
    UnreadableVocabularyError,
    VocabularyEntry,
    chosen,
    entries,
)

if TYPE_CHECKING:
    from pyoxigraph import Quad, RdfFormat

SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_TYPE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_DEPRECATED: Final = "http://www.w3.org/2002/07/owl#deprecated"
_TITLES: Final = (
    f"{SKOS}prefLabel",
    "http://purl.org/dc/terms/title",
    "http://purl.org/dc/elements/1.1/title",
    "http://www.w3.org/2000/01/rdf-schema#label",
)

_Values: TypeAlias = dict[str, dict[str, list[tuple[str, str]]]]
"""By subject and predicate: language (empty for none) and value of each object."""


def read(data: bytes, *, suffix: str, kind: str, language: str) -> list[VocabularyEntry]:
    """Read the concepts that are not deprecated.

    The kind is the title of a concept's first scheme; `kind` for those in none.

    Raises:
        UnreadableVocabularyError: It is no such file, or asks for a file elsewhere: nothing is
            fetched.
    """
    values = _values(data, suffix)
    broader = _both_ways(values, "broader", "narrower")
    related = _both_ways(values, "related", "related")
    schemes = _both_ways(values, "topConceptOf", "hasTopConcept")
    names: dict[str, str] = {}
    found: list[Concept] = []
    for key, own in values.items():
        is_concept = any(value == f"{SKOS}Concept" for _, value in own.get(_TYPE, ()))
        retired = any(value in ("true", "1") for _, value in own.get(_DEPRECATED, ()))
        titles = chosen(own.get(f"{SKOS}prefLabel", ()), language)
        if not is_concept or retired or not titles:
            continue
        inside = sorted(value for _, value in own.get(f"{SKOS}inScheme", ())) or schemes[key]
        scheme = inside[0] if inside else ""
        if scheme and scheme not in names:
            names[scheme] = _scheme(values, scheme, language)
        found.append(_concept(key, own, names.get(scheme) or kind.casefold(), titles[0], language))
        found[-1].parents, found[-1].related = broader[key], related[key]
    return entries(found)


def _concept(
    key: str, own: dict[str, list[tuple[str, str]]], kind: str, title: str, language: str
) -> Concept:
    def texts(name: str) -> list[str]:
        return chosen(own.get(f"{SKOS}{name}", ()), language)

    notations = [value for _, value in own.get(f"{SKOS}notation", ())]
    return Concept(
        key=key,
        kind=kind,
        code=notations[0] if notations else _local(key),
        title=title,
        aliases=sorted((*texts("altLabel"), *texts("hiddenLabel"))),
        description="\n\n".join(texts("definition")),
        instructions="\n\n".join(texts("scopeNote")),
        exact_matches=sorted(value for _, value in own.get(f"{SKOS}exactMatch", ())),
    )


def _values(data: bytes, suffix: str) -> _Values:
    found: defaultdict[str, defaultdict[str, list[tuple[str, str]]]]
    found = defaultdict(lambda: defaultdict(list))
    try:
        for quad in _parsed(data, suffix):
            value = quad.object
            tag = getattr(value, "language", None) or ""
            text = getattr(value, "value", None)
            subject = getattr(quad.subject, "value", None)
            if text is not None and subject is not None:
                found[str(subject)][str(quad.predicate.value)].append((tag, str(text)))
    except (SyntaxError, ValueError) as error:
        if "LoadDocumentCallback" in str(error):
            msg = "it needs a context from elsewhere, and nothing is fetched: put it into the file"
            raise UnreadableVocabularyError(msg) from None
        line = " ".join(str(error).split())[:200]
        raise UnreadableVocabularyError(f"cannot be read as {suffix[1:]}: {line}") from None
    return {key: dict(own) for key, own in found.items()}


def _parsed(data: bytes, suffix: str) -> Iterable[Quad]:
    try:
        import pyoxigraph
    except ImportError:
        msg = "reading SKOS needs another package: pip install 'category-classifier[skos]'"
        raise UnreadableVocabularyError(msg) from None
    formats: dict[str, RdfFormat] = {
        ".ttl": pyoxigraph.RdfFormat.TURTLE,
        ".nt": pyoxigraph.RdfFormat.N_TRIPLES,
        ".jsonld": pyoxigraph.RdfFormat.JSON_LD,
    }
    format_ = formats.get(suffix, pyoxigraph.RdfFormat.RDF_XML)
    return pyoxigraph.parse(data, format=format_, base_iri="urn:classify:")


def _both_ways(values: _Values, name: str, inverse: str) -> defaultdict[str, list[str]]:
    """Return what each subject refers to, or is referred to by with the inverse property."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, own in values.items():
        found[key] += [value for _, value in own.get(f"{SKOS}{name}", ())]
        for _, value in own.get(f"{SKOS}{inverse}", ()):
            found[value].append(key)
    return defaultdict(list, {key: sorted(set(own)) for key, own in found.items()})


def _scheme(values: _Values, key: str, language: str) -> str:
    """Return the kind that a scheme is: its title, or the end of its address."""
    own = values.get(key, {})
    texts: Texts = next((own[name] for name in _TITLES if own.get(name)), ())
    name = next(iter(chosen(texts, language)), "") or _local(key)
    return " ".join(name.replace("/", "-").casefold().split())


def _local(address: str) -> str:
    """Return the end of an address, after `#`, `/` or `:`."""
    last = address.rstrip("/#").replace("#", "/").rpartition("/")[2]
    return last.rpartition(":")[2]
