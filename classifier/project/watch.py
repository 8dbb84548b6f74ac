"""Judge articles when they are saved, and all of them when a definition is."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier import addresses, settings, small_files
from classifier.content.discovery import SUFFIXES, Found, walk
from classifier.errors import ClassifierError, UsageError
from classifier.models import Result
from classifier.progress import Progress
from classifier.project.apply import ApplyResult, apply
from classifier.project.events import Message
from classifier.project.label_fields import WriteOptions
from classifier.project.running import Run, run

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace

_DEFINITIONS: Final = (*SUFFIXES, ".yml", ".yaml", ".json")
"""Endings of definitions, and of what is trained and lies beside them."""
_LOOK: Final = 200
"""Milliseconds between two looks at whether to end."""


Stamp: TypeAlias = tuple[int, ...]
"""Changes where another file or folder takes a name; of a file, also where it is written."""
Standing: TypeAlias = dict[str, Stamp]
"""Files and folders that are there, by path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What files that were saved have changed."""

    definitions: tuple[Path, ...] = ()
    """Of these, the definitions."""
    results: tuple[Result, ...] = ()
    """Of the articles that have another text or other labels than before."""
    run: Run
    applied: ApplyResult | None = None
    """What was written into front matter, if that was asked for."""


def watch(
    project: Workspace, paths: Sequence[Path], *, write: WriteOptions | None
) -> Iterator[Change]:
    """Yield what is pending, as a change without results; then a change for each that is saved."""
    try:
        import watchfiles
    except ImportError as error:
        raise UsageError(
            "watching needs watchfiles: pip install 'category-classifier[watch]'"
        ) from error
    for path in paths:
        if not small_files.exists(path):
            raise addresses.missing(path)
    return _changes(Watcher(project, paths, write), watchfiles)


def _changes(watcher: Watcher, watchfiles: Any) -> Iterator[Change]:
    known: Standing | None = None
    with watcher.project.stoppable(Progress()) as stop:
        while not stop.is_set():
            now = watcher.standing()
            try:
                saved = watchfiles.watch(
                    *now,
                    watch_filter=lambda _, path: watcher.concerns(path),
                    stop_event=stop,
                    rust_timeout=_LOOK,
                    yield_on_timeout=True,
                )
                next(saved, None)  # from here on it listens: what is saved meanwhile counts
            except FileNotFoundError:  # gone since it was looked at
                continue
            if known is None:
                yield watcher.begin()
            elif change := watcher.judge(
                {path for path, it in now.items() if known.get(path) != it}
            ):
                yield change
            known = now
            with closing(saved):
                yield from _until_replaced(watcher, saved, now)


def _until_replaced(watcher: Watcher, saved: Any, now: Standing) -> Iterator[Change]:
    """Yield changes until a file or folder has taken a name: that one is not listened to."""
    for changes in saved:
        if changes and (change := watcher.judge({path for _, path in changes})):
            yield change
        watcher.look_at_settings()
        if watcher.standing() != now:
            return


@dataclass(slots=True)
class Watcher:
    project: Workspace
    paths: Sequence[Path]
    write: WriteOptions | None
    _seen: dict[str, object] = field(default_factory=dict)
    """By path: text and labels, or why it cannot be read."""
    _settings: dict[Path, Stamp | None] = field(default_factory=dict)
    """The file with the settings, as it was last looked at."""

    def standing(self) -> Standing:
        """Return what there is to watch, each with what changes where another takes its place.

        Editors save by giving a new file the old name, and folders are checked out anew.
        """
        stamps = ((path, _stamp(path)) for path in (*self.paths, *self.project.settings.categories))
        return {str(path): stamp for path, stamp in stamps if stamp is not None}

    def look_at_settings(self) -> None:
        """Say that changed settings do not count yet."""
        for file, before in self._settings.items():
            now = _stamp(file)
            if now not in (before, None):
                self._settings[file] = now
                self.project.note(f"{file.name!r} saved: start again for it to count")

    def concerns(self, path: str) -> bool:
        """Whether a file may be an article or a definition, and not one that an editor hides."""
        name = Path(path).name.lower()
        return not name.startswith(".") and name.endswith(_DEFINITIONS)

    def begin(self) -> Change:
        file, _ = settings.project_file(self.project.folder)
        self._settings = {file: _stamp(file)} if file else {}
        done = run(self.project, self.paths, store=True)
        self._news(done)
        return Change(run=done, applied=self._applied(self.paths))

    def judge(self, saved: set[str]) -> Change | None:
        """Judge what these files concern; trouble with it is an event, and watching goes on."""
        try:
            return self._judge({os.path.realpath(path) for path in saved})
        except ClassifierError as error:
            self.project.emit(Message(str(error), "error"))
            return None

    def _judge(self, saved: set[str]) -> Change | None:
        definitions = self._definitions(saved)
        paths = self.paths if definitions else self._articles(saved)
        if definitions:
            self.project.reload_definitions()
        if not paths:
            return None
        done = run(self.project, paths, store=True)
        applied = self._applied(paths)
        news = self._news(done)
        if not (news or definitions or (applied and applied.changed)):
            return None
        results = tuple(result for result in done.results() if result.article in news)
        return Change(definitions=definitions, results=results, run=done, applied=applied)

    def _definitions(self, saved: set[str]) -> tuple[Path, ...]:
        places = [Path(os.path.realpath(place)) for place in self.project.settings.categories]
        return tuple(
            path for path in map(Path, sorted(saved)) if any(map(path.is_relative_to, places))
        )

    def _articles(self, saved: set[str]) -> list[Path]:
        """Return those of the files that a run over all would judge, as it would name them."""
        names = {Path(path).name for path in saved}
        found = (
            Path(file.path)
            for root in self.paths
            if os.path.realpath(root) not in saved or not small_files.is_dir(root)
            for file in walk(root, self.project.selection)
            if isinstance(file, Found)
        )
        whole = [root for root in self.paths if os.path.realpath(root) in saved]
        one = [path for path in found if path.name in names and os.path.realpath(path) in saved]
        return list(dict.fromkeys([*whole, *one]))

    def _news(self, done: Run) -> set[str]:
        """Return the paths of a run whose text or labels have changed, and remember all."""
        texts = {entry.path: entry.digest for entry in done.scan.entries}
        now: dict[str, object] = {
            path: (texts.get(path), [label.category.id for label in labels])
            for path, labels in done.labels()
        }
        now |= done.scan.unread
        news = {path for path, state in now.items() if self._seen.get(path) != state}
        self._seen |= now
        return news

    def _applied(self, paths: Sequence[Path]) -> ApplyResult | None:
        if self.write is None:
            return None
        return apply(self.project, paths, self.write, dry_run=False, on_file=lambda _: None)


def _stamp(path: Path) -> Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    folder = stat.S_ISDIR(found.st_mode)
    return found.st_dev, found.st_ino, *(() if folder else (found.st_mtime_ns,))
