"""Older stores are brought up to date with all they hold."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.stores import ARTICLES, CATEGORIES, SCORERS, sheet, start

from classifier.errors import StoreError
from classifier.models import Failure, FailureReason
from classifier.store import (
    FailureRecord,
    HeldBack,
    Store,
    schema,
)

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


def test_an_older_store_that_only_lacks_tables_can_be_read_as_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:1])
        with Store.open(path) as store:
            store.add(sheet())
    before = path.read_bytes()
    with Store.open(path, read_only=True) as store:
        assert set(store.load(SCORERS[0], ARTICLES[0], CATEGORIES)) == set(CATEGORIES[:2])
        assert store.verdicts() == []
        assert store.batches.all() == []
        assert store.verify() == []
        with pytest.raises(StoreError):
            store.add(sheet())
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    with Store.open(path) as store:
        assert store.stats()["judgements"] == 2


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


def test_a_store_of_before_answers_were_held_back_holds_none_back(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = Failure(FailureReason.TAMPERED, "an order", ("tags/a",))
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:5])
        with Store.open(path) as store:
            run = store.begin(SCORERS[0], at=1.0)
            store.fail(
                FailureRecord(
                    failure=failure, path="a.md", scorer=SCORERS[0], article=ARTICLES[0], run=run
                )
            )
    with Store.open(path, read_only=True) as store:
        assert store.held(SCORERS[0]) == {}
    with Store.open(path) as store:
        assert store.held(SCORERS[0]) == {}
        assert store.failed(SCORERS[0], ["a.md"]) == {"a.md": failure}
        store.hold(HeldBack(SCORERS[0], ARTICLES[0], CATEGORIES[0], failure), at=1.0)
        assert set(store.held(SCORERS[0])) == {ARTICLES[0]}
