"""A language model whose records are kept apart, as those of a measurement have to be."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

from classifier.models import Outcome, Task, digest
from classifier.scorers.base import PartialOutcome
from classifier.scorers.openai.costs import UsageEstimate
from classifier.scorers.openai.scorer import OpenAIScorer


class NamespacedScorer:
    """Satisfies `Scorer` and `IncrementalScorer`: the same judge under another name.

    What its usual name has on record is neither taken for it nor added to.
    """

    def __init__(self, scorer: OpenAIScorer, why: str) -> None:
        """`why`: what sets its judgements apart; part of the name."""
        self._scorer = scorer
        name, _, rest = scorer.identity.partition(":")
        model = rest.rpartition(":")[0]
        self._identity = f"{name}:{model}:{digest(scorer.identity, why)}"

    @property
    def identity(self) -> str:
        return self._identity

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        return self._scorer.score(tasks)

    def score_partial(self, tasks: Iterable[Task]) -> Generator[PartialOutcome]:
        return self._scorer.score_partial(tasks)

    def estimate(self, task: Task) -> UsageEstimate:
        return self._scorer.estimate(task)
