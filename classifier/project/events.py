"""Events of a working project. A listener decides which to show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from classifier.models import Outcome

if TYPE_CHECKING:
    from classifier.progress import Progress
    from classifier.scorers.openai.costs import UsageEstimate
    from classifier.store import Batch


@dataclass(frozen=True, slots=True)
class Message:
    """One line for a person."""

    text: str
    level: Literal["error", "warning", "info"] = "info"
    """`error`: something failed. `warning`: something may be wrong. `info`: a note."""


@dataclass(frozen=True, slots=True)
class Scanning:
    """Sent now and then while articles are looked up."""

    articles: int
    """How many so far."""


@dataclass(frozen=True, slots=True)
class ScanFinished:
    pass


@dataclass(frozen=True, slots=True)
class EmbeddingDefinitions:
    """Sent now and then while many definitions are embedded, and when all are."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class JudgingStarted:
    progress: Progress
    """Updated while articles are judged; may be read from another thread."""


@dataclass(frozen=True, slots=True)
class ArticleJudged:
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class JudgingFinished:
    """Sent even if judging ends with an exception."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class ArticlesFailed:
    """Sent by verbs whose result has no progress, if articles were not judged completely."""

    progress: Progress
    """`failed` has the reasons."""


@dataclass(frozen=True, slots=True)
class CostExpected:
    """Sent before a language model is asked, by verbs that ask several times."""

    scorer: str
    """Identity."""
    pairs: int
    cost: UsageEstimate


@dataclass(frozen=True, slots=True)
class BatchCollected:
    """Sent when the answers of a batch are stored."""

    batch: Batch


@dataclass(frozen=True, slots=True)
class BatchWaiting:
    """Sent before each wait for the server."""

    open: tuple[Batch, ...]
    seconds: float


Event: TypeAlias = (
    Message
    | Scanning
    | ScanFinished
    | EmbeddingDefinitions
    | JudgingStarted
    | ArticleJudged
    | JudgingFinished
    | ArticlesFailed
    | CostExpected
    | BatchCollected
    | BatchWaiting
)
Listener: TypeAlias = Callable[[Event], None]


def ignore(event: Event) -> None:
    """Show nothing."""
