"""`classify history`: the stored results of an article, for people and programs."""

from __future__ import annotations

import json
import re
from pathlib import Path


def test_history_as_json(run, site: Path) -> None:
    run("site")
    (site / "taxonomy" / "tags" / "bread.md").write_text("---\ntitle: Bread\nsummary: S\n---\n")
    (site / "taxonomy" / "tags" / "wine.md").unlink()
    answer = json.loads(run("history", "site/a.md", "--json").out)
    assert answer["schema"] == "classify-show/1"
    records = {record["category"]: record for record in answer["records"]}
    assert records["tags/bread"]["confidence"] == 0.9
    assert {name for name, record in records.items() if record["outdated"]} == {
        "tags/bread",
        "tags/wine",
    }
    run("site")
    answer = json.loads(run("history", "site/a.md", "--json").out)
    (change,) = answer["changes"]
    assert change["changed"] == ["definition"]
    assert change["confidence"] == {"before": 0.9, "after": 0.9}
    assert len(answer["versions"]) == 1


def test_history_compares_with_the_definitions_that_the_settings_name(run, site: Path) -> None:
    run("site")
    assert "earlier definition" not in run("history", "site/a.md").out
    (site / "taxonomy" / "tags" / "bread.md").write_text("---\ntitle: Bread and rolls\n---\n")
    assert "Bread and rolls (earlier definition)" in run("history", "site/a.md").out
    (site / "classify.toml").unlink()
    out = run("history", "site/a.md").out  # the examples are no later version of anything
    assert "tags/bread" in out
    assert "earlier definition" not in out


def test_history_tells_the_failure_that_was_not_overcome(run, site: Path) -> None:
    path = site / "site" / "a.md"
    path.write_text("Bread.\nFAIL refused\n")
    run("site")
    assert (
        "keywords:counting:01234567 failed last time (refused)" in run("history", "site/a.md").out
    )
    path.write_text("Bread.\n")
    run("site")
    assert "failed" not in run("history", "site/a.md").out


def test_history_of_an_article_that_is_gone_or_was_never_judged(run, site: Path) -> None:
    run("site/a.md")
    assert "Nothing is stored for its current text." in run("history", "site/b.md").out
    (site / "site" / "a.md").unlink()
    ran = run("history", "site/a.md")
    assert "The file is gone." in ran.out
    assert "Bread" in ran.out
    never = run("history", "site/never.md")
    assert (never.code, never.out) == (2, "")
    assert "'site/never.md'" in never.err


def test_history_of_a_bundle_is_that_of_its_index(run, site: Path) -> None:
    bundle = site / "bundle"
    bundle.mkdir()
    (bundle / "index.md").write_text("Olives, olives.\n")
    run("bundle")
    assert re.search(r"0\.70  Olives", run("history", "bundle").out)
