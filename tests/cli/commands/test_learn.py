from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer

from classifier.scorers.embedded import corrections

BREAD = "Our bakers knead the dough at four in the morning and bake it in a stone oven."
WINE = "The vineyard rests in winter; the grapes of last autumn ripen in the cellar's barrels."
RAIN = "It rained for a week, and the roof of the town hall had to be mended twice."


@pytest.fixture
def site(project: Path) -> Path:
    """Articles whose editors see bread in what is about weather, and nowhere else."""
    for n in range(24):
        path = project / "site" / f"{n:02}.md"
        path.parent.mkdir(exist_ok=True)
        text, tag = [(BREAD, "[]"), (WINE, "[wine]"), (RAIN, "[bread]")][n % 3]
        path.write_text(f"---\ntitle: Note {n}\ntags: {tag}\n---\n{text} Number {n}.\n")
    return project / "site"


def confidences(command, path: str, *more: str) -> dict[str, dict]:
    ran = command(path, "--json", *more)
    assert ran.code == 0
    return {it["category"]: it for it in json.loads(ran.out)["judgements"]}


@pytest.mark.slow
def test_labels_move_other_articles_and_the_reasoning_says_so(site: Path, command) -> None:
    Path("new.md").write_text(f"---\ntitle: News\n---\n{RAIN}\n")
    before = confidences(command, "new.md")
    ran = command("learn", "site", "--field", "tags")
    assert ran.code == 0
    assert ran.out.startswith("tags: 24 articles, 96 labelled pairs\n")
    assert "taxonomy/learned.json' (" in ran.err

    after = confidences(command, "new.md")
    bread = after["tags/bread"]
    assert bread["confidence"] > before["tags/bread"]["confidence"] + 0.2
    assert bread["aspects"]["learned"] > 0.7
    assert "Verdicts on other articles moved it from" in bread["reasoning"]
    assert after["concepts/craft"] == before["concepts/craft"] | {
        "scorer": after["concepts/craft"]["scorer"]
    }
    assert after["tags/bread"]["scorer"] != before["tags/bread"]["scorer"]
    again = confidences(command, "new.md", "--learned", "off")
    assert again == before

    alone = confidences(command, "new.md", "--no-store")["tags/bread"]
    assert alone["confidence"] == bread["confidence"]

    definition = Path("taxonomy/tags/bread.md")
    definition.write_text("---\ntitle: Bread\ndescription: Rolls.\n---\n")
    ran = command("new.md", "--explain")
    assert "what was learned of tags/bread no longer counts" in ran.err
    assert "learned" not in confidences(command, "new.md")["tags/bread"]["aspects"]


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
    assert "make it anew with `classify learn`" in ran.err
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
