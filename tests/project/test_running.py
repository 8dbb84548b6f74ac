from __future__ import annotations

from pathlib import Path

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
