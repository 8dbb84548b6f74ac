"""Counting, collecting and checking what is stored."""

import os
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support.stores import (
    ARTICLES,
    CATEGORIES,
    SCORERS,
    file,
    judgement,
    sheet,
    tamper,
)

from classifier.errors import StoreError
from classifier.models import (
    Failure,
    FailureReason,
    Usage,
)
from classifier.store import (
    FailureRecord,
    Store,
)


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


# --- damage --------------------------------------------------------------------------------------


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
    with closing(sqlite3.connect(path)) as db:
        roots = db.execute("SELECT rootpage FROM sqlite_master WHERE rootpage > 0").fetchall()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as raw:
        for (root,) in roots:
            raw.seek((root - 1) * size)
            raw.write(b"\xa5" * size)
    with Store.open(path) as store:
        assert store.verify() != []
        with pytest.raises(StoreError, match="is damaged"):
            store.add(sheet())
