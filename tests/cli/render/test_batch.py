from __future__ import annotations

import json


def words(text: str) -> str:
    return " ".join(text.split())


def test_status_as_json_says_what_the_server_says(batch, service) -> None:
    service.still = True
    batch("submit", "content")
    (found,) = json.loads(batch("status", "--json").out)["batches"]
    assert (found["state"], found["server_status"]) == ("started", "validating")
    assert (found["requests"], found["articles"], found["pairs"]) == (3, 3, 15)
    service.still = False
    batch("collect", "--wait")
    whole = json.loads(batch("status", "--json").out)
    assert whole["schema"] == "classify-batch/1"
    (found,) = whole["batches"]
    assert (found["state"], found["server_status"]) == ("collected", "completed")
    assert (found["pairs_judged"], found["lines_refused"], found["calls"]) == (15, 0, 3)
    assert found["collected_at"] >= found["started_at"] >= found["planned_at"]


def test_status_for_people(batch, service) -> None:
    service.still = True
    batch("submit", "content")
    assert "validating, 0 of 0 answered, started" in words(batch("status").out)
    service.still = False
    batch("collect", "--wait")
    shown = words(batch("status").out)
    assert "completed, collected" in shown
    assert "15 of 15 pairs judged" in shown


def test_a_hostile_server_cannot_write_to_the_terminal(batch, service) -> None:
    batch("submit", "content")
    (theirs,) = service.batches.values()
    theirs.status = "\x1b[31mred\x07"
    service.still = True
    for arguments in (["status"], ["status", "--json"], ["collect"], ["status"]):
        ran = batch(*arguments)
        assert "\x1b" not in ran.out + ran.err
