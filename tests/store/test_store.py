"""The records keep what they are given, and files that are not ours stay as they are."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from classifier.errors import StoreError
from classifier.models import (
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Usage,
    digest,
)
from classifier.store import (
    FailureRecord,
    FileRecord,
    JudgementRecord,
    JudgementSet,
    Store,
    database,
    schema,
)

SCORERS = ("embedded:mini:1", "openai:large:2")
ARTICLES = tuple(digest("article", n) for n in range(3))
CATEGORIES = tuple(digest("category", n) for n in range(3))

# Lone surrogates too: a file name that is not UTF-8 brings them, and so does broken JSON.
any_text = st.text(st.characters(exclude_categories=()), max_size=30)
unit = st.floats(0, 1)
places = st.none() | st.integers(0, 10**9)
judgements = st.builds(
    Judgement,
    category=any_text,
    confidence=unit,
    kind=st.sampled_from(ConfidenceKind),
    scorer=any_text,
    aspects=st.dictionaries(any_text, unit, max_size=3),
    exclusion=st.none() | any_text,
    reasoning=any_text,
    evidence=st.lists(st.builds(Evidence, any_text, places, places), max_size=2).map(tuple),
    pack=st.lists(any_text, max_size=3).map(tuple),
)


def judgement(confidence: float = 0.5, **fields: object) -> Judgement:
    made = Judgement(
        category="tags/a", confidence=confidence, kind=ConfidenceKind.STATED, scorer=SCORERS[0]
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def sheet(article: str = ARTICLES[0], at: float = 1.0, confidence: float = 0.5) -> JudgementSet:
    made = {category: judgement(confidence) for category in CATEGORIES[:2]}
    return JudgementSet(scorer=SCORERS[0], article=article, judgements=made, judged_at=at)


def file(article: str = ARTICLES[0]) -> FileRecord:
    return FileRecord(digest=article, size=3, mtime_ns=1_700_000_000_123_456_789)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with Store.open(path) as opened:
        yield opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For properties of what is written under a name of its own."""
    with Store.open(tmp_path_factory.mktemp("shared") / "records.sqlite3") as opened:
        yield opened


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


def test_judging_again_adds_a_record_and_the_latest_stored_is_current(store: Store) -> None:
    store.add(sheet(at=5.0, confidence=0.2))
    store.add(sheet(at=5.0, confidence=0.9))
    assert store.load(SCORERS[0], ARTICLES[0], CATEGORIES)[CATEGORIES[0]].judgement == judgement(
        0.9
    )
    assert store.load(SCORERS[0], ARTICLES[0], CATEGORIES)[CATEGORIES[1]].judged_at == 5.0
    ((_, confidences),) = store.confidences(SCORERS[0], [ARTICLES[0]], CATEGORIES)
    assert confidences == dict.fromkeys(CATEGORIES[:2], (0.9, False))
    of_one = [r for r in store.history(ARTICLES[0]) if r.category == CATEGORIES[0]]
    assert [r.judgement.confidence for r in of_one] == [0.2, 0.9]


def test_a_renamed_file_finds_its_judgements(store: Store) -> None:
    store.record_files({"old.md": file()}, at=1.0)
    store.add(sheet())
    store.forget(["old.md"])
    store.record_files({"new.md": file()}, at=2.0)
    found = store.files(["old.md", "new.md"])
    assert set(found) == {"new.md"}
    assert store.judged(SCORERS[0], [found["new.md"].digest], CATEGORIES) == {
        ARTICLES[0]: set(CATEGORIES[:2])
    }
    assert store.garbage() == {}


def test_what_a_path_held_is_told_latest_first_even_when_it_came_back(store: Store) -> None:
    for at, article in enumerate([ARTICLES[0], ARTICLES[1], ARTICLES[0]]):
        store.record_files({"a.md": file(article)}, at=float(at))
    assert store.versions("a.md") == [(ARTICLES[0], 2.0), (ARTICLES[1], 1.0)]


def test_articles_that_never_had_a_path_are_not_gone(store: Store) -> None:
    store.add(sheet())
    store.record_files({"other.md": file(ARTICLES[1])}, at=1.0)
    store.forget(["other.md"])
    assert store.garbage() == {}


def test_collecting_ends_every_shortcut_past_the_pairs(store: Store) -> None:
    store.add(sheet())
    store.mark_completed(SCORERS[0], "taxonomy", [ARTICLES[0]])
    run = store.begin(SCORERS[0], at=1.0)
    store.end(run, "done", at=2.0, key="all of it", summary="\udcff fine")
    assert store.summary("all of it") == "\udcff fine"
    assert store.collect(categories=[]) == {"category gone": 2}
    assert store.completed(SCORERS[0], "taxonomy") == set()
    assert store.summary("all of it") is None
    store.add(sheet(ARTICLES[1]), sheet(ARTICLES[2]))  # numbers that are given out again
    store.mark_completed(SCORERS[0], "taxonomy", [])
    assert store.completed(SCORERS[0], "taxonomy") == set()


def test_collecting_keeps_the_latest_failure_of_files_that_are_there(store: Store) -> None:
    for name in ("here.md", "gone.md", "never read.md"):
        for message in ("first", "second"):
            failure = Failure(FailureReason.REFUSED, message)
            store.fail(FailureRecord(failure=failure, path=name, scorer="s", failed_at=1.0))
    store.record_files({"here.md": file(), "gone.md": file(ARTICLES[1])}, at=1.0)
    store.forget(["gone.md"])
    store.collect()
    assert store.stats()["failures"] == 2
    failed = store.failed("s", ["here.md", "gone.md", "never read.md"])
    assert {name: failure.message for name, failure in failed.items()} == {
        "here.md": "second",
        "never read.md": "second",
    }


def test_collecting_gives_the_room_back(store: Store, path: Path) -> None:
    noise = judgement(reasoning=os.urandom(200_000).hex())
    for _ in range(3):
        store.add(replace(sheet(), judgements={CATEGORIES[0]: noise}))
    before = store.stats()["bytes"]
    store.collect()
    assert store.stats()["bytes"] < before / 2
    assert path.stat().st_size < before / 2


def test_usage_adds_up_by_scorer_over_judgements_and_failures(store: Store) -> None:
    used = Usage(calls=1, input_tokens=10, cost=0.5)
    store.add(replace(sheet(at=3.0), usage=used), replace(sheet(ARTICLES[1]), usage=used))
    failure = Failure(FailureReason.TRUNCATED, "cut off")
    store.fail(
        FailureRecord(
            failure=failure, path="a", scorer=SCORERS[0], failed_at=1, article="x", usage=used
        )
    )
    store.add(replace(sheet(), scorer=SCORERS[1], usage=Usage(calls=1, cost=None)))
    assert store.scorers() == [
        (SCORERS[0], 4, 3.0, Usage(calls=3, input_tokens=30, cost=1.5)),
        (SCORERS[1], 2, 1.0, Usage(calls=1, cost=None)),
    ]


def test_sheets_added_together_are_stored_together_or_not_at_all(store: Store) -> None:
    broken = replace(sheet(ARTICLES[1]), judged_at=None)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.add(sheet(), broken)
    assert store.stats()["judgements"] == 0
    store.add(sheet())
    assert store.verify() == []


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


# --- damage --------------------------------------------------------------------------------------


def tamper(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE sheets SET detail = zeroblob(20)",
        "UPDATE sheets SET detail = CAST(substr(detail, 1, 20) AS BLOB)",
        "UPDATE pairs SET category = (SELECT id FROM names WHERE name LIKE 'embedded%')"
        " WHERE category = (SELECT MIN(category) FROM pairs)",
        "DELETE FROM sheets",
    ],
)
def test_verify_finds_a_damaged_sheet_and_loading_it_is_an_error_of_the_store(
    path: Path, harm: str
) -> None:
    with Store.open(path) as store:
        store.add(sheet())
        assert store.verify() == []
    tamper(path, harm)
    with Store.open(path) as store:
        (line,) = store.verify()
        assert "judgement" in line
        assert "\n" not in line
        if "category" not in harm:
            with pytest.raises(StoreError, match="damaged"):
                store.load(SCORERS[0], ARTICLES[0], CATEGORIES)
        if harm.startswith("UPDATE"):
            with pytest.raises(StoreError, match="damaged"):
                store.history(ARTICLES[0])


def test_verify_tells_of_damaged_pages(path: Path) -> None:
    with Store.open(path) as store:
        for article in ARTICLES:
            store.add(replace(sheet(article), judgements={CATEGORIES[0]: judgement(reasoning="x")}))
    with path.open("r+b") as raw:
        raw.seek(4096)
        raw.write(b"\xa5" * (path.stat().st_size - 8192))
    with Store.open(path) as store:
        assert store.verify() != []
        with pytest.raises(StoreError, match="is damaged"):
            store.add(sheet())


# --- opening -------------------------------------------------------------------------------------


def foreign(path: Path, *, wal: bool = False, application_id: int = 0) -> None:
    with closing(sqlite3.connect(path)) as db:
        if wal:
            db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE theirs (x)")
        db.execute(f"PRAGMA application_id = {application_id}")
        db.commit()


def newer(path: Path) -> None:
    Store.open(path).close()
    tamper(path, f"PRAGMA user_version = {schema.version() + 1}")


def garbled(path: Path) -> None:
    Store.open(path).close()
    with path.open("r+b") as raw:
        raw.seek(100)
        raw.write(os.urandom(3000))


def cut(path: Path) -> None:
    Store.open(path).close()
    os.truncate(path, 5000)


UNUSABLE: dict[str, tuple[Callable[[Path], object], str]] = {
    "text": (lambda path: path.write_text("tags: [a, b]\n" * 50), "not a store of classify"),
    "short text": (lambda path: path.write_text("hello"), "not a store of classify"),
    "empty": (lambda path: path.touch(), "empty file"),
    "other database": (foreign, "not a store of classify"),
    "other database in WAL mode": (lambda p: foreign(p, wal=True), "not a store of classify"),
    "other application": (lambda p: foreign(p, application_id=7), "not a store of classify"),
    "newer": (newer, "newer classify .* upgrade"),
    "garbled": (garbled, "damaged"),
    "cut short": (cut, "damaged"),
    "folder": (lambda path: path.mkdir(), "is a folder"),
    "pipe": (os.mkfifo, "is not a file"),
}


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("kind", UNUSABLE)
def test_a_file_that_cannot_be_used_is_named_in_one_line_and_left_as_it_is(
    path: Path, kind: str, read_only: bool
) -> None:
    make, message = UNUSABLE[kind]
    make(path)
    before = state(path)
    with pytest.raises(StoreError, match=message) as raised:
        Store.open(path, read_only=read_only)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert state(path) == before


def state(path: Path) -> object:
    """Return all that must not change: what lies beside the file, its bytes and its times."""
    status = path.stat()
    data = path.read_bytes() if stat.S_ISREG(status.st_mode) else None
    return sorted(path.parent.iterdir()), data, status.st_mtime_ns, status.st_ino


def test_a_newer_version_is_seen_even_where_it_is_still_in_the_log(path: Path) -> None:
    Store.open(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(f"PRAGMA user_version = {schema.version() + 1}")
        before = state(path)
        with pytest.raises(StoreError, match="newer"):
            Store.open(path)
        assert state(path) == before


def test_reading_what_is_not_there_creates_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="is not there"):
        Store.open(path, read_only=True)
    assert list(path.parent.iterdir()) == []


def test_creating_makes_the_folder_and_leaves_only_the_store(tmp_path: Path) -> None:
    path = tmp_path / "a" / ".classify" / "records.sqlite3"
    Store.open(path).close()
    assert list(path.parent.iterdir()) == [path]


def test_a_store_may_have_any_name(tmp_path: Path) -> None:
    for name in ("a b?mode=ro#c%20.db", "\udcff.db", "ü.db"):
        with Store.open(tmp_path / name) as store:
            store.add(sheet())
    assert len(list(tmp_path.iterdir())) == 3


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="--store"):
        Store.open(tmp_path / "file" / "records.sqlite3")


def test_the_header_of_a_new_store_is_in_the_file_itself(path: Path) -> None:
    with Store.open(path) as store:
        store.add(sheet())
        header = path.read_bytes()[:100]
    assert int.from_bytes(header[68:72], "big") == schema.APPLICATION_ID
    assert int.from_bytes(header[60:64], "big") == schema.version()


def test_reading_leaves_nothing_behind_and_cannot_write(path: Path) -> None:
    with Store.open(path) as store:
        store.add(sheet())
    with Store.open(path, read_only=True) as store:
        assert store.stats()["judgements"] == 2
        assert store.garbage(categories=[]) == {"category gone": 2}
        with pytest.raises(StoreError, match="cannot be written"):
            store.add(sheet())
    assert list(path.parent.iterdir()) == [path]


def test_opening_a_second_time_keeps_the_locks_of_the_first(path: Path) -> None:
    # Closing any descriptor of a file drops all POSIX locks of the process on it: another process
    # would then think itself alone, and take the log away when it closes.
    with Store.open(path) as store:
        store.add(sheet())
        Store.open(path).close()
        Store.open(path, read_only=True).close()
        log = Path(f"{path}-wal").stat().st_ino
        run("Store.open(path).close()", path)
        assert Path(f"{path}-wal").stat().st_ino == log
        store.add(sheet(ARTICLES[1]))
        assert run("print(Store.open(path).stats()['judgements'])", path) == "4"


# --- locks, permissions, crashes -----------------------------------------------------------------

PRELUDE = """
import os, signal, sys
from pathlib import Path
from classifier.models import ConfidenceKind, Judgement
from classifier.store import JudgementSet, Store, schema
path = Path(sys.argv[1])

def sheet(article, scorer="s"):
    made = Judgement(category="a", confidence=0.5, kind=ConfidenceKind.STATED, scorer=scorer)
    return JudgementSet(scorer=scorer, article=article, judgements={"c": made}, judged_at=1.0)

"""


def start(code: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(path)], stdout=subprocess.PIPE, text=True
    )


def run(code: str, path: Path) -> str:
    with start(code, path) as process:
        out, _ = process.communicate(timeout=60)
    return out.strip()


@contextmanager
def locked(path: Path, *, how: str = "BEGIN EXCLUSIVE") -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for statement in how.split(";"):
            db.execute(statement)
        yield


def test_a_locked_store_is_named_in_one_line(
    path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(sheet())
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with locked(path), Store.open(path) as second:
        assert second.stats()["judgements"] == 2  # readers need not wait
        with pytest.raises(StoreError, match="is locked by another process") as raised:
            second.add(sheet())
    assert str(path) in str(raised.value)
    store.add(sheet())


def test_a_store_that_another_program_keeps_to_itself_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(path).close()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    alone = "PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; UPDATE files SET size = 1"
    with locked(path, how=alone), pytest.raises(StoreError, match="is locked"):
        Store.open(path).add(sheet())


@contextmanager
def unprivileged(folder: Path) -> Iterator[None]:
    """Give up what root may do; `folder` becomes the other user's."""
    if os.geteuid():
        yield
        return
    for path in (folder, *folder.iterdir()):
        os.chown(path, 65534, 65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that another user can reach, as root's tmp_path is not."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_read_only_file_is_refused_for_writing_and_open_for_reading(reachable: Path) -> None:
    path = reachable / "records.sqlite3"
    with Store.open(path) as store:
        store.add(sheet())
    path.chmod(0o444)
    with unprivileged(reachable):
        before = state(path)
        with pytest.raises(StoreError, match="cannot be written"):
            Store.open(path)
        assert state(path) == before
        with Store.open(path, read_only=True) as store:
            assert store.stats()["judgements"] == 2


def test_a_store_in_a_read_only_folder_can_be_read(reachable: Path) -> None:
    path = reachable / "records.sqlite3"
    with Store.open(path) as store:
        store.add(sheet())
    reachable.chmod(0o555)
    with unprivileged(reachable):
        before = state(path)
        with pytest.raises(StoreError, match="make it and its folder"):
            Store.open(path)
        with pytest.raises(StoreError, match="cannot be opened"):
            Store.open(reachable / "new.sqlite3")
        with Store.open(path, read_only=True) as store:
            assert store.stats()["judgements"] == 2
        assert state(path) == before
    reachable.chmod(0o755)


def test_what_is_in_the_log_is_never_left_out_in_a_read_only_folder(reachable: Path) -> None:
    path = reachable / "records.sqlite3"
    Store.open(path).close()
    run("s = Store.open(path); s.add(sheet('a')); os.kill(os.getpid(), signal.SIGKILL)", path)
    reachable.chmod(0o555)
    with unprivileged(reachable), Store.open(path, read_only=True) as store:
        assert store.stats()["judgements"] == 1
    reachable.chmod(0o755)
    Path(f"{path}-shm").unlink()
    reachable.chmod(0o555)
    with unprivileged(reachable), pytest.raises(StoreError, match="cannot be opened"):
        Store.open(path, read_only=True)
    reachable.chmod(0o755)


def test_everything_that_was_told_to_be_stored_survives_a_kill(path: Path) -> None:
    code = """
store = Store.open(path)
for n in range(100000):
    store.add(sheet(f"article {n}"))
    print(n, flush=True)
"""
    with start(code, path) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(40)]
        process.kill()
        told += process.stdout.readlines()
    assert Path(f"{path}-wal").stat().st_size > 0
    last = int([line for line in told if line.endswith("\n")][-1])
    with Store.open(path, read_only=True) as store:
        stored = store.stats()["judgements"]
        assert store.verify() == []
    assert last + 1 <= stored <= last + 2
    with Store.open(path) as store:
        assert store.stats()["judgements"] == stored
        assert store.verify() == []


def test_a_store_whose_creator_was_killed_at_once_opens(path: Path) -> None:
    run("store = Store.open(path); os.kill(os.getpid(), signal.SIGKILL)", path)
    with Store.open(path) as store:
        store.add(sheet())
        assert store.verify() == []


def test_a_second_process_opens_a_store_that_the_first_still_writes(
    path: Path, store: Store
) -> None:
    store.add(sheet())
    assert Path(f"{path}-wal").stat().st_size > 0
    assert run("print(Store.open(path).stats()['judgements'])", path) == "2"
    assert run("print(Store.open(path, read_only=True).stats()['judgements'])", path) == "2"


def test_processes_that_create_and_write_at_once_lose_nothing(path: Path) -> None:
    code = """
store = Store.open(path)
for n in range(25):
    store.add(sheet(f"article {n}", f"scorer {os.getpid()}"))
    store.mark_completed("s", "t", [f"article {n}"])
"""
    processes = [start(code, path) for _ in range(4)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0, 0]
    for process in processes:
        process.communicate()
    with Store.open(path) as store:
        assert store.stats()["judgements"] == 100
        assert len(store.completed("s", "t")) == 25
        assert store.verify() == []
    assert list(path.parent.iterdir()) == [path]


# --- migrations ----------------------------------------------------------------------------------


def as_if(monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """As if a further version had been released."""
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, statements))


def test_an_older_store_is_brought_up_to_date_with_all_it_holds(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path) as store:
        store.add(sheet())
    as_if(
        monkeypatch,
        "ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT 'here'",
        "CREATE INDEX pairs_by_category ON pairs (category)",
    )
    with pytest.raises(StoreError, match="older classify"):
        Store.open(path, read_only=True)
    with Store.open(path) as store:
        assert set(store.load(SCORERS[0], ARTICLES[0], CATEGORIES)) == set(CATEGORIES[:2])
        store.begin(SCORERS[0], at=1.0)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT host FROM runs").fetchall() == [("here",)]
        assert db.execute("PRAGMA user_version").fetchone() == (schema.version(),)
    Store.open(path, read_only=True).close()


def test_an_upgrade_that_fails_leaves_the_old_version(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(path) as store:
        store.add(sheet())
    old = schema.version()
    with monkeypatch.context() as patch:
        as_if(patch, "DELETE FROM pairs", "CREATE TABLE more (x)", "INSERT INTO nowhere VALUES (1)")
        with pytest.raises(StoreError, match="nowhere"):
            Store.open(path)
    with Store.open(path) as store:
        assert store.stats()["judgements"] == 2
        assert schema.version() == old


def test_an_upgrade_that_is_killed_leaves_the_old_version(path: Path) -> None:
    with Store.open(path) as store:
        store.add(sheet())
    code = """
schema.MIGRATIONS += ((
    "DELETE FROM pairs",
    "CREATE TABLE more (x)",
    "INSERT INTO more WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
    " SELECT hex(zeroblob(500)) FROM n LIMIT 100000000",
),)
Store.open(path)
"""
    log = Path(f"{path}-wal")
    with start(code, path) as process:
        until = time.monotonic() + 60
        while not (log.exists() and log.stat().st_size > 100_000) and time.monotonic() < until:
            time.sleep(0.02)
        process.kill()
    with Store.open(path) as store:
        assert store.stats()["judgements"] == 2
        assert store.verify() == []
