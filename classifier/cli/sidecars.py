"""`--sidecar`: what is on record, beside the articles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from classifier.cli.console import log

_TOLD: Final = 5


def tell(troubles: Sequence[str]) -> None:
    for trouble in troubles[:_TOLD]:
        log(trouble)
    if len(troubles) > _TOLD:
        log(f"and {len(troubles) - _TOLD:,} more files that could not be used")
