"""A cascade of two scorers: the second judges only the pairs that the policy defers to it."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from classifier import language
from classifier.content.document import language_of
from classifier.models import Outcome, Task, digest
from classifier.scorers.base import Scorer, languages_of, merge_partial
from classifier.scorers.contained import partial_outcomes
from classifier.scorers.routed import Routed, RoutedTask

if TYPE_CHECKING:
    from classifier.scorers.cascade.deferral import DeferralPolicy


class Cascade(Routed):
    """A `Scorer` and `IncrementalScorer` that routes each pair by a `DeferralPolicy`.

    A pair that is kept has the first scorer's judgement, as the policy puts it. Pairs the first
    scorer could not judge are deferred, and so are those whose article or definition is in a
    language that it does not read: its confidences say nothing there. If the second scorer detects
    a prompt injection, all judgements of the article are dropped, the first scorer's too.
    """

    def __init__(self, first: Scorer, second: Scorer, deferral: DeferralPolicy) -> None:
        self.first = first
        self.second = second
        self.members = (first, second)
        self.deferral = deferral

    @property
    def identity(self) -> str:
        """Covers both scorers and the policy; judgements name the scorer that made them."""
        model = self.second.identity.partition(":")[2].rpartition(":")[0]
        both = digest(
            self.first.identity, self.second.identity, self.deferral.digest, "languages 1"
        )
        return f"cascade:{model}:{both}"

    @property
    def languages(self) -> frozenset[str] | None:
        """Those of the second scorer: the first settles nothing in a language it does not read."""
        return languages_of(self.second)

    def split(self, tasks: Iterable[Task]) -> Generator[RoutedTask]:
        """Run the first scorer alone and say what would be deferred."""
        with closing(partial_outcomes(self.first, tasks)) as parts:
            yield from map(self._split, merge_partial(parts))

    def _split(self, outcome: Outcome) -> RoutedTask:
        from classifier.scorers.cascade.deferral import Route

        task = outcome.task
        categories = {category.id: category for category in task.categories}
        judged = [(categories[j.category], j.confidence) for j in outcome.judgements]
        routes = self.deferral.routes(task.article.digest, judged)
        read = self.readable(task)
        keep = {name for name, route in routes.items() if route is Route.KEEP and name in read}
        kept = Outcome(
            task=task.only(tuple(c for c in task.categories if c.id in keep)),
            judgements=tuple(
                self.deferral.kept(categories[j.category], j)
                for j in outcome.judgements
                if j.category in keep
            ),
            usage=outcome.usage,
            notes=outcome.notes,
        )
        # What the first scorer has learned must not make answers of the second stale.
        rest = tuple(c.uncorrected for c in task.categories if c.id not in keep)
        return RoutedTask(task, kept, task.only(rest) if rest else None)

    def readable(self, task: Task) -> frozenset[str]:
        """Return the ids of the categories that the first scorer can judge the article by.

        By the texts alone, as a judgement depends on nothing else: not by what front matter says.
        """
        reads, article = languages_of(self.first), task.article
        every = frozenset(category.id for category in task.categories)
        if reads is None:
            return every
        told = language_of(replace(article, language=""))
        if told and told not in reads:
            return frozenset()
        codes = {c.id: language.of_definition(c) for c in task.categories}
        return every.difference(id_ for id_, code in codes.items() if code and code not in reads)
