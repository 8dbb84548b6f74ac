"""Judge articles when they are saved, and all of them when a definition is."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier import small_files
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
            raise UsageError(f"no such file or folder: {str(path)!r}")
    return _changes(Watcher(project, paths, write), watchfiles)


def _changes(watcher: Watcher, watchfiles: Any) -> Iterator[Change]:
    with watcher.project.stoppable(Progress()) as stop:
        saved = watchfiles.watch(
            *watcher.places,
            watch_filter=lambda _, path: watcher.concerns(path),
            stop_event=stop,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
        )
        next(saved, None)  # from here on it listens: what is saved during the first run counts
        yield watcher.begin()
        for changes in saved:
            if changes and (change := watcher.judge({path for _, path in changes})):
                yield change


@dataclass(slots=True)
class Watcher:
    project: Workspace
    paths: Sequence[Path]
    write: WriteOptions | None
    _seen: dict[str, object] = field(default_factory=dict)
    """By path: text and labels, or why it cannot be read."""

    @property
    def places(self) -> list[Path]:
        given = [path for path in self.project.settings.categories if small_files.exists(path)]
        return [*self.paths, *given]

    def concerns(self, path: str) -> bool:
        """Whether a file may be an article or a definition, and not one that an editor hides."""
        name = Path(path).name.lower()
        return not name.startswith(".") and name.endswith(_DEFINITIONS)

    def begin(self) -> Change:
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
            for file in walk(root, self.project.selection)
            if isinstance(file, Found)
        )
        return [path for path in found if path.name in names and os.path.realpath(path) in saved]

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
