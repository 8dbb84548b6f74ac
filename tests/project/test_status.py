from __future__ import annotations

from pathlib import Path

import pytest
from support.keyword_scorer import OtherScorer

from classifier import composition
from classifier.project import Project


def test_each_scorer_has_the_status_of_every_article(
    project: Project, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run("lunch.md")
    (own,) = project.status(".")
    assert own.configured
    assert (own.paths("current"), own.paths("missing")) == (["lunch.md"], ["dinner.md"])

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    with Project.open() as other:
        configured, stored = other.status(".")
    assert (configured.configured, stored.configured) == (True, False)
    assert configured.paths("missing") == ["dinner.md", "lunch.md"]
    assert stored.paths("current") == ["lunch.md"]
