"""Scorers whose stored judgements are looked up, chosen by a part of their identity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.errors import UsageError
from classifier.models import Outcome, Task

if TYPE_CHECKING:
    from classifier.store import Store


@dataclass(frozen=True, slots=True)
class StoredScorer:
    """Stands for a scorer whose settings are not known, only its judgements."""

    identity: str

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Satisfies `Scorer`; nothing can be judged by it."""
        raise NotImplementedError(tasks)


def others(store: Store, own: str) -> list[str]:
    """Return the identities of all stored scorers but one."""
    return [name for name, *_ in store.scorers() if name != own]


def choose(part: str, known: Sequence[str]) -> str:
    """Return the identity that is `part`, or the only one that contains it.

    Raises:
        UsageError: None does, or several do.
    """
    matching = [name for name in known if name == part] or [n for n in known if part in n]
    if len(matching) == 1:
        return matching[0]
    shown = ", ".join(map(repr, matching or known)) or "none"
    problem = "matches several scorers:" if matching else "is not stored; stored scorers:"
    raise UsageError(f"`against` {part!r} {problem} {shown}")
