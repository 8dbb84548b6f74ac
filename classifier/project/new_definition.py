"""What a new definition would label, and putting it among the others."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from classifier import small_files, taxonomy
from classifier.errors import OutputError, UsageError
from classifier.models import Category
from classifier.project.diff import TaxonomyDiff, compare, snapshot, stored_articles

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace

_INDEX = ("_index", "index")


def preview(
    project: Workspace, file: Path, paths: Sequence[Path], *, kind: str | None, judge: bool
) -> TaxonomyDiff:
    """Compare the labels of the articles without and with a definition."""
    name = _checked(project, file, kind)
    with beside(project, [(name, _name(file), file.read_bytes())]) as after:
        return compare_with(project, after, paths, judge=judge)


def compare_with(
    project: Workspace, after: Workspace, paths: Sequence[Path], *, judge: bool
) -> TaxonomyDiff:
    """Compare the labels by the project's definitions with those by others."""
    records = project.records.get("write")
    paths = paths or stored_articles(records)
    sources = after.definitions.categories
    first, second = (
        snapshot(version, paths, records, sources=sources, judge=judge)
        for version in (project, after)
    )
    return compare(first, second)


@contextmanager
def beside(project: Workspace, files: Iterable[tuple[str, str, bytes]]) -> Iterator[Workspace]:
    """Yield the project with further definitions, during the block; nothing of it is changed.

    Args:
        project: Has definitions of its own.
        files: Kind, name without suffix, and text of each.
    """
    with TemporaryDirectory(prefix="classify-") as folder:
        for kind, name, data in files:
            path = Path(folder, kind, f"{name}.md")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        yield project.with_settings(categories=[*(project.settings.categories or ()), Path(folder)])


def add(project: Workspace, file: Path, *, kind: str | None) -> Path:
    """Copy a definition among the others and return its path. Never overwrites."""
    name = _checked(project, file, kind)
    target = _place(project, name, _name(file))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as out:
            out.write(file.read_bytes())
    except FileExistsError:
        raise UsageError(f"{str(target)!r} exists: nothing is overwritten") from None
    except OSError as error:
        raise OutputError(f"cannot write {str(target)!r}: {error.strerror}") from error
    shutil.copymode(file, target)
    return target


def _checked(project: Workspace, file: Path, kind: str | None) -> str:
    """Return the kind that a definition is to have; raise if it cannot join the others."""
    if not project.settings.categories:
        raise UsageError("name your definitions with `categories=PATH`: the examples do not change")
    if not small_files.is_file(file) or file.suffix.lower() not in (".md", ".markdown"):
        raise UsageError(f"{str(file)!r} is no Markdown file: expected one definition")
    known = project.definitions.categories
    if os.path.realpath(file) in {os.path.realpath(category.source) for category in known}:
        raise UsageError(f"{str(file)!r} is among the definitions already")
    found = taxonomy.load(file).categories[0]
    name = _kind(known, found, file, kind)
    name_id = f"{name}/{_name(file)}"
    if any(category.id == name_id for category in known):
        raise UsageError(f"there is a category {name_id!r} already: rename {str(file)!r}")
    return name


def _name(file: Path) -> str:
    return file.resolve().parent.name if file.stem in _INDEX else file.stem


def _kind(known: Sequence[Category], found: Category, file: Path, wanted: str | None) -> str:
    kinds = Counter(category.kind for category in known)
    if wanted is not None:
        if wanted not in kinds:
            raise UsageError(f"no kind {wanted!r}: expected {', '.join(sorted(kinds))}")
        return wanted
    if found.kind in kinds:
        return found.kind
    if len(kinds) == 1:
        return next(iter(kinds))
    raise UsageError(f"{str(file)!r}: of which kind? Add `kind`, one of {', '.join(sorted(kinds))}")


def _place(project: Workspace, kind: str, name: str) -> Path:
    """Return where the definition belongs: beside the others of its kind."""
    places: Counter[Path] = Counter()
    for category in project.definitions.categories:
        source = Path(category.source)
        if category.kind != kind or source.suffix.lower() not in (".md", ".markdown"):
            continue
        if source.stem in _INDEX:
            places[source.parent.parent / name / source.name] += 1
        else:
            places[source.parent / f"{name}.md"] += 1
    if not places:
        raise UsageError(
            f"the categories of kind {kind!r} are in one file: add yours there by hand"
        )
    return places.most_common(1)[0][0]
