"""What is stored about articles, in files beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import sidecars
from classifier.runs import recorded

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class SidecarsWritten:
    written: int
    unchanged: int
    errors: tuple[str, ...]
    """One line for each file that was left as it was, which it names."""


def write(project: Workspace, paths: Sequence[Path]) -> SidecarsWritten:
    """Write everything that is stored, also of categories that `only` leaves out."""
    records = project.records.get("write")
    policy = project.with_verdicts(project.policy, records)
    corpus = project.corpus(policy.taxonomy.categories, records)
    scan = project.scan(corpus, paths, scorer=project.scorer.identity)
    stored = recorded(corpus, scan, policy=policy, store=records.store)
    outcomes = list(
        sidecars.write(stored, taxonomy=policy.taxonomy, store=records.store, home=records.home)
    )
    errors = tuple(outcome.trouble for outcome in outcomes if outcome.trouble)
    written = sum(outcome.changed for outcome in outcomes)
    return SidecarsWritten(
        written=written, unchanged=len(outcomes) - written - len(errors), errors=errors
    )
