"""`classify eval GOLD --pack`: another size of pack, the same pairs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support import chat_server as chat
from support.chat_server import ChatServer


@pytest.fixture
def measure(project: Path, server: ChatServer, command):
    (project / "gold.csv").write_text("article,category\nlunch.md,bread\n")
    options = ("--scorer", "openai", "--model", "m1", "--base-url", server.url)
    return lambda *more: command("eval", "gold.csv", *options, *more)


def tired(request):
    """A model that overlooks what it is asked about when there is more than one thing."""
    if len(request.categories) <= 2:  # one, and the canary
        return chat.judge(request)
    zero = {"mentions": 0, "alignment": 0, "depth": 0}
    return chat.changed(lambda items: [item | zero for item in items])(request)


def test_every_size_has_all_pairs_judged_once(measure, server: ChatServer) -> None:
    ran = measure("--pack", "1,2", "--judge", "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    assert [it["pack"] for it in told["packs"]] == [1, 2]
    assert [it["usage"]["calls"] for it in told["packs"]] == [4, 2]
    assert [it["agreement"] for it in told["packs"]] == [1.0, 1.0]
    assert len(server.requests) == 6
    again = json.loads(measure("--pack", "1,2", "--judge", "--json").out)
    assert again == told
    assert len(server.requests) == 6


def test_what_is_measured_is_not_taken_for_a_run_nor_the_other_way_round(
    measure, command, server: ChatServer
) -> None:
    measure("--pack", "1,4", "--judge")
    before = len(server.requests)
    options = ("--scorer", "openai", "--model", "m1", "--base-url", server.url)
    assert command("lunch.md", *options).code == 0
    assert len(server.requests) == before + 1


def test_a_model_that_tires_is_not_recommended_more(measure, server: ChatServer) -> None:
    server.always = tired
    told = measure("--pack", "1,4", "--judge").out
    assert "keep to 1" in told
    assert "classify.toml" not in told


def test_a_size_that_is_as_good_is_said_in_the_words_of_the_settings(measure) -> None:
    assert "pack = 4" in measure("--pack", "1,4", "--judge").out


def test_nothing_is_paid_without_being_asked_for(measure, server: ChatServer) -> None:
    ran = measure("--pack", "1,4")
    assert ran.code == 2
    assert "--judge" in ran.err
    assert server.requests == []


def test_the_budget_is_one_for_all_sizes(measure, project: Path, server: ChatServer) -> None:
    settings = project / "classify.toml"
    settings.write_text(f"max_calls = 5\n{settings.read_text()}")
    server.always = lambda request: replace(chat.judge(request), delay=0.01)
    assert measure("--pack", "1,2", "--judge").code == 1
    assert len(server.requests) == 5


@pytest.mark.parametrize("sizes", ["10", "a,b", "0,1", "", "5,5"])
def test_sizes_that_are_none_are_refused_in_one_line(measure, sizes: str) -> None:
    ran = measure("--pack", sizes)
    assert ran.code == 2
    assert repr(sizes) in ran.err
