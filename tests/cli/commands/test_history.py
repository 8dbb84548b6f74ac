"""`classify history`: the stored results of an article, for people and programs."""

from __future__ import annotations

import json
import re
from pathlib import Path


def test_history_has_the_records_and_what_changed(run, site: Path) -> None:
    run("site")
    path = site / "site" / "a.md"
    path.write_text("---\ntitle: a\n---\nBread and cheese, cheese.\n")
    run("site")
    ran = run("history", "site/a.md")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("a\nsite/a.md\n\nkeywords:counting:01234567\n")
    assert re.search(r"\n  ███████░░░  0\.70  Cheese\n +Its title is 2 times", ran.out)
    assert ran.out.index("Cheese") < ran.out.index("Bread") < ran.out.index("Craft")
    assert ran.out.count("last seen") == 2
    assert "3 times with the same confidence" in ran.out
    assert re.search(r"0\.90 -> 0\.45 Bread: article changed", ran.out)
    assert re.search(r"0\.10 -> 0\.70 Cheese: article changed", ran.out)


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


def test_no_control_of_the_terminal_gets_from_the_records_to_the_screen(run, site: Path) -> None:
    (site / "taxonomy" / "tags" / "evil.md").write_text('---\ntitle: "\\e[31mEvil\\u202e"\n---\n')
    (site / "site" / "a.md").write_text('---\ntitle: "\\e[2J"\n---\n\x1b[31mEvil\u202e twice.\n')
    for arguments in (
        ["site"],
        ["history", "site/a.md"],
        ["history", "site/a.md", "--json"],
        ["status", "site"],
    ):
        ran = run(*arguments)
        assert (ran.out + ran.err).replace("\n", "").isprintable(), arguments
