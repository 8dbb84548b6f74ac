from __future__ import annotations

from pathlib import Path

import pytest
from support import sites

from classifier.content.discovery import Selection
from classifier.errors import UsageError
from classifier.site import reading


def test_a_site_is_read_where_its_generator_keeps_articles(tmp_path: Path) -> None:
    site = reading.read(sites.eleventy(tmp_path), [])
    assert (site.generator, site.content) == ("Eleventy", (tmp_path / "posts",))
    assert len(site.documents) == 4


def test_the_folder_of_a_site_may_be_named_itself(tmp_path: Path) -> None:
    site = reading.read(sites.hugo(tmp_path), [tmp_path])
    assert site.content == (tmp_path / "content",)


def test_a_vault_is_read_whole_but_for_its_templates(tmp_path: Path) -> None:
    site = reading.read(sites.obsidian(tmp_path), [])
    assert (site.content, site.exclude) == ((tmp_path,), ("Templates/",))
    (tags,) = site.fields()
    assert set(tags.uses) == {"diary", "topic/baking", "topic/cycling"}


def test_packages_of_a_program_within_a_site_are_no_articles(tmp_path: Path) -> None:
    for path in ("a.md", "web/node_modules/left-pad/notes.md", "web/b.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("Text.\n")
    site = reading.read(tmp_path, [])
    assert [Path(path).name for path in site.documents] == ["a.md", "b.md"]
    assert site.exclude == ("node_modules/",)


def test_files_of_other_formats_are_read_where_the_settings_ask(tmp_path: Path) -> None:
    (tmp_path / "a.adoc").write_text("= A\n:tags: bread, wine\n\nText.\n")
    (tmp_path / "b.html").write_text("<p>Text.")
    plain = reading.read(tmp_path, [])
    assert (len(plain.documents), dict(plain.other_files)) == (0, {".adoc": 1, ".html": 1})
    asked = reading.read(tmp_path, [], selection=Selection(formats=("adoc",)))
    assert [Path(path).name for path in asked.documents] == ["a.adoc"]
    assert asked.exclude == ()


def test_what_cannot_be_read_is_counted_and_the_rest_goes_on(tmp_path: Path) -> None:
    sites.hugo(tmp_path)
    (tmp_path / "content/bad.md").write_bytes(b"\xff")
    site = reading.read(tmp_path, [])
    assert (len(site.documents), len(site.unread)) == (8, 1)


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        reading.read(tmp_path, [tmp_path / "nosuch"])
