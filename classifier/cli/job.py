"""What was asked for on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifier.content.discovery import Selection

STDIN: Final = Path("-")


@dataclass(frozen=True, slots=True)
class Names:
    """Which of the categories."""

    kinds: Sequence[str] = ()
    categories: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    json: bool = False
    explain: bool = False
    quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    paths: Sequence[Path]
    overrides: Mapping[str, Any]
    """Settings, None where not given."""
    names: Names
    files: Selection
    view: View
    dry_run: bool
    """Whether nothing is judged, only told what it would take."""
    plan: bool
    """Whether it is told how, and what else could be done."""
    keep: bool
    """Whether records are looked up and kept."""
    output: Path | None
    rows: str | None
    sidecar: bool
    """Whether what is on record is written beside the articles."""
    write: bool
    """Whether labels go into the front matter."""
    since: str | None = None
    """A state that git knows: articles that have not changed since are left out."""
    summary: Path | None = None
    """A file to add the labels to, in Markdown."""
