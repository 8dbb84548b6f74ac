from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support import sites

from classifier.site import generator
from classifier.site.generator import Sample


@pytest.mark.parametrize(
    ("make", "name", "content"),
    [
        (sites.hugo, "Hugo", ["content"]),
        (sites.jekyll, "Jekyll", ["_posts"]),
        (sites.docusaurus, "Docusaurus", ["blog"]),
        (sites.obsidian, "Obsidian", ["."]),
        (sites.eleventy, "Eleventy", ["posts"]),
    ],
)
def test_files_of_a_generator_name_it_and_where_articles_are(
    make: Callable[[Path], Path], name: str, content: list[str], tmp_path: Path
) -> None:
    site = make(tmp_path / "site")
    assert generator.configured(site, tmp_path) == (name, site)
    assert generator.content_folders(site, name) == [site / each for each in content]


def test_a_content_folder_is_known_by_what_is_above_it(tmp_path: Path) -> None:
    site = sites.hugo(tmp_path / "site")
    assert generator.configured(site / "content", site) == ("Hugo", site)


def test_nothing_above_the_top_is_looked_at(tmp_path: Path) -> None:
    sites.hugo(tmp_path)
    inner = tmp_path / "inner" / "posts"
    inner.mkdir(parents=True)
    assert generator.configured(inner, tmp_path / "inner") is None


def sample(path: str, keys: str = "", body: str = "") -> Sample:
    return Sample(path, frozenset(keys.split()), body)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (sample("2024-01-02-a.md", "title layout"), "Jekyll"),
        (sample("a.md", "", "See [[Another note]]."), "Obsidian"),
        (sample("a.mdx", "title"), "Docusaurus"),
        (sample("a.md", "title slug authors tags"), "Docusaurus"),
        (sample("a.md", "title tags"), "plain"),
    ],
)
def test_articles_alone_tell_a_generator(one: Sample, expected: str, tmp_path: Path) -> None:
    assert generator.guessed(tmp_path, [one]) == expected


def test_section_pages_are_hugos(tmp_path: Path) -> None:
    sites.write(tmp_path, {"posts/_index.md": "---\ntitle: Posts\n---\n"})
    assert generator.guessed(tmp_path, []) == "Hugo"


def test_what_holds_no_articles_is_left_out_where_it_is_there(tmp_path: Path) -> None:
    sites.write(tmp_path, {"README.md": "x", "Templates/a.md": "x", "posts/a.md": "x"})
    assert generator.no_articles(tmp_path) == ("Templates/", "README.md")
