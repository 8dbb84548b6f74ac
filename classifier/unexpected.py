"""An unexpected error while one article is worked on: a failure of that article, not of the run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import PurePath
from traceback import extract_tb
from typing import Final, TypeVar

from classifier.errors import ClassifierError
from classifier.models import Failure, FailureReason

DEBUG: Final = "CLASSIFY_DEBUG"
"""The environment variable that lets unexpected errors through, with their traceback."""

_OF_THE_RUN: Final = "This is about no single article."

_T = TypeVar("_T")


def contain(
    work: Callable[[], _T], *, article: str, categories: tuple[str, ...] = ()
) -> _T | Failure:
    """Do work on one article; otherwise as `failure`."""
    try:
        return work()
    except BaseException as error:  # noqa: BLE001 - `failure` raises what is not the article's
        return failure(error, article=article, categories=categories)


def failure(error: BaseException, *, article: str, categories: tuple[str, ...] = ()) -> Failure:
    """Return what an unexpected error means for the article that was worked on.

    Args:
        error: What was raised.
        article: Its id.
        categories: Ids of the categories left unjudged; none where it could not be read.

    Raises:
        BaseException: `error` itself, where it is of the run or CLASSIFY_DEBUG is set.
    """
    if ends_the_run(error) or os.environ.get(DEBUG):
        try:
            raise error
        finally:
            del error  # which holds this frame, and so would keep all that it holds
    # Who prints a failure of categories names the article before it.
    message = _told(error) if categories else f"{article!r}: {_told(error)}"
    return Failure(FailureReason.INTERNAL, message, categories)


def ends_the_run(error: BaseException) -> bool:
    """Whether an error is about more than one article, or asks to stop."""
    if isinstance(error, ClassifierError | ImportError):
        return True
    if _OF_THE_RUN in getattr(error, "__notes__", ()):
        return True
    # The Markdown parser is written in Rust, and a panic there is no Exception in Python.
    return not isinstance(error, Exception) and type(error).__name__ != "PanicException"


def let_it_end_the_run(error: BaseException) -> None:
    """Mark an error that is known to be of no single article."""
    if not ends_the_run(error):
        error.add_note(_OF_THE_RUN)


def _told(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "takes more memory than there is; split it into several articles"
    # Not the error's own text, which may quote the article.
    return (
        f"unexpected {type(error).__name__} in {_place(error)}, a bug in classify; please "
        f"report it with the traceback that {DEBUG}=1 shows"
    )


def _place(error: BaseException) -> str:
    """Return the last line of our own that led to an error."""
    frames = [frame for frame in extract_tb(error.__traceback__)]
    ours = [frame for frame in frames if "classifier" in PurePath(frame.filename).parts]
    if not (ours or frames):
        return "an unknown place"
    last = (ours or frames)[-1]
    parts = PurePath(last.filename).parts
    start = len(parts) - 1 - parts[::-1].index("classifier") if ours else len(parts) - 1
    return f"{'/'.join(parts[start:])}:{last.lineno}"
