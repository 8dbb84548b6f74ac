"""A scorer a reader can follow: the more often a title is in the article, the surer it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from classifier.models import (
    Category,
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Outcome,
    Task,
    Usage,
)

CONFIDENCE = (0.1, 0.45, 0.7, 0.9)
"""By number of mentions; more mentions than that change nothing."""


@dataclass(frozen=True)
class KeywordScorer:
    usage: Usage = field(default_factory=Usage)
    notes: tuple[str, ...] = ()

    @property
    def identity(self) -> str:
        return "keywords:counting:0123456789"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Fails on purpose where the article says so: `FAIL <reason>` in a line of its body."""
        for task in tasks:
            yield self._outcome(task)

    def _outcome(self, task: Task) -> Outcome:
        judged, failures = task.categories, []
        for line in task.article.body.splitlines():
            if line.startswith("FAIL "):
                missing, judged = judged[:1], judged[1:]
                ids = tuple(category.id for category in missing)
                reason = FailureReason(line.removeprefix("FAIL "))
                failures.append(Failure(reason, "as the article wished", ids))
        return Outcome(
            task=task,
            judgements=tuple(self._judgement(task, category) for category in judged),
            failures=tuple(failures),
            usage=self.usage,
            notes=self.notes,
        )

    def _judgement(self, task: Task, category: Category) -> Judgement:
        body = task.article.body
        count = body.casefold().count(category.title.casefold())
        at = body.casefold().find(category.title.casefold())
        rules = category.instructions.exclusions
        return Judgement(
            category=category.id,
            confidence=CONFIDENCE[min(count, len(CONFIDENCE) - 1)],
            kind=ConfidenceKind.SIMILARITY,
            scorer=self.identity,
            aspects={"mentions": min(count / 10, 1.0)},
            exclusion=next((rule for rule in rules if rule in body), None),
            reasoning=f"Its title is {count} times in the text.",
            evidence=(Evidence(body[at : at + len(category.title)], at, at + len(category.title)),)
            if count
            else (),
        )


class OtherScorer(KeywordScorer):
    """Judges alike, under another identity."""

    @property
    def identity(self) -> str:
        return "other:counting:ffffffffffffffff"
