"""Only what has changed since another state of the project, as git has it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from glob import escape
from pathlib import Path
from typing import Final

from classifier import settings
from classifier.cli.console import log
from classifier.cli.git import git
from classifier.content.discovery import SUFFIXES, Found, Selection, walk
from classifier.errors import UsageError
from classifier.models import Taxonomy
from classifier.settings import Settings
from classifier.sidecars.files import path_for

_SETTINGS: Final = ("classify.toml", "pyproject.toml")


def narrowed(
    paths: Sequence[Path],
    files: Selection,
    *,
    since: str,
    found: Settings,
    taxonomy: Taxonomy,
) -> Sequence[Path]:
    """Return those articles in `paths` that are not as they were, or all where the rest is not.

    An article has changed where its file or its sidecar has, or is new. Where a definition, the
    settings, prompts or calibration have changed, every article may have other labels: then
    `paths` is returned as it is, and that is said.
    """
    changed = _changed(since)
    if cause := _for_all(changed, found, taxonomy):
        log(f"{os.path.relpath(cause)!r} has changed since {since!r}, so all articles count")
        return paths
    found_files = (it.path for path in paths for it in walk(path, files) if isinstance(it, Found))
    return [path for path in map(Path, found_files) if not changed.isdisjoint(_places(path))]


def _changed(since: str) -> set[str]:
    """Return the real paths of files that are not as they were in the last common state."""
    here = Path()
    name = f"{since}^{{commit}}"
    commit = git(here, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    top = git(here, "rev-parse", "--show-toplevel")
    if commit is None or top is None:
        raise UsageError(
            f"--since {since!r}: git knows no such state of this folder; fetch it, or name another"
        )
    folder = Path(os.fsdecode(top.removesuffix(b"\n")))
    told = commit.decode().strip()
    # In a shallow clone there may be no common state; then more counts as changed.
    base = (git(folder, "merge-base", told, "HEAD") or commit).decode().strip()
    tracked = git(folder, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--")
    new = git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    if tracked is None or new is None:
        raise UsageError(f"--since {since!r}: git cannot compare this folder with it")
    real = Path(os.path.realpath(folder))
    return {str(real / os.fsdecode(it)) for it in (tracked + new).split(b"\0") if it}


def _places(article: Path) -> tuple[str, str]:
    real = Path(os.path.realpath(article))
    return str(real), str(path_for(real))


def _for_all(changed: set[str], found: Settings, taxonomy: Taxonomy) -> str | None:
    """Return a changed file that all articles depend on."""
    files = {os.path.realpath(path) for path in _files(found, taxonomy)}
    folders = [os.path.realpath(path) for path in (found.categories, found.prompts) if path]
    for path in sorted(changed):
        inside = any(Path(path).is_relative_to(folder) for folder in folders)
        if path in files or (inside and not _is_page(path)):
            return path
    return None


def _is_page(path: str) -> bool:
    """Whether it is there and may be an article among definitions.

    What else is in their folder are definitions that are gone, and what was learned of them.
    """
    return path.lower().endswith(SUFFIXES) and os.path.lexists(path)


def _files(found: Settings, taxonomy: Taxonomy) -> Iterator[Path]:
    yield from (settings.home() / name for name in _SETTINGS)
    yield from (Path(category.source) for category in taxonomy.categories)
    if found.categories is not None:  # `tags.yml` has `tags.calibration.json` beside it
        yield from found.categories.parent.glob(f"{escape(found.categories.stem)}.*.json")
    yield from (it for it in (found.calibration, found.learned) if isinstance(it, Path))
