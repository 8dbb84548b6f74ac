"""`Project.write_sidecars` and `import_sidecars`: stored judgements go to files and come back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support.site import write_content

from classifier.errors import StoreError, UsageError
from classifier.project import Project

BREAD = Path("content/data.bread.classifications.json")


@pytest.fixture(autouse=True)
def content(site: Path) -> None:
    write_content(site)


def test_files_are_written_once_and_then_left_alone(project: Project) -> None:
    project.run("content")
    first = project.write_sidecars("content")
    assert (first.written, first.unchanged, first.errors) == (3, 0, ())
    second = project.write_sidecars("content")
    assert (second.written, second.unchanged) == (0, 3)


def test_without_a_store_there_is_nothing_to_write(project: Project) -> None:
    with pytest.raises(StoreError):
        project.write_sidecars("content")
    assert not Path(".classify").exists()


def test_a_fresh_clone_need_not_be_judged_again(project: Project) -> None:
    project.run("content")
    project.write_sidecars("content")
    project.close()
    shutil.rmtree(".classify")
    imported = project.import_sidecars("content")
    assert (imported.files, imported.judgements, imported.stored) == (3, 15, 0)
    assert project.run("content").progress.pairs == 0
    again = project.import_sidecars("content")
    assert (again.judgements, again.stored) == (0, 15)


def test_a_file_that_cannot_be_used_is_named_and_the_others_are_imported(project: Project) -> None:
    project.run("content")
    project.write_sidecars("content")
    BREAD.write_text("{")
    imported = project.import_sidecars("content", "lunch.md")
    (error,) = imported.errors
    assert str(BREAD) in error
    assert (imported.files, imported.stored) == (2, 10)
    assert project.write_sidecars("content").errors == (error,)


def test_titles_that_mean_no_category_or_several_are_counted(project: Project) -> None:
    Path("taxonomy/concepts/wine.md").write_text("---\ntitle: Wine\n---\n")
    entry = {"calculated_at": "2024-05-06T07:08:09", "final_score": 84.0}
    entries = {"Beer": entry | {"category": "Beer"}, "Wine": entry | {"category": "Wine"}}
    BREAD.write_text(json.dumps(entries))
    imported = project.import_sidecars("content")
    assert (imported.unmatched, imported.ambiguous) == ({"Beer": 1}, {"Wine": 1})
    assert project.only(kinds=["tags"]).import_sidecars(BREAD).judgements == 1


def test_judgements_of_the_scorer_that_comes_with_the_program_come_back(site: Path) -> None:
    with Project.open() as project:
        before = list(project.run("content").results())
        project.write_sidecars("content")
        project.close()
        shutil.rmtree(".classify")
        project.import_sidecars("content")
        run = project.run("content")
    assert run.progress.pairs == 0
    with Project.open() as project:
        after = list(project.run("content").results())
    assert [result.judgements for result in after] == [result.judgements for result in before]


def _judged(title: str, **changes: object) -> dict[str, object]:
    return {title: {"category": title, "calculated_at": "2025-10-31T18:54:08", **changes}}


@pytest.fixture
def elsewhere(site: Path) -> Path:
    """The place that a template gives the sidecar of the article on bread."""
    with (site / "classify.toml").open("a") as settings:
        settings.write('sidecar_path = "site/data/{ItemKind}/{ItemId}/classifications.json"\n')
    article = site / "content" / "bread.md"
    article.write_text(f"---\nItemKind: resource\nItemId: AbC\n---\n{article.read_text()}")
    place = site / "site/data/resource/AbC"
    place.mkdir(parents=True)
    return place / "classifications.json"


def test_both_places_are_imported_and_the_template_is_written(
    elsewhere: Path, project: Project
) -> None:
    BREAD.write_text(json.dumps(_judged("Bread", final_score=70)))
    elsewhere.write_text(json.dumps(_judged("Wine", final_score=20, itemId="AbC", ai_depth=2)))
    extra = elsewhere.with_name("classifications.concepts.json")
    extra.write_text(json.dumps(_judged("Craft", final_score=60)))
    assert project.import_sidecars(elsewhere).judgements == 3
    assert project.import_sidecars("content").judgements == 0
    project.run("content")
    written = project.write_sidecars("content")
    assert written.written == 1
    assert len(written.errors) == 2
    assert all("no text under 'ItemKind'" in error for error in written.errors)
    assert set(json.loads(elsewhere.read_text())) == {"Bread", "Cheese", "Craft", "Olives", "Wine"}
    assert project.write_sidecars("content").unchanged == 1


def test_a_named_file_that_is_of_no_article_fails(elsewhere: Path, project: Project) -> None:
    elsewhere.write_text("{}")
    stray = elsewhere.with_name("other.json")
    stray.write_text("{}")
    with pytest.raises(UsageError, match="no article has this sidecar"):
        project.import_sidecars(stray)
    assert project.import_sidecars(elsewhere).errors == ()
    with pytest.raises(UsageError, match="no such file"):
        project.import_sidecars("content/data.bread.tags.json")
