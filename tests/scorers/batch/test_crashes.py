"""Killed at every step and taken up again: nothing is paid twice, nothing lost."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.batch_server import BatchService
from support.batch_site import Site, article
from support.chat_server import ChatServer

from classifier.scorers.batch.builder import BatchLimits
from classifier.scorers.batch.server import BatchServer
from classifier.store import Store
from classifier.store.database import Database

_STEPS = ("upload", "find_file", "download", "start", "find", "retrieve", "cancel")


class Killed(BaseException):
    """What no `except` of the program catches, as it catches no kill."""


class Fate:
    """Ends the program at one of the moments around its writes and its calls to the server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        monkeypatch.setattr(Database, "write", self._write(Database.write))
        for step in _STEPS:
            monkeypatch.setattr(BatchServer, step, self._call(getattr(BatchServer, step)))

    @contextmanager
    def after(self, moments: int) -> Iterator[None]:
        self.left = moments
        try:
            yield
        finally:
            self.left = None

    def _moment(self) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed

    def _call(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def around(*args: Any, **kwargs: Any) -> Any:
            self._moment()
            found = call(*args, **kwargs)
            self._moment()
            return found

        return around

    def _write(self, write: Callable[[Database], Any]) -> Callable[[Database], Any]:
        @contextmanager
        def around(database: Database) -> Iterator[sqlite3.Connection]:
            self._moment()
            with write(database) as connection:
                yield connection
                self._moment()  # before it is on disk
            self._moment()

        return around


@pytest.fixture
def fate(monkeypatch: pytest.MonkeyPatch) -> Fate:
    return Fate(monkeypatch)


@pytest.fixture
def trial(tmp_path: Path) -> Callable[[], Any]:
    """A way to make fresh sites, one after the other."""

    @contextmanager
    def fresh() -> Iterator[Site]:
        service = BatchService()
        path = tmp_path / "records.sqlite3"
        for file in tmp_path.iterdir():
            file.unlink()
        with ChatServer(service) as server, Store.open(path) as store:
            store._db.read("PRAGMA synchronous = OFF")  # no power is cut here
            site = Site(store, server.url, service, limits=BatchLimits(requests=4))
            with closing(site.server):
                yield site

    return fresh


def survives(fate: Fate, moments: int, work: Callable[[], object]) -> bool:
    """Return whether `work` came to its end before that many moments had passed."""
    try:
        with fate.after(moments):
            work()
    except Killed:
        return False
    return True


@pytest.mark.slow
def test_a_submit_killed_anywhere_is_gone_on_with(trial, fate: Fate) -> None:
    survived, moments = False, 0
    while not survived:
        with trial() as site:
            survived = survives(fate, moments, site.submit)
            site.submit()
            site.finish()
            assert site.complete, f"killed at moment {moments}"
            assert len(site.service.batches) == 2
        moments += 1
    assert moments > 30


@pytest.mark.slow
def test_a_submit_killed_anywhere_loses_nothing_when_only_collected(trial, fate: Fate) -> None:
    survived, moments = False, 0
    while not survived:
        with trial() as site:
            survived = survives(fate, moments, site.submit)
            site.finish()
            recorded = len(site.records())
            assert set(site.service.paid.values()) <= {1}
            assert recorded == 2 * sum(site.service.paid.values()), f"at moment {moments}"
        moments += 1


@pytest.mark.slow
def test_a_collect_killed_anywhere_is_gone_on_with(trial, fate: Fate) -> None:
    survived, moments = False, 0
    while not survived:
        with trial() as site:
            site.service.fate("expired", answered=0.5)
            site.submit()
            survived = survives(fate, moments, site.finish)
            site.finish()
            site.submit()
            site.finish()
            assert site.complete, f"killed at moment {moments}"
            batches = site.store.batches.all()
            assert [batch.judged for batch in batches] == [4, 8, 4]
            assert site.store.scorers()[0][3].calls == sum(b.usage.calls for b in batches) == 8
        moments += 1
    assert moments > 20


@pytest.mark.slow
def test_a_run_killed_while_the_queue_is_full_is_gone_on_with(trial, fate: Fate) -> None:
    survived, moments = False, 0
    while not survived:
        with trial() as site:
            (whole,) = site.builder().drafts(site.misses[:1])
            site.limits = BatchLimits(requests=2)
            site.service.queue = 2 * whole.tokens

            def work(site: Site = site) -> None:
                site.submit()
                site.finish()

            survived = survives(fate, moments, work)
            site.submit()
            site.finish()
            assert site.complete, f"killed at moment {moments}"
        moments += 7  # there are some hundred moments


def test_killed_again_and_again_it_comes_to_its_end(trial, fate: Fate) -> None:
    with trial() as site:
        site.articles = [article(number) for number in range(8)]
        for moments in range(3, 40):
            survives(fate, moments % 17, site.submit)
            survives(fate, moments % 13, site.collect)
        site.submit()
        site.finish()
        assert site.complete


@pytest.mark.slow
@pytest.mark.parametrize("step", ["upload", "start", "settle"])
def test_a_process_that_is_killed_leaves_no_lock_and_no_half(tmp_path: Path, step: str) -> None:
    """As the program itself, in a process that ends at once, with no `finally`."""
    service = BatchService()
    (tmp_path / "content").mkdir()
    (tmp_path / "tags").mkdir()
    for number in range(3):
        (tmp_path / "content" / f"{number}.md").write_text(f"Bread of house {number}.\n")
    (tmp_path / "tags" / "bread.md").write_text("---\ntitle: Bread\n---\n")
    with ChatServer(service) as server:
        (tmp_path / "classify.toml").write_text(
            f'categories = "tags"\nmodel = "m"\nbase_url = "{server.url}"\n'
        )
        codes = [_program(tmp_path, "submit", "content", dies_after=step)]
        codes.append(_program(tmp_path, "submit", "content"))
        codes.append(_program(tmp_path, "collect", "--wait", dies_after=step))
        codes.append(_program(tmp_path, "collect", "--wait"))
    assert 9 in codes
    assert codes[1::2] == [0, 0]
    assert set(service.paid.values()) == {1}
    assert len(service.paid) == 3
    with Store.open(tmp_path / ".classify" / "records.sqlite3") as store:
        assert store.stats()["judgements"] == 3
        assert store.verify() == []


def _program(folder: Path, *arguments: str, dies_after: str = "") -> int:
    script = Path(__file__).parents[2] / "support" / "mortal.py"
    command = [sys.executable, str(script), dies_after, *arguments]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode in (0, 9), ran.stderr
    return ran.returncode
