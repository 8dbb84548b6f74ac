"""Turn a command's options into a project, and the project's events into lines on stderr."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.cli import display
from classifier.cli.console import emit, log
from classifier.cli.formatting import between, who
from classifier.cli.interrupts import first_interrupt
from classifier.cli.option_checks import check_options
from classifier.errors import UsageError
from classifier.project import Project
from classifier.project.events import (
    ArticlesFailed,
    BatchCollected,
    CostExpected,
    EmbeddingDefinitions,
    Event,
    JudgingFinished,
    JudgingStarted,
    Message,
    ScanFinished,
    Scanning,
)
from classifier.settings import Settings
from classifier.wording import count

if TYPE_CHECKING:
    from typer import Context

    from classifier.progress import Progress

_OFF_SWITCHES: Final = {"no_canary": "canary", "no_examples": "examples"}
"""Options that set a setting to false."""


def open_project(context: Context, *, defaults_matter: bool = True, **fixed: Any) -> Project:
    """Return the project that a command's options describe; use it in a `with` block.

    Options with the name of a setting override it; --kind, --category, --include and --exclude
    narrow the project.

    Args:
        context: The options of the command.
        defaults_matter: Whether to say so where the example categories are used.
        fixed: Settings that the command itself decides.

    Raises:
        ClassifierError: The settings cannot be used, or an option would change nothing.
    """
    options = context.params
    overrides = overrides_of(options)
    listener = Listener(quiet=bool(options.get("quiet")))
    project = Project.open(on_event=listener, **{**overrides, **fixed})
    listener.stop = project.stop
    check_options(project.settings, overrides)
    if project.settings.tracing:
        from classifier.cli import tracing

        tracing.export(project)
    if defaults_matter and not project.settings.categories:
        project.note("using the example categories; name your own with --categories PATH")
    return project.only(
        kinds=options.get("kind") or (),
        categories=options.get("category") or (),
        include=options.get("include") or (),
        exclude=options.get("exclude") or (),
    )


def articles(project: Project, paths: Sequence[Path] | None) -> list[Path]:
    """Return the paths of a command, or the folders of articles that the settings name.

    Raises:
        UsageError: There are neither.
    """
    found = [Path(path) for path in paths or ()] or project.content()
    if not found:
        raise UsageError(
            "name articles, or folders of articles; or set `content` in classify.toml, as "
            "`classify init` does"
        )
    return found


def overrides_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that override a setting, without unset ones.

    --exclude is left out: it narrows the project (`Project.only`).
    """
    overrides = {name: options.get(name) for name in Settings.model_fields if name != "exclude"}
    for option, setting in _OFF_SWITCHES.items():
        if options.get(option):
            overrides[setting] = False
    if options.get("fast"):
        overrides["embedding_model"] = "fast"
    # An option that may be repeated is empty where it is left out.
    return {name: value for name, value in overrides.items() if value not in (None, [], ())}


class Listener:
    """Shows what a project reports: messages as lines, progress as a display on stderr."""

    def __init__(self, *, quiet: bool) -> None:
        """`quiet` shows errors only."""
        self.quiet = quiet
        self.stop: Callable[[], None] = lambda: None
        self.progress: Progress | None = None
        """Progress of the latest judging."""
        self._scan = display.ScanDisplay(quiet=quiet)
        self._judging = ExitStack()
        self._is_judging = False

    def __call__(self, event: Event) -> None:
        match event:
            case Scanning(articles):
                self._scan.update(articles)
            case ScanFinished():
                self._scan.clear()
            case EmbeddingDefinitions(done, total):
                self._show_embedding(done, total)
            case JudgingStarted(progress):
                self.progress = progress
                self._is_judging = True
                self._judging.enter_context(first_interrupt(self._finish))
                self._judging.enter_context(display.shown(progress, quiet=self.quiet))
            case JudgingFinished():
                self._is_judging = False
                self._judging.close()
            case _:
                self._print(event)

    def _show_embedding(self, done: int, total: int) -> None:
        if self._is_judging and self.progress is not None:
            self.progress.embedding = (done, total) if done < total else None
        elif done < total:
            self._scan.show(display.embedding(done, total))
        else:
            self._scan.clear()

    def _print(self, event: Event) -> None:
        match event:
            case Message(text, level) if level == "error" or not self.quiet:
                log(f"warning: {text}" if level == "warning" else text)
            case ArticlesFailed(progress):
                from classifier.cli.render.run_summary import failures

                failures(progress)
            case CostExpected(scorer, pairs, cost) if not self.quiet:
                log(f"asking {who(scorer)} about {count(pairs, 'pair')}: {between(cost)}")
            case BatchCollected(batch) if not self.quiet:
                from classifier.cli.render.batch import collected

                emit(collected(batch))

    def _finish(self) -> None:
        self.stop()
        assert self.progress is not None
        if not self.quiet and not display.on_terminal():
            log(display.stopping(self.progress))
