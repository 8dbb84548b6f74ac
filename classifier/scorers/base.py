"""The one port: whatever scores articles against categories is this, or wraps it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from classifier.models import Outcome, Task


class Scorer(Protocol):
    @property
    def identity(self) -> str:
        """`name:model:digest`; changes with all that can change a judgement.

        Except the article and the categories, which have digests of their own.
        """
        ...

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Yield one outcome per task, in any order.

        Tasks are pulled lazily. A failure is a value in its outcome; an exception means that the
        run cannot go on. A pair's judgement depends on that article and that category alone,
        never on which others are in the task or in the run.
        """
        ...
