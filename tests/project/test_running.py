from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.project import Project


def test_a_run_judges_what_is_missing_and_has_all_results(project: Project, site: Path) -> None:
    first = project.run(".")
    assert (first.progress.articles, first.complete) == (2, True)
    again = project.run(".")
    assert again.progress.articles == 0
    labels = {result.article: result.labels["tags"] for result in again.results()}
    assert labels == {"dinner.md": ["Wine"], "lunch.md": ["Bread"]}
    assert again.summary().labelled == 2


def test_a_failure_makes_a_run_incomplete_and_is_tried_again(project: Project, site: Path) -> None:
    (site / "bad.md").write_text("Bread.\nFAIL refused\n")
    run = project.run(".")
    assert not run.complete
    (failed,) = (result for result in run.results() if not result.ok)
    assert failed.article == "bad.md"
    (site / "bad.md").write_text("Bread.\n")
    assert project.run(".").complete


def test_without_a_store_nothing_is_left(project: Project, site: Path) -> None:
    run = project.run(".", store=False)
    assert len(list(run.results())) == 2
    assert not (site / ".classify").exists()


def test_a_table_has_a_row_for_each_pair_or_article(project: Project, site: Path) -> None:
    run = project.run(".")
    for rows_of, number in (("pairs", 10), ("articles", 2)):
        run.write_table(site / "rows.csv", rows_of=rows_of)
        assert len((site / "rows.csv").read_text().splitlines()) == 1 + number


def test_one_item_that_is_none_never_ends_a_stream(project: Project, site: Path) -> None:
    items = [
        None,
        float("nan"),
        Path("nowhere.md"),
        Path("null\0byte.md"),
        ("null\0byte", "Bread, bread."),
        ("null\0byte", None),
        ("x" * 5000, None),
        ("last", "Bread, bread."),
    ]
    for results in (project.classify_many(items), project.classifier().classify_many(items)):  # type: ignore[arg-type]
        found = {result.article: result.ok for result in results}
        assert (found["last"], found["nowhere.md"], found["null\0byte.md"]) == (True, False, False)
        assert len(found) == 6


def test_one_path_of_nothing_is_a_mistake_of_the_caller(project: Project) -> None:
    for judge in (project.classify, project.classifier().classify):
        with pytest.raises(UsageError, match=r"no such file or folder: 'nowhere\.md'"):
            judge(Path("nowhere.md"))
    with pytest.raises(UsageError, match="not NoneType"):
        project.classify_many(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [["content"], None, 5, "null\0byte"], ids=range(4))
def test_what_is_no_path_is_one_sentence(project: Project, path: object) -> None:
    with pytest.raises(UsageError, match="path"):
        project.run(path)  # type: ignore[arg-type]
