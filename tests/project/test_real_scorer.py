"""The verbs on stored results, with the embedded scorer."""

from __future__ import annotations

from pathlib import Path

from classifier.project import Project


def test_history_verdicts_and_garbage_of_the_embedded_scorer(site: Path) -> None:
    with Project.open() as project:
        project.run("lunch.md", "dinner.md")
        project.accept("dinner.md", "olives", note="in a bowl")
    with Project.open() as project:
        found = project.history("dinner.md")
        assert found.title(found.judgements[0]) == "Wine"
        assert found.judgements[0].scorer.startswith("embedded:")
        assert found.verdicts["tags/olives"].note == "in a bowl"
        assert "Olives" in project.classify(Path("dinner.md")).labels["tags"]
        Path("lunch.md").unlink()
        assert project.collect_garbage().judgements == {"article gone": 5}
        assert project.store_stats().counts["articles"] == 1
        assert project.verify_store() == []
