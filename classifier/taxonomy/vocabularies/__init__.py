"""Vocabularies in one file: SKOS, tables with a parent column, IPTC's NewsCodes.

Each reader yields a `VocabularyEntry` with the keys of a definition's front matter. Nothing is
fetched: a file that needs another one is an error.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from classifier import small_files
from classifier.errors import TaxonomyError
from classifier.taxonomy.vocabularies.entries import UnreadableVocabularyError, VocabularyEntry

__all__ = ["SUFFIXES", "VocabularyEntry", "read"]

_RDF: Final = frozenset({".ttl", ".rdf", ".xml", ".jsonld", ".nt"})
_TABLES: Final = frozenset({".tsv", ".csv"})
SUFFIXES: Final = _RDF | _TABLES | {".json"}


def read(path: Path, *, language: str = "en") -> list[VocabularyEntry]:
    """Read a vocabulary.

    Args:
        path: A file with one of `SUFFIXES`.
        language: A tag such as `en` or `fr`: of names and texts in several languages, those in it,
            else those without a language, else the first.

    Raises:
        TaxonomyError: It cannot be read, or holds no concept.
    """
    from classifier.taxonomy.vocabularies import newscodes, skos, tables

    kind = path.resolve().stem
    suffix = path.suffix.lower()
    try:
        data = small_files.read(path)
        if suffix in _TABLES:
            found = tables.read(data, kind=kind)
        elif suffix == ".json" and (concepts := _newscodes(data)) is not None:
            found = newscodes.read(concepts, kind=kind, language=language)
        else:
            syntax = ".jsonld" if suffix == ".json" else suffix
            found = skos.read(data, suffix=syntax, kind=kind, language=language)
    except OSError as error:
        msg = f"{str(path)!r}: cannot be read: {error.strerror or type(error).__name__}"
        raise TaxonomyError(msg) from None
    except UnreadableVocabularyError as error:
        raise TaxonomyError(f"{str(path)!r}: {error}") from None
    if not found:
        raise TaxonomyError(f"{str(path)!r}: no concepts in it")
    return found


def _newscodes(data: bytes) -> object | None:
    """Return the concepts of a NewsCodes file; None if the JSON is something else."""
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise UnreadableVocabularyError("cannot be read as JSON") from None
    return values.get("conceptSet") if isinstance(values, dict) else None
