"""`Project.write_sidecars` and `import_sidecars`: stored judgements go to files and come back."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from support import seed_settings
from support.site import write_article

from classifier.errors import StoreError, UsageError
from classifier.project import Project

pytestmark = pytest.mark.usefixtures("content")
BREAD = Path("content/data.bread.classifications.json")


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
    imported = project.import_sidecars("content")
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


_SITE = f"""\
{seed_settings.CONTENT}
scorer = "imported"
sidecar_path = "data/{{ItemKind}}/{{ItemType}}/{{ItemId}}/classifications.json"
{seed_settings.RULES}
[rules.concepts.sections."content/resources/old"]
minimum = 0.60
{seed_settings.DERIVED}
"""


def _term(kind: str, slug: str, title: str) -> None:
    page = Path("content", kind, slug, "_index.md")
    page.parent.mkdir(parents=True)
    page.write_text(f"---\ntitle: {title}\nClassificationType: {kind}\n---\nAbout it.\n")


def _bundle(name: str, item: str) -> Path:
    meta = f"ItemKind: resource\nItemType: blog\nItemId: {item}\n"
    return write_article(Path("content/resources", name, "index.md"), f"{name} work. " * 30, meta)


def _entry(title: str, score: float, **more: object) -> dict[str, object]:
    return _judged(title, ai_confidence=score, final_score=score, reasoning="So.", **more)


def test_a_site_with_both_places_terms_among_articles_and_marketing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "seed").mkdir()
    monkeypatch.chdir(tmp_path / "seed")
    Path("classify.toml").write_text(_SITE)
    _term("categories", "kanban", "Kanban")
    _term("categories", "none", "Uncategorized")
    _term("tags", "scrum", "Scrum")
    _term("concepts", "craft", "Craft")
    _term("marketing", "buyers", "Buyers")
    old, new = _bundle("old", "AbCdEfGhIjK"), _bundle("new", "KjIhGfEdCbA")
    newest = {"resourceId": "K", "itemId": "K", "ai_mentions": 0.7, "reasoning_summary": "Short."}
    entries = _entry("Kanban", 81, non_ai_confidence=20, ai_mentions=70) | _entry("Scrum", 90)
    entries |= _entry("Uncategorized", 5) | _entry("Craft", 70, **newest) | _entry("Gone", 50)
    (old.parent / "data.index.classifications.json").write_text(json.dumps(entries))
    buyers = json.dumps(_entry("Buyers", 88))
    (old.parent / "data.index.classifications.marketing.json").write_text(buyers)
    place = Path("data/resource/blog/KjIhGfEdCbA/classifications.json")
    place.parent.mkdir(parents=True)
    entries = _entry("Kanban", 24, **newest) | _entry("Scrum", 0, **newest)
    entries |= _entry("Uncategorized", 5, **newest) | _entry("Craft", 70) | _entry("Buyers", 10)
    place.write_text(json.dumps(entries))
    with Project.open() as project:
        imported = project.import_sidecars(place)
        assert (imported.judgements, imported.errors) == (5, ())
        imported = project.import_sidecars("content")
        assert (imported.judgements, imported.stored, imported.unmatched) == (5, 5, {"Gone": 1})
        run = project.run()
        assert [entry.path for entry in run.scan.entries] == [new.as_posix(), old.as_posix()]
        assert run.complete
        results = {Path(result.article).parent.name: result for result in run.results()}
        (craft,) = [j for j in results["old"].judgements if j.category == "concepts/craft"]
        assert (craft.aspects, craft.summary) == ({"mentions": 0.07}, "Short.")
        applied = project.apply()
        assert (len(applied.changed), applied.ok) == (2, True)
        written = old.read_text() + new.read_text()
        assert project.apply().changed == ()
        assert project.run().progress.pairs == 0
        assert old.read_text() + new.read_text() == written
        project.write_sidecars()
        assert json.loads(place.read_text())["Kanban"]["reasoning_summary"] == "Short."
        assert project.write_sidecars().written == 0
    front = {path.parent.name: path.read_text().partition("\n---\n")[0] for path in (old, new)}
    assert "- Kanban" in front["old"]
    assert "- Buyers" in front["old"]
    assert "weight: 145" in front["old"]
    assert "sitemap:\n  priority: 0.7" in front["old"]
    assert "- Uncategorized" in front["new"]
    assert "weight: 1000" in front["new"], "one of the two is 0 %"
    assert "sitemap:\n  priority: 0.5" in front["new"]
    assert "- Craft" in front["old"], "its section needs less"
    assert "Craft" not in front["new"]
