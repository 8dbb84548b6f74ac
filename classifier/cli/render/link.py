"""What `classify link` did to the files."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from classifier.cli.console import emit, log
from classifier.cli.render.apply import not_judged
from classifier.outputs.write_back import Refused
from classifier.project.link import Linked, LinkOutcome, LinkResult
from classifier.sanitize import lines
from classifier.wording import count


def show_refused(outcome: LinkOutcome) -> None:
    if isinstance(outcome, Refused):
        log(outcome.message)


def show_diff(outcome: LinkOutcome) -> None:
    """Print what would change in a file, and why it could not."""
    show_refused(outcome)
    if isinstance(outcome, Linked) and outcome.edited.changed:
        diff = outcome.edited.diff().removesuffix("\n")
        emit(lines(diff) if sys.stdout.isatty() else diff)  # a file is for `git apply`


def show_result(result: LinkResult, *, dry_run: bool, quiet: bool) -> None:
    """Print to stderr what became of the files; `quiet` leaves out what is no failure."""
    if result.not_judged:
        log(not_judged(result.not_judged))
    if not quiet:
        log(", ".join(_counts(result, dry_run=dry_run)))


def _counts(result: LinkResult, *, dry_run: bool) -> Iterator[str]:
    would = "would change" if dry_run else "changed"
    links = f"{count(result.added, 'link')} added"
    if result.removed:
        links = f"{links}, {result.removed:,} removed"
    yield f"{count(len(result.changed), 'file')} {would} ({links})"
    yield f"{result.unchanged:,} up to date"
    if skipped := len(result.refused) + len(result.not_judged):
        yield f"{skipped:,} skipped"
