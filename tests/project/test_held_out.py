from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.chat_server import ChatServer

from classifier.project import Project


@pytest.fixture
def trained(site: Path, server: ChatServer) -> Path:
    """A site that a language model has judged, and a training with it as the teacher."""
    for n in range(8):
        (site / f"note-{n}.md").write_text(f"---\ntitle: Note {n}\n---\nOf harbours, {n}.\n")
    with Project.open(scorer="openai", model="m1", base_url=server.url) as project:
        project.run(".")
        teacher = project.scorer.identity
        digests = [result.digest for result in project.run(".").results()]
    content = {"version": 1, "teachers": {teacher: 0.5}, "held_out": digests[:6]}
    file = site / "taxonomy" / "trained.json"
    file.write_text(json.dumps(content))
    return file


def planned(server: ChatServer, model: str = "m1") -> tuple[str, int]:
    for n in range(2):
        Path(f"new-{n}.md").write_text(f"---\ntitle: New {n}\n---\nOf boats, {n}.\n")
    with Project.open(scorer="openai", model=model, base_url=server.url) as project:
        plan = project.plan(".")
    return plan.basis, plan.held_out


def test_a_plan_uses_what_the_last_training_left_out(trained: Path, server: ChatServer) -> None:
    assert planned(server) == ("measured", 6)


def test_another_teacher_and_articles_that_are_gone_measure_nothing(
    trained: Path, server: ChatServer
) -> None:
    assert planned(server, "m2") == ("none", 0)
    content = json.loads(trained.read_text())
    trained.write_text(json.dumps(content | {"held_out": ["0" * 64, *content["held_out"][:4]]}))
    assert planned(server) == ("none", 0)  # four are too few
    trained.write_text(json.dumps(content | {"held_out": []}))
    assert planned(server) == ("none", 0)
