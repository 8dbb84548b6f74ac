from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli_sites import ENTRY, write_lunch_and_trip

LUNCH = Path("site/data.lunch.classifications.json")


@pytest.fixture
def site(project: Path) -> Path:
    return write_lunch_and_trip(project)


def test_titles_of_no_category_or_of_several_are_named_and_never_guessed(run, site: Path) -> None:
    (site.parent / "taxonomy/concepts/wine.md").write_text("---\ntitle: Wine\n---\n")
    LUNCH.write_text(json.dumps({"Wine": ENTRY, "Beer": ENTRY | {"category": "Beer"}}))
    ran = run("sidecars", "import", "site")
    assert "0 judgements" in ran.err
    assert "1 skipped, no category has this title: 'Beer' (1)" in ran.err
    assert (
        "1 skipped, several categories have this title, choose with --kind: 'Wine' (1)" in ran.err
    )
    assert "1 judgement and" in run("sidecars", "import", "site", "--kind", "tags").err
