"""The command `classify`: options become library calls, results become text."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from classifier.cli.console import INTERRUPTED, log
from classifier.errors import ClassifierError, StoppedError

DONE = 0
SOME_FAILED = 1
WRONG_CALL = 2
BUG = 70
"""As in sysexits.h: not 1, which a script may tolerate."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; never shows a traceback unasked."""
    if os.environ.get("NO_COLOR"):
        # Rich alone would keep bold and dim escapes in the help.
        os.environ["_TYPER_FORCE_DISABLE_TERMINAL"] = "1"
    from typer import TyperException

    from classifier.cli.app import command

    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    _never_fail_to_print()
    try:
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
        return _bug(error)
    return code if isinstance(code, int) else DONE


def _bug(error: Exception) -> int:
    if os.environ.get("CLASSIFY_DEBUG"):
        raise error
    log(
        f"unexpected {type(error).__name__}: {error} (this is a bug in classify; "
        "CLASSIFY_DEBUG=1 shows where)"
    )
    return BUG


def _never_fail_to_print() -> None:
    """Titles and paths hold characters that a stream's encoding may not have."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
