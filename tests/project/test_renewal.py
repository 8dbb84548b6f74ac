"""Old judgements of a language model are made again, the oldest first, within the budget."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from support.batch_server import BatchService
from support.chat_server import ChatServer, changed, judge

from classifier.content import articles
from classifier.errors import UsageError
from classifier.models import Article, FailureReason
from classifier.project import Project, batch
from classifier.project.renewal import RenewOptions

DAY = 86_400
EVERYTHING = {"mentions": 10, "alignment": 10, "depth": 10}
OLD = RenewOptions(older_than=timedelta(days=90))
STORE = Path(".classify/records.sqlite3")


def opened(server: ChatServer, **more: object) -> Project:
    return Project.open(**{"scorer": "openai", "model": "m1", "base_url": server.url, **more})


def age(path: str, *, days: float, scorer: str = "%") -> None:
    """Make the judgements of an article older."""
    article = articles.read(Path(path))
    assert isinstance(article, Article)
    with closing(sqlite3.connect(STORE)) as db, db:
        db.execute(
            "UPDATE sheets SET judged_at = ? WHERE article IN (SELECT id FROM names WHERE name = ?)"
            " AND scorer IN (SELECT id FROM names WHERE name LIKE ?)",
            (time.time() - days * DAY, article.digest, scorer),
        )


def asked(server: ChatServer) -> list[str]:
    """Return the articles of the requests, by the first word of each, and forget them."""
    found = [request.article for request in server.requests]
    server.requests.clear()
    return ["dinner" if "Wine, wine" in text else "lunch" for text in found]


def test_only_what_is_old_is_judged_again_and_only_once(site: Path, server: ChatServer) -> None:
    with opened(server) as project:
        project.run(".")
        asked(server)
        age("dinner.md", days=100)
        assert project.estimate(".", renew=OLD).scan.pending_pairs == 5
        run = project.run(".", renew=OLD)
        assert (run.progress.pairs, run.progress.stored, run.complete) == (5, 5, True)
        assert asked(server) == ["dinner"]
        assert run.scan.pending == []
        assert len(list(run.results())) == 2
        assert project.run(".", renew=OLD).progress.due_pairs == 0
        assert asked(server) == []


def test_the_oldest_come_first_and_at_most_so_many(site: Path, server: ChatServer) -> None:
    with opened(server, concurrency=1) as project:
        project.run(".")
        asked(server)
        age("lunch.md", days=200)
        age("dinner.md", days=100)
        one = RenewOptions(older_than=timedelta(days=90), at_most=1)
        project.run(".", renew=one)
        assert asked(server) == ["lunch"]
        age("lunch.md", days=91)
        project.run(".", renew=OLD)
        assert asked(server) == ["dinner", "lunch"]


def test_what_is_pending_comes_before(site: Path, server: ChatServer) -> None:
    with opened(server, concurrency=1) as project:
        project.run("dinner.md")
        asked(server)
        age("dinner.md", days=100)
        project.run(".", renew=OLD)
        assert asked(server) == ["lunch", "dinner"]


def test_the_budget_ends_it_and_says_what_is_left(site: Path, server: ChatServer) -> None:
    with opened(server) as project:
        project.run(".")
    age("lunch.md", days=200)
    age("dinner.md", days=100)
    asked(server)
    with opened(server, max_calls=1, concurrency=1) as project:
        run = project.run(".", renew=OLD)
        assert asked(server) == ["lunch"]
        assert run.progress.over_budget
        assert run.scan.pending_pairs == 5
        # The old judgements still count.
        assert all(result.ok for result in run.results())


@pytest.mark.parametrize("scorer", ["cascade", "panel"])
def test_of_several_scorers_only_the_language_model_is_asked_again(
    site: Path, server: ChatServer, scorer: str
) -> None:
    with opened(server, scorer=scorer, shortlist=2) as project:
        run = project.run(".")
        first = len(asked(server))
        age("dinner.md", days=100)
        age("lunch.md", days=100, scorer="embedded:%")
        cost = project.estimate(".", renew=OLD).cost
        assert cost is not None
        assert cost.calls == 1
        run = project.run(".", renew=OLD)
        assert asked(server) == ["dinner"]
        assert first == 2
        assert run.scan.pending == []


def test_a_scorer_that_judges_alike_has_nothing_to_renew(project: Project, site: Path) -> None:
    with pytest.raises(UsageError, match="does not drift"):
        project.run(".", renew=OLD)


def test_what_is_held_back_since_is_not_asked_about_each_time(
    site: Path, server: ChatServer
) -> None:
    with opened(server) as project:
        assert project.run(".").complete
        age("lunch.md", days=200)
        everything = changed(lambda items: [it | EVERYTHING for it in items])
        server.always = lambda it: (everything if "more bread" in it.user else judge)(it)
        run = project.run(".", renew=OLD)
        assert FailureReason.TAMPERED in run.progress.failed
        asked(server)
        assert project.run(".", renew=OLD).progress.due_pairs == 0
        assert asked(server) == []


@pytest.mark.parametrize(("scorer", "pairs"), [("openai", 5), ("cascade", 3)])
def test_a_batch_asks_again_about_the_oldest_and_only_once(
    site: Path, monkeypatch: pytest.MonkeyPatch, scorer: str, pairs: int
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    monkeypatch.setattr(batch, "_FIRST_WAIT", 0.001)
    service = BatchService()
    one = RenewOptions(older_than=timedelta(days=90), at_most=1)
    with (
        ChatServer(service) as server,
        opened(server, scorer=scorer, shortlist=2) as project,
    ):
        project.run(".")
        age("lunch.md", days=200)
        age("dinner.md", days=100)
        assert project.batch.submit(".").batches == ()
        expected = project.batch.estimate(".", renew=one)
        assert (expected.pairs, expected.requests) == (pairs, 1)
        (sent,) = project.batch.submit(".", renew=one).batches
        assert (sent.articles, sent.pairs) == (1, pairs)
        again = project.batch.submit(".", renew=one)
        assert (again.batches, again.in_progress) == ((), pairs)
        # The old judgements count until the new ones are there.
        assert all(result.ok for result in project.run(".").results())
        collected = project.batch.collect(wait=True)
        assert (collected.progress.pairs, collected.progress.failed) == (pairs, {})
        assert len(project.history("lunch.md").changes) == pairs
        assert project.history("dinner.md").changes == ()
        (sent,) = project.batch.submit(".", renew=one).batches
        assert sent.articles == 1
        project.batch.collect(wait=True)
        assert project.batch.submit(".", renew=one).batches == ()


def test_a_batch_of_what_is_new_takes_the_old_along(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    service = BatchService()
    with ChatServer(service) as server, opened(server) as project:
        project.run("dinner.md")
        age("dinner.md", days=100)
        (sent,) = project.batch.submit(".", renew=OLD).batches
        assert (sent.articles, sent.pairs) == (2, 10)
