from __future__ import annotations

from pathlib import Path

import pytest
from support import sites


@pytest.fixture
def hugo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(sites.hugo(tmp_path))
    return tmp_path


def test_without_a_terminal_the_plan_is_shown_and_how_to_go_on(command, hugo: Path) -> None:
    ran = command("init", "content")
    assert ran.code == 0
    assert ran.out.startswith("Hugo site, 8 articles in content\n")
    assert "--yes" in ran.err
    assert not (hugo / "classify.toml").exists()


def test_a_dry_run_shows_the_plan_only(command, hugo: Path) -> None:
    ran = command("init", "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert "defined already: 1, in content/tags" in ran.out
    assert not (hugo / "taxonomy").exists()


def test_yes_writes_and_names_the_next_command(command, keywords, hugo: Path) -> None:
    ran = command("init", "--yes")
    assert ran.code == 0
    assert ran.out.endswith("wrote 2 files\n")
    assert ran.err == "classify: next: 8 articles to judge: classify run\n"
    assert (hugo / "taxonomy/tags/bike-tours.md").exists()
    assert command("run", "--list", "--quiet").code == 0
    assert command("apply", "--dry-run").code == 0


def test_again_there_is_nothing_new(command, hugo: Path) -> None:
    command("init", "--yes")
    assert "nothing new" in command("init", "--yes").out


def test_yes_and_dry_run_exclude_each_other(command, hugo: Path) -> None:
    assert command("init", "--yes", "--dry-run").code == 2


def test_articles_without_labels_end_with_a_way_out(
    command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(sites.write(tmp_path, {"a.md": "---\ntitle: A\n---\nText.\n"}))
    ran = command("init")
    assert ran.code == 1
    assert "--field" in ran.err


def test_rare_labels_are_named_with_the_option_that_takes_them(command, hugo: Path) -> None:
    sites.write(hugo, {"content/x.md": sites.article("tags: [once]")})
    out = command("init", "--min-articles", "2", "--dry-run").out
    assert "on fewer than 2 articles: 1 (once)" in out
    assert "--min-articles 1" in out
