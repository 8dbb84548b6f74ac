from __future__ import annotations

from pathlib import Path

import pytest
from support.repository import commit, git

from classifier.project.moved_articles import MovedArticles, is_left_out


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A site in a folder of a repository, with two articles."""
    git(tmp_path, "init", "-q")
    folder = tmp_path / "site"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.md").write_text(f"{name * 9}\n" * 20)
    commit(folder)
    return folder


def moved(folder: Path, *gone: str, **texts: list[str]) -> MovedArticles:
    return MovedArticles(folder, frozenset(gone), lambda path: texts.get(path, []))


def test_a_text_is_found_again_wherever_it_is(tmp_path: Path) -> None:
    found = moved(tmp_path, "a", "b", "c", a=["1", "2"], b=["3"])
    assert found.earlier("x", "1") == found.earlier("y", "2") == ["a"]
    assert (found.earlier("x", "4"), found.earlier("x", None)) == ([], [])
    assert found.known == {"a", "b"}


def test_of_copies_only_the_one_of_the_same_name_is_meant(tmp_path: Path) -> None:
    texts = {"one/a": ["1"], "two/b": ["1"]}
    found = MovedArticles(tmp_path, frozenset(texts), lambda path: texts[path])
    assert found.earlier("new/b", "1") == ["two/b"]
    assert found.earlier("new/c", "1") == []
    assert found.alike("1") == ["one/a", "two/b"]


def test_git_follows_what_was_moved_again_and_edited(repository: Path) -> None:
    git(repository, "mv", "a.md", "c.md")
    (repository / "c.md").write_text((repository / "c.md").read_text() + "More.\n")
    commit(repository)
    (repository / "new").mkdir()
    git(repository, "mv", "c.md", "new/d \u00e4.md")
    found = moved(repository, "a.md")
    assert found.earlier("new/d \u00e4.md", None) == ["a.md"]
    commit(repository)
    assert moved(repository, "a.md").earlier("new/d \u00e4.md", None) == ["a.md"]
    assert moved(repository, "c.md").earlier("new/d \u00e4.md", None) == ["c.md"]


def test_git_knows_what_was_deleted(repository: Path) -> None:
    git(repository, "rm", "-q", "a.md")
    commit(repository)
    (repository / "b.md").unlink()
    found = moved(repository, "a.md", "b.md", "never.md")
    assert found.earlier("b.md", None) == []
    assert found.known == {"a.md", "b.md"}


def test_a_path_may_look_like_an_option_or_a_pattern(repository: Path) -> None:
    hostile = (":(glob)**", "--help", "-", "../../x", "")
    found = moved(repository, *hostile)
    assert [found.earlier(name, None) for name in hostile] == [[]] * 5
    assert not any(is_left_out(repository, name) for name in hostile)


def test_without_git_nothing_is_known(tmp_path: Path) -> None:
    found = moved(tmp_path, "a.md")
    assert found.earlier("b.md", None) == []
    assert found.known == set()


def test_a_sparse_checkout_leaves_files_out(repository: Path) -> None:
    git(repository, "update-index", "--skip-worktree", "a.md")
    (repository / "a.md").unlink()
    (repository / "b.md").unlink()
    assert is_left_out(repository, "a.md")
    assert not is_left_out(repository, "b.md")
