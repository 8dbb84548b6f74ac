"""The answer goes to stdout, all else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any, Final

from classifier.errors import UsageError
from classifier.sanitize import escape_json, one_line

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""
_BROKEN_PIPE: Final = 141
"""What a shell reports for a program that SIGPIPE ended."""


def log(message: str) -> None:
    """Print one line to stderr, harmless whatever it quotes."""
    sys.stderr.write(f"classify: {one_line(message)}\n")


def emit(text: str) -> None:
    """Print to stdout at once: a reader of the pipe sees each answer when it is there.

    Raises UsageError where stdout cannot be written, and Exit where nobody reads it any more.
    """
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        # Python would complain once more when it flushes stdout at exit, so what is left goes
        # nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"the answer cannot be written: {error.strerror}") from None
        from typer import Exit

        raise Exit(_BROKEN_PIPE) from None  # the reader has seen enough (`| head`)


def emit_json(value: Any) -> None:
    """Print a value as JSON, on one line."""
    emit(escape_json(json.dumps(value, ensure_ascii=False)))


def log_some(lines: Sequence[str], *, at_most: int, rest: str) -> None:
    """Print the first lines to stderr, and how many more there are: `and 3 more REST`."""
    for line in lines[:at_most]:
        log(line)
    if len(lines) > at_most:
        log(f"and {len(lines) - at_most:,} more {rest}")
