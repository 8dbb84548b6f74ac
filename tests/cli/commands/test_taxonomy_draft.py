"""`classify taxonomy draft`: a diff, what it changes, and the file on demand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.chat_server import ChatServer, saying

ANSWER = {
    "description": "Loaves, and how they are baked.",
    "scope": "An article belongs that is about making bread.",
    "key_topics": ["sourdough"],
}


@pytest.fixture
def server(server: ChatServer, api_key: None) -> ChatServer:
    server.always = saying(json.dumps(ANSWER))
    return server


def test_a_draft_is_shown_and_then_written(run, project: Path, server: ChatServer) -> None:
    (project / "content").mkdir()
    for name in ("a", "b"):
        text = f"---\ntitle: {name}\ntags: [Bread]\n---\nBread, bread, bread.\n"
        (project / "content" / f"{name}.md").write_text(text)
    (project / "classify.toml").write_text('categories = "taxonomy"\ncontent = "content"\n')
    options = ("taxonomy", "draft", "Bread", "--model", "m1", "--base-url", server.url)
    ran = run(*options)
    assert ran.code == 0
    assert "+++ b/taxonomy/tags/bread.md\n" in ran.out
    assert "tags/bread: 1 right, 0 wrong, 0 missed on 1 article that the model did not" in ran.err
    assert "drafted by loopback-1 from 1 article: 1 call, unknown price" in ran.err
    assert "nothing is written" in ran.err
    ran = run(*options, "--write")
    assert "no call" in ran.err
    assert "written: 'taxonomy/tags/bread.md'" in ran.err
    assert "sourdough" in (project / "taxonomy/tags/bread.md").read_text()
    assert len(server.requests) == 1


def test_without_a_model_it_says_how_to_name_one(run, project: Path) -> None:
    ran = run("taxonomy", "draft", "Bread")
    assert ran.code == 2
    assert "--model NAME" in ran.err
