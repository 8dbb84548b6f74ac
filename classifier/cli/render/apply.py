"""What `classify apply` did to the files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from classifier.cli.console import emit, log, log_some
from classifier.outputs.write_back import Refused
from classifier.project.apply import Applied, ApplyResult, FileOutcome
from classifier.sanitize import lines
from classifier.wording import count

_NAMED: Final = 3
_SHOWN: Final = 20


def show_refused(outcome: FileOutcome) -> None:
    if isinstance(outcome, Refused):
        log(outcome.message)


def show_diff(outcome: FileOutcome) -> None:
    """Print what would change in a file, and why it could not."""
    show_refused(outcome)
    if isinstance(outcome, Applied) and outcome.edited.changed:
        diff = outcome.edited.diff().removesuffix("\n")
        emit(lines(diff) if sys.stdout.isatty() else diff)  # a file is for `git apply`


def show_result(result: ApplyResult, *, dry_run: bool, quiet: bool) -> None:
    """Print to stderr what became of the files; `quiet` leaves out what is no failure."""
    if result.not_judged:
        log(not_judged(result.not_judged))
    if quiet:
        return
    if removed := result.removed_by_person:
        log(
            f"{count(len(removed), 'article')} with labels that somebody removed; to write them "
            "again, use `classify accept` or --restore"
        )
        shown = [f"- {path.as_posix()!r}: {', '.join(labels)}" for path, labels in removed.items()]
        log_some(shown, at_most=_SHOWN, rest="articles")
    log(", ".join(_counts(result, dry_run=dry_run)))
    if result.new_label_file is not None:
        log(
            f"{result.new_label_file.name!r} says which labels are the scorer's, so that `classify "
            "train` and `eval` leave them out: commit it with the articles"
        )


def _counts(result: ApplyResult, *, dry_run: bool) -> Iterator[str]:
    would = "would change" if dry_run else "changed"
    yield f"{count(len(result.changed), 'file')} {would}"
    yield f"{result.unchanged:,} up to date"
    if skipped := len(result.refused) + len(result.not_judged):
        yield f"{skipped:,} skipped"


def not_judged(paths: Sequence[Path]) -> str:
    """Name articles whose labels nobody knows."""
    return f"{count(len(paths), 'article')} not judged completely, classify first: {_named(paths)}"


def _named(paths: Sequence[Path]) -> str:
    named = ", ".join(repr(path.as_posix()) for path in paths[:_NAMED])
    return f"{named}, ..." if len(paths) > _NAMED else named
