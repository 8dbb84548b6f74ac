"""`classify status` counts articles, for people and programs."""

from __future__ import annotations

import json
from pathlib import Path


def test_a_bundle_that_failed_on_its_own_page_is_known_to_have_failed(run, site: Path) -> None:
    bundle = site / "bundle"
    bundle.mkdir()
    (bundle / "index.md").write_text("Bread.\nFAIL refused\n")
    assert run("bundle").code == 1
    (scorer,) = json.loads(run("status", "bundle", "--json").out)["scorers"]
    assert scorer["paths"]["failed"] == ["bundle/index.md"]


def test_status_as_json_names_the_articles(run, site: Path) -> None:
    run("site/a.md")
    (site / "site" / "a.md").write_text("Bread.\n")
    answer = json.loads(run("status", "site", "--json").out)
    (scorer,) = answer.pop("scorers")
    assert answer == {
        "schema": "classify-status/1",
        "articles": 3,
        "categories": 5,
        "skipped": [],
    }
    assert scorer == {
        "scorer": "keywords:counting:0123456789",
        "configured": True,
        "current": 0,
        "stale": 1,
        "missing": 2,
        "failed": 0,
        "pairs": 15,
        "pairs_to_judge": 15,
        "paths": {"stale": ["site/a.md"], "missing": ["site/b.md", "site/c.md"], "failed": []},
    }


def test_status_makes_no_store_and_changes_none(run, site: Path) -> None:
    assert run("status", "site").code == 0
    assert not (site / ".classify").exists()
    run("site/a.md")
    store = site / ".classify" / "records.sqlite3"
    before = store.read_bytes()
    run("status", "site")
    assert store.read_bytes() == before
