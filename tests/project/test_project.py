from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import StoreError, UsageError
from classifier.project import Project


def test_results_after_closing_say_what_is_closed(project: Project) -> None:
    run = project.run("lunch.md")
    project.close()
    with pytest.raises(StoreError, match="is closed: read results before their project"):
        list(run.results())
    assert project.run("lunch.md").progress.pairs == 0  # the next verb opens the store again


def test_only_run_offers_to_store_nothing(project: Project, site: Path) -> None:
    (site / "folder").mkdir()
    other = Project.open(store=site / "folder")
    with pytest.raises(StoreError, match="or store nothing: `store=False`"):
        other.run("lunch.md")
    with pytest.raises(StoreError, match=r"is a folder: name another with `store`$"):
        other.accept("lunch.md", "Bread")


def test_a_folder_of_nothing_but_definitions_has_no_articles(project: Project, site: Path) -> None:
    with pytest.raises(UsageError, match=r"'taxonomy' other than category definitions$"):
        project.run("taxonomy")
    (site / "empty").mkdir()
    with pytest.raises(UsageError, match=r"no Markdown files in 'empty'$"):
        project.run("empty")
