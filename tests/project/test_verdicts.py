"""`Project.accept`, `reject`, `undo`, `verdicts` and `import_verdicts`."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import StoreError, UsageError
from classifier.project import Project
from classifier.project.events import Event, Message
from classifier.project.gold import GoldSource


def test_a_verdict_decides_and_is_withdrawn(project: Project) -> None:
    assert project.classify(Path("lunch.md")).labels["tags"] == ["Bread"]
    (given,) = project.accept("lunch.md", "Wine", note="there was some")
    assert (given.path, given.category, given.accepted) == ("lunch.md", "tags/wine", True)
    assert (given.note, given.source) == ("there was some", "")
    assert project.classify(Path("lunch.md")).labels["tags"] == ["Bread", "Wine"]
    project.reject("lunch.md", "bread")
    assert project.classify(Path("lunch.md")).labels["tags"] == ["Wine"]
    project.undo("lunch.md", "wine", "bread")
    assert project.classify(Path("lunch.md")).labels["tags"] == ["Bread"]
    assert project.verdicts() == []


def test_verdicts_are_the_last_on_each_pair_in_order(project: Project) -> None:
    project.reject("lunch.md", "wine", "bread")
    project.accept("dinner.md", "wine")
    project.accept("lunch.md", "wine")
    assert [(it.path, it.category, it.accepted) for it in project.verdicts()] == [
        ("dinner.md", "tags/wine", True),
        ("lunch.md", "tags/bread", False),
        ("lunch.md", "tags/wine", True),
    ]


def test_a_verdict_may_be_about_a_category_outside_the_selection(project: Project) -> None:
    (given,) = project.only(categories=["bread"]).accept("lunch.md", "wine")
    assert given.category == "tags/wine"


@pytest.mark.parametrize("names", [(), ("champagne",)])
def test_no_verdict_without_a_category(project: Project, names: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        project.accept("lunch.md", *names)
    assert not Path(".classify").exists()


def test_without_a_store_there_are_no_verdicts_to_list(project: Project) -> None:
    with pytest.raises(StoreError, match="nothing is stored yet"):
        project.verdicts()


def test_imported_labels_say_where_they_are_from(project: Project, events: list[Event]) -> None:
    Path("gold.csv").write_text(
        "article,category,value,note\nlunch.md,Wine,yes,a glass\nlunch.md,Beer,no,\n"
    )
    (imported,) = project.import_verdicts("gold.csv")
    assert (imported.category, imported.accepted) == ("tags/wine", True)
    assert imported.source == "gold.csv"
    assert "a glass" in imported.note
    assert project.verdicts() == [imported]
    (warning,) = (it for it in events if isinstance(it, Message))
    assert (warning.level, "Beer" in warning.text) == ("warning", True)


def test_a_folder_is_narrowed_by_the_project(project: Project) -> None:
    Path("site").mkdir()
    for name in "ab":
        Path(f"site/{name}.md").write_text("---\ntags: [Wine]\n---\nBread.\n")
    imported = project.only(include=["a.md"]).import_verdicts(GoldSource("site", ["tags"]))
    assert [it.path for it in imported] == ["site/a.md"]
