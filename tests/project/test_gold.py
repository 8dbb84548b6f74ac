from __future__ import annotations

from pathlib import Path

import pytest
from support.chat_server import ChatServer

from classifier.errors import UsageError
from classifier.project import Project
from classifier.project.events import Event, Message
from classifier.project.gold import GoldSource, open_gold


def table(site: Path, rows: str) -> Path:
    (site / "gold.csv").write_text(f"article,category\n{rows}")
    return Path("gold.csv")


def test_what_is_missing_is_judged_where_that_is_free(project: Project, site: Path) -> None:
    session = open_gold(project, table(site, "lunch.md,bread\ndinner.md,wine\n"))
    pairs = session.predictions(project.scorer).pairs
    assert pairs.judged.all()
    assert {category.kind for category in pairs.categories} == {"tags"}
    assert session.complete


def test_a_paid_scorer_is_asked_only_when_that_is_wanted(site: Path, server: ChatServer) -> None:
    gold = table(site, "lunch.md,bread\n")
    with Project.open(scorer="openai", model="m1", base_url=server.url) as project:
        with pytest.raises(UsageError, match=r"has judged nothing .*: add `judge`"):
            open_gold(project, gold).predictions(project.scorer)
        assert server.requests == []
        assert open_gold(project, gold, judge=True).predictions(project.scorer).pairs.judged.all()


def test_verdicts_are_meant_unless_a_file_is_called_so(site: Path) -> None:
    assert GoldSource("verdicts").is_verdicts
    (site / "verdicts").write_text("article,category\n")
    assert not GoldSource("verdicts").is_verdicts


def test_labels_of_other_categories_alone_are_refused(project: Project, site: Path) -> None:
    chosen = project.only(kinds=["concepts"])
    with pytest.raises(UsageError, match="no labels for the categories chosen"):
        open_gold(chosen, table(site, "lunch.md,bread\n"))


def test_warnings_about_the_labels_are_reported(
    project: Project, site: Path, events: list[Event]
) -> None:
    open_gold(project, table(site, "lunch.md,bread\nlunch.md,beer\n"))
    assert any("beer" in event.text for event in events if isinstance(event, Message))
