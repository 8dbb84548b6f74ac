"""The progress of a run."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field

from classifier.models import Failure, FailureReason, Outcome, Task, Usage
from classifier.scorers.base import (
    OnPartial,
    PartialOutcome,
    Scorer,
    ignore,
    merge_partial,
)
from classifier.scorers.contained import partial_outcomes
from classifier.scorers.openai.costs import Estimating, UsageEstimate

EXAMPLES = 5
"""Articles that are named for each failure reason."""


@dataclass(slots=True)
class Failed:
    articles: int = 0
    examples: list[tuple[str, Failure]] = field(default_factory=list)
    """(path, failure) of the first few."""


@dataclass(slots=True, kw_only=True)
class Progress:
    due_articles: int = 0
    due_pairs: int = 0
    stored: int = 0
    """Pairs that needed no judging, or that another run judged meanwhile."""
    under_way: int = 0
    """Articles passed to the scorer that are not finished."""
    articles: int = 0
    """Finished articles."""
    pairs: int = 0
    """Judged pairs."""
    unjudged: int = 0
    """Pairs that could not be judged."""
    usage: Usage = field(default_factory=Usage)
    estimated: UsageEstimate | None = None
    """The estimated usage of the finished calls; None if the scorer has no estimate."""
    failed: dict[FailureReason, Failed] = field(default_factory=dict)
    held: set[tuple[str, FailureReason]] = field(default_factory=set)
    """(path, reason) of failures of earlier runs that hold something back."""
    embedding: tuple[int, int] | None = None
    """Definitions that are embedded before the first article, of how many; None: not many are."""
    over_budget: bool = False
    stopping: bool = False
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def rate(self) -> float:
        """Pairs per second."""
        return self.pairs / max(self.seconds, 1e-9)

    @property
    def left(self) -> float | None:
        """Seconds; None if it cannot be estimated yet."""
        remaining = self.due_pairs - self.pairs - self.unjudged
        return remaining / self.rate if self.pairs else None

    @property
    def failures(self) -> int:
        """Articles that failed, each once for each reason."""
        return sum(failed.articles for failed in self.failed.values())

    def add(self, outcome: Outcome) -> None:
        judged = len(outcome.judgements) - outcome.stored
        self.articles += 1
        self.pairs += judged
        self.stored += outcome.stored
        self.unjudged += len(outcome.task.categories) - len(outcome.judgements)
        self.usage += outcome.usage
        self.fail(outcome.task.article.id, outcome.failures)

    def fail(self, path: str, failures: Iterable[Failure]) -> None:
        by_reason: Mapping[FailureReason, Failure] = {f.reason: f for f in failures}
        for reason, failure in by_reason.items():
            if (path, reason) in self.held:
                continue
            if reason is FailureReason.OVER_BUDGET:
                self.over_budget = True
                continue
            failed = self.failed.setdefault(reason, Failed())
            failed.articles += 1
            if len(failed.examples) < EXAMPLES:
                failed.examples.append((path, failure))

    def hold(self, path: str, failures: Iterable[Failure]) -> None:
        """Count failures of earlier runs, once for each reason even if this run adds to them."""
        failures = list(failures)
        self.fail(path, failures)
        self.held.update((path, failure.reason) for failure in failures)


@dataclass(frozen=True, slots=True)
class WatchedScorer:
    """A `Scorer` and `IncrementalScorer` that counts the tasks and outcomes of another one."""

    scorer: Scorer
    progress: Progress

    @property
    def identity(self) -> str:
        return self.scorer.identity

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        return merge_partial(self.score_partial(tasks))

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Generator[PartialOutcome]:
        expected: dict[int, UsageEstimate] = {}
        counted = self._counted(tasks, expected)
        with closing(partial_outcomes(self.scorer, counted, on_partial=on_partial)) as parts:
            for part in parts:
                self.progress.under_way -= part.last
                if part.outcome.usage.calls and (found := expected.pop(id(part.task), None)):
                    self.progress.estimated = (self.progress.estimated or UsageEstimate()) + found
                if part.last:
                    expected.pop(id(part.task), None)
                yield part

    def _counted(self, tasks: Iterable[Task], expected: dict[int, UsageEstimate]) -> Iterator[Task]:
        for task in tasks:
            self.progress.under_way += 1
            if isinstance(self.scorer, Estimating):
                expected[id(task)] = self.scorer.estimate(task)
            yield task
