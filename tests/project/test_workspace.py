from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer, OtherScorer

from classifier import Result, composition
from classifier.errors import SettingsError
from classifier.project import Project
from classifier.project.events import ArticleJudged, Event, Message


def test_other_settings_leave_the_project_as_it_was(project: Project) -> None:
    project.run("lunch.md")
    strict = project.with_settings(minimum=0.95)
    assert strict.definitions.default_rule.minimum == 0.95
    assert project.definitions.default_rule.minimum == 0.5
    with_bread, without = (each.classify("Bread, bread and bread.") for each in (project, strict))
    assert with_bread.labels["tags"] == ["Bread"]
    assert without.labels["tags"] == []


def test_other_settings_keep_the_store_and_the_choice_of_categories(project: Project) -> None:
    some = project.only(categories=["bread"])
    some.run("lunch.md")
    other = some.with_settings(minimum=0.95)
    assert [category.id for category in other.taxonomy.categories] == ["tags/bread"]
    assert other.run("lunch.md").progress.due_pairs == 0


def test_a_setting_that_does_not_exist_is_no_setting_of_a_project(project: Project) -> None:
    with pytest.raises(SettingsError, match="unknown setting 'minimun'; did you mean 'minimum'"):
        project.with_settings(minimun=0.95)
    with pytest.raises(SettingsError, match="scorer = 'gpt'"):
        project.with_settings(scorer="gpt")


def test_other_settings_are_read_as_those_of_a_file_are(project: Project, site: Path) -> None:
    (site / "wine.md").write_text("---\ntitle: Wine\n---\n")
    other = project.with_settings(categories=str(site / "wine.md"))
    assert [category.title for category in other.definitions.categories] == ["Wine"]


def test_a_server_among_the_other_settings_is_the_callers_own(site: Path) -> None:
    (site / "classify.toml").write_text('base_url = "https://llm.example/v1"\n')
    with Project.open(scorer="openai", model="m") as project:
        assert "not trusted" in project.settings.refusal
        mine = project.with_settings(base_url="https://mine.example/v1")
        assert not mine.settings.refusal
        assert "not trusted" in project.with_settings(minimum=0.9).settings.refusal


def test_reloaded_definitions_keep_the_scorer_unless_they_make_another(
    project: Project, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, definitions = project.scorer, project.definitions
    (site / "taxonomy/tags/grape.md").write_text("---\ntitle: Grape\n---\n")
    project.reload_definitions()
    assert project.scorer is before
    new = {c.id for c in project.definitions.categories} - {c.id for c in definitions.categories}
    assert new == {"tags/grape"}

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    project.reload_definitions()
    assert isinstance(project.scorer, OtherScorer)


def test_another_store_takes_effect(project: Project, site: Path) -> None:
    project.run("lunch.md")
    with project.with_settings(store=site / "other.sqlite3") as other:
        assert other.run("lunch.md").progress.due_pairs == 5
    assert (site / "other.sqlite3").exists()
    assert project.run("lunch.md").progress.due_pairs == 0


def test_a_project_stays_in_its_folder_when_the_current_one_changes(
    project: Project, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "below").mkdir()
    monkeypatch.chdir(site.parent)
    with Project.open(site.name) as opened:
        opened.run()
        monkeypatch.chdir(site / "below")
        run = opened.run()
        assert run.progress.due_pairs == 0
        assert {entry.path for entry in run.scan.entries} == {"../lunch.md", "../dinner.md"}
    assert not (site / "below" / ".classify").exists()


def test_a_store_that_is_deleted_is_noticed(
    project: Project, site: Path, events: list[Event]
) -> None:
    project.run("lunch.md")
    shutil.rmtree(site / ".classify")
    assert project.run("lunch.md").progress.due_pairs == 5
    assert project.run("lunch.md").progress.due_pairs == 0  # what was judged is in a file again

    def delete(event: Event) -> None:
        events.append(event)
        if isinstance(event, ArticleJudged):
            shutil.rmtree(site / ".classify", ignore_errors=True)

    project.on_event = delete
    project.run("dinner.md")
    texts = [event.text for event in events if isinstance(event, Message)]
    assert any("was deleted during the run: what was judged is lost" in text for text in texts)


def test_results_are_handed_over_as_articles_are_finished_and_each_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    monkeypatch.chdir(tmp_path)
    (tmp_path / "tags").mkdir()
    (tmp_path / "tags" / "bread.md").write_text("---\ntitle: Bread\n---\n")
    site = tmp_path / "site"
    site.mkdir()
    (site / "c.md").write_text("Bread, bread.")
    with Project.open(categories=Path("tags")) as project:
        project.__dict__["scorer"] = KeywordScorer()
        project.run("site")
        for name, text in {"a": "Bread.", "b": "Rye bread.", "copy": "Bread, bread."}.items():
            (site / f"{name}.md").write_text(text)
        (site / "bad.md").write_bytes(b"\xff")
        seen: list[str] = []

        def first_two(result: Result) -> None:
            seen.append(Path(result.article).name)
            if seen[-1] in ("a.md", "b.md"):
                project.stop()

        project.run("site", on_result=first_two)
        assert seen[:2] == ["c.md", "copy.md"]
        assert len(seen) == 3
        first, left = seen[2], ({"a.md", "b.md"} - {seen[2]}).pop()
        seen.clear()
        run = project.run("site", on_result=lambda result: seen.append(Path(result.article).name))
        assert seen == [*sorted([first, "c.md", "copy.md"]), left, "bad.md"]
        assert sorted(seen) == sorted(Path(r.article).name for r in run.results())


def test_pages_of_categories_are_judged_by_other_kinds_alone(site: Path, keywords: None) -> None:
    page = Path("content/tags/bread/_index.md")
    page.parent.mkdir(parents=True)
    page.write_text("---\ntitle: Bread\nClassificationType: tags\n---\nCraft, craft, craft.\n")
    Path("content/lunch.md").write_text("Craft and bread, bread, bread.\n")
    Path("classify.toml").write_text(
        'categories = ["content/tags", "taxonomy/concepts"]\ncategory_pages = true\n'
    )
    with Project.open() as project:
        concepts = project.only(kinds=["concepts"])
        run = concepts.run("content")
        assert [entry.path for entry in run.scan.entries] == ["content/lunch.md", page.as_posix()]
        assert [result.labels for result in run.results()][1] == {"concepts": ["Craft"]}
        assert concepts.apply("content").changed == (page,)
        assert "concepts:\n  - Craft\n" in page.read_text()
        assert concepts.run("content").progress.due_pairs == 0
        all_kinds = project.run("content")
        assert [it.path for it in all_kinds.scan.entries] == ["content/lunch.md", page.as_posix()]
        assert all_kinds.complete
        assert project.run("content").scan.pending_pairs == 0
        lunch, bread = all_kinds.results()
        assert {it.category for it in bread.judgements} == {"concepts/craft"}
        assert (bread.ok, bread.labels) == (True, {"tags": [], "concepts": ["Craft"]})
        assert {"tags/bread", "concepts/craft"} <= {it.category for it in lunch.judgements}
        project.apply("content")
        assert "tags:" not in page.read_text()
        tags = project.only(kinds=["tags"]).run("content")
        assert [it.path for it in tags.scan.entries] == ["content/lunch.md"]
        without = concepts.only(kinds=["concepts"], exclude=["tags/"]).run("content")
        assert [it.path for it in without.scan.entries] == ["content/lunch.md"]
        page.unlink()
        assert len(concepts.run("content").scan.entries) == 1
