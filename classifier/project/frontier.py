"""What the labels of all articles take: from a call for each pair to a trained student alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress
from typing import Final, Literal

from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Task, digest
from classifier.project.held_out import SideBySide, decided
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.scorers.openai import planning
from classifier.scorers.openai.planning import Prediction, Rates, Strategy, Workload, predict
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.training import common_scale, frontier, teaching_sample
from classifier.training.frontier import Way

SAMPLE: Final = 100
"""Articles that a teacher is asked about by default."""
LEAST: Final = 2 * SAMPLE
"""Articles from which it is worth teaching a student first."""
LOOKED: Final = 50
"""Articles, at most, that stand for all those that are asked about some categories each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumed:
    """What a cascade with a taught student does, where nothing was measured."""

    aim: float | None
    """Recall (0-1) that the cascade aims at; None: the student alone."""
    settles: str = ""
    """What the student settles."""
    pairs: float
    """Share (0-1) of the pairs that the teacher is asked about."""
    articles: float
    """Share (0-1) of the articles that need a call."""
    recall: float
    precision: float


ASSUMED: Final = (
    Assumed(aim=0.98, settles="pairs", pairs=0.46, articles=1.0, recall=0.98, precision=1.0),
    Assumed(aim=0.95, settles="pairs", pairs=0.27, articles=1.0, recall=0.95, precision=1.0),
    Assumed(aim=0.9, settles="pairs", pairs=0.15, articles=0.99, recall=0.9, precision=1.0),
    Assumed(aim=0.8, settles="pairs", pairs=0.08, articles=0.95, recall=0.8, precision=1.0),
    Assumed(aim=0.98, settles="articles", pairs=0.84, articles=0.84, recall=0.98, precision=0.99),
    Assumed(aim=0.95, settles="articles", pairs=0.73, articles=0.73, recall=0.95, precision=0.97),
    Assumed(aim=0.9, settles="articles", pairs=0.58, articles=0.58, recall=0.9, precision=0.93),
    Assumed(aim=0.8, settles="articles", pairs=0.34, articles=0.34, recall=0.8, precision=0.85),
    Assumed(aim=None, pairs=0.0, articles=0.0, recall=0.64, precision=0.67),
)
"""Means of the labelled sets with 100 taught articles and the best cuts on the same articles
(`benchmarks/recall.py --taught 100`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontierPoint:
    """A way to get a language model's labels for all articles, and what it takes."""

    name: str
    calls: int
    cost: float | None
    """US dollars, as calls are made now; None: the price is unknown."""
    half_price: float | None
    """US dollars at the flex tier or in a batch, whichever costs less; None: there is neither, or
    the price is unknown."""
    seconds: float | None
    """Of the calls; None: unknown."""
    recall: float | None
    """Expected share (0-1) of the labels of the model that are found; None: unknown."""
    precision: float | None
    """Expected share (0-1) of the labels that are the model's; None: unknown."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Student:
    """A trained scorer on articles that it did not learn from."""

    both: SideBySide
    """Its confidences beside its teacher's."""
    scale: CommonScale
    """By which a cascade settles whole articles."""

    @classmethod
    def of(cls, both: SideBySide) -> Student:
        scale = common_scale.fit(both.policy, both.rules.taxonomy)
        return cls(both=both, scale=scale)

    @property
    def pairs(self) -> GoldPairs:
        return self.both.pairs

    def ways(self) -> Iterator[Way]:
        """Yield ways to get the teacher's labels; each decides on all labels as a run does."""
        both = self.both
        return frontier.ways(
            both.pairs,
            both.teacher,
            assigned=decided(both.pairs, both.policy),
            settling=common_scale.rescaled(both.pairs, self.scale),
            decide=lambda pairs: decided(pairs, both.rules),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A language model, and how it is asked."""

    model: OpenAIScorer
    strategy: Strategy
    rates: Rates
    times: float = 1.0
    """How many times as much there is to judge as what is looked at."""

    @classmethod
    def of(cls, model: OpenAIScorer) -> Asking:
        options = model.builder.options
        rates = Rates(concurrency=options.concurrency, rpm=options.rpm, tpm=options.tpm)
        return cls(model=model, strategy=model.strategy, rates=rates)

    def predict(self, load: Workload, strategy: Strategy | None = None) -> Prediction:
        return predict(load, strategy or self.strategy, rates=self.rates)

    def point(
        self,
        name: str,
        load: Workload,
        strategy: Strategy | None = None,
        *,
        recall: float | None = 1.0,
        precision: float | None = 1.0,
    ) -> FrontierPoint:
        """Return what a workload takes, `times` as large."""
        strategy = strategy or self.strategy
        usage = planning.scaled(self.predict(load, strategy).usage, self.times)
        return FrontierPoint(
            name=name,
            calls=usage.calls,
            cost=usage.cost,
            half_price=self._half_price(load, strategy),
            seconds=planning.seconds(usage, strategy, self.rates),
            recall=recall,
            precision=precision,
        )

    def _half_price(self, load: Workload, strategy: Strategy) -> float | None:
        found = []
        for tier in planning.cheaper_tiers(load):
            cost = self.predict(load, replace(strategy, tier=tier)).usage.cost
            if cost is not None:
                found.append(cost * self.times)
        return min(found, default=None)


def asked_in_full(asking: Asking, load: Workload, chosen: str) -> Iterator[FrontierPoint]:
    """Yield ways to ask about everything; that of the settings comes first, named `chosen`."""
    yield asking.point(chosen, load)
    for other in planning.alternatives(load, asking.strategy):
        yield asking.point(other.name, load, other)


def taught(
    asking: Asking, student: Student, tasks: Callable[[], Iterable[Task]]
) -> Iterator[FrontierPoint]:
    """Yield cascades with a student that is trained, and the student alone.

    Args:
        asking: The teacher.
        student: What it says of the articles held out.
        tasks: Returns these articles, each with all categories.
    """
    for way in student.ways():
        if way.aim == 1:
            continue
        rows = dict(zip(student.pairs.digests, way.asked, strict=True))
        asked = (
            replace(task, categories=categories)
            for task in tasks()
            if (categories := tuple(compress(task.categories, rows[task.article.digest])))
        )
        yield asking.point(
            _name(way.aim, way.settles),
            asking.model.workload(asked),
            recall=_known(way.recall),
            precision=_known(way.precision),
        )


def assumed(asking: Asking, tasks: Sequence[Task]) -> Iterator[FrontierPoint]:
    """Yield what teaching a student first would take, by what it took on labelled sets."""
    order = teaching_sample.at_random(task.article.digest for task in tasks)
    place = {digest: n for n, digest in enumerate(order)}
    ranked = sorted(tasks, key=lambda task: place[task.article.digest])
    sample, rest = ranked[:SAMPLE], ranked[SAMPLE:]
    for one in ASSUMED:
        called = rest[: round(one.articles * len(rest))]
        share = one.pairs / one.articles if one.articles else 0.0
        name = f"teach {SAMPLE}, {_name(one.aim, one.settles).removeprefix('cascade of ')}"
        point = partial(asking.point, recall=one.recall, precision=one.precision)
        if not called or share == 1:
            yield point(name, asking.model.workload([*sample, *called]))
            continue
        looked = [_some(task, share) for task in called[:LOOKED]]
        scaled = replace(asking, times=asking.times * len(called) / len(looked))
        others = scaled.point(name, asking.model.workload(looked))
        yield _both(point(name, asking.model.workload(sample)), others)


def _both(one: FrontierPoint, other: FrontierPoint) -> FrontierPoint:
    """Return the first way, with what the second takes on top."""

    def plus(name: Literal["cost", "half_price", "seconds"]) -> float | None:
        first, second = getattr(one, name), getattr(other, name)
        return None if first is None or second is None else first + second

    return replace(
        one,
        calls=one.calls + other.calls,
        cost=plus("cost"),
        half_price=plus("half_price"),
        seconds=plus("seconds"),
    )


def _some(task: Task, share: float) -> Task:
    """Return the task with a share of its categories, others for each article.

    So their definitions are in no server's cache, as in a cascade of pairs.
    """
    wanted = max(1, round(share * len(task.categories)))
    by_chance = sorted(task.categories, key=lambda c: digest("assumed", task.article.digest, c.id))
    chosen = {category.id for category in by_chance[:wanted]}
    return replace(task, categories=tuple(c for c in task.categories if c.id in chosen))


def _name(aim: float | None, settles: str) -> str:
    return "student alone" if aim is None else f"cascade of {settles}, {aim:.2f}"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value
