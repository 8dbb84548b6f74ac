"""From the library's words to those of the command line."""

from __future__ import annotations

import re
from typing import Final

_SAME: Final = frozenset(
    {
        "address",
        "against",
        "against_prompts",
        "allow_origin",
        "articles",
        "base_url",
        "batch",
        "categories",
        "category",
        "concurrency",
        "create",
        "cuts",
        "exclude",
        "gold",
        "host",
        "include",
        "judge",
        "kind",
        "max_calls",
        "max_cost",
        "model",
        "most",
        "output",
        "pack",
        "plan",
        "port",
        "prompts",
        "recall",
        "retry_failed",
        "scorer",
        "store",
        "suggest",
        "timeout",
        "trained",
        "until",
    }
)
"""Settings and arguments of verbs that have an option of the same name."""
_OTHERS: Final = {
    "batch_megabytes": "--megabytes",
    "batch_tokens": "--tokens",
    "canary=False": "--no-canary",
    "content=": "--content",
    "fields": "--field",
    "private_hosts": "--private-host",
    "store=False": "--no-store",
}
# A key of a settings file stays one: "`store` in classify.toml".
_TERM: Final = re.compile(r"`(\w+)(?:=([^`\n]{0,100}))?`(?! in (?:the settings|classify\.toml))")


def in_options(message: str) -> str:
    """Name options where a message of the library names settings and arguments.

    "raise `max_cost`" becomes "raise --max-cost", and "set `scorer=openai`", "set --scorer openai".
    """
    return _TERM.sub(_option, message)


def _option(term: re.Match[str]) -> str:
    name, value = term[1], term[2]
    if whole := _OTHERS.get(term[0].strip("`")):
        return whole
    option = _OTHERS.get(name) or (f"--{name.replace('_', '-')}" if name in _SAME else None)
    if option is None:
        return term[0]
    return option if value is None else f"{option} {value}"
