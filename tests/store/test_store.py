"""What goes into a store comes out as it was."""

import os
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from support.stores import (
    ARTICLES,
    CATEGORIES,
    SCORERS,
    any_text,
    file,
    judgement,
    judgements,
    sheet,
    unit,
)

from classifier.models import (
    Failure,
    FailureReason,
    Judgement,
    digest,
)
from classifier.store import (
    FailureRecord,
    FileRecord,
    HeldBack,
    JudgementRecord,
    JudgementSet,
    Store,
)

# --- what goes in comes out ----------------------------------------------------------------------


@pytest.mark.slow
@given(made=st.dictionaries(st.sampled_from(CATEGORIES), judgements), model=any_text)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_judgement_comes_back_exactly_as_it_was(
    shared: Store, made: dict[str, Judgement], model: str
) -> None:
    article = digest(repr(made), model)
    shared.add(
        JudgementSet(scorer="s", article=article, judgements=made, judged_at=2.5, model=model)
    )
    expected = {
        category: JudgementRecord(
            judgement=one,
            scorer="s",
            article=article,
            category=category,
            judged_at=2.5,
            model=model,
        )
        for category, one in made.items()
    }
    assert shared.load("s", article, CATEGORIES) == expected
    assert shared.load("s", article, CATEGORIES[:1]) == {
        category: record for category, record in expected.items() if category == CATEGORIES[0]
    }
    assert dict(shared.confidences("s", [article], CATEGORIES))[article] == {
        category: (one.confidence, one.exclusion is not None) for category, one in made.items()
    }


@pytest.mark.slow
@given(
    # As os.fsdecode makes them: any byte but NUL.
    st.dictionaries(
        st.binary(min_size=1, max_size=20).filter(lambda b: b"\0" not in b).map(os.fsdecode),
        st.builds(
            FileRecord,
            digest=st.sampled_from(ARTICLES),
            size=st.integers(0, 2**40),
            mtime_ns=st.integers(-(2**40), 2**62),
        ),
        max_size=5,
    ),
    any_text.filter(lambda t: "\0" not in t),
)
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_files_and_failures_come_back_whatever_their_names(
    shared: Store, files: dict[str, FileRecord], message: str
) -> None:
    shared.record_files(files, at=1.0)
    assert shared.files(files) == files
    failure = Failure(FailureReason.REFUSED, message, (message,))
    for name in files:
        shared.fail(FailureRecord(failure=failure, path=name, scorer="s", failed_at=1.0))
        assert shared.versions(name)[0] == (files[name].digest, 1.0)
    assert shared.failed("s", files) == dict.fromkeys(files, failure)
    assert set(files) <= set(shared.paths())


class AgainstAModel(RuleBasedStateMachine):
    """The store beside lists and dictionaries that do the same, slowly."""

    @initialize()
    def create(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "records.sqlite3"
        self.store = Store.open(self.path)
        self.records: list[tuple[str, str, str, float]] = []  # scorer, article, category, value
        self.seen: dict[str, list[str]] = {}  # every article a path ever held, the latest last
        self.current: dict[str, str] = {}
        self.covered: set[tuple[str, str, str]] = set()

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(
        scorer=st.sampled_from(SCORERS),
        article=st.sampled_from(ARTICLES),
        values=st.dictionaries(st.sampled_from(CATEGORIES), unit, min_size=1),
        at=st.floats(0, 10),  # a clock may go back
    )
    def add(self, scorer: str, article: str, values: dict[str, float], at: float) -> None:
        made = {category: judgement(value) for category, value in values.items()}
        self.store.add(JudgementSet(scorer=scorer, article=article, judgements=made, judged_at=at))
        self.records += [(scorer, article, category, value) for category, value in values.items()]

    @rule(path=st.sampled_from("abc"), article=st.sampled_from(ARTICLES))
    def see(self, path: str, article: str) -> None:
        self.store.record_files({path: file(article)}, at=1.0)
        self.seen.setdefault(path, []).append(article)
        self.current[path] = article

    @rule(path=st.sampled_from("abc"))
    def forget(self, path: str) -> None:
        self.store.forget([path])
        self.current.pop(path, None)

    @rule(scorer=st.sampled_from(SCORERS), articles=st.lists(st.sampled_from(ARTICLES)))
    def cover(self, scorer: str, articles: list[str]) -> None:
        self.store.mark_completed(scorer, "taxonomy", articles)
        self.covered |= {(scorer, "taxonomy", article) for article in articles}

    @rule(categories=st.none() | st.sets(st.sampled_from(CATEGORIES)))
    def collect(self, categories: set[str] | None) -> None:
        expected: dict[str, int] = {}
        kept = []
        for place, record in enumerate(self.records):
            why = self.why_garbage(place, categories)
            if why is None:
                kept.append(record)
            else:
                expected[why] = expected.get(why, 0) + 1
        assert self.store.garbage(categories=categories) == expected
        assert self.store.collect(categories=categories) == expected
        assert self.store.garbage(categories=categories) == {}
        self.records = kept
        self.seen = {path: [article] for path, article in self.current.items()}
        self.covered = set()

    def why_garbage(self, place: int, categories: set[str] | None) -> str | None:
        _, article, category, _ = self.records[place]
        key = self.records[place][:3]
        if any(later[:3] == key for later in self.records[place + 1 :]):
            return "superseded"
        had = any(article in held for held in self.seen.values())
        if had and article not in self.current.values():
            return "article gone"
        if categories is not None and category not in categories:
            return "category gone"
        return None

    @precondition(lambda self: self.records)
    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = Store.open(self.path)

    @invariant()
    def agrees(self) -> None:
        wanted = CATEGORIES[:2]
        for scorer in SCORERS:
            latest: dict[str, dict[str, float]] = {article: {} for article in ARTICLES}
            for by, article, category, value in self.records:
                if by == scorer and category in wanted:
                    latest[article][category] = value
            assert self.store.judged(scorer, ARTICLES, wanted) == {
                article: set(values) for article, values in latest.items()
            }
            assert self.store.complete(scorer, ARTICLES, wanted) == {
                article for article, values in latest.items() if len(values) == len(wanted)
            }
            assert self.store.complete(scorer, ARTICLES, [*wanted, "unknown"]) == set()
            assert list(self.store.confidences(scorer, ARTICLES, wanted)) == [
                (article, {category: (value, False) for category, value in values.items()})
                for article, values in latest.items()
            ]
            for article in ARTICLES:
                loaded = self.store.load(scorer, article, wanted)
                assert {c: r.judgement.confidence for c, r in loaded.items()} == latest[article]
            assert self.store.completed(scorer, "taxonomy") == {
                article for by, _, article in self.covered if by == scorer
            }
        for article in ARTICLES:
            history = self.store.history(article)
            assert sorted(
                (r.scorer, r.category, r.judgement.confidence) for r in history
            ) == sorted(
                (scorer, category, value)
                for scorer, of, category, value in self.records
                if of == article
            )
        held = self.store.files("abc")
        assert {path: one.digest for path, one in held.items()} == self.current
        assert self.store.paths() == sorted(self.current)
        assert {path: {d for d, _ in self.store.versions(path)} for path in self.seen} == {
            path: set(articles) for path, articles in self.seen.items()
        }
        assert self.store.stats()["judgements"] == len(self.records)
        assert self.store.verify() == []


AgainstAModel.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestAgainstAModel = pytest.mark.slow(AgainstAModel.TestCase)


def test_the_last_text_under_a_name_is_remembered(store: Store) -> None:
    assert store.remembered("n") is None
    store.remember("n", "one")
    store.remember("n", "two \udcff")
    store.collect()
    assert store.remembered("n") == "two \udcff"


def test_vectors_are_kept_until_they_are_dropped(store: Store) -> None:
    store.keep_vectors({"a": b"\0\xff", "b": b""})
    store.keep_vectors({"a": b"2"})
    store.collect()
    assert store.vectors(["a", "b", "c"]) == {"a": b"2", "b": b""}
    store.drop_vectors()
    assert store.vectors(["a", "b"]) == {}


def test_threads_may_share_a_store(store: Store) -> None:
    def write(scorer: str) -> None:
        for article in ARTICLES:
            store.add(replace(sheet(article), scorer=scorer))

    threads = [threading.Thread(target=write, args=(f"s{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.stats()["judgements"] == 4 * len(ARTICLES) * 2


# --- answers that are not trusted ----------------------------------------------------------------

UNVERIFIED = Failure(FailureReason.UNVERIFIED, "no quote is in the article")


def held(category: str, article: str = ARTICLES[0], scorer: str = SCORERS[0]) -> HeldBack:
    return HeldBack(scorer, article, category, UNVERIFIED)


def test_what_is_held_back_is_kept_until_it_is_released(store: Store) -> None:
    store.hold(held(CATEGORIES[0]), held(CATEGORIES[1], ARTICLES[1]), at=1.0)
    store.hold(held(CATEGORIES[0], scorer=SCORERS[1]), at=1.0)
    assert store.held(SCORERS[0]) == {
        ARTICLES[0]: {CATEGORIES[0]: UNVERIFIED},
        ARTICLES[1]: {CATEGORIES[1]: UNVERIFIED},
    }
    assert set(store.held(SCORERS[0], ARTICLES[:1])) == {ARTICLES[0]}
    assert store.ignoring_held().held(SCORERS[0]) == {}
    assert store.release_held(SCORERS[:1], ARTICLES[:1]) == 1
    assert set(store.held(SCORERS[0])) == {ARTICLES[1]}
    assert set(store.held(SCORERS[1])) == {ARTICLES[0]}


def test_a_judgement_takes_the_place_of_what_was_held_back(store: Store) -> None:
    store.hold(held(CATEGORIES[0]), held(CATEGORIES[2]), at=1.0)
    store.add(sheet())
    assert store.held(SCORERS[0]) == {ARTICLES[0]: {CATEGORIES[2]: UNVERIFIED}}


def test_what_was_held_back_of_articles_that_are_gone_is_collected(store: Store) -> None:
    store.record_files({"a.md": file(), "b.md": file(ARTICLES[1])}, at=1.0)
    store.hold(held(CATEGORIES[0]), held(CATEGORIES[0], ARTICLES[1]), at=1.0)
    store.collect(gone=["b.md"])
    assert set(store.held(SCORERS[0])) == {ARTICLES[0]}
    assert store.verify() == []
