from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.cli_sites import write_mislabelled

from classifier.scorers.embedded import corrections


@pytest.fixture
def site(project: Path) -> Path:
    return write_mislabelled(project)


def confidences(command, path: str, *more: str) -> dict[str, dict]:
    ran = command(path, "--json", *more)
    assert ran.code == 0
    return {it["category"]: it for it in json.loads(ran.out)["judgements"]}


@pytest.mark.slow
def test_the_same_verdicts_give_the_same_file(site: Path, command) -> None:
    for n in range(12):
        word = "accept" if n % 3 == 2 else "reject"
        assert command(word, f"site/{n:02}.md", "bread", "--note", "so be it").code == 0
    ran = command("learn")
    assert ran.code == 0
    assert ran.out.startswith("tags: 12 articles, 12 labelled pairs\n")
    file = Path("taxonomy/learned.json")
    first = file.read_bytes()
    assert list(corrections.load(file).kinds["tags"].categories) in (["tags/bread"], [])
    assert command("learn").code == 0
    assert file.read_bytes() == first

    notes = [
        example.note for its in corrections.load(file).lessons.values() for example in its.examples
    ]
    assert set(notes) == {"so be it"}


@pytest.mark.slow
def test_verdicts_win_over_labels(site: Path, command) -> None:
    command("reject", "site/02.md", "bread")
    ran = command("learn", "site", "--field", "tags")
    assert ran.code == 0
    kind = corrections.load(Path("taxonomy/learned.json")).kinds["tags"]
    assert kind.categories["tags/bread"].accepted == 7


def test_too_little_is_said_and_nothing_is_written(site: Path, command) -> None:
    command("reject", "site/02.md", "bread")
    ran = command("learn")
    assert ran.code == 2
    assert "too few labels to learn from (tags: 1 pair on 1 article" in ran.err
    assert not Path("taxonomy/learned.json").exists()


@pytest.mark.slow
def test_a_file_that_is_broken_is_told_and_made_anew(site: Path, command) -> None:
    file = Path("taxonomy/learned.json")
    file.write_text("{}")
    ran = command("site/00.md")
    assert ran.code == 2
    assert "run `classify learn` again" in ran.err
    assert command("learn", "site", "--field", "tags").code == 0
    assert command("site/00.md").code == 0


@pytest.mark.slow
def test_what_was_learned_with_another_scorer_is_not_used(site: Path, command) -> None:
    command("learn", "site", "--field", "tags")
    file = Path("taxonomy/learned.json")
    content = json.loads(file.read_text())
    file.write_text(json.dumps(content | {"scorer": "embedded:other:0123456789abcdef"}))
    ran = command("site/00.md")
    assert "learned with another model or version of the scorer and is not used" in ran.err
    assert "learned" not in confidences(command, "site/00.md")["tags/bread"]["aspects"]


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer() as server:
        yield server


@pytest.mark.slow
def test_only_categories_whose_examples_changed_are_judged_again_by_a_model(
    site: Path, command, server: ChatServer
) -> None:
    options = ("--scorer", "openai", "--model", "m1", "--base-url", server.url)
    assert command("site", *options, "--quiet").code == 0
    ran = command("learn", "site", "--field", "tags", *options)
    lessons = corrections.load(Path("taxonomy/learned.json")).lessons
    assert f"{24 * len(lessons)} stored pairs will be judged again by language models" in ran.err
    assert 0 < len(lessons) < 4

    ran = command("site", *options, "--dry-run")
    assert f"{24 * len(lessons)} pairs" in ran.out + ran.err
    assert command("site", *options, "--quiet").code == 0
    assert "<example verdict=" in server.requests[-1].system
    calls = len(server.requests)

    ran = command("learn", "site", "--field", "tags", *options)
    assert "will be judged again" not in ran.err
    assert command("site", *options, "--no-examples", "--quiet").code == 0
    assert command("store", "gc", "--categories", "taxonomy", "--yes").code == 0
    assert command("site", *options, "--quiet").code == 0
    assert len(server.requests) == calls
