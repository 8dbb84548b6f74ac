"""Workers claim articles, and commit what is queued in groups."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.stores import ARTICLES, CATEGORIES, SCORERS, run, sheet, start, tamper

from classifier.errors import StoreError
from classifier.models import Usage
from classifier.store import JudgementSet, Store, worker
from classifier.store.worker import Worker


@contextmanager
def working(store: Store, scorer: str = SCORERS[0]) -> Iterator[Worker]:
    with closing(store.worker(scorer)) as made:
        yield made


def claims(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT article FROM claims ORDER BY article").fetchall()


# --- claims --------------------------------------------------------------------------------------


def test_an_article_is_one_workers_until_it_is_released(store: Store, path: Path) -> None:
    with working(store) as one, working(store) as other:
        assert one.claim("a")
        assert one.claim("a")
        assert not other.claim("a")
        assert other.claim("b")
        assert (one.taken(["a", "b", "c"]), other.taken(["a", "b"])) == ({"b"}, {"a"})
        one.release("a").result()
        assert other.taken(["a", "b"]) == set()
        assert other.claim("a")
    assert claims(path) == []


def test_scorers_do_not_share_articles(store: Store) -> None:
    with working(store) as one, working(store, SCORERS[1]) as other:
        assert one.claim("a")
        assert other.claim("a")


def test_closing_gives_up_all_claims(store: Store) -> None:
    with working(store) as other:
        with working(store) as one:
            assert one.claim("a")
        assert other.claim("a")


@pytest.mark.parametrize(
    "lease",
    ["lease - 31", "lease + 100000", "-1e308", "9e999"],
    ids=["over", "the clock was set back", "nonsense", "endless"],
)
def test_a_lease_that_has_run_out_is_taken_over(store: Store, path: Path, lease: str) -> None:
    with working(store) as one, working(store) as other:
        assert one.claim("a")
        tamper(path, f"UPDATE workers SET lease = {lease} WHERE id = {one._id}")
        assert other.taken(["a"]) == set()
        assert other.claim("a")
        assert not one.claim("a")


def test_a_lease_is_renewed_as_long_as_the_worker_lives(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "_RENEW_SECONDS", 0.01)
    with working(store) as one:
        tamper(path, "DELETE FROM workers")
        until = time.monotonic() + 60
        with working(store) as other:
            while other.claim("a") and time.monotonic() < until:
                other.release("a").result()
                one.claim("a")
            assert not other.claim("a")


def test_what_a_killed_process_had_claimed_is_free_at_once(store: Store, path: Path) -> None:
    code = """
assert Store.open(path).worker("s").claim("a")
os.kill(os.getpid(), signal.SIGKILL)
"""
    run(code, path)
    assert claims(path) == [("a",)]
    with working(store, "s") as one:
        assert one.taken(["a"]) == set()
        assert one.claim("a")


def test_what_a_living_process_has_claimed_is_not_free(store: Store, path: Path) -> None:
    code = """
assert Store.open(path).worker("s").claim("a")
print("claimed", flush=True)
sys.stdin.read()
"""
    with start(code, path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "claimed\n"
        with working(store, "s") as one:
            assert not one.claim("a")
            process.kill()
            process.wait()
            assert one.claim("a")


def test_a_process_whose_number_is_ours_now_has_ended(store: Store, path: Path) -> None:
    with working(store) as one:
        assert one.claim("a")
        ours = f"{worker._place()} {os.getpid()}"
        tamper(path, f"INSERT INTO workers SELECT 7, '{ours}', lease FROM workers")
        tamper(path, f"INSERT INTO claims VALUES ('{SCORERS[0]}', 'b', 7)")
        assert one.claim("b")


def test_a_worker_that_registers_is_alive_to_the_threads_that_look_meanwhile(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process runs, so what tells it from a dead one of the same number has to be there."""
    ended: list[bool] = []
    renew = Worker._renew

    def looked(self: Worker, connection: sqlite3.Connection) -> None:
        renew(self, connection)
        rows = connection.execute("SELECT id, process FROM workers").fetchall()
        ended.extend(worker._ended(number, process) for number, process in rows)

    monkeypatch.setattr(Worker, "_renew", looked)
    with working(store):
        assert ended == [False]


def test_a_process_of_another_computer_has_until_its_lease_runs_out(
    store: Store, path: Path
) -> None:
    with working(store) as one:
        assert one.claim("a")
        tamper(path, "INSERT INTO workers SELECT 7, 'elsewhere 999999999', lease FROM workers")
        tamper(path, f"INSERT INTO claims VALUES ('{SCORERS[0]}', 'b', 7)")
        assert not one.claim("b")
        tamper(path, "UPDATE workers SET lease = 0 WHERE id = 7")
        assert one.claim("b")


def test_threads_that_claim_at_once_get_each_article_once(store: Store) -> None:
    won: list[str] = []

    def claim_all() -> None:
        with working(store) as one:
            won.extend(name for name in names if one.claim(name))
            barrier.wait(60)  # or the claims of one that has ended would be free again

    names = [f"article {n}" for n in range(40)]
    barrier = threading.Barrier(4)
    threads = [threading.Thread(target=claim_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(names)


# --- storing -------------------------------------------------------------------------------------


def test_what_is_queued_is_stored_in_order_and_a_withdrawal_takes_it_back(store: Store) -> None:
    with working(store) as one:
        written = [one.add(sheet(article)) for article in ARTICLES]
        one.withdraw(written[1:2])
    assert [it.result() for it in written] == [1, 2, 3]
    stored = [set(store.load(SCORERS[0], article, CATEGORIES)) for article in ARTICLES]
    assert stored == [set(CATEGORIES[:2]), set(), set(CATEGORIES[:2])]
    assert store.verify() == []


def test_what_was_stored_before_can_be_withdrawn(store: Store) -> None:
    with working(store) as one:
        written = one.add(sheet())
        written.result()
        one.withdraw([written]).result()
    assert store.stats()["judgements"] == 0


def test_queueing_never_waits_for_the_disk_and_what_waited_is_one_commit(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    commit = Worker._commit

    def counted(self: Worker, jobs: Sequence[worker._Job], *, renew: bool) -> None:
        sizes.append(len(jobs))
        commit(self, jobs, renew=renew)

    monkeypatch.setattr(Worker, "_commit", counted)
    with working(store) as one, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # as another process that writes
        one.add(sheet("first"))
        while not sizes:
            time.sleep(0.001)
        written = [one.add(sheet(f"article {n}")) for n in range(200)]
        assert not any(it.done() for it in written)
        other.execute("ROLLBACK")
        written[-1].result()
    assert sizes == [1, 200]
    assert store.stats()["judgements"] == 402


def test_a_set_of_any_size_is_stored(store: Store) -> None:
    one = next(iter(sheet().judgements.values()))
    many = JudgementSet(
        scorer="s",
        article="a",
        judgements={f"category {n}": one for n in range(60_000)},
        judged_at=1.0,
        usage=Usage(calls=1),
    )
    with working(store) as made:
        made.add(many).result()
    assert store.stats()["judgements"] == 60_000


def test_who_waits_learns_that_it_could_not_be_stored(store: Store, path: Path) -> None:
    store.add(sheet())
    tamper(path, f"UPDATE sheets SET id = {2**63 - 1}")
    with working(store) as one:
        written = one.add(sheet(ARTICLES[1]))
        with pytest.raises(StoreError, match="is damaged"):
            written.result()


def test_what_was_written_survives_a_kill(path: Path) -> None:
    code = """
worker = Store.open(path).worker("s")
from functools import partial
for n in range(3000):
    worker.add(sheet(f"article {n}")).add_done_callback(lambda it: print(it.result(), flush=True))
sys.stdin.read()
"""
    with start(code, path) as process:
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(40)]
        process.kill()
        told += process.stdout.readlines()
    last = int([line for line in told if line.endswith("\n")][-1])
    with Store.open(path) as store:
        assert store.stats()["judgements"] >= last
        assert store.verify() == []
