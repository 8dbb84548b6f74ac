"""Labelled articles that nothing but an alias names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer
from support.site import write_article

from classifier import composition
from classifier.models import Outcome, Task
from classifier.project import Project
from classifier.project.alias_uses import alias_uses


class _Aliases(KeywordScorer):
    """Gives every category to every article; what is about craft is so by the whole text."""

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for outcome in super().score(tasks):
            about = "craft" in outcome.task.article.body
            aspects = {"alignment": 0.9 if about else 0.1, "depth": 0.5 if about else 0.0}
            yield replace(
                outcome,
                judgements=tuple(
                    replace(it, confidence=0.9, aspects=aspects) for it in outcome.judgements
                ),
            )


@pytest.fixture
def project(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: _Aliases())
    (site / "taxonomy/tags/bread.md").write_text(
        "---\ntitle: Sourdough\naliases: [recipes, rye bread]\n---\n"
    )
    with Project.open() as project:
        yield project


def test_only_articles_that_nothing_else_names_count(project: Project, site: Path) -> None:
    for name, text in {
        "weak": "Recipes for success.",
        "strong": "Recipes of a craft.",
        "titled": "Recipes for sourdough.",
        "other": "Recipes for rye bread.",
        "none": "Rain.",
    }.items():
        write_article(site / "content" / f"{name}.md", text)
    project.run("content")
    records = project.records.get("read")
    found = alias_uses(records, project.policy, project.scorer.identity)
    uses = {(use.path, use.alias, use.weak) for use in found}
    assert uses == {
        ("content/weak.md", "recipes", True),
        ("content/strong.md", "recipes", False),
    }


def test_lint_names_the_articles_that_an_everyday_word_pulls_in(
    project: Project, site: Path
) -> None:
    for n in range(12):
        write_article(site / "content" / f"{n:02}.md", f"Recipes number {n}.")
    project.run("content")
    (found,) = project.lint(select=["everyday-alias"]).findings
    assert "'recipes'" in found.finding.message
    assert "content/00.md" in found.finding.message
    assert str(found.file).endswith("taxonomy/tags/bread.md")
