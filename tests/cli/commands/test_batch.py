"""`classify batch`: what is asked for, what is printed, and what is stored in the end."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from support import chat_server as chat

from classifier.project import batch as verbs
from classifier.scorers.openai import costs


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    def price(usage, *, model, base_url, tier="standard"):
        rate = {"standard": 2.0, "batch": 1.0}[tier] / 1000
        used = usage.input_tokens + usage.output_tokens
        return replace(usage, cost=rate * used if used else None)

    monkeypatch.setattr(costs, "priced", price)


def words(text: str) -> str:
    return " ".join(text.split())


def test_from_submit_to_labels(batch, command) -> None:
    ran = batch("submit", "content")
    assert (ran.code, ran.err) == (0, "")
    assert "submitted 3 requests about 3 articles in 1 batch" in ran.out
    ran = batch("collect", "--wait")
    assert (ran.code, ran.err) == (0, "")
    assert "completed: 15 of 15 pairs judged; 3 calls, 3,000 tokens in" in ran.out
    ran = command("content", "--scorer", "openai", "--json")
    labels = [json.loads(line)["labels"]["tags"] for line in ran.out.splitlines()]
    assert [[label["title"] for label in found] for found in labels] == [["Bread", "Wine"]] * 3
    assert batch("submit", "content").out == "nothing to submit\n"


def test_the_folder_can_be_named_to_every_command(batch, project: Path, service) -> None:
    service.still = True
    (project / "other").mkdir()
    (project / "other" / "d.md").write_text("Cheese.\n")
    batch("submit", "content")
    batch("submit", "other")

    def chosen(*paths: str) -> list[int]:
        found = json.loads(batch("status", *paths, "--json").out)["batches"]
        return [it["articles"] for it in found]

    assert chosen() == [3, 1]
    assert chosen("content") == [3]
    assert chosen("other/d.md") == [1]
    assert chosen(".") == [3, 1]
    assert chosen("content/a.md", "other") == [3, 1]
    assert chosen("taxonomy") == []
    assert batch("cancel", "other").out.count("\n") == 1
    assert [b.status for b in service.batches.values()] == ["validating", "cancelling"]


def test_dry_run_shows_requests_files_tokens_and_cost_and_sends_nothing(
    batch, service, project: Path, priced
) -> None:
    ran = batch("submit", "content", "--dry-run", "--pack", "3")
    assert ran.code == 0
    shown = words(ran.out)
    assert "to ask: 15 pairs" in shown
    assert "requests: 6 in 1 file" in shown
    assert "at batch prices" in shown
    assert "$" in shown
    assert service.files == {}
    assert not (project / ".classify").exists()


def test_the_budget_is_kept_and_what_is_left_is_counted(batch, service, priced) -> None:
    ran = batch("submit", "content", "--max-calls", "2")
    assert ran.code == 1
    assert "submitted 2 requests" in ran.out
    assert "budget used up" in ran.err
    ran = batch("submit", "content", "--dry-run", "--max-cost", "0.01")
    assert "to ask: 0 pairs, 5 over budget" in words(ran.out)
    assert ran.code == 1


def test_what_was_not_answered_is_counted_by_reason_and_shows_in_the_run(batch, command, service):
    service.fate("expired", answered=0.34)
    batch("submit", "content")
    ran = batch("collect", "--wait")
    assert ran.code == 1
    assert "expired: 5 of 15 pairs judged" in ran.out
    assert "2 articles not judged completely (expired)" in ran.err
    assert "submit it again" in ran.err
    status = json.loads(command("status", "content", "--scorer", "openai", "--json").out)
    assert status["scorers"][0]["failed"] == 2


def test_one_batch_of_several_can_be_cancelled(batch, service) -> None:
    service.still = True
    batch("submit", "content/a.md")
    batch("submit", "content/b.md")
    names = [it["batch"] for it in json.loads(batch("status", "--json").out)["batches"]]
    assert batch("cancel", "--batch", "none").err == "classify: no open batch named 'none'\n"
    assert (
        "cancelled; `classify batch collect` stores what was answered"
        in batch("cancel", "--batch", names[1][:8]).out
    )
    assert [b.status for b in service.batches.values()] == ["validating", "cancelling"]


def test_refused_lines_are_counted(batch, service) -> None:
    service.forged = lambda lines: [*lines, {"custom_id": "x"}]
    batch("submit", "content")
    assert "1 line dropped" in batch("collect", "--wait").out


def test_collecting_what_has_not_ended_says_so(batch, service) -> None:
    service.still = True
    batch("submit", "content")
    ran = batch("collect")
    assert (ran.code, ran.out, ran.err) == (0, "", "classify: 1 batch in progress\n")


def test_waiting_goes_on_through_a_server_that_is_away_for_a_moment(
    batch, service, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch("submit", "content")
    original = verbs.BatchServer
    monkeypatch.setattr(
        verbs, "BatchServer", lambda url, **options: original(url, retries=0, **options)
    )
    service.trouble("GET /batches", chat.failing(503), chat.dropping(0.0))
    ran = batch("collect", "--wait")
    assert ran.code == 0
    assert "retrieving batch" in ran.err
    assert "15 of 15 pairs judged" in ran.out


def test_what_waits_for_room_is_shown_and_started_by_collect(batch, service) -> None:
    service.trouble("POST /batches", chat.rate_limited())
    ran = batch("submit", "content")
    assert "1 batch waiting for the queue: `classify batch collect` starts it" in words(ran.out)
    assert "waiting for the queue since" in batch("status").out
    assert "15 of 15 pairs judged" in batch("collect", "--wait").out


def test_nothing_stored_is_one_line(batch) -> None:
    for arguments in (["status"], ["collect"], ["cancel"]):
        ran = batch(*arguments)
        assert ran.code == 2
        assert "nothing is stored yet" in ran.err
    batch("submit", "content", "--max-calls", "0")
    assert batch("status").err == "classify: no batches are stored\n"
    assert batch("cancel").err == "classify: no open batches\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["submit", "nowhere"], "nowhere"),
        (["submit", "empty"], "no Markdown files in 'empty'"),
        (["submit", "content", "--base-url", "http://127.0.0.1:1/v1"], "the server is running"),
        (["submit", "content", "--megabytes", "300"], "megabytes"),
        (["submit", "content", "--max-cost", "1"], "price of 'm1' is unknown"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    batch, project: Path, arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = verbs.BatchServer
    monkeypatch.setattr(
        verbs, "BatchServer", lambda url, **options: original(url, retries=0, **options)
    )
    (project / "empty").mkdir()
    ran = batch(*arguments)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_without_a_key_the_official_server_is_not_asked(batch, command, project: Path) -> None:
    (project / "classify.toml").write_text('categories = "taxonomy"\nmodel = "gpt-4o-mini"\n')
    ran = batch("submit", "content")
    assert (ran.code, ran.out) == (2, "")
    assert "OPENAI_API_KEY is not set" in ran.err
    assert batch("submit", "content", "--dry-run").code == 0


def test_a_live_run_warns_of_what_is_asked_in_batches_already(batch, command, service) -> None:
    service.still = True
    batch("submit", "content")
    for arguments in (["--dry-run"], []):
        ran = command("content", "--scorer", "openai", *arguments)
        assert "15 pairs are already in batches" in ran.err
    ran = command("content", "--scorer", "openai")
    assert "batches" not in ran.err


def test_what_is_old_is_asked_again_by_age(batch, project: Path) -> None:
    batch("submit", "content")
    batch("collect", "--wait")
    assert batch("submit", "content").out == "nothing to submit\n"
    with closing(sqlite3.connect(project / ".classify" / "records.sqlite3")) as db, db:
        db.execute("UPDATE sheets SET judged_at = judged_at - 100 * 86400")
    shown = words(batch("submit", "content", "--older-than", "90d", "--dry-run").out)
    assert "to ask: 15 pairs" in shown
    ran = batch("submit", "content", "--older-than", "90d", "--at-most", "2")
    assert "submitted 2 requests about 2 articles in 1 batch" in ran.out
    refused = batch("submit", "content", "--at-most", "2")
    assert refused.code == 2
    assert "add --older-than 90d" in refused.err
