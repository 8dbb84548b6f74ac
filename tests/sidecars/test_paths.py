from __future__ import annotations

from pathlib import Path

import pytest

from classifier.sidecars.files import path_for
from classifier.sidecars.parsing import SidecarError
from classifier.sidecars.paths import BESIDE, SidecarPaths


def paths(root: Path, **meta: object) -> SidecarPaths:
    return SidecarPaths(template="data/{id}/it.json", root=root, front_matter=lambda _: meta)


def test_both_places_are_read_and_the_one_of_the_template_is_written(tmp_path: Path) -> None:
    article = tmp_path / "content" / "a.md"
    places = paths(tmp_path, id="x1")
    assert places.written(article) == tmp_path / "data" / "x1" / "it.json"
    assert list(places.read(article, ["marketing", "tags"]))[1:4] == [
        (path_for(article, "tags"), "tags"),
        (path_for(article), None),
        (tmp_path / "data" / "x1" / "it.json", None),
    ]
    assert (tmp_path / "data/x1/it.marketing.json", "marketing") in places.read(
        article, ["marketing"]
    )
    assert (path_for(article, "classifications.marketing"), "marketing") in BESIDE.read(
        article, ["marketing"]
    )


def test_an_article_without_an_id_has_only_the_file_beside_it(tmp_path: Path) -> None:
    article = tmp_path / "a.md"
    with pytest.raises(SidecarError, match=r"a\.md.*no text under 'id'"):
        paths(tmp_path).written(article)
    assert [path for path, _ in paths(tmp_path).read(article)] == [
        path for path, _ in BESIDE.read(article)
    ]


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site" / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SidecarError, match="leads out"):
        paths(tmp_path / "site", id="x1").written(tmp_path / "site" / "a.md")


def test_articles_with_one_id_are_told(tmp_path: Path) -> None:
    articles = [tmp_path / "a.md", tmp_path / "b.md"]
    assert set(paths(tmp_path, id="x1").shared(articles)) == set(articles)
    assert not BESIDE.shared(articles)
