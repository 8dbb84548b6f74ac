from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.keyword_scorer import KeywordScorer

from classifier.errors import StoreError
from classifier.models import Article, Category, Failure, FailureReason, Outcome, Task, Usage
from classifier.progress import Progress, WatchedScorer
from classifier.scorers import cached
from classifier.scorers.base import OnPartial, PartialOutcome, Scorer, ignore
from classifier.scorers.cached import Cached
from classifier.store import JudgementSet, Store

TITLES = ("Bread", "Cheese", "Olives", "Wine")
CATEGORIES = tuple(Category(id=f"tags/{t.lower()}", kind="tags", title=t) for t in TITLES)


class Counting:
    """The keyword scorer, with a list of the pairs it was asked about."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.calls = 0
        self.closed = 0

    identity = KeywordScorer().identity

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        self.calls += 1
        try:
            yield from KeywordScorer(usage=Usage(calls=1)).score(self._noted(tasks))
        finally:
            self.closed += 1

    def _noted(self, tasks: Iterable[Task]) -> Iterator[Task]:
        for task in tasks:
            self.asked += [(task.article.id, category.id) for category in task.categories]
            yield task


def article(name: str, body: str = "") -> Article:
    return Article(id=name, body=body or f"Bread and {name}.")


def test_what_is_on_record_is_not_asked_for_again_and_comes_back_the_same(store: Store) -> None:
    inner = Counting()
    task = Task(article("a"), CATEGORIES)
    (first,) = Cached(inner, store).score([task])
    (again,) = Cached(inner, store).score([task])
    assert again.judgements == first.judgements
    assert len(inner.asked) == len(CATEGORIES)
    assert (first.stored, first.usage.calls) == (0, 1)
    assert (again.stored, again.usage.calls) == (4, 0)


def test_only_the_missing_categories_are_asked_for_and_the_answer_is_in_the_tasks_order(
    store: Store,
) -> None:
    inner = Counting()
    list(Cached(inner, store).score([Task(article("a"), CATEGORIES[1:3])]))
    inner.asked.clear()
    (outcome,) = Cached(inner, store).score([Task(article("a"), CATEGORIES)])
    assert inner.asked == [("a", "tags/bread"), ("a", "tags/wine")]
    assert [j.category for j in outcome.judgements] == [c.id for c in CATEGORIES]
    assert outcome.task.categories == CATEGORIES
    assert outcome.stored == 2


def test_the_other_scorer_is_not_even_started_where_all_is_known(store: Store) -> None:
    list(Cached(Counting(), store).score([Task(article("a"), CATEGORIES)]))
    inner = Counting()
    assert len(list(Cached(inner, store).score([Task(article("a"), CATEGORIES)] * 3))) == 3
    assert inner.calls == 0


def test_a_failure_is_tried_again(store: Store) -> None:
    inner = Counting()
    task = Task(article("a", "Bread.\nFAIL refused\n"), CATEGORIES)
    for _ in range(2):
        (outcome,) = Cached(inner, store).score([task])
        assert [f.categories for f in outcome.failures] == [("tags/bread",)]
        assert len(outcome.judgements) == 3
    assert inner.asked.count(("a", "tags/bread")) == 2
    assert inner.asked.count(("a", "tags/wine")) == 1


def test_a_judgement_is_on_record_before_it_is_seen(store: Store) -> None:
    scorer = Cached(Counting(), store)
    for outcome in scorer.score([Task(article(name), CATEGORIES) for name in "abc"]):
        digests = [category.digest for category in CATEGORIES]
        digest = outcome.task.article.digest
        assert len(store.load(scorer.identity, digest, digests)) == len(CATEGORIES)


def test_the_same_definition_under_another_name_is_known(store: Store) -> None:
    inner = Counting()
    list(Cached(inner, store).score([Task(article("a"), CATEGORIES[:1])]))
    renamed = Category(id="labels/brot", kind="labels", title="Bread")
    (outcome,) = Cached(inner, store).score([Task(article("a"), (renamed,))])
    assert [j.category for j in outcome.judgements] == ["labels/brot"]
    assert len(inner.asked) == 1


def test_records_are_handed_on_while_articles_still_come(store: Store) -> None:
    known = Task(article("known"), CATEGORIES)
    list(Cached(Counting(), store).score([known]))
    pulled = count()

    def endless() -> Iterator[Task]:
        yield Task(article("new"), CATEGORIES)
        for _ in pulled:
            yield known

    outcomes = Cached(Counting(), store).score(endless())
    names = [outcome.task.article.id for outcome in islice(outcomes, 2000)]
    outcomes.close()
    assert names.count("new") == 1
    assert next(pulled) < 2400


def test_closing_it_closes_the_other(store: Store) -> None:
    inner = Counting()
    outcomes = Cached(inner, store).score(Task(article(str(n)), CATEGORIES) for n in count())
    next(outcomes)
    outcomes.close()
    assert inner.closed == 1


@pytest.mark.slow
@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sets(st.sampled_from(range(4)))), max_size=12)
)
def test_every_task_is_answered_once_and_no_pair_is_asked_for_twice(
    tmp_path_factory: pytest.TempPathFactory, wanted: list[tuple[str, set[int]]]
) -> None:
    tasks = [Task(article(name), tuple(CATEGORIES[n] for n in sorted(ns))) for name, ns in wanted]
    inner = Counting()
    with Store.open(tmp_path_factory.mktemp("store") / "records.sqlite3") as store:
        for task in tasks:
            (outcome,) = Cached(inner, store).score([task])
            assert outcome.task == task
            assert [j.category for j in outcome.judgements] == [c.id for c in task.categories]
    assert len(inner.asked) == len(set(inner.asked))


# --- parts ---------------------------------------------------------------------------------------


class Pieces(KeywordScorer):
    """Gives the keyword scorer's answers one category at a time, a call for each."""

    def score_partial(
        self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
    ) -> Iterator[PartialOutcome]:
        for task in tasks:
            for number, category in enumerate(task.categories, start=1):
                (outcome,) = self.score([Task(task.article, (category,))])
                part = PartialOutcome(task, outcome, last=number == len(task.categories))
                on_partial(part)
                yield part


class Failing(Pieces):
    """Its calls about one category bring a failure and are paid for all the same."""

    def __init__(self, title: str, reason: FailureReason) -> None:
        super().__init__(usage=Usage(calls=1))
        object.__setattr__(self, "failing", (title, reason))

    def _outcome(self, task: Task) -> Outcome:
        title, reason = self.failing  # type: ignore[attr-defined]
        if [category.title for category in task.categories] != [title]:
            return super()._outcome(task)
        failure = Failure(reason, "as the test wished", (task.categories[0].id,))
        return Outcome(task=task, failures=(failure,), usage=self.usage)


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true() and time.monotonic() < until:
        time.sleep(0.005)
    assert true()


def on_record(store: Store, scorer: Scorer) -> set[str]:
    digests = {category.digest: category.title for category in CATEGORIES}
    return {digests[d] for d in store.load(scorer.identity, article("a").digest, digests)}


def test_a_part_is_on_record_while_the_others_are_still_judged(store: Store) -> None:
    seen = []

    class Looking(Pieces):
        def score_partial(
            self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
        ) -> Iterator[PartialOutcome]:
            for number, part in enumerate(super().score_partial(tasks, on_partial=on_partial), 1):
                yield part
                wait_until(lambda n=number: len(on_record(store, self)) == n)
                seen.append(number)

    (outcome,) = Cached(Looking(), store).score([Task(article("a"), CATEGORIES)])
    assert seen == [1, 2, 3, 4]
    assert [j.category for j in outcome.judgements] == [c.id for c in CATEGORIES]


def test_what_a_failed_part_has_cost_is_on_record_once(store: Store) -> None:
    scorer = Failing("Wine", FailureReason.MALFORMED)
    (outcome,) = Cached(scorer, store).score([Task(article("a"), CATEGORIES)])
    assert outcome.usage.calls == 4
    ((_, judgements, _, usage),) = store.scorers()
    assert (judgements, usage.calls) == (3, 4)
    assert store.verify() == []


@pytest.mark.parametrize("title", TITLES)
def test_a_tampered_part_takes_the_others_with_it_and_what_was_on_record_before_stays(
    store: Store, title: str
) -> None:
    before = [category for category in CATEGORIES if category.title != title][:1]
    list(Cached(Pieces(), store).score([Task(article("a"), tuple(before))]))
    scorer = Failing(title, FailureReason.TAMPERED)
    (outcome,) = Cached(scorer, store).score([Task(article("a"), CATEGORIES)])
    assert on_record(store, scorer) == {before[0].title}
    assert [j.category for j in outcome.judgements] == [before[0].id]
    (failure,) = outcome.failures
    assert set(failure.categories) == {c.id for c in CATEGORIES} - {before[0].id}
    ((_, judgements, _, usage),) = store.scorers()
    assert (judgements, usage.calls) == (1, 3)
    assert store.verify() == []


# --- several at once -----------------------------------------------------------------------------


def test_runs_at_once_judge_nothing_twice_and_each_has_all_outcomes(tmp_path: Path) -> None:
    path, inner = tmp_path / "records.sqlite3", Counting()
    tasks = [Task(article(f"{n:02}"), CATEGORIES) for n in range(30)]
    found: list[list[Outcome]] = []

    def judge(order: list[Task]) -> None:
        with Store.open(path) as store:
            found.append(list(Cached(inner, store).score(order)))

    Store.open(path).close()
    threads = [threading.Thread(target=judge, args=[tasks[n:] + tasks[:n]]) for n in (0, 1, 15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(inner.asked) == len(set(inner.asked)) == 30 * len(CATEGORIES)
    for outcomes in found:
        assert {outcome.task.article.id for outcome in outcomes} == {f"{n:02}" for n in range(30)}
        assert all(len(outcome.judgements) == len(CATEGORIES) for outcome in outcomes)


def test_what_another_run_is_judging_comes_last_with_what_it_stored(store: Store) -> None:
    inner, tasks = Counting(), [Task(article(name), CATEGORIES) for name in "abc"]
    (judged,) = KeywordScorer().score(tasks[:1])
    with closing(store.worker(inner.identity)) as other:
        assert other.claim(tasks[0].article.digest)
        outcomes = Cached(inner, store).score(tasks)
        assert [next(outcomes).task.article.id for _ in "bc"] == ["b", "c"]
        other.add(
            JudgementSet(
                scorer=inner.identity,
                article=tasks[0].article.digest,
                judgements=dict(
                    zip([c.digest for c in CATEGORIES], judged.judgements, strict=True)
                ),
                judged_at=1.0,
            )
        )
        other.release(tasks[0].article.digest)
        (last,) = outcomes
    assert last.judgements == judged.judgements
    assert {name for name, _ in inner.asked} == {"b", "c"}


def test_what_another_run_gave_up_is_judged(store: Store) -> None:
    inner, tasks = Counting(), [Task(article(name), CATEGORIES) for name in "ab"]
    other = store.worker(inner.identity)
    assert other.claim(tasks[0].article.digest)
    outcomes = Cached(inner, store).score(tasks)
    next(outcomes)
    other.close()
    (last,) = outcomes
    assert len(last.judgements) == len(CATEGORIES)
    assert [name for name, _ in inner.asked] == ["b"] * 4 + ["a"] * 4


def test_a_stop_ends_the_wait_for_another_run(store: Store) -> None:
    inner, stop, tasks = Counting(), Event(), [Task(article(name), CATEGORIES) for name in "ab"]
    with closing(store.worker(inner.identity)) as other:
        assert other.claim(tasks[0].article.digest)
        outcomes = Cached(inner, store, stop=stop).score(tasks)
        next(outcomes)
        threading.Timer(0.05, stop.set).start()
        assert list(outcomes) == []


def test_while_articles_still_come_what_another_run_has_finished_is_handed_on(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached, "_LOOK_SECONDS", 0.0)
    inner, other = Counting(), store.worker(Counting.identity)
    assert other.claim(article("taken").digest)

    def endless() -> Iterator[Task]:
        yield Task(article("taken"), CATEGORIES)
        for number in count():
            if number == 5:
                other.close()
            yield Task(article(str(number)), CATEGORIES)

    outcomes = Cached(inner, store).score(endless())
    names = [outcome.task.article.id for outcome in islice(outcomes, 20)]
    outcomes.close()
    assert names.index("taken") in range(5, 10)


def test_nothing_stays_claimed(store: Store, tmp_path: Path) -> None:
    tasks = [Task(article(name, f"Bread.\nFAIL refused\n{name}"), CATEGORIES) for name in "abc"]
    list(Cached(Counting(), store).score(tasks))
    outcomes = Cached(Counting(), store).score(tasks)
    next(outcomes)
    outcomes.close()
    with closing(sqlite3.connect(tmp_path / "records.sqlite3")) as db:
        for table in ("claims", "workers"):
            assert db.execute(f"SELECT COUNT(*) FROM {table}").fetchone() == (0,)


def test_what_comes_is_stored_though_nobody_asks_for_it(store: Store) -> None:
    class AtOnce(KeywordScorer):
        """Has all outcomes before it hands over the first."""

        def score_partial(
            self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
        ) -> Iterator[PartialOutcome]:
            outcomes = list(self.score(tasks))
            parts = [PartialOutcome(it.task, it, last=True) for it in outcomes]
            for part in parts:
                on_partial(part)
            yield from parts

    tasks = [Task(article(name), CATEGORIES) for name in "abc"]
    outcomes = Cached(AtOnce(), store).score(tasks)
    next(outcomes)
    wait_until(lambda: store.stats()["judgements"] == len(tasks) * len(CATEGORIES))


def test_a_store_that_takes_no_more_ends_the_run(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "records.sqlite3")) as db:
        db.execute(
            "CREATE TRIGGER full BEFORE INSERT ON sheets BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    with pytest.raises(StoreError, match=r"records\.sqlite3"):
        list(Cached(Counting(), store).score([Task(article("a"), CATEGORIES)]))


def test_a_scorer_learns_when_what_it_handed_over_is_stored(store: Store) -> None:
    returned = []

    class Asking(Pieces):
        def score_partial(
            self, tasks: Iterable[Task], *, on_partial: OnPartial = ignore
        ) -> Iterator[PartialOutcome]:
            def asked(part: PartialOutcome) -> Future[int] | None:
                returned.append(on_partial(part))
                assert returned[-1] is not None
                returned[-1].result()
                assert len(on_record(store, self)) == len(returned)
                return returned[-1]

            return super().score_partial(tasks, on_partial=asked)

    watched = WatchedScorer(Asking(), Progress())
    list(Cached(watched, store).score([Task(article("a"), CATEGORIES)]))
    assert len(returned) == len(CATEGORIES)


# --- answers that are not trusted ----------------------------------------------------------------


@pytest.mark.parametrize("reason", ["tampered", "unverified"])
def test_an_answer_that_is_not_trusted_is_not_paid_twice(store: Store, reason: str) -> None:
    inner = Counting()
    task = Task(article("a", f"Bread.\nFAIL {reason}\n"), CATEGORIES)
    (first,) = Cached(inner, store).score([task])
    inner.asked.clear()
    (again,) = Cached(inner, store).score([task])
    assert inner.asked == []
    assert again.failures == first.failures
    assert again.judgements == first.judgements


def test_another_category_text_or_scorer_is_asked_by_itself(store: Store) -> None:
    inner = Counting()
    text = "Bread.\nFAIL unverified\n"
    list(Cached(inner, store).score([Task(article("a", text), CATEGORIES)]))
    inner.asked.clear()
    changed = replace(CATEGORIES[0], title="Loaf")
    list(Cached(inner, store).score([Task(article("a", text), (changed, *CATEGORIES[1:]))]))
    assert inner.asked == [("a", "tags/bread")]
    inner.asked.clear()
    list(Cached(inner, store).score([Task(article("a", f"More. {text}"), CATEGORIES)]))
    assert len(inner.asked) == len(CATEGORIES)
    inner.identity = "keywords:counting:another"
    list(Cached(inner, store).score([Task(article("a", text), CATEGORIES)]))
    assert len(inner.asked) == 2 * len(CATEGORIES)


def test_what_one_part_holds_back_is_on_disk_before_the_outcome_is_seen(store: Store) -> None:
    scorer = Failing("Cheese", FailureReason.UNVERIFIED)
    (outcome,) = Cached(scorer, store).score([Task(article("a"), CATEGORIES)])
    held = store.held(scorer.identity)[outcome.task.article.digest]
    assert list(held) == [CATEGORIES[TITLES.index("Cheese")].digest]
    assert on_record(store, scorer) == {"Bread", "Olives", "Wine"}


def test_a_tampered_part_holds_the_whole_task_back(store: Store) -> None:
    scorer = Failing("Olives", FailureReason.TAMPERED)
    (outcome,) = Cached(scorer, store).score([Task(article("a"), CATEGORIES)])
    held = store.held(scorer.identity)[outcome.task.article.digest]
    assert set(held) == {category.digest for category in CATEGORIES}
    assert {it.reason for it in held.values()} == {FailureReason.TAMPERED}


def test_nothing_is_held_back_where_nothing_is_kept(store: Store) -> None:
    task = Task(article("a", "Bread.\nFAIL tampered\n"), CATEGORIES)
    list(Cached(Counting(), store, kept=False).score([task]))
    assert store.held(Counting().identity) == {}
