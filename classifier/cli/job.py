"""What was asked for on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STDIN: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Names:
    """Which of the categories."""

    kinds: Sequence[str] = ()
    categories: Sequence[str] = ()
