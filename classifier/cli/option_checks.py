"""Check that the options and settings of a command fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier.errors import UsageError
from classifier.scorers.base import Scorer
from classifier.settings import Settings

if TYPE_CHECKING:
    from classifier.project.label_fields import WriteOptions
    from classifier.project.renewal import RenewOptions

_OPENAI_ONLY = (
    "model",
    "base_url",
    "prompts",
    "pack",
    "canary",
    "concurrency",
    "timeout",
    "tier",
    "rpm",
    "tpm",
    "max_cost",
    "max_calls",
)
_AGE: Final = re.compile(r"(\d{1,5}) ?([hdw])")
_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}
_CASCADE_ONLY = ("cuts", "shortlist")


def check_options(settings: Settings, overrides: Mapping[str, Any]) -> None:
    """Refuse an option that would have no effect."""
    given = [name for name in _OPENAI_ONLY if overrides.get(name) is not None]
    members = settings.panel.scorers if settings.scorer == "panel" else (settings.scorer,)
    if given and all(name.partition(":")[0] == "embedded" for name in members):
        option = "--no-canary" if given[0] == "canary" else f"--{given[0].replace('_', '-')}"
        raise UsageError(f"{option} is for language models: add --scorer openai")
    if overrides.get("embedding_model") and not _embeds(settings, members):
        raise UsageError("--fast is for the embedded scorer: leave out --scorer, or --fast")
    cascading = [name for name in _CASCADE_ONLY if overrides.get(name) is not None]
    if settings.scorer != "cascade" and cascading:
        raise UsageError(f"--{cascading[0]} is for a cascade: add --scorer cascade")


def _embeds(settings: Settings, members: Sequence[str]) -> bool:
    return settings.scorer == "cascade" or "embedded" in members


def shortlist_remark(scorer: Scorer, file: Path | None) -> str | None:
    """Return a note about a cascade without thresholds; None for other scorers.

    `file` has thresholds that were tuned for other scorers.
    """
    from classifier.scorers.cascade.deferral import Shortlist
    from classifier.scorers.cascade.scorer import Cascade

    if not (isinstance(scorer, Cascade) and isinstance(scorer.deferral, Shortlist)):
        return None
    why = "no thresholds are tuned" if file is None else f"{str(file)!r} is for other scorers"
    return (
        f"{why}: the model is asked about {scorer.deferral.description}; `classify cascade` tunes "
        "thresholds"
    )


def check_choice(option: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        raise UsageError(f"{option} {value!r}: expected {', '.join(choices[:-1])} or {choices[-1]}")


def renew_options(older_than: str | None, at_most: int | None) -> RenewOptions | None:
    """Return which judgements are renewed by age; None where that was not asked for."""
    if older_than is None:
        if at_most is not None:
            raise UsageError("--at-most is for what is judged again: add --older-than 90d")
        return None
    from datetime import timedelta

    from classifier.project.renewal import RenewOptions

    found = _AGE.fullmatch(older_than.strip().lower())
    if not found:
        raise UsageError(f"--older-than {older_than!r}: expected a time such as 12h, 90d or 8w")
    age = timedelta(**{_UNITS[found[2]]: int(found[1])})
    return RenewOptions(older_than=age, at_most=at_most)


def write_options(options: Mapping[str, Any]) -> WriteOptions:
    """Return where `apply` and `check` write labels, from their options."""
    from classifier.project.label_fields import WriteOptions

    suggest = options.get("suggest")
    if options["merge"] + options["replace"] + (suggest is not None) > 1:
        raise UsageError("--merge, --replace and --suggest exclude each other")
    return WriteOptions(
        fields=options["field"] or (),
        mode="replace" if options["replace"] else "merge",
        suggest=suggest,
        restore=options.get("restore", False),
        spaced=options["spaced"],
        create=options["create"],
    )
