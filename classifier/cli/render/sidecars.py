"""What `classify sidecars` and `run --sidecar` wrote or imported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from classifier.cli.console import log, log_some
from classifier.project.sidecars import SidecarsImported, SidecarsWritten
from classifier.wording import count

_SHOWN: Final = 5
"""Errors, or titles, that are shown at most."""


def show_written(result: SidecarsWritten, *, quiet: bool) -> None:
    log_some(result.errors, at_most=_SHOWN, rest="sidecars that could not be written")
    if not quiet:
        kept = f"; {count(result.imported, 'imported judgement')} kept" if result.imported else ""
        log(f"{count(result.written, 'sidecar')} written, {result.unchanged:,} unchanged{kept}")


def show_imported(result: SidecarsImported, *, quiet: bool) -> None:
    log_some(result.errors, at_most=_SHOWN, rest="sidecars that could not be used")
    for line in () if quiet else _imported(result):
        log(line)


def _imported(result: SidecarsImported) -> Iterator[str]:
    judgements = count(result.judgements, "judgement")
    verdicts = count(result.verdicts, "verdict")
    files = count(result.files, "file")
    yield f"{judgements} and {verdicts} imported from {files}; {result.stored:,} already stored"
    yield from _skipped("no category has this title", result.unmatched)
    yield from _skipped("several categories have this title, choose with --kind", result.ambiguous)
    if result.unscored:
        yield f"{result.unscored:,} skipped, without a score"
    if result.clamped:
        yield f"{count(result.clamped, 'aspect')} outside 0-100, clamped"


def _skipped(why: str, titles: Mapping[str, int]) -> Iterator[str]:
    if titles:
        counts = Counter(titles)
        some = ", ".join(f"{title!r} ({n:,})" for title, n in counts.most_common(_SHOWN))
        rest = f" and {len(counts) - _SHOWN:,} more titles" if len(counts) > _SHOWN else ""
        yield f"{counts.total():,} skipped, {why}: {some}{rest}"
