"""`classify store`: counts, garbage and damage."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from classifier import Project
from classifier.distributed import sources
from classifier.distributed.running import make_job
from classifier.distributed.worker import Worker


@pytest.mark.parametrize("what", ["stats", "gc", "verify"])
def test_without_a_store_there_is_nothing_to_look_after(run, site: Path, what: str) -> None:
    ran = run("store", what)
    assert (ran.code, ran.out) == (2, "")
    assert "nothing is stored yet" in ran.err
    assert "--store" in ran.err


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


def test_what_many_machines_have_judged_is_imported_once(run, site: Path) -> None:
    with Project.open() as project:
        planned = sources.plan(project, "site", workers=1)
        (site / "out").mkdir()
        worker = Worker(make_job(project, planned, str(site / "out"), retry_failed=False))
        (report,) = [report for unit in planned.units for report in worker.judge(unit)]
    ran = run("store", "import", "out")
    assert (ran.code, ran.out) == (0, "15 judgements of 3 articles in 1 partition imported\n")
    assert run("store", "import", "out").out.endswith("imported\n15 were stored before\n")
    assert "are stored" in run("site").out
    (site / "out" / report.name).write_bytes(b"")
    ran = run("store", "import", "out")
    assert ran.code == 1
    assert "it is damaged, or no partition" in ran.err
