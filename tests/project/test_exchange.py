"""`Project.export_pairs`, and its annotations back through `import_verdicts`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.events import warnings
from support.exchanged import argilla_record, studio_task

from classifier.errors import StoreError, UsageError
from classifier.project import Project
from classifier.project.events import Event


def studio(project: Project, *paths: str, **more: Any) -> list[dict[str, Any]]:
    written = project.export_pairs(*paths, to="label-studio", output="out", **more)
    return json.loads((written.folder / "tasks.json").read_text(encoding="utf-8"))


def keys(tasks: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(it["data"]["classify_path"], it["data"]["classify_category"]) for it in tasks}


def test_the_nearest_to_their_minimum_are_written(project: Project) -> None:
    project.run()
    tasks = studio(project, most=1)
    assert keys(tasks) == {("lunch.md", "tags/cheese")}  # 0.45, and 0.50 makes a label
    (task,) = tasks
    assert task["data"]["title"] == "Lunch"
    assert task["data"]["text"].startswith("Bread, more bread")
    assert task["predictions"][0]["score"] == 0.55


def test_pairs_are_written_in_the_order_of_the_review(project: Project) -> None:
    Path("picnic.md").write_text("Cheese, cheese and olives, olives. Wine.\n")
    project.run()
    review = project.review()
    queue = [review.table.rows[ask.row].path for ask in review.queue()]
    assert len(queue) == 3
    asked = [
        (path, pair.category.id)
        for path in queue
        for pair in review.article(path).pairs
        if pair.asked
    ]
    tasks = [it["data"] for it in studio(project, most=len(asked))]
    written = [(it["classify_path"], it["classify_category"]) for it in tasks]
    assert list(dict.fromkeys(path for path, _ in written)) == queue
    assert sorted(written) == sorted(asked)


def test_pairs_with_a_verdict_and_of_fired_exclusions_are_left_out(project: Project) -> None:
    Path("beer.md").write_text("Craft beer, craft beer.\n")
    project.run()
    project.reject("lunch.md", "cheese")
    found = keys(studio(project))
    assert ("lunch.md", "tags/cheese") not in found
    assert ("beer.md", "concepts/craft") not in found
    assert len(found) == 13


def test_copies_of_one_text_are_asked_about_once(project: Project) -> None:
    Path("copy.md").write_text("---\ntitle: Lunch\n---\n" + Path("lunch.md").read_text())
    Path("again.md").write_text(Path("copy.md").read_text())
    project.run()
    assert len({path for path, _ in keys(studio(project, "copy.md", "again.md"))}) == 1


def test_verdicts_come_back_from_label_studio(project: Project) -> None:
    project.run()
    (task,) = studio(project, most=1)
    Path("done.json").write_text(json.dumps([studio_task(task, "accept", note="brie")]))
    (verdict,) = project.import_verdicts("done.json")
    assert (verdict.path, verdict.category, verdict.accepted) == ("lunch.md", "tags/cheese", True)
    assert (verdict.note, verdict.source) == ("brie", "done.json")
    assert project.classify(Path("lunch.md")).labels["tags"] == ["Bread", "Cheese"]


def test_verdicts_come_back_from_argilla(project: Project) -> None:
    project.run()
    written = project.export_pairs(to="argilla", output="out", most=1)
    assert [file.relative_to("out").as_posix() for file in written.files] == [
        ".argilla/dataset.json",
        ".argilla/settings.json",
        "records.json",
    ]
    (record,) = json.loads(Path("out/records.json").read_text(encoding="utf-8"))
    Path("done.json").write_text(json.dumps([argilla_record(record, "reject")]))
    (verdict,) = project.import_verdicts("done.json")
    assert (verdict.path, verdict.category, verdict.accepted) == ("lunch.md", "tags/cheese", False)


def test_what_annotators_disagree_about_is_left_out(project: Project, events: list[Event]) -> None:
    project.run()
    first, second = studio(project, most=2)
    exported = [studio_task(first, "accept", "reject"), studio_task(second, "accept", "accept")]
    Path("done.json").write_text(json.dumps(exported))
    assert len(project.import_verdicts("done.json")) == 1
    (warning,) = warnings(events)
    assert "left out 1 pair on which annotators disagree" in warning


@pytest.mark.parametrize(
    ("part", "value"),
    [("path", "/etc/passwd"), ("path", "../other.md"), ("category", "tags/champagne")],
)
def test_what_this_project_does_not_know_is_left_out(
    project: Project, events: list[Event], part: str, value: str
) -> None:
    project.run()
    (task,) = studio(project, most=1)
    task["data"][f"classify_{part}"] = value
    Path("done.json").write_text(json.dumps([studio_task(task, "accept")]))
    assert project.import_verdicts("done.json") == []
    assert len(warnings(events)) == 1
    with pytest.raises(UsageError):
        project.evaluate("verdicts")


def test_nothing_to_look_at_says_so(project: Project) -> None:
    with pytest.raises(StoreError):
        studio(project)
    project.run("lunch.md")
    with pytest.raises(UsageError, match="nothing to look at"):
        studio(project, "dinner.md")
    with pytest.raises(UsageError, match="`most` 0: expected at least 1"):
        studio(project, most=0)


def test_an_export_without_an_answer_says_so(project: Project) -> None:
    project.run()
    studio(project)
    with pytest.raises(UsageError, match="no submitted annotation"):
        project.import_verdicts(write([]))


def write(records: list[Any]) -> str:
    Path("done.json").write_text(json.dumps(records))
    return "done.json"
