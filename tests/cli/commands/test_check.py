"""`classify check`: a build can hold the line, offline and without a key."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from support.cli_sites import BREAD_TEXT
from support.keyword_scorer import OtherScorer

from classifier import composition


def found(run, *options: str) -> dict[str, str]:
    report = json.loads(run("check", "site", "--format", "json", *options).out)
    return {it["article"]: it["state"] for it in report["findings"]}


def test_a_site_that_is_up_to_date_passes(run, published: Path) -> None:
    ran = run("check", "site")
    assert ran.code == 0
    assert "2 articles checked, 2 up to date" in ran.out
    assert run("check", "site", "-q").out == ""


def test_a_new_article_is_not_judged(run, published: Path) -> None:
    (published / "c.md").write_text(BREAD_TEXT.replace("more", "much"))
    ran = run("check", "site")
    assert ran.code == 1
    assert "1 article not judged" in ran.out
    assert found(run) == {"site/c.md": "unjudged"}


def test_an_edited_article_is_stale(run, published: Path) -> None:
    (published / "a.md").write_text(BREAD_TEXT + "And wine.\n")
    assert found(run) == {"site/a.md": "stale"}


def test_a_changed_definition_makes_all_stale(run, published: Path, project: Path) -> None:
    (project / "taxonomy/tags/wine.md").write_text("---\ntitle: Fine wine\n---\n")
    assert found(run) == {"site/a.md": "stale", "site/b.md": "stale"}


def test_a_label_that_is_decided_and_not_there_is_told(run, published: Path) -> None:
    run("accept", "site/b.md", "wine")
    ran = run("check", "site")
    assert "1 article whose labels differ from the current decision" in ran.out
    assert "tags: missing Wine" in ran.out
    assert found(run) == {"site/b.md": "different"}


def test_a_label_that_only_people_gave_is_theirs_unless_ours_alone_are_to_be_there(
    run, published: Path
) -> None:
    assert found(run) == {}
    assert found(run, "--replace") == {"site/a.md": "different"}
    assert "tags: extra Picnic" in run("check", "site", "--replace").out


def test_a_file_that_cannot_be_read_is_told(run, published: Path) -> None:
    (published / "c.md").write_bytes(b"\xff\xfe")
    assert found(run) == {"site/c.md": "unusable"}


def test_an_article_without_prose_is_no_fault(run, published: Path) -> None:
    (published / "c.md").write_text("---\nredirect: https://example.org\n---\n")
    assert found(run) == {}
    assert run("apply", "site").code == 0


def test_a_check_changes_nothing(run, published: Path) -> None:
    (published / "a.md").write_text(BREAD_TEXT + "And wine.\n")
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    run("check", "site")
    assert {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()} == before


class TestFromSidecars:
    """A fresh copy has what is committed, and no store."""

    @pytest.fixture(autouse=True)
    def copy(self, published: Path) -> None:
        shutil.rmtree(".classify")

    def test_what_is_committed_is_enough(self, run) -> None:
        assert run("check", "site").code == 0
        assert not Path(".classify").exists()

    def test_an_edited_article_is_stale_and_a_new_one_not_judged(
        self, run, published: Path
    ) -> None:
        (published / "a.md").write_text(BREAD_TEXT + "And wine.\n")
        (published / "c.md").write_text(BREAD_TEXT.replace("more", "much"))
        assert found(run) == {"site/a.md": "stale", "site/c.md": "unjudged"}

    def test_a_label_that_a_person_took_out_stays_out(self, run, published: Path) -> None:
        (published / "a.md").write_text(BREAD_TEXT)
        assert found(run) == {}

    def test_without_the_list_of_our_labels_a_missing_one_is_told(
        self, run, published: Path
    ) -> None:
        (published / "a.md").write_text(BREAD_TEXT)
        Path("classify-labels.tsv").unlink()
        assert found(run) == {"site/a.md": "different"}


def test_with_records_of_another_scorer_alone_it_is_told(run, published: Path, monkeypatch) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    ran: Any = run("check", "site")
    assert ran.code == 1
    assert "nothing is stored from other:counting" in ran.err
    assert run("check", "taxonomy/tags/wine.md").err == ""  # no article, so nothing to judge


def test_an_unknown_format_is_told_in_one_line(run, published: Path) -> None:
    ran = run("check", "site", "--format", "xml")
    assert (ran.code, ran.err.count("\n")) == (2, 1)


def test_a_definition_that_is_named_is_no_article(run, published: Path) -> None:
    """As pre-commit does, for a commit that changes nothing else."""
    ran = run("check", "taxonomy/tags/wine.md")
    assert (ran.code, ran.err) == (0, "")
    assert "0 articles" in ran.out
