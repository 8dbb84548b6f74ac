"""`Project.store_stats`, `collect_garbage` and `verify_store`."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from classifier.errors import StoreError
from classifier.project import Project


def test_stats_count_what_each_scorer_judged(project: Project) -> None:
    project.run("lunch.md", "dinner.md")
    found = project.store_stats()
    assert found.path == Path(".classify/records.sqlite3").resolve()
    assert (found.counts["pairs"], found.counts["articles"]) == (10, 2)
    (scorer,) = found.scorers
    assert (scorer.scorer, scorer.judgements) == (project.scorer.identity, 10)
    assert scorer.usage.calls == 0


def test_garbage_is_counted_before_it_is_deleted(project: Project) -> None:
    project.run("lunch.md", "dinner.md")
    Path("lunch.md").write_text("Olives.\n")
    project.run("lunch.md")
    Path("dinner.md").unlink()
    found = project.collect_garbage(dry_run=True)
    assert (dict(found.judgements), found.missing_files) == ({"article gone": 10}, ("dinner.md",))
    assert project.store_stats().counts["pairs"] == 15
    assert project.collect_garbage().judgements == found.judgements
    assert project.store_stats().counts["pairs"] == 5
    again = project.collect_garbage(dry_run=True)
    assert (again.judgements, again.missing_files) == ({}, ())


def test_judgements_of_other_definitions_are_kept_unless_asked(
    site: Path, project: Project
) -> None:
    project.run("lunch.md")
    (site / "taxonomy/tags/wine.md").unlink()
    changed = Project.open()
    assert changed.collect_garbage(dry_run=True).judgements == {}
    found = changed.collect_garbage(other_definitions=True, dry_run=True)
    assert found.judgements == {"category gone": 1}


def test_damage_is_found(project: Project) -> None:
    project.run("lunch.md")
    assert project.verify_store() == []
    project.close()
    with sqlite3.connect(".classify/records.sqlite3") as db:
        db.execute("UPDATE sheets SET detail = x'00'")
    db.close()
    (line,) = project.verify_store()
    assert "is damaged" in line


@pytest.mark.parametrize("verb", ["store_stats", "collect_garbage", "verify_store"])
def test_nothing_stored_is_an_error_and_makes_no_store(project: Project, verb: str) -> None:
    with pytest.raises(StoreError, match="nothing is stored yet"):
        getattr(project, verb)()
    assert not Path(".classify").exists()
