"""Pairs that two scorers decide differently."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.models import Category, Judgement, Task
from classifier.project import Project
from classifier.scorers.panel import Combination, Panel


class Sure(KeywordScorer):
    """Is sure of what is mentioned once."""

    @property
    def identity(self) -> str:
        return "sure:counting:0123456789"

    def _judgement(self, task: Task, category: Category) -> Judgement:
        made = super()._judgement(task, category)
        return replace(made, confidence=0.9 if made.confidence == 0.45 else made.confidence)


def test_a_scorer_of_another_kind_that_disagrees_is_seen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run()

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Sure())
    with Project.open() as again:
        again.run()
    review = project.review()
    disputed = [it.category.title for it in review.article("lunch.md").pairs if it.disputed]
    assert disputed == ["Cheese"]


@pytest.mark.parametrize("confidence", ["mean", "least"])
def test_what_a_panel_disagrees_on_is_asked_about_and_comes_first(
    site: Path, monkeypatch: pytest.MonkeyPatch, confidence: Combination
) -> None:
    (site / "aaa.md").write_text("Bread, bread and bread, wine, wine and wine.\n")
    panel = Panel([KeywordScorer(), Sure()], confidence)
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: panel)
    with Project.open() as project:
        project.run()
        review = project.review()
        pairs = {it.category.title: it for it in review.article("lunch.md").pairs}
        assert [title for title, it in pairs.items() if it.disputed] == ["Cheese"]
        assert pairs["Cheese"].asked
        assert pairs["Cheese"].label == (confidence == "mean")
        assert review.table.rows[review.queue()[0].row].path == "lunch.md"
