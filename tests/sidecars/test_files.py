from __future__ import annotations

import os
from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.sidecars.files import article_of, check_alone, path_for, read
from classifier.sidecars.parsing import SidecarError
from classifier.sidecars.paths import BESIDE


def test_a_sidecar_stands_for_its_article_and_any_other_path_for_itself(tmp_path: Path) -> None:
    article = tmp_path / "index.md"
    article.write_text("# Bread\n")
    for form in ("classifications", "tags", "classifications.marketing"):
        path_for(article, form).write_text("{}")
        assert article_of(path_for(article, form)) == article
    path_for(article, "categories").unlink(missing_ok=True)
    with pytest.raises(UsageError, match="no such file"):
        article_of(path_for(article, "categories"))
    assert article_of(article) == article
    (tmp_path / "data.gone.tags.json").write_text("{}")
    with pytest.raises(UsageError, match=r"data\.gone\.tags\.json"):
        article_of(tmp_path / "data.gone.tags.json")


def test_an_article_without_a_file_has_no_entries(tmp_path: Path) -> None:
    assert not BESIDE.any(tmp_path / "a.md")
    assert read(tmp_path / "a.md") == {}


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    path_for(article).write_text("[]")
    assert BESIDE.any(article)
    with pytest.raises(SidecarError, match=r"data\.a\.classifications\.json"):
        read(article)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this system")
def test_links_and_pipes_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("{}")
    path_for(tmp_path / "a.md").symlink_to(tmp_path / "secret")
    os.mkfifo(path_for(tmp_path / "b.md"))
    for name in ("a.md", "b.md"):
        with pytest.raises(SidecarError, match="a link, folder or device"):
            read(tmp_path / name)


def test_two_articles_may_not_share_a_sidecar(tmp_path: Path) -> None:
    for name in ("a.md", "a.markdown"):
        (tmp_path / name).write_text("# A\n")
    with pytest.raises(SidecarError, match="rename one of them"):
        check_alone(tmp_path / "a.md")


def test_an_article_whose_name_is_as_long_as_names_may_be_stands_alone(tmp_path: Path) -> None:
    article = tmp_path / f"{'x' * 252}.md"
    article.write_text("# A\n")
    check_alone(article)  # its name with `.markdown` is too long to be looked for


def test_a_sidecar_of_another_format_has_the_whole_name(tmp_path: Path) -> None:
    for name in ("a.md", "a.html", "b.html.md", "b.html"):
        (tmp_path / name).write_text("<p>A")
    page = tmp_path / "a.html"
    assert path_for(page).name == "data.a.html.classifications.json"
    path_for(page).write_text("{}")
    assert article_of(path_for(page)) == page
    check_alone(page)
    check_alone(tmp_path / "a.md")
    for name in ("b.html.md", "b.html"):
        with pytest.raises(SidecarError, match="rename one of them"):
            check_alone(tmp_path / name)
