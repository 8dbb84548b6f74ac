"""What `classify watch` shows of each change."""

from __future__ import annotations

from classifier.cli.console import emit, emit_result, log, log_some
from classifier.cli.formatting import who
from classifier.cli.render.apply import show_refused
from classifier.models import Failure, Result
from classifier.project.apply import ApplyResult
from classifier.project.watch import Change
from classifier.sanitize import one_line
from classifier.wording import count

_FAILURES = 3


def show_start(change: Change) -> None:
    scan = change.run.scan
    articles = count(len(scan.entries) + len(scan.unread), "article")
    log(f"watching {articles}, judged by {who(scan.scorer)}; Ctrl-C ends it")


def show_change(change: Change, *, json: bool, quiet: bool) -> None:
    """Print the labels of each article, and to stderr what else there is to know."""
    if change.definitions and not quiet:
        names = ", ".join(repr(path.name) for path in change.definitions)
        log(f"{names} saved: {count(len(change.results), 'article')} with other labels")
    for result in change.results:
        if json:
            emit_result(result)
        else:
            emit(_line(result))
        log_some(
            [_failure(result.article, it) for it in result.failures],
            at_most=_FAILURES,
            rest="failures",
        )
    if change.applied is not None:
        _show_applied(change.applied, quiet=quiet)


def _line(result: Result) -> str:
    titles = (one_line(label.category.title) for label in result.decision.labels)
    return f"{one_line(result.article)}: {', '.join(titles) or '-'}"


def _failure(article: str, failure: Failure) -> str:
    # One about the file names it.
    return f"{article!r}: {failure.message}" if failure.categories else failure.message


def _show_applied(applied: ApplyResult, *, quiet: bool) -> None:
    for refused in applied.refused:
        show_refused(refused)
    if applied.changed and not quiet:
        log(f"{count(len(applied.changed), 'file')} changed")
