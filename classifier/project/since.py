"""Which articles have changed since a commit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import settings
from classifier.content.discovery import SUFFIXES, Found, walk
from classifier.errors import UsageError
from classifier.project.git import git

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace
    from classifier.sidecars import SidecarPaths

_SETTINGS: Final = ("classify.toml", "pyproject.toml")


def changed_since(project: Workspace, commit: str, paths: Sequence[Path]) -> list[Path]:
    """Return the articles in `paths` that are new or differ from a commit, in text or sidecar.

    If a definition, the settings, a prompt or the trained file has changed, every article may have
    other labels: then `paths` is returned unchanged, with a message.
    """
    changed = _changed(commit)
    if cause := _for_all(changed, project):
        name = os.path.relpath(cause)
        project.note(f"{name!r} has changed since {commit!r}, so all articles count")
        return list(paths)
    files = (
        file.path
        for path in paths
        for file in walk(path, project.selection)
        if isinstance(file, Found)
    )
    sidecars = project.sidecar_paths
    return [path for path in map(Path, files) if not changed.isdisjoint(_places(path, sidecars))]


def _changed(since: str) -> set[str]:
    """Return the real paths of files that differ from the last common state."""
    here = Path()
    name = f"{since}^{{commit}}"
    commit = git(here, "rev-parse", "--verify", "--quiet", "--end-of-options", name)
    top = git(here, "rev-parse", "--show-toplevel")
    if commit is None or top is None:
        raise UsageError(
            f"{since!r}: git knows no such commit of this folder; fetch it, or name another"
        )
    folder = Path(os.fsdecode(top.removesuffix(b"\n")))
    name = commit.decode().strip()
    # In a shallow clone there may be no common state; then more counts as changed.
    base = (git(folder, "merge-base", name, "HEAD") or commit).decode().strip()
    tracked = git(folder, "diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--")
    new = git(folder, "ls-files", "--others", "--exclude-standard", "-z")
    if tracked is None or new is None:
        raise UsageError(f"{since!r}: git cannot compare this folder with that commit")
    real = Path(os.path.realpath(folder))
    return {str(real / os.fsdecode(it)) for it in (tracked + new).split(b"\0") if it}


def _places(article: Path, sidecars: SidecarPaths) -> Iterator[str]:
    real = os.path.realpath(article)
    yield real
    for path, _ in sidecars.read(Path(real)):
        yield os.path.realpath(path)


def _for_all(changed: set[str], project: Workspace) -> str | None:
    """Return a changed file that all articles depend on."""
    named = project.settings
    files = {os.path.realpath(path) for path in _files(project)}
    folders = [os.path.realpath(path) for path in (*named.categories, named.prompts) if path]
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


def _files(project: Workspace) -> Iterator[Path]:
    named = project.settings
    yield from (settings.home() / name for name in _SETTINGS)
    yield from (Path(category.source) for category in project.definitions.categories)
    for path in named.categories:  # `tags.yml` has `tags.trained.json` beside it
        yield from path.parent.glob(f"{escape(path.stem)}.*.json")
    if isinstance(named.trained, Path):
        yield named.trained
