"""What the store knows of batches."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from classifier.errors import StoreError
from classifier.models import ConfidenceKind, Failure, FailureReason, Judgement, Usage
from classifier.store import Batch, FailureRecord, JudgementSet, SentArticle, SettledArticle, Store

BATCH = Batch(
    name="b1",
    scorer="openai:m:1",
    model="m\udcff",
    base_url="http://localhost/v1",
    requests=2,
    articles=2,
    pairs=3,
    tokens=1000,
    size=5000,
    cost=0.5,
    planned_at=1.0,
)
SENT = (
    SentArticle(article="a1", path="blog/one\udcff.md", packs={"r1": ["c1", "c2"]}, detail=b"1"),
    SentArticle(article="a2", path="blog/deep/two.md", packs={"r2": ["c1"]}, detail=b"2"),
)
USAGE = Usage(calls=1, input_tokens=10, cost=0.25)


@pytest.fixture
def store(store: Store) -> Store:
    store.batches.plan(BATCH, SENT, detail=b"kept")
    return store


def settled(article: str, *categories: str) -> SettledArticle:
    def judged(category: str) -> Judgement:
        kind = ConfidenceKind.STATED
        return Judgement(category=category, confidence=0.5, kind=kind, scorer=BATCH.scorer)

    sheet = JudgementSet(
        scorer=BATCH.scorer,
        article=article,
        judgements={c: judged(c) for c in categories},
        judged_at=2.0,
        usage=USAGE,
    )
    failure = Failure(FailureReason.EXPIRED, "too late", ("c9",))
    miss = FailureRecord(failure=failure, path="blog/x.md", scorer=BATCH.scorer, article=article)
    return SettledArticle(
        article=article, sheet=sheet if categories else None, misses=(miss,), usage=USAGE
    )


def test_a_batch_comes_back_as_it_was_put_in_and_is_changed_step_by_step(store: Store) -> None:
    assert store.batches.all() == [BATCH]
    assert store.batches.detail("b1") == b"kept"
    started = replace(
        BATCH, state="started", file_id="f", batch_id="x\ud800", status="?", started_at=2.0, tries=3
    )
    store.batches.save(started)
    assert store.batches.all() == [started]


def test_what_was_sent_comes_back_in_order_and_without_what_is_settled(store: Store) -> None:
    assert [list(some) for some in store.batches.unsettled("b1")] == [list(SENT)]
    store.batches.settle("b1", [settled("a1", "c1")])
    assert [list(some) for some in store.batches.unsettled("b1")] == [[SENT[1]]]
    assert store.batches.requests("b1") == {"r1", "r2"}


def test_pairs_are_pending_until_they_are_settled(store: Store) -> None:
    assert store.batches.pending(BATCH.scorer) == {"a1": {"c1", "c2"}, "a2": {"c1"}}
    assert store.batches.pending("another") == {}
    store.batches.settle("b1", [settled("a1")])
    assert store.batches.pending(BATCH.scorer) == {"a2": {"c1"}}


@pytest.mark.parametrize(
    ("path", "there"),
    [
        (".", True),
        ("blog", True),
        ("blog/deep", True),
        ("blog/deep/two.md", True),
        ("blog/de", False),
        ("blog/one", False),
        ("blog/%", False),
        ("other", False),
    ],
)
def test_a_batch_is_found_by_the_folders_it_asks_about(
    store: Store, path: str, there: bool
) -> None:
    assert store.batches.below(["nowhere", path]) == ({"b1"} if there else set())


def test_settling_records_judgements_misses_and_usage_together(store: Store) -> None:
    store.batches.settle("b1", [settled("a1", "c1", "c2"), settled("a2")])
    assert set(store.load(BATCH.scorer, "a1", ["c1", "c2"])) == {"c1", "c2"}
    failed = store.failed(BATCH.scorer, ["blog/x.md"])
    assert failed["blog/x.md"].reason is FailureReason.EXPIRED
    done = store.batches.finish("b1", at=9.0, status="completed", refused=4)
    assert (done.state, done.collected_at, done.status) == ("collected", 9.0, "completed")
    assert (done.judged, done.refused, done.usage) == (2, 4, USAGE + USAGE)
    assert store.batches.all() == [done]
    assert list(store.batches.unsettled("b1")) == []
    assert store.batches.detail("b1") == b""


def test_what_does_not_fit_into_the_records_settles_nothing(store: Store) -> None:
    broken = replace(settled("a2"), misses=(FailureRecord(failure=None, path="p", scorer="s"),))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        store.batches.settle("b1", [settled("a1", "c1"), broken])
    assert store.batches.pending(BATCH.scorer) == {"a1": {"c1", "c2"}, "a2": {"c1"}}
    assert store.stats()["judgements"] == 0


def test_a_batch_with_open_articles_is_never_closed(store: Store) -> None:
    with pytest.raises(AssertionError, match="not settled"):
        store.batches.finish("b1", at=9.0, status="completed", refused=0)
    assert store.batches.all() == [BATCH]


def test_what_is_dropped_is_asked_about_no_more(store: Store) -> None:
    store.batches.drop(["b1", "b2"])
    assert store.batches.all() == []
    assert store.batches.pending(BATCH.scorer) == {}


def test_only_one_process_is_alone_and_the_store_stays_open_to_all(
    store: Store, tmp_path: Path
) -> None:
    with Store.open(tmp_path / "records.sqlite3") as other, store.batches.alone():
        other.batches.save(replace(BATCH, status="seen"))
        with pytest.raises(StoreError, match="another `classify batch` is running"):
            other.batches.alone().__enter__()
    with store.batches.alone():
        pass


def test_trouble_inside_is_not_taken_for_trouble_with_the_lock(store: Store) -> None:
    with pytest.raises(ConnectionError), store.batches.alone():
        raise ConnectionError
