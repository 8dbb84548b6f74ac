from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifier.models import (
    Article,
    Category,
    ConfidenceKind,
    Failure,
    FailureReason,
    Judgement,
    Outcome,
    Task,
    Usage,
)
from classifier.scorers.base import IncrementalScorer, OnPartial, PartialOutcome, ignore
from classifier.scorers.cached import Cached
from classifier.scorers.cascade.deferral import Route, Shortlist, hash_uniform
from classifier.scorers.cascade.scorer import Cascade
from classifier.store import Store

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"Tag {n}") for n in range(12))


@dataclass
class Fake:
    """Has an opinion of every pair, and a list of those it was asked about."""

    name: str
    asked: list[tuple[str, str]] = field(default_factory=list)
    pulled: int = 0
    closed: int = 0
    fails: FailureReason | None = None

    @property
    def identity(self) -> str:
        return f"{self.name}:model:8b:0123"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        try:
            for task in tasks:
                self.pulled += 1
                self.asked += [(task.article.digest, c.id) for c in task.categories]
                yield self._outcome(task)
        finally:
            self.closed += 1

    def _outcome(self, task: Task) -> Outcome:
        ids = tuple(category.id for category in task.categories)
        usage = Usage(calls=1, input_tokens=10)
        if self.fails:
            return Outcome(task=task, failures=(Failure(self.fails, "so it is", ids),), usage=usage)
        judgements = tuple(
            Judgement(
                category=category.id,
                confidence=hash_uniform(task.article.digest, category.digest, self.name),
                kind=ConfidenceKind.STATED,
                scorer=self.identity,
            )
            for category in task.categories
        )
        return Outcome(task=task, judgements=judgements, usage=usage, model=self.name)


@dataclass(frozen=True)
class Above:
    """Asks about everything from a confidence on, and draws nothing."""

    cut: float

    @property
    def digest(self) -> str:
        return f"above {self.cut}"

    @property
    def description(self) -> str:
        return "above"

    def audit_rate(self, kind: str) -> float:
        return 0.0

    def kept(self, category: Category, judgement: Judgement) -> Judgement:
        return judgement

    def routes(self, article: str, judged: Iterable[tuple[Category, float]]) -> dict[str, Route]:
        return {
            category.id: Route.DEFER if confidence >= self.cut else Route.KEEP
            for category, confidence in judged
        }


def tasks(number: int = 5) -> list[Task]:
    return [Task(Article(id=f"{n}", body=f"Article {n}."), CATEGORIES) for n in range(number)]


@given(st.floats(0, 1))
def test_pairs_at_the_cut_are_judged_by_the_second_and_others_keep_the_first(cut: float) -> None:
    first, second = Fake("cheap"), Fake("dear")
    outcomes = list(Cascade(first, second, Above(cut)).score(tasks()))
    assert len(outcomes) == 5
    for outcome in outcomes:
        assert [j.category for j in outcome.judgements] == [c.id for c in CATEGORIES]
        digest = outcome.task.article.digest
        for judgement, category in zip(outcome.judgements, CATEGORIES, strict=True):
            asked = hash_uniform(digest, category.digest, "cheap") >= cut
            assert judgement.scorer == (second if asked else first).identity
            assert ((digest, category.id) in second.asked) == asked


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_lower_cut_asks_about_a_superset(one: float, other: float) -> None:
    asked = []
    for cut in sorted((one, other)):
        second = Fake("dear")
        list(Cascade(Fake("cheap"), second, Above(cut)).score(tasks()))
        asked.append(set(second.asked))
    assert asked[0] >= asked[1]


_NUMBERS = count()


@pytest.mark.slow
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None
)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_between_caches_nothing_is_judged_twice_whatever_the_cuts(
    tmp_path: Path, some: list[float]
) -> None:
    first, second = Fake("cheap"), Fake("dear")
    with Store.open(tmp_path / f"{next(_NUMBERS)}.sqlite3") as store:
        for cut in some:
            inner = Cascade(Cached(first, store), Cached(second, store), Above(cut))
            list(Cached(inner, store).score(tasks()))
    for asked in (first.asked, second.asked):
        assert len(asked) == len(set(asked))


def test_what_it_costs_is_booked_once_with_the_cascade(tmp_path: Path) -> None:
    with Store.open(tmp_path / "records.sqlite3") as store:
        parts = (
            Cached(Fake("cheap"), store, booked=False),
            Cached(Fake("dear"), store, booked=False),
        )
        list(Cached(Cascade(*parts, Above(0.5)), store).score(tasks()))
        calls = {name.partition(":")[0]: usage.calls for name, _, _, usage in store.scorers()}
    assert calls == {"cascade": 10, "cheap": 0, "dear": 0}


def test_what_the_first_cannot_judge_the_second_does() -> None:
    second = Fake("dear")
    cascade = Cascade(Fake("cheap", fails=FailureReason.EMPTY), second, Above(0.5))
    (outcome,) = cascade.score(tasks(1))
    assert {j.scorer for j in outcome.judgements} == {second.identity}
    assert not outcome.failures


def test_what_the_second_cannot_judge_is_a_failure_beside_what_is_settled() -> None:
    cascade = Cascade(Fake("cheap"), Fake("dear", fails=FailureReason.REFUSED), Above(0.5))
    (outcome,) = cascade.score(tasks(1))
    (failure,) = outcome.failures
    assert outcome.judgements
    assert {j.category for j in outcome.judgements}.isdisjoint(failure.categories)
    assert len(outcome.judgements) + len(failure.categories) == len(CATEGORIES)


def test_an_article_that_talked_the_second_into_something_keeps_no_judgement() -> None:
    cascade = Cascade(Fake("cheap"), Fake("dear", fails=FailureReason.TAMPERED), Above(0.5))
    (outcome,) = cascade.score(tasks(1))
    assert not outcome.judgements


def test_where_all_is_settled_the_second_is_never_begun() -> None:
    second = Fake("dear")
    assert len(list(Cascade(Fake("cheap"), second, Above(1.1)).score(tasks(600)))) == 600
    assert second.pulled == second.closed == 0


def test_settled_articles_are_told_though_the_second_has_nothing_to_say() -> None:
    """One article is asked about, then a thousand are settled: few of them may wait."""

    @dataclass(frozen=True)
    class Once(Above):
        def routes(
            self, article: str, judged: Iterable[tuple[Category, float]]
        ) -> dict[str, Route]:
            fate = Route.DEFER if article == tasks(1)[0].article.digest else Route.KEEP
            return {category.id: fate for category, _ in judged}

    class Slow(Fake):
        """Answers when it can pull no more."""

        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            yield from super().score(list(tasks))

    first = Fake("cheap")
    outcomes = Cascade(first, Slow("dear"), Once(0)).score(tasks(1000))
    next(outcomes)
    assert first.pulled < 300
    assert len(list(outcomes)) == 999


def test_answers_are_passed_on_in_the_pieces_they_come_in() -> None:
    class Pieces(Fake):
        def score_partial(
            self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
        ) -> Iterator[PartialOutcome]:
            for outcome in self.score(tasks):
                *others, last = outcome.judgements
                for judgement in (*others, last):
                    part = PartialOutcome(
                        outcome.task,
                        Outcome(task=outcome.task, judgements=(judgement,)),
                        last=judgement is last,
                    )
                    on_partial(part)
                    yield part

    cascade = Cascade(Fake("cheap"), Pieces("dear"), Above(0.5))
    assert isinstance(cascade, IncrementalScorer)
    arrived: list[PartialOutcome] = []
    parts = list(cascade.score_partial(tasks(1), on_partial=arrived.append))
    assert parts == arrived
    assert len(parts) > 2
    assert [part.last for part in parts] == [False] * (len(parts) - 1) + [True]
    assert sum(len(part.outcome.judgements) for part in parts) == len(CATEGORIES)


def test_closing_it_closes_both() -> None:
    first, second = Fake("cheap"), Fake("dear")
    outcomes = Cascade(first, second, Above(0.5)).score(tasks())
    next(outcomes)
    outcomes.close()
    assert (first.closed, second.closed) == (1, 1)


def test_the_identity_covers_both_scorers_and_the_cut_and_names_the_model() -> None:
    one = Cascade(Fake("cheap"), Fake("dear"), Above(0.5)).identity
    others = {
        Cascade(Fake("cheaper"), Fake("dear"), Above(0.5)).identity,
        Cascade(Fake("cheap"), Fake("dearer"), Above(0.5)).identity,
        Cascade(Fake("cheap"), Fake("dear"), Above(0.6)).identity,
        Cascade(Fake("cheap"), Fake("dear"), Shortlist(5)).identity,
    }
    assert len(others | {one}) == 5
    assert one.startswith("cascade:model:8b:")


@pytest.mark.parametrize("size", [1, 3, 12])
def test_a_shortlist_sends_so_many_and_the_sample(size: int) -> None:
    first, second = Fake("cheap"), Fake("dear")
    list(Cascade(first, second, Shortlist(size)).score(tasks(20)))
    assert len(second.asked) >= 20 * size


class Learned:
    digest = "learned"


def test_what_the_second_says_of_a_trained_category_is_found_again(tmp_path: Path) -> None:
    trained = tuple(replace(category, correction=Learned()) for category in CATEGORIES)
    task = Task(Article(id="a.md", body="Bread."), trained)
    cascade = Cascade(Fake("a"), Fake("b"), Shortlist(3))
    with Store.open(tmp_path / "store.db") as store:
        (first,) = Cached(cascade, store).score([task])
        (again,) = Cached(cascade, store).score([task])
    assert {j.scorer for j in again.judgements} == {"a:model:8b:0123", "b:model:8b:0123"}
    assert again.judgements == first.judgements
    assert again.stored == len(CATEGORIES)


def test_training_the_first_makes_no_answer_of_the_second_stale() -> None:
    asked: list[Category] = []

    class Second(Fake):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            for task in tasks:
                asked.extend(task.categories)
                yield self._outcome(task)

    trained = tuple(replace(category, correction=Learned()) for category in CATEGORIES)
    cascade = Cascade(Fake("a"), Second("b"), Shortlist(3))
    (outcome,) = cascade.score([Task(Article(id="a.md", body="Bread."), trained)])
    assert asked
    assert {c.digest for c in asked} <= {c.digest for c in CATEGORIES}
    assert not {c.digest for c in asked} & {c.digest for c in trained}
    assert {j.category for j in outcome.judgements} == {c.id for c in CATEGORIES}


@dataclass
class English(Fake):
    languages: frozenset[str] = frozenset({"en"})


class KeepsAll:
    digest = description = "keeps all"

    def audit_rate(self, kind: str) -> float:
        return 0.0

    def kept(self, category: Category, judgement: Judgement) -> Judgement:
        return judgement

    def routes(self, article: str, judged: Iterable[tuple[Category, float]]) -> Mapping[str, Route]:
        return {category.id: Route.KEEP for category, _ in judged}


def test_nothing_is_settled_in_a_language_that_the_first_scorer_does_not_read() -> None:
    french = "Le pain au levain lève toute la nuit, puis on le cuit dans un four très chaud."
    definitions = (CATEGORIES[0], replace(CATEGORIES[1], description=french))
    asked = []
    for body in ("The bread rises all night, and then you bake it.", french):
        second = Fake("second")
        cascade = Cascade(English("first"), second, KeepsAll())
        assert cascade.languages is None, "the second reads all"
        # What front matter says is part of no digest, so it decides nothing here.
        article = Article(id="a", title="", body=body, language="de")
        (outcome,) = cascade.score([Task(article, definitions)])
        assert len(outcome.judgements) == 2
        asked.append([category for _, category in second.asked])
    assert asked == [["tags/1"], ["tags/0", "tags/1"]]
