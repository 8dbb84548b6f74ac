"""The command `classify`: options become library calls, results become text."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from classifier.cli.console import INTERRUPTED, discard_rest, log
from classifier.errors import ClassifierError, StoppedError, UsageError

DONE = 0
WRONG_CALL = 2
BUG = 70
"""As in sysexits.h: not 1, which a script may tolerate."""
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""How a disk fails that is full or broken, whatever the program does with it."""
_UNWRITABLE = _FULL | {errno.EBADF}
"""How a write to stdout fails where Typer prints the help itself."""
_NO_BUGS = _FULL | {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR),
    *(errno.ESTALE, errno.EMFILE, errno.ENFILE),
}
"""How a file that a path names fails, whatever the program does with it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; never shows a traceback unasked."""
    if os.environ.get("NO_COLOR"):
        # Rich alone would keep bold and dim escapes in the help.
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
    # Before numpy is imported. Its threads would wait for each other on products too small for more
    # than one, while those of the model need the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from typer import TyperException

    from classifier.cli.app import command

    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    _never_fail_to_print()
    try:
        _check_current_folder()
        code = command().main(arguments, prog_name="classify", standalone_mode=False)
    except TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "classify"
        log(f"{error.format_message().rstrip('.')} (see: {path} --help)")
        return WRONG_CALL
    except StoppedError as error:
        log(str(error))
        return INTERRUPTED
    except ClassifierError as error:
        log(str(error))
        return WRONG_CALL
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort; CLASSIFY_DEBUG shows all of it
        return _unexpected(error)
    return code if isinstance(code, int) else DONE


def _check_current_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise UsageError(
            f"the current folder is gone or closed ({error.strerror}): cd to one that is there"
        ) from None


def _unexpected(error: Exception) -> int:
    if isinstance(error, OSError) and not error.filename and error.errno in _UNWRITABLE:
        discard_rest(sys.stdout)
        log(f"cannot write the output: {error.strerror}")
        return WRONG_CALL
    if isinstance(error, OSError) and error.filename and error.errno in _NO_BUGS:
        log(f"cannot use {str(error.filename)!r}: {error.strerror}")
        return WRONG_CALL
    if os.environ.get("CLASSIFY_DEBUG"):
        raise error
    log(
        f"unexpected {type(error).__name__}: {error} (this is a bug in classify; "
        "CLASSIFY_DEBUG=1 shows where)"
    )
    return BUG


def _never_fail_to_print() -> None:
    """Titles and paths hold characters that a stream's encoding may not have.

    A stream that was closed before we began leads nowhere, and no file we open takes its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
