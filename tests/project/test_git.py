from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.repository import commit
from support.repository import git as run_git

from classifier.project.git import export, git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    (folder / "tags").mkdir(parents=True)
    (folder / "tags/bread.md").write_text("one\n")
    (folder / "tags/away").symlink_to("/etc/passwd")
    (folder / "other.md").write_text("other\n")
    run_git(folder, "init", "-q")
    commit(folder)
    (folder / "tags/bread.md").write_text("two\n")
    return folder


def test_a_command_that_fails_or_is_missing_is_none(repository: Path, monkeypatch) -> None:
    assert git(repository, "rev-parse", "--is-inside-work-tree") == b"true\n"
    assert git(repository, "rev-parse", "--verify", "-q", "gone") is None
    monkeypatch.setenv("PATH", "")
    assert git(repository, "--version") is None


def test_what_is_exported_is_of_the_commit_below_the_path_and_has_no_links(
    repository: Path, tmp_path: Path
) -> None:
    assert export(repository, "HEAD", "tags", tmp_path / "out")
    files = {path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*")}
    assert files == {Path("tags"), Path("tags/bread.md")}
    assert (tmp_path / "out/tags/bread.md").read_text() == "one\n"


def test_a_path_that_the_commit_has_not_is_not_exported(repository: Path, tmp_path: Path) -> None:
    assert not export(repository, "HEAD", "gone", tmp_path / "out")
    assert not export(repository, "gone", "tags", tmp_path / "out")


def test_a_bare_repository_among_the_files_runs_no_command(
    repository: Path, tmp_path: Path
) -> None:
    inside = repository / "content"
    shutil.copytree(repository / ".git", inside)
    ran = tmp_path / "ran"
    (inside / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n"
        f'\tworktree = {inside}\n\tfsmonitor = "touch {ran}; false"\n'
    )
    git(inside, "diff", "--name-only", "HEAD", "--")
    git(inside, "ls-files", "--others", "-z")
    assert not ran.exists()
