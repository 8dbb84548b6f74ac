"""Imported judgements where there are some, and another scorer for the rest."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import replace

from classifier.models import Category, Task, digest
from classifier.scorers.base import Scorer, languages_of, merge_partial
from classifier.scorers.contained import partial_outcomes
from classifier.scorers.imported import IDENTITY, ImportedScorer
from classifier.scorers.routed import Routed, RoutedTask


class ImportedFirst(Routed):
    """A scorer that has imported judgements decide, and asks another about what lacks one.

    Judgements name the scorer that made them. Both keep records of their own, so what was imported
    is never overwritten.
    """

    def __init__(self, second: Scorer, imported: Scorer | None = None) -> None:
        """Make the scorer; `imported` looks up what was imported, by default nothing."""
        self.second = second
        self.members = (second,)
        self.imported = imported or ImportedScorer()

    @property
    def identity(self) -> str:
        name, _, rest = self.second.identity.partition(":")
        both = digest(IDENTITY, self.second.identity)
        return f"imported+{name}:{rest.rpartition(':')[0]}:{both}"

    @property
    def languages(self) -> frozenset[str] | None:
        return languages_of(self.second)

    def split(self, tasks: Iterable[Task]) -> Generator[RoutedTask]:
        """Look up what was imported, and say what is left for the other scorer."""
        for task in tasks:
            plain = task.only(tuple(map(imported_for, task.categories)))
            (kept,) = merge_partial(partial_outcomes(self.imported, [plain]))
            known = {judgement.category for judgement in kept.judgements}
            own = tuple(category for category in task.categories if category.id in known)
            rest = tuple(category for category in task.categories if category.id not in known)
            kept = replace(kept, task=task.only(own), failures=())
            yield RoutedTask(task, kept, task.only(rest) if rest else None)


def imported_for(category: Category) -> Category:
    """Return the category as imported judgements are stored: without what was learned."""
    return replace(category, correction=None, examples=())
