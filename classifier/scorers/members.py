"""What holds for a scorer and for the scorers that it asks: a cascade's, a panel's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from classifier.scorers.base import Composite, Remembering, Scorer

if TYPE_CHECKING:
    from classifier.scorers.cached import Renewal
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.openai.limits import CallLimits
    from classifier.store import Store


def every(scorer: Scorer) -> Iterator[Scorer]:
    """Yield a scorer, and all that it asks, directly or not."""
    yield scorer
    if isinstance(scorer, Composite):
        for member in scorer.members:
            yield from every(member)


def watch_definitions(scorer: Scorer, report: Callable[[int, int], object]) -> None:
    """Have a scorer, and those it asks, report how many of many definitions are embedded."""
    for embedded in embedding(scorer):
        embedded.on_definitions = report


def judges(scorer: Scorer) -> Iterator[str]:
    """Yield the identity of a scorer, and of those it asks."""
    return (member.identity for member in every(scorer))


def embedding(scorer: Scorer) -> Iterator[EmbeddedScorer]:
    """Yield the embedded scorers among a scorer and those it asks."""
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    return (member for member in every(scorer) if isinstance(member, EmbeddedScorer))


def is_free(scorer: Scorer) -> bool:
    """Return whether judging costs nothing but time: the embedded scorer decides what it asks."""
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.imported_first import ImportedFirst

    scorer = scorer.second if isinstance(scorer, ImportedFirst) else scorer
    return isinstance(scorer, EmbeddedScorer)


def is_paid(scorer: Scorer) -> bool:
    """Return whether judging may cost something."""
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.openai.costs import Estimating

    return any(isinstance(member, Estimating | Cascade) for member in every(scorer))


def with_limits(scorer: Scorer, limits: CallLimits) -> Scorer:
    """Return the scorer, with other limits for its calls to language models."""
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.imported_first import ImportedFirst
    from classifier.scorers.openai.scorer import OpenAIScorer
    from classifier.scorers.panel import Panel

    if isinstance(scorer, ImportedFirst):
        return ImportedFirst(with_limits(scorer.second, limits))
    if isinstance(scorer, Panel):
        return Panel([with_limits(it, limits) for it in scorer.members], scorer.confidence)
    if isinstance(scorer, Cascade):
        return Cascade(scorer.first, with_limits(scorer.second, limits), scorer.deferral)
    return scorer.with_limits(limits) if isinstance(scorer, OpenAIScorer) else scorer


def with_cache(scorer: Scorer, store: Store, *, renewal: Renewal | None = None) -> Scorer:
    """Return the scorer with what it can keep in `store` to save work, beside judgements.

    Of a cascade, the judgements of both scorers, too: another cut asks about nothing again. Of a
    panel, the judgements of its members. `renewal` is what they judge again all the same.
    """
    from classifier.scorers.cached import Cached
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.imported import ImportedScorer
    from classifier.scorers.imported_first import ImportedFirst
    from classifier.scorers.panel import Panel

    if isinstance(scorer, ImportedFirst):
        inner = with_cache(scorer.second, store, renewal=renewal)
        return ImportedFirst(
            Cached(inner, store, booked=False, renewal=renewal),
            Cached(ImportedScorer(), store, kept=False),
        )
    if isinstance(scorer, Panel):
        members = [
            Cached(with_cache(member, store), store, booked=False, renewal=renewal)
            for member in scorer.members
        ]
        return Panel(members, scorer.confidence)
    if isinstance(scorer, Cascade):
        return Cascade(
            Cached(with_cache(scorer.first, store), store, booked=False),
            Cached(with_cache(scorer.second, store), store, booked=False, renewal=renewal),
            scorer.deferral,
        )
    if isinstance(scorer, Remembering):
        return scorer.with_memory(store)
    return scorer.with_cache(store) if isinstance(scorer, EmbeddedScorer) else scorer
