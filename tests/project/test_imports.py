"""Imported judgements beside a scorer: they decide, whenever they were imported."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer
from support.site import write_article

from classifier import composition
from classifier.project import Project

BREAD = Path("content/bread.md")
FILE = Path("content/data.bread.classifications.json")


@pytest.fixture
def both(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """The site, where imported judgements come before those of the keyword scorer."""
    monkeypatch.setattr(composition, "_scorer", lambda _settings: KeywordScorer())
    write_article(BREAD, "bread " * 9)
    with Project.open(imported_first=True) as project:
        yield project


def put(**scores: float) -> None:
    entries = {
        title: {"category": title, "calculated_at": "2025-10-31T18:54:08", "final_score": score}
        for title, score in scores.items()
    }
    FILE.write_text(json.dumps(entries))


def labels(project: Project) -> list[str]:
    (result,) = project.run("content").results()
    return result.labels["tags"]


def test_imported_judgements_decide_and_the_scorer_judges_the_rest(both: Project) -> None:
    put(Bread=20, Wine=70)
    both.import_sidecars("content")
    run = both.run("content")
    (result,) = run.results()
    assert result.labels == {"concepts": [], "tags": ["Wine"]}
    assert run.progress.stored == 2
    assert result.ok


def test_what_is_imported_later_counts_at_the_next_run(both: Project) -> None:
    assert labels(both) == ["Bread"]
    put(Bread=20, Wine=70)
    both.import_sidecars("content")
    assert both.status("content")[0].scan.pending_pairs == 2
    assert labels(both) == ["Wine"]
    assert both.run("content").progress.due_pairs == 0


def test_another_text_or_definition_is_left_to_the_scorer(both: Project) -> None:
    put(Wine=70)
    both.import_sidecars("content")
    assert sorted(labels(both)) == ["Bread", "Wine"]
    write_article(BREAD, "bread " * 10)
    assert labels(both) == ["Bread"]


def test_without_the_setting_the_scorer_judges_alone(both: Project) -> None:
    put(Bread=20, Wine=70)
    both.import_sidecars("content")
    labels(both)
    assert labels(both.with_settings(imported_first=False)) == ["Bread"]
    assert labels(both) == ["Wine"]


def test_a_language_model_is_asked_about_the_rest_alone(site: Path, server: ChatServer) -> None:
    write_article(BREAD, "bread " * 9)
    put(Bread=90, Cheese=10, Olives=10)
    with Project.open(
        scorer="openai", model="m1", base_url=server.url, imported_first=True, canary=False
    ) as project:
        project.import_sidecars("content")
        cost = project.estimate("content").cost
        assert cost is not None
        assert cost.calls == 1
        run = project.run("content")
    (request,) = server.requests
    assert {name.partition("/")[2] or name for name in request.names} == {"craft", "wine"}
    assert run.progress.stored == 3


def test_files_keep_imported_judgements_from_a_weaker_judge(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_article(BREAD, "bread " * 9)
    put(Bread=20, Gone=70)
    weak = KeywordScorer()
    monkeypatch.setattr(KeywordScorer, "identity", "embedded:counting:0123456789")
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: weak)
    with Project.open() as project:
        project.import_sidecars("content")
        project.run("content")
        written = project.write_sidecars("content")
        assert (written.written, written.imported, written.errors) == (1, 1, ())
        found = json.loads(FILE.read_text())
        assert found["Bread"]["final_score"] == 20
        assert "scorer" not in found["Bread"]
        assert found["Wine"]["scorer"] == weak.identity
        assert found["Gone"]["final_score"] == 70
        assert project.write_sidecars("content").written == 0
        assert project.write_sidecars("content", replace=True).imported == 0
    assert json.loads(FILE.read_text())["Bread"]["final_score"] == 90


def test_a_kind_may_have_a_file_of_its_own(project: Project) -> None:
    write_article(BREAD, "bread craft " * 9)
    project.run("content")
    project.write_sidecars("content")
    own = project.with_settings(sidecar_kinds=["concepts"])
    assert own.write_sidecars("content").written == 2
    concepts = FILE.with_name("data.bread.classifications.concepts.json")
    assert list(json.loads(concepts.read_text())) == ["Craft"]
    assert "Craft" not in json.loads(FILE.read_text())
    assert own.write_sidecars("content").written == 0
    assert own.import_sidecars(BREAD).stored == 5


def test_a_named_article_without_a_sidecar_fails(project: Project) -> None:
    write_article(BREAD, "bread")
    (error,) = project.import_sidecars(BREAD).errors
    assert error == f"'content/bread.md' has no sidecar: there is no '{FILE}'"
    assert project.import_sidecars("content").errors == ()
