"""Results go to stdout, everything else to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TextIO

from classifier.errors import UsageError

if TYPE_CHECKING:
    from classifier.models import Result

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""
_BROKEN_PIPE: Final = 141
"""The exit code that a shell reports for a program killed by SIGPIPE."""


def log(message: str) -> None:
    """Print one line to stderr, with untrusted text escaped."""
    from classifier.cli.terms import in_options
    from classifier.sanitize import one_line

    try:
        sys.stderr.write(f"classify: {one_line(in_options(message))}\n")
    except OSError:  # where nobody can read it, the exit code has to do
        discard_rest(sys.stderr)


def emit(text: str) -> None:
    """Print to stdout and flush, so that the reader of a pipe sees each result at once.

    Raises UsageError if stdout cannot be written, and Exit if its reader has gone.
    """
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        discard_rest(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write the output: {error.strerror}") from None
        from typer import Exit

        raise Exit(_BROKEN_PIPE) from None  # the reader has seen enough (`| head`)


def discard_rest(stream: TextIO) -> None:
    """Keep Python from flushing the stream once more at exit, which would end with 120."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def emit_json(value: Any) -> None:
    """Print a value as JSON, on one line."""
    from classifier.sanitize import json_line

    emit(json_line(value))


def emit_result(result: Result) -> None:
    """Print the result of an article as JSON; its messages name options, as on stderr."""
    from classifier.cli.terms import in_options
    from classifier.outputs.json import to_json

    failures = (replace(each, message=in_options(each.message)) for each in result.failures)
    notes = map(in_options, result.notes)
    emit(to_json(replace(result, failures=tuple(failures), notes=tuple(notes))))


def log_some(lines: Sequence[str], *, at_most: int, rest: str) -> None:
    """Print the first lines to stderr, and how many more there are: `and 3 more REST`."""
    for line in lines[:at_most]:
        log(line)
    if len(lines) > at_most:
        log(f"and {len(lines) - at_most:,} more {rest}")
