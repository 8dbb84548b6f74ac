"""`classify status`, `history` and `store`: what is on record, as people and programs read it."""

from __future__ import annotations

import json
import os
import re
import sqlite3
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition


@pytest.fixture
def site(project: Path) -> Path:
    (project / "site").mkdir()
    for name, text in {"a": "Bread, bread, bread.", "b": "Cheese.", "c": "Wine, wine."}.items():
        path = project / "site" / f"{name}.md"
        path.write_text(f"---\ntitle: {name}\n---\n{text}\n")
        os.utime(path, (1e9, 1e9))
    return project


class Other(KeywordScorer):
    @property
    def identity(self) -> str:
        return "keywords:counting:ffffffffffffffff"


# --- status --------------------------------------------------------------------------------------


def test_status_counts_for_each_scorer(run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("site/a.md", "site/b.md")
    (site / "site" / "a.md").write_text("Bread.\n")
    (site / "site" / "bad.md").write_bytes(b"\xff")
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Other())
    ran = run("status", "site")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == """\
4 articles x 5 categories

  current   stale  missing  failed  pairs left
keywords:counting:ffffffff (configured)
        0       0        3       1          15
keywords:counting:01234567 (stored)
        1       1        1       1          10
"""
    )


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


# --- history --------------------------------------------------------------------------------------


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


# --- store ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["stats", "gc", "verify"])
def test_without_a_store_there_is_nothing_to_look_after(run, site: Path, what: str) -> None:
    ran = run("store", what)
    assert (ran.code, ran.out) == (2, "")
    assert "nothing is stored yet" in ran.err
    assert "--store" in ran.err


def test_stats_count_what_is_stored_for_each_scorer(run, site: Path) -> None:
    run("site")
    out = run("store", "stats").out
    assert re.search(r"^  pairs +15$", out, re.M)
    assert re.search(r"^keywords:counting:01234567\n  15 judgements, last used \d{4}-", out, re.M)
    assert "offline, free" in out
    answer = json.loads(run("store", "stats", "--json").out)
    assert (answer["schema"], answer["pairs"]) == ("classify-store/1", 15)
    assert answer["by_scorer"][0]["judgements"] == 15


def test_gc_shows_first_and_deletes_only_with_yes(run, site: Path) -> None:
    run("site")
    (site / "site" / "a.md").write_text("Bread.\n")
    run("site")
    (site / "site" / "b.md").unlink()
    shown = run("store", "gc")
    assert shown.out == (
        "10 judgements of texts that are in no file\n1 missing file\n  site/b.md\n"
    )
    assert shown.err == "classify: nothing was deleted: add --yes to delete\n"
    assert json.loads(run("store", "stats", "--json").out)["pairs"] == 20
    deleted = run("store", "gc", "--yes")
    assert deleted.out.startswith("10 judgements of texts")
    assert "deleted;" in deleted.out
    assert json.loads(run("store", "stats", "--json").out)["pairs"] == 10
    assert run("store", "gc").out == "nothing to delete\n"
    assert "are stored" in run("site").out


def test_gc_keeps_other_definitions_unless_told_which_to_keep(run, site: Path) -> None:
    run("site")
    (site / "taxonomy" / "tags" / "wine.md").unlink()
    assert run("store", "gc").out == "nothing to delete\n"
    assert run("store", "gc", "--categories", "taxonomy").out == (
        "3 judgements of other definitions\n"
    )


def test_verify_reports_damage_and_exits_1(run, site: Path) -> None:
    run("site")
    assert run("store", "verify").out == "no damage found\n"
    with sqlite3.connect(site / ".classify" / "records.sqlite3") as db:
        db.execute("UPDATE sheets SET detail = x'00' WHERE id = 1")
    db.close()
    ran = run("store", "verify")
    assert ran.code == 1
    assert "judgement set 1 is damaged" in ran.out
