from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.cli_sites import RAIN, write_mislabelled


@pytest.fixture
def site(project: Path) -> Path:
    return write_mislabelled(project)


def confidences(command, path: str, *more: str) -> dict[str, dict]:
    ran = command(path, "--json", *more)
    assert ran.code == 0
    return {it["category"]: it for it in json.loads(ran.out)["judgements"]}


@pytest.mark.slow
def test_labels_move_other_articles_and_the_reasoning_says_so(site: Path, command) -> None:
    Path("new.md").write_text(f"---\ntitle: News\n---\n{RAIN}\n")
    before = confidences(command, "new.md")
    ran = command("train", "site", "--field", "tags")
    assert ran.code == 0
    assert ran.out.startswith("tags: 24 articles, 96 labelled pairs, of which 16 belong\n")
    assert "taxonomy/trained.json' (" in ran.err

    after = confidences(command, "new.md")
    bread = after["tags/bread"]
    assert bread["confidence"] > before["tags/bread"]["confidence"] + 0.2
    assert bread["aspects"]["learned"] > 0.7
    assert "Labels of other articles moved it from" in bread["reasoning"]
    assert after["concepts/craft"] == before["concepts/craft"]
    assert "On articles it had not seen:" in ran.out
    # Half of the labels under "tags" are wrong by the scorer's own reading.
    assert re.search(
        r"\n  labels that it adds there: \d+, of which people gave \d+, such as\n", ran.out
    )
    assert (
        "\na run knows the labels of these articles by now and mostly repeats them there" in ran.out
    )
    assert "  could not learn 2 of 4 categories:\n    no article has this label: " in ran.out
    again = confidences(command, "new.md", "--trained", "off")
    assert again == before

    alone = confidences(command, "new.md", "--no-store")["tags/bread"]
    assert alone["confidence"] == bread["confidence"]

    definition = Path("taxonomy/tags/bread.md")
    definition.write_text("---\ntitle: Bread\ndescription: Rolls.\n---\n")
    ran = command("new.md", "--explain")
    assert "the corrections of tags/bread are not used" in ran.err
    assert "learned" not in confidences(command, "new.md")["tags/bread"]["aspects"]
