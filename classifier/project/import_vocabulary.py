"""A vocabulary as files of definitions, to be edited."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import yaml

from classifier import small_files
from classifier.errors import TaxonomyError, UsageError
from classifier.outputs.files import write_text
from classifier.site.naming import file_name
from classifier.taxonomy import hierarchy, vocabularies
from classifier.taxonomy.vocabularies import VocabularyEntry

_NAMES: Final = {"parent", "concepts"}
"""Keys that hold ids."""
_PLAIN: Final = re.compile(r"\w[\w -]{0,60}")


def import_vocabulary(
    file: Path, folder: Path, *, language: str, warn: Callable[[str], None]
) -> list[Path]:
    """Write a definition for each concept and return the files. Never overwrites one.

    Nothing is written if one of them exists. A link to a parent that closes a circle is left out,
    with a warning.

    Raises:
        TaxonomyError: The file cannot be read, or holds no concept.
        UsageError: It is no vocabulary, or a file to be written exists.
        OutputError: A file cannot be written.
    """
    if file.suffix.lower() not in vocabularies.SUFFIXES:
        known = ", ".join(sorted(vocabularies.SUFFIXES))
        raise UsageError(f"{str(file)!r} is no vocabulary: expected a file with {known}")
    if not small_files.exists(file):
        raise TaxonomyError(f"no such file: {str(file)!r}")
    entries, circles = _without_circles(vocabularies.read(file, language=language))
    names = _names(entries)
    paths = [folder / f"{names[f'{entry.kind}/{entry.slug}']}.md" for entry in entries]
    if taken := next((path for path in paths if small_files.exists(path)), None):
        raise UsageError(f"{str(taken)!r} exists: nothing is overwritten, and nothing was written")
    for path, entry in zip(paths, entries, strict=True):
        write_text(path, _text(entry, names))
    for message in circles:
        warn(f"{str(file)!r}: {message}")
    return paths


def _without_circles(entries: Sequence[VocabularyEntry]) -> tuple[list[VocabularyEntry], list[str]]:
    """Return concepts none of which is above itself, and what was left out for that."""
    by_id = {f"{entry.kind}/{entry.slug}": entry for entry in entries}
    parents = {id_: entry.meta.get("parent") for id_, entry in by_id.items()}
    kept, cut = hierarchy.without_circles(
        {id_: named for id_, named in parents.items() if isinstance(named, list)}
    )
    for id_ in {child for child, _ in cut}:
        others = {key: value for key, value in by_id[id_].meta.items() if key != "parent"}
        left = {"parent": list(kept[id_])} if id_ in kept else {}
        by_id[id_] = replace(by_id[id_], meta={**others, **left})
    title = {id_: str(entry.meta["title"]) for id_, entry in by_id.items()}
    messages = [hierarchy.circle(title[child], title[parent]) for child, parent in cut]
    return list(by_id.values()), messages


def _names(entries: Sequence[VocabularyEntry]) -> dict[str, str]:
    """Return the path of each file in the folder, without suffix, by id: it is the new id."""
    taken: defaultdict[str, set[str]] = defaultdict(set)
    found: dict[str, str] = {}
    for entry in entries:
        *above, last = (file_name(part) for part in entry.slug.split("/"))
        kind = entry.kind if _PLAIN.fullmatch(entry.kind) else file_name(entry.kind)
        inside = "/".join((kind, *above))
        name = file_name(last, taken=taken[inside])
        taken[inside].add(name)
        found[f"{entry.kind}/{entry.slug}"] = f"{inside}/{name}"
    return found


def _text(entry: VocabularyEntry, names: dict[str, str]) -> str:
    meta = {
        key: [names[id_] for id_ in value] if key in _NAMES and isinstance(value, list) else value
        for key, value in entry.meta.items()
    }
    block = yaml.safe_dump(meta, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{block}---\n"
