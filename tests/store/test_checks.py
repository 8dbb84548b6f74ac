"""Stores that are damaged or made to do harm: verify says where, reading raises StoreError."""

from __future__ import annotations

import shutil
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.stores import ARTICLES, CATEGORIES, SCORERS, file, sheet, tamper

from classifier.errors import StoreError
from classifier.models import Failure, FailureReason
from classifier.store import (
    Batch,
    FailureRecord,
    HeldBack,
    SentArticle,
    Store,
    VerdictRecord,
    schema,
)
from classifier.store.schema import TABLES
from classifier.store.values import compress

DEEP = "[" * 100_000
BOMB = zlib.compress(b" " * (1 << 28), 9)


def columns() -> list[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        for statements in schema.MIGRATIONS:
            for statement in statements:
                db.execute(statement)
        return [
            (table, name)
            for table in sorted(TABLES)
            for (name, of_key) in db.execute(f"SELECT name, pk FROM pragma_table_info('{table}')")
            if not (name == "id" and of_key)  # only ever a number
        ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a row in each table."""
    path = tmp_path_factory.mktemp("filled") / "records.sqlite3"
    failure = Failure(FailureReason.REFUSED, "no", CATEGORIES[:1])
    with Store.open(path) as store:
        run = store.begin(SCORERS[0], at=1.0)
        store.add(sheet())
        store.record_files({"a.md": file()}, at=1.0)
        store.fail(FailureRecord(failure=failure, path="a.md", scorer=SCORERS[0], article="x"))
        held = Failure(FailureReason.UNVERIFIED, "no quote")
        store.hold(HeldBack(SCORERS[0], ARTICLES[0], CATEGORIES[2], held), at=1.0)
        store.mark_completed(SCORERS[0], "t", ARTICLES[:1])
        store.keep_vectors({"key": bytes(800)})
        store.add_verdicts(
            VerdictRecord(
                path="a.md", article="x", category="tags/a", definition="d", accepted=True, at=1.0
            )
        )
        store.apply("a.md", "tags", ["A"], at=1.0)
        batch = Batch(
            name="b",
            scorer=SCORERS[0],
            model="m",
            base_url="u",
            requests=1,
            articles=1,
            pairs=1,
            tokens=1,
            size=1,
            cost=0.5,
            planned_at=1.0,
            started_at=1.0,
            collected_at=1.0,
        )
        sent = SentArticle(
            article="x", path="a.md", packs={"r": ["c"]}, detail=compress({"id": "a.md"})
        )
        store.batches.plan(batch, [sent], detail=compress({"version": 1}))
        store.end(run, "done", at=2.0, key="k", summary="{}")
        store.remember("n", "v")
        store.record_languages({"a.md": "fr"})
    tamper(path, "INSERT INTO workers VALUES (1, 'elsewhere 1', 1.0)")
    tamper(path, "INSERT INTO claims VALUES ('s', 'a', 1)")
    return path


@pytest.fixture
def copy(filled: Path, path: Path) -> Path:
    shutil.copy(filled, path)
    return path


READS: tuple[Callable[[Store], object], ...] = (
    lambda it: it.files(["a.md"]),
    lambda it: it.paths(),
    lambda it: it.languages(["a.md"]),
    lambda it: it.versions("a.md"),
    lambda it: it.completed(SCORERS[0], "t"),
    lambda it: list(it.confidences(SCORERS[0], ARTICLES, CATEGORIES)),
    lambda it: it.others(SCORERS[0], ARTICLES, CATEGORIES[:1]),
    lambda it: it.load(SCORERS[0], ARTICLES[0], CATEGORIES),
    lambda it: it.history(ARTICLES[0]),
    lambda it: it.failed(SCORERS[0], ["a.md"]),
    lambda it: it.held(SCORERS[0]),
    lambda it: it.verdicts(),
    lambda it: it.applied("tags"),
    lambda it: it.summary("k"),
    lambda it: it.remembered("n"),
    lambda it: it.vectors(["key"]),
    lambda it: it.stats(),
    lambda it: it.scorers(),
    lambda it: it.garbage(),
    lambda it: it.batches.all(),
    lambda it: it.batches.detail("b"),
    lambda it: it.batches.below(["."]),
    lambda it: it.batches.pending(SCORERS[0]),
    lambda it: it.batches.requests("b"),
    lambda it: list(it.batches.unsettled("b")),
    lambda it: it.add(sheet(ARTICLES[1])),
    lambda it: it.collect(),
)


def set_column(path: Path, table: str, column: str, value: str) -> bool:
    """Set a column everywhere; return whether the table allows it."""
    with closing(sqlite3.connect(path)) as db, db, suppress(sqlite3.IntegrityError):
        db.execute(f'UPDATE OR REPLACE "{table}" SET "{column}" = {value}')
        return True
    return False


def test_a_store_that_is_whole_has_no_damage(filled: Path) -> None:
    with Store.open(filled, read_only=True) as store:
        assert store.verify() == []
        for (table,) in [(table,) for table in TABLES]:
            assert store._db.read(f"SELECT COUNT(*) FROM {table}")[0][0], table


@pytest.mark.parametrize(("table", "column"), columns())
def test_verify_finds_damage_in_every_column(copy: Path, table: str, column: str) -> None:
    blob = column in ("detail", "data")
    assert set_column(copy, table, column, "'x'" if blob else "x'00'")
    with Store.open(copy, read_only=True) as store:
        lines = store.verify()
        assert any(column in line or "details" in line for line in lines), lines
        assert not any("\n" in line for line in lines)


@pytest.mark.slow
@pytest.mark.parametrize(
    "value",
    [
        "x'00'",
        "'x'",
        "CAST(x'ff' AS TEXT)",
        "9e999",
        "-1",
        "9223372036854775807",
        "1e300",
        "'{}'",
        "'[1]'",
        "NULL",
        f"'{DEEP}'",
        f"x'{BOMB.hex()}'",
        f"x'{zlib.compress(DEEP.encode()).hex()}'",
        "x'" + zlib.compress(b'{"model": 1, "judgements": [1]}').hex() + "'",
    ],
    ids=lambda value: value[:20],
)
def test_no_value_anywhere_is_more_than_an_error_of_the_store(filled: Path, value: str) -> None:
    path = filled.parent / "tried.sqlite3"
    for table, column in columns():
        shutil.copy(filled, path)
        if not set_column(path, table, column, value):
            continue
        with Store.open(path) as store:
            store.verify()
            for read in READS:
                with suppress(StoreError):
                    read(store)
        for rest in path.parent.glob("tried.sqlite3*"):
            rest.unlink()


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("UPDATE sheets SET usage = 'x'", "damaged usage"),
        ("UPDATE sheets SET usage = '{\"calls\": -1}'", "damaged usage"),
        ('UPDATE sheets SET usage = \'{"calls": 1, "cost": 1e999}\'', "damaged usage"),
        (f"UPDATE sheets SET detail = x'{BOMB.hex()}'", "judgement set 1"),
        ("UPDATE pairs SET confidence = 7.5", "damaged confidence"),
        ("UPDATE pairs SET confidence = -0.5", "damaged confidence"),
        ("UPDATE pairs SET excluded = 2", "damaged excluded"),
        ("DELETE FROM names", "damaged scorer"),
        ("UPDATE failures SET reason = 'because'", "damaged reason"),
        ("UPDATE failures SET categories = '{}'", "damaged categories"),
        ("UPDATE applied SET labels = '[1]'", "damaged labels"),
        ("UPDATE verdicts SET given_at = 9e999", "damaged given_at"),
        ("UPDATE verdicts SET given_at = -9e999", "damaged given_at"),
        ("UPDATE sheets SET judged_at = -63e9", "damaged judged_at"),
        ("UPDATE verdicts SET accepted = 7", "damaged accepted"),
        ("UPDATE batches SET state = 'gone'", "damaged state"),
        ("UPDATE sent SET packs = '[]'", "damaged packs"),
        ("UPDATE sent SET settled = '{}'", "damaged settled"),
        ("UPDATE sent SET batch = 99", "damaged batch"),
        ("UPDATE sent SET detail = x'00'", "details of row 1"),
        ("UPDATE files SET size = -1", "damaged size"),
        ("UPDATE runs SET state = 'lost'", "damaged state"),
    ],
)
def test_verify_knows_what_values_mean(copy: Path, sql: str, why: str) -> None:
    tamper(copy, sql)
    with Store.open(copy, read_only=True) as store:
        assert any(why in line for line in store.verify()), store.verify()


@pytest.mark.parametrize("year", [2, 1900, 1969, 2500, 9999])
def test_a_time_of_a_clock_that_is_wrong_is_no_damage(copy: Path, year: int) -> None:
    at = datetime(year, 1, 1, tzinfo=UTC).timestamp()
    tamper(copy, f"UPDATE runs SET started = {at}, ended = {at}")
    tamper(copy, f"UPDATE sheets SET judged_at = {at}")
    tamper(copy, f"UPDATE verdicts SET given_at = {at}")
    with Store.open(copy, read_only=True) as store:
        assert store.verify() == []
        assert [verdict.at for verdict in store.verdicts()] == [at]
        assert {found.judged_at for found in store.history(ARTICLES[0])} == {at}
        assert [when for _, _, when, _ in store.scorers()] == [at]


def test_a_damaged_value_is_named_with_the_way_out(copy: Path) -> None:
    tamper(copy, "UPDATE sheets SET usage = 'x'")
    with Store.open(copy, read_only=True) as store, pytest.raises(StoreError) as error:
        store.scorers()
    message = str(error.value)
    assert "records.sqlite3" in message
    assert "is damaged (`classify store verify` says where): restore a copy" in message


@pytest.mark.parametrize(
    "harm",
    [
        "CREATE TRIGGER t AFTER INSERT ON sheets BEGIN DELETE FROM verdicts; END",
        "DROP TABLE names; CREATE VIEW names AS WITH RECURSIVE n(id, name) AS"
        " (SELECT 1, 'x' UNION ALL SELECT id + 1, 'x' FROM n) SELECT * FROM n",
        "DROP TABLE names; CREATE VIRTUAL TABLE names USING fts5(id, name)",
    ],
    ids=["trigger", "endless view", "virtual table"],
)
def test_what_would_run_code_of_the_file_is_refused(copy: Path, harm: str) -> None:
    with closing(sqlite3.connect(copy)) as db:
        db.executescript(harm)
    for read_only in (True, False):
        with pytest.raises(StoreError, match="is damaged"):
            Store.open(copy, read_only=read_only)


def test_a_value_that_is_too_large_is_not_loaded(copy: Path) -> None:
    tamper(copy, f"UPDATE vectors SET data = zeroblob({1 << 28})")
    tamper(copy, f"UPDATE failures SET message = CAST(zeroblob({1 << 28}) AS TEXT)")
    with Store.open(copy, read_only=True) as store:
        assert store.vectors(["key"]) == {}
        with pytest.raises(StoreError):
            store.failed(SCORERS[0], ["a.md"])
        assert store.verify() != []
    with Store.open(copy) as store:
        store.keep_vectors({"key": bytes(800), "other": bytes(1 << 27)})
        assert set(store.vectors(["key", "other"])) == {"key"}
