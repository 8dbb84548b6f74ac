from __future__ import annotations

from pathlib import Path

import pytest
from support.page_server import page_server

from classifier.errors import OutputError, UsageError
from classifier.project import Project
from classifier.project.fetch import named_urls

LOCAL = {"private_hosts": ["127.0.0.1"], "pause": 0.0}


def test_each_url_is_a_file_and_no_file_is_fetched_twice(site: Path, keywords: None) -> None:
    with page_server() as pages, Project.open() as project:
        urls = [pages.put("/a"), f"{pages.url}/b", pages.put("/a"), "nonsense"]
        first = list(project.fetch(urls, "pages", **LOCAL))
        assert [it.status for it in first] == ["fetched", "failed", "failed"]
        assert "404" in first[1].why
        assert "'nonsense' is no URL" in first[2].why
        Path(first[0].path).write_text("---\ntags: [x]\n---\nMine.\n")
        asked = len(pages.asked)
        (again,) = project.fetch(urls[:1], "pages", **LOCAL)
        assert (again.status, again.path) == ("kept", first[0].path)
        assert len(pages.asked) == asked
        assert "Mine." in Path(again.path).read_text()


def test_fetched_pages_are_articles(site: Path, keywords: None) -> None:
    with page_server() as pages, Project.open() as project:
        (page,) = project.fetch([pages.put("/a")], site / "pages", **LOCAL)
        result = project.classify(Path(page.path))
    assert result.ok
    assert result.title == "Loaves"


def test_nothing_is_fetched_from_a_private_host_that_is_not_named(site: Path) -> None:
    with page_server() as pages, Project.open() as project:
        (page,) = project.fetch([pages.put("/a")], "pages")
        assert "private address" in page.why
        assert pages.asked == []
    assert not Path("pages").exists()


def test_a_password_in_a_url_is_not_shown() -> None:
    with Project.open() as project:
        (page,) = project.fetch(["https://me:secret@example.org/"], "pages")
    assert page.status == "failed"
    assert "secret" not in page.why


def test_a_folder_that_cannot_be_written_ends_the_run(site: Path) -> None:
    (site / "pages").write_text("a file")
    with (
        page_server() as pages,
        Project.open() as project,
        pytest.raises(OutputError, match="pages"),
    ):
        list(project.fetch([pages.put("/a")], "pages", **LOCAL))


def test_lists_have_a_url_a_line(tmp_path: Path) -> None:
    path = tmp_path / "urls.txt"
    path.write_bytes(
        b"\xef\xbb\xbfhttps://a.example/\r\n\r\n# a comment\r\n  https://b.example/#x\r\n"
    )
    assert named_urls(["http://c.example/", str(path)]) == [
        "http://c.example/",
        "https://a.example/",
        "https://b.example/#x",
    ]
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        named_urls([str(path)])
    with pytest.raises(UsageError, match=r"'nowhere\.txt'"):
        named_urls(["nowhere.txt"])
