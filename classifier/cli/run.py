"""`classify run`: judge the named articles and print what comes back."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier import settings
from classifier.api import Classifier, Source
from classifier.articles import BUNDLE_FILES
from classifier.cli.streams import say, write
from classifier.errors import UsageError
from classifier.models import Failure, Result
from classifier.outputs.json import to_json
from classifier.settings import Settings

_WARNINGS = 5
_STDIN = Path("-")
_OPENAI_ONLY = ("model", "base_url", "prompts", "pack", "decoy", "concurrency", "timeout")


@dataclass(frozen=True, slots=True)
class Selection:
    kinds: Sequence[str] = ()
    categories: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    json: bool = False
    explain: bool = False
    quiet: bool = False


def classify(
    paths: Sequence[Path], *, overrides: Mapping[str, Any], selection: Selection, view: View
) -> int:
    """Return the exit code. Raises a ClassifierError before anything is judged."""
    found = settings.load(**overrides)
    _check_fit(found, overrides)
    _check_paths(paths)
    classifier = Classifier.from_settings(found).only(
        kinds=selection.kinds, categories=selection.categories
    )
    if not view.quiet:
        remark_on_default(found)
        _warn(classifier.taxonomy.warnings)
    ok = True
    for number, result in enumerate(classifier.classify_many(map(_source, paths))):
        _print(result, view, first=number == 0)
        _tell(result, notes=not view.quiet)
        ok = ok and result.ok
    return 0 if ok else 1


def remark_on_default(found: Settings) -> None:
    if found.categories is None:
        say("judging by the example categories; name your own with --categories PATH")


def _check_fit(found: Settings, overrides: Mapping[str, Any]) -> None:
    """Refuse an option that would change nothing: whoever gave it expects something of it."""
    given = [name for name in _OPENAI_ONLY if overrides[name] is not None]
    if found.scorer == "embedded" and given:
        option = "--no-decoy" if given[0] == "decoy" else f"--{given[0].replace('_', '-')}"
        raise UsageError(f"{option} is for language models: add --scorer openai")


def _check_paths(paths: Sequence[Path]) -> None:
    if paths.count(_STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    for path in paths:
        if path == _STDIN:
            continue
        if not path.exists():
            raise UsageError(f"no such file or folder: {str(path)!r}")
        if path.is_dir() and not any((path / name).is_file() for name in BUNDLE_FILES):
            raise UsageError(
                f"{str(path)!r} is a folder without {BUNDLE_FILES[0]}: name the articles in it"
            )


def _source(path: Path) -> Source:
    if path != _STDIN:
        return path
    if sys.stdin.isatty():
        say("reading the article from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read()


def _print(result: Result, view: View, *, first: bool) -> None:
    if view.json:
        write(to_json(result))
    elif result.judgements:
        from classifier.cli.page import Page

        page = Page.for_stdout()
        write(("" if first else "\n") + page.render(result, explain=view.explain))


def _tell(result: Result, *, notes: bool) -> None:
    for failure in result.failures:
        say(_failed(result.article, failure))
    for note in result.notes if notes else ():
        say(f"{result.article!r}: note: {note}")


def _failed(article: str, failure: Failure) -> str:
    if not failure.categories:
        return failure.message  # about the file, which it names
    count = len(failure.categories)
    what = failure.categories[0] if count == 1 else f"{count} categories"
    return f"{article!r}: {what} not judged ({failure.reason}): {failure.message}"


def _warn(warnings: Iterable[str]) -> None:
    shown = list(warnings)
    for warning in shown[:_WARNINGS]:
        say(f"warning: {warning}")
    if len(shown) > _WARNINGS:
        say(f"and {len(shown) - _WARNINGS} more warnings; `classify categories` shows all")
