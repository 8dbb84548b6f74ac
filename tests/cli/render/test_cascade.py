from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import composition

TITLES = ("Bread", "Cheese", "Olives", "Wine")
ARTICLES = 40
PAIRS = 5 * ARTICLES


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.fixture
def site(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(composition, "_embedded", lambda _settings: KeywordScorer())
    (project / "site").mkdir()
    for number in range(ARTICLES):
        title = TITLES[number % 4]
        text = f"Of {title}, number {number}. {title} again, and once more {title}."
        (project / "site" / f"{number:02}.md").write_text(f"{text}\n")
    return project


@pytest.fixture
def ask(site: Path, server: ChatServer, command):
    """Any command with the model named; what is asked at random depends on the texts alone."""
    return lambda *arguments: command(*arguments, "--model", "m1", "--base-url", server.url)


@pytest.fixture
def run(ask):
    return lambda *arguments: ask("run", "site", *arguments, "--scorer", "cascade")


def asked(server: ChatServer) -> int:
    """Pairs; each call has a canary beside."""
    return sum(len(request.categories) - 1 for request in server.requests)


def test_a_dry_run_shows_the_split_and_sends_nothing(run, server: ChatServer) -> None:
    ran = run("--shortlist", "1", "--dry-run")
    told = " ".join(ran.out.split())
    assert ran.code == 0
    assert "judge: cascade (m1)" in told
    assert "rule: the 1 likeliest categories of each kind, no guaranteed recall" in told
    settled, to_ask = (
        int(told.partition(f"{name}: ")[2].split()[0]) for name in ("settled", "ask")
    )
    assert settled + to_ask == PAIRS
    assert "without the cascade" in told
    assert not server.requests
    run("--shortlist", "1")
    assert asked(server) == to_ask
    after = " ".join(run("--shortlist", "2", "--dry-run").out.split())
    assert f"{to_ask} of them already answered" in after
