"""A language model whose judgements are stored apart, as measurements need it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from classifier.models import Outcome, Task, digest
from classifier.scorers.base import OnPartial, PartialOutcome, ignore
from classifier.scorers.openai.costs import UsageEstimate
from classifier.scorers.openai.scorer import OpenAIScorer


class NamespacedScorer:
    """A `Scorer` and `IncrementalScorer`: the same model under another identity.

    Judgements stored under the usual identity are neither reused nor added to.
    """

    def __init__(self, scorer: OpenAIScorer, why: str) -> None:
        """Wrap `scorer`; `why` is the reason to keep its judgements apart, part of the identity."""
        self._scorer = scorer
        name, _, rest = scorer.identity.partition(":")
        model = rest.rpartition(":")[0]
        self._identity = f"{name}:{model}:{digest(scorer.identity, why)}"

    @property
    def identity(self) -> str:
        return self._identity

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        return self._scorer.score(tasks)

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Generator[PartialOutcome]:
        return self._scorer.score_partial(tasks, on_partial=on_partial)

    def estimate(self, task: Task) -> UsageEstimate:
        return self._scorer.estimate(task)
