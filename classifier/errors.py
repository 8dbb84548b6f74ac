"""Errors of a whole run. A problem with one article is a value: `models.Failure`.

    ClassifierError
    ├── UsageError        the call is wrong: no such path, an option that does not fit
    ├── SettingsError     classify.toml, [tool.classify] or CLASSIFY_* cannot be used
    ├── TaxonomyError     the category definitions cannot be used
    ├── PromptError       a prompt template is missing, broken or names an unknown variable
    ├── ModelError        the embedded model's files cannot be used, or a language model's answers
    ├── StoreError        the file of records is damaged, foreign, newer, locked or not writable
    ├── OutputError       a file of results cannot be written
    ├── ServerError       the server that holds batches refuses, or cannot be reached
    └── StoppedError      `Project.stop` ended a verb that has no result until all is judged

Every message is one line that names the file or option and the way out; the command line prints
it as it is and exits 2 (130 for StoppedError).
"""

from __future__ import annotations


class ClassifierError(Exception):
    """Base of every error raised on purpose by this package."""


class UsageError(ClassifierError):
    """The call is wrong: no such path, an option that does not fit."""


class SettingsError(ClassifierError):
    """The settings cannot be used."""


class TaxonomyError(ClassifierError):
    """The category definitions cannot be used."""


class PromptError(ClassifierError):
    """A prompt template is missing, broken or names an unknown variable."""


class ModelError(ClassifierError):
    """A model cannot be used: files are missing or foreign, or it cannot follow the rubric."""


class StoreError(ClassifierError):
    """The file of records is damaged, foreign, newer, locked or not writable."""


class OutputError(ClassifierError):
    """A file of results cannot be written."""


class ServerError(ClassifierError):
    """The server that holds batches refuses, or cannot be reached."""

    def __init__(self, message: str, *, status: int | None = None, passing: bool = False) -> None:
        """`status`: HTTP, where it answered. `passing`: the same may work later, or has worked."""
        super().__init__(message)
        self.status = status
        self.passing = passing


class StoppedError(ClassifierError):
    """A verb was stopped before it had a result. What was judged is stored."""
