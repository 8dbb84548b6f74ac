from __future__ import annotations

import os
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from support import sites

from classifier import Project, settings
from classifier.errors import OutputError, UsageError
from classifier.project.gold import GoldSource, read_table


def contents(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def init(folder: Path, **options) -> Project:
    project = Project.open(folder)
    project.init(project.plan_init(**options))
    return Project.open(folder)


@pytest.mark.parametrize(
    ("make", "kind", "ids", "value", "categories"),
    [
        (sites.hugo, "tags", {"baking", "bike-tours"}, "slug", ["taxonomy", "content/tags"]),
        (
            sites.jekyll,
            "tags",
            {"baking", "cycling", "diary"},
            "slug",
            ["_taxonomy", "_data/tags.yml"],
        ),
        (sites.docusaurus, "tags", {"baking", "cycling"}, "slug", ["taxonomy", "blog/tags.yml"]),
        (sites.obsidian, "tags", {"diary", "topic/baking", "topic/cycling"}, "path", "Taxonomy"),
        (sites.eleventy, "tags", {"diary", "baking", "cycling"}, "slug", "taxonomy"),
    ],
)
def test_a_site_is_set_up_without_writing_a_line(
    make: Callable[[Path], Path],
    kind: str,
    ids: set[str],
    value: str,
    categories: object,
    tmp_path: Path,
) -> None:
    make(tmp_path)
    before = contents(tmp_path)
    project = init(tmp_path, least_uses=1)
    found = project.definitions
    assert {category.id for category in found.categories} == {f"{kind}/{each}" for each in ids}
    assert found.warnings == ()
    assert settings.field(project.settings, kind).value == value
    written = tomllib.loads((tmp_path / "classify.toml").read_text())
    assert written["categories"] == categories
    assert before.items() <= contents(tmp_path).items()


def test_words_of_a_text_are_labels_for_apply_as_well(tmp_path: Path) -> None:
    project = init(sites.jekyll(tmp_path), least_uses=1)
    assert settings.field(project.settings, "tags").spaced
    project.only(categories=["cycling"]).accept(tmp_path / "_posts/2024-01-01-day.md", "cycling")
    with project:
        project.run()
        project.apply()
    text = (tmp_path / "_posts/2024-01-01-day.md").read_text()
    assert "tags: diary baking cycling\n" in text


def test_tags_in_the_text_of_notes_are_peoples_labels(tmp_path: Path) -> None:
    project = init(sites.obsidian(tmp_path), least_uses=1)
    assert project.settings.fields["tags"].inline
    for fields in (["tags"], ["tags=tags"]):
        found = read_table(project, GoldSource(tmp_path, fields), project.records.get("write"))
        known = {Path(path).name: labels for path, labels in found.labels.items()}
        assert known["Day 0.md"]["tags/topic/baking"]
        assert not known["Day 0.md"]["tags/topic/cycling"]
        assert known["Day 1.md"]["tags/diary"]
    project.close()


def test_a_new_file_never_defines_an_id_again(tmp_path: Path) -> None:
    site = sites.docusaurus(tmp_path)
    sites.write(site, {"blog/new.md": sites.article('title: New\ntags: ["baking!", baking]')})
    project = init(site, least_uses=1)
    ids = [category.id for category in project.definitions.categories]
    assert ids == ["tags/baking", "tags/baking-2", "tags/cycling"]


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    sites.hugo(tmp_path)
    before = contents(tmp_path)
    plan = Project.open(tmp_path).plan_init()
    assert [file.path.name for file in plan.files] == ["bike-tours.md", "classify.toml"]
    assert contents(tmp_path) == before


def test_running_again_shows_only_what_is_new(tmp_path: Path) -> None:
    sites.eleventy(tmp_path)
    project = init(tmp_path, least_uses=1)
    assert project.plan_init(least_uses=1).files == []
    sites.write(tmp_path, {"posts/new.md": sites.article("title: New\ntags: [sailing]")})
    plan = project.plan_init(least_uses=1)
    assert [file.path for file in plan.files] == [tmp_path / "taxonomy/tags/sailing.md"]
    before = contents(tmp_path)
    project.init(plan)
    assert contents(tmp_path).keys() - before.keys() == {"taxonomy/tags/sailing.md"}
    assert before.items() <= contents(tmp_path).items()


def test_categories_among_the_articles_are_not_counted_as_articles(tmp_path: Path) -> None:
    project = init(sites.obsidian(tmp_path), least_uses=1)
    site = project.plan_init(least_uses=1).site
    assert site.documents
    assert not [path for path in site.documents if "Taxonomy" in path]


def test_a_folder_without_markdown_names_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>Text.")
    with pytest.raises(
        UsageError, match=r"for its \.html files, put `formats = \[\"html\"\]` into"
    ):
        Project.open(tmp_path).plan_init()


def test_existing_settings_stay_and_what_they_lack_is_shown(tmp_path: Path) -> None:
    sites.eleventy(tmp_path)
    (tmp_path / "classify.toml").write_text("minimum = 0.4\n")
    project = Project.open(tmp_path)
    plan = project.plan_init()
    assert {file.path.suffix for file in plan.files} == {".md"}
    project.init(plan)
    assert (tmp_path / "classify.toml").read_text() == "minimum = 0.4\n"
    missing = tomllib.loads(plan.settings_text)
    assert (missing["categories"], missing["content"]) == ("taxonomy", "posts")


def test_a_file_that_appeared_meanwhile_is_left_alone(tmp_path: Path) -> None:
    sites.eleventy(tmp_path)
    project = Project.open(tmp_path)
    plan = project.plan_init()
    sites.write(tmp_path, {"taxonomy/tags/diary.md": "mine"})
    result = project.init(plan)
    assert result.kept == (tmp_path / "taxonomy/tags/diary.md",)
    assert (tmp_path / "taxonomy/tags/diary.md").read_text() == "mine"


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_nothing_is_written_through_a_link_out_of_the_site(tmp_path: Path) -> None:
    site = sites.eleventy(tmp_path / "site")
    (tmp_path / "elsewhere").mkdir()
    (site / "taxonomy").symlink_to(tmp_path / "elsewhere")
    project = Project.open(site)
    with pytest.raises(OutputError, match="out of the site"):
        project.init(project.plan_init())
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_field_may_be_named_and_a_wrong_name_is_answered_with_those_there(tmp_path: Path) -> None:
    sites.write(
        tmp_path, {f"a{n}.md": sites.article("audience: [staff]\ntags: [x]") for n in range(3)}
    )
    project = Project.open(tmp_path)
    plan = project.plan_init(fields=["Audience"])
    assert [one.field.name for one in plan.fields] == ["audience"]
    assert [one.name for one in plan.other_fields] == ["tags"]
    with pytest.raises(UsageError, match="there is tags, audience"):
        project.plan_init(fields=["nosuch"])


def test_articles_without_labels_are_a_plan_of_nothing(tmp_path: Path) -> None:
    sites.write(tmp_path, {"a.md": "---\ntitle: A\n---\nText.\n"})
    plan = Project.open(tmp_path).plan_init()
    assert (plan.fields, plan.files) == ((), [])


def test_a_folder_without_articles_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no Markdown files"):
        Project.open(tmp_path).plan_init()


def test_a_site_elsewhere_is_set_up_in_its_own_folder(tmp_path: Path) -> None:
    site = sites.hugo(tmp_path / "site")
    (tmp_path / "here").mkdir()
    plan = Project.open(tmp_path / "here").plan_init(site / "content")
    assert plan.settings_file == site / "classify.toml"


def test_nested_keys_and_strange_values_are_read(tmp_path: Path) -> None:
    odd = [
        "null",
        "7",
        "2024-02-30",
        "{a: b}",
        "[[1], null, {x: y}, ok]",
        "!!python/object:os.x {}",
    ]
    pages = {
        f"{n}.md": sites.article(f"taxonomies:\n  tags: {value}") for n, value in enumerate(odd)
    }
    named = {f"t{n}.md": sites.article("taxonomies:\n  tags: [ok]") for n in range(9)}
    project = init(sites.write(tmp_path, pages | named))
    assert [category.id for category in project.definitions.categories] == ["tags/ok"]
    assert settings.field(project.settings, "tags").name == "taxonomies.tags"
