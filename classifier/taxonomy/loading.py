"""A folder of category definitions becomes a `Taxonomy`; docs/taxonomy.md describes the files."""

from __future__ import annotations

import difflib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from classifier import small_files
from classifier.errors import TaxonomyError, UsageError
from classifier.models import Category, Taxonomy
from classifier.taxonomy import definitions, hierarchy, labels, pages, vocabularies
from classifier.taxonomy.definitions import Definition, kind_name
from classifier.taxonomy.instructions import parse_instructions
from classifier.taxonomy.labels import label_key

__all__ = ["load", "parse_instructions", "same_titles", "select", "unknown_related"]

_MARKDOWN = frozenset({".md", ".markdown"})
_YAML = frozenset({".yml", ".yaml"})
_INDEX = frozenset({"_index", "index"})
_SHOWN = 5
"""Names that one warning lists at most."""


def load(*paths: Path) -> Taxonomy:
    """Read folders of definitions, Markdown definitions, `tags.yml` files and vocabularies.

    A file that two of the paths lead to is read once. Pages that stand among definitions in a
    folder are left out.

    Raises:
        TaxonomyError: The definitions cannot be used; what is merely odd is in
            `Taxonomy.warnings`.
    """
    warnings: list[str] = []
    found: dict[tuple[str, str], Category] = {}
    for path in paths:
        for category in _read(path, warnings):
            found.setdefault((os.path.realpath(category.source), _within(category)), category)
    categories = tuple(sorted(found.values(), key=lambda c: (c.kind, c.id)))
    _check_ids(categories)
    categories = hierarchy.connected(categories, warnings)
    warnings += same_titles(categories)
    warnings += unknown_related(categories)
    return Taxonomy(categories=categories, warnings=tuple(warnings))


def select(
    taxonomy: Taxonomy, *, kinds: Sequence[str] = (), categories: Sequence[str] = ()
) -> Taxonomy:
    """Keep the given kinds, and of those the given categories (id, slug, title or alias).

    Spellings of one label are one name (see `labels.label_key`). An empty sequence keeps all.

    Raises:
        UsageError: Nothing goes by one of the names.
    """
    kept = taxonomy.categories
    if kinds:
        wanted = {_known(name, [c.kind for c in kept], "kind") for name in kinds}
        kept = tuple(c for c in kept if label_key(c.kind) in wanted)
    if categories:
        called = [name for c in kept for name in labels.names(c)]
        wanted = {_known(name, called, "category") for name in categories}
        kept = tuple(c for c in kept if wanted & labels.keys(c))
    return replace(taxonomy, categories=kept)


# --- files ----------------------------------------------------------------------------------------


def _read(path: Path, warnings: list[str]) -> list[Category]:
    if not small_files.exists(path):
        raise TaxonomyError(f"{small_files.why_not(path)} of category definitions: {str(path)!r}")
    found = list(_folder(path, warnings) if small_files.is_dir(path) else _file(path, warnings))
    if not found:
        raise TaxonomyError(f"no category definitions in {str(path)!r}")
    return found


def _within(category: Category) -> str:
    """Tell the definitions of one file apart."""
    suffix = Path(category.source).suffix.lower()
    return category.id if suffix in _YAML or suffix in vocabularies.SUFFIXES else ""


def _folder(root: Path, warnings: list[str]) -> Iterator[Category]:
    paths = list(_walk(root, warnings))
    own = (path.parent if path.stem in _INDEX else path for path in paths)
    folders = {folder for entry in own for folder in entry.parents}
    read: list[Definition] = []
    for path in paths:
        if path.suffix.lower() in _YAML:
            yield from _tags(path, warnings)
            continue
        definition = definitions.read(path)
        section = path.stem in _INDEX and (path.parent == root or path.parent in folders)
        if not (definition.is_page and (section or path.stem.lower() == "readme")):
            read.append(definition)
    for definition in pages.without_articles(read, root, warnings):
        inside = list(definition.path.relative_to(root).with_suffix("").parts)
        yield _category(definition, [root.resolve().name, *inside], warnings)


def _file(path: Path, warnings: list[str]) -> Iterator[Category]:
    if path.suffix.lower() in _YAML:
        yield from _tags(path, warnings)
        return
    if path.suffix.lower() in vocabularies.SUFFIXES:
        yield from _vocabulary(path, warnings)
        return
    parts = path.resolve().with_suffix("").parts
    count = 3 if path.stem in _INDEX else 2
    yield _category(definitions.read(path), list(parts[-count:]), warnings)


def _walk(root: Path, warnings: list[str]) -> Iterator[Path]:
    """Yield the files to read, in order. Links are followed only to files inside `root`."""
    real = root.resolve()
    for folder, folders, files in os.walk(root, onerror=_unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in folders:
            if (link := Path(folder, name)).is_symlink():
                warnings.append(f"{str(link)!r}: a link to a folder is not followed")
        for name in sorted(files):
            path = Path(folder, name)
            if name.startswith(".") or not _is_definition(path):
                continue
            if small_files.is_file(path) and path.resolve().is_relative_to(real):
                yield path
            else:
                warnings.append(f"{str(path)!r}: not a file inside the folder; skipped")


def _unreadable(error: OSError) -> None:
    msg = f"{error.filename!r}: cannot be read: {error.strerror or type(error).__name__}"
    raise TaxonomyError(msg)


def _is_definition(path: Path) -> bool:
    suffix = path.suffix.lower()
    return suffix in _MARKDOWN or (suffix in _YAML and path.stem.lower() == "tags")


def _category(definition: Definition, parts: list[str], warnings: list[str]) -> Category:
    """`parts`: the folder the kind may come from, then the path inside it, without suffix."""
    if parts[-1] in _INDEX:
        parts = parts[:-1] if len(parts) > 1 else parts
    folders, slug = [kind_name(part) for part in parts[:-1]], parts[-1]
    kind = definition.kind or (folders[1] if len(folders) > 1 else folders[0])
    start = folders.index(kind, 1) + 1 if kind in folders[1:] else 1
    found, odd = definitions.category(
        definition, kind=kind, slug="/".join([*parts[start:-1], slug])
    )
    warnings += odd
    return found


def _tags(path: Path, warnings: list[str]) -> Iterator[Category]:
    for key, meta in definitions.read_tags(path).items():
        found, odd = definitions.category(
            Definition(path, meta, ""), kind=kind_name(path.stem), slug=key
        )
        warnings += odd
        yield found


def _vocabulary(path: Path, warnings: list[str]) -> Iterator[Category]:
    for entry in vocabularies.read(path):
        found, odd = definitions.category(
            Definition(path, entry.meta, ""), kind=kind_name(entry.kind), slug=entry.slug
        )
        warnings += odd
        yield found


# --- checks ---------------------------------------------------------------------------------------


def _check_ids(categories: Iterable[Category]) -> None:
    seen: dict[str, Category] = {}
    for category in categories:
        if (first := seen.setdefault(category.id.casefold(), category)) is not category:
            raise TaxonomyError(
                f"two definitions of {category.id!r}: {first.source!r} and {category.source!r}; "
                "rename one or give it another ClassificationType"
            )


def same_titles(categories: Iterable[Category]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Category]] = defaultdict(list)
    for category in categories:
        groups[category.kind, label_key(category.title)].append(category)
    for (kind, _), group in groups.items():
        if len(group) > 1:
            files = ", ".join(repr(c.source) for c in group[:_SHOWN])
            yield f"{len(group)} categories of kind {kind!r} are called {group[0].title!r}: {files}"


def unknown_related(categories: Sequence[Category]) -> Iterator[str]:
    known = frozenset[str]().union(*map(labels.keys, categories))
    for category in categories:
        unknown = [name for name in category.related if label_key(name) not in known]
        if unknown:
            shown = ", ".join(repr(name[:60]) for name in unknown[:_SHOWN])
            more = f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else ""
            yield f"{category.source!r}: related to unknown categories: {shown}{more}"


# --- names ----------------------------------------------------------------------------------------


def _known(name: str, known: Iterable[str], what: str) -> str:
    """Return the label key of a name that something goes by."""
    wanted = label_key(name)
    spelled = {label_key(one): one for one in sorted(known)}
    if wanted in spelled:
        return wanted
    close = difflib.get_close_matches(wanted, spelled, n=3)
    close = close or (sorted(spelled) if len(spelled) <= 6 else [])
    hint = f"; did you mean {' or '.join(repr(spelled[key]) for key in close)}?" if close else ""
    raise UsageError(f"no {what} {name!r} in the definitions{hint}")
