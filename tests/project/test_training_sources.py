from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.project import Project
from classifier.project.gold import GoldSource
from classifier.project.training_sources import default_sources, remembered


def test_folders_of_the_settings_have_the_labels(site: Path) -> None:
    (site / "posts").mkdir()
    (site / "classify.toml").write_text('categories = "taxonomy"\ncontent = ["posts"]\n')
    with Project.open() as project:
        (source,) = default_sources(project)
        assert isinstance(source, GoldSource)
        assert (source.path, source.fields) == (Path("posts"), ())
        (source,) = default_sources(project, ["topics"])
        assert isinstance(source, GoldSource)
        assert source.fields == ("topics",)


def test_without_folders_the_project_has_them_if_a_field_is_known(project: Project) -> None:
    assert default_sources(project) == []
    (source,) = default_sources(project, ["tags"])
    assert isinstance(source, GoldSource)
    assert Path(source.path).resolve() == project.folder.resolve()


def test_sources_outside_of_the_project_and_verdicts_are_not_remembered(
    project: Project, site: Path
) -> None:
    inside, outside = GoldSource(site / "gold.csv"), GoldSource(site.parent / "gold.csv")
    sources = remembered(project, [inside, outside, GoldSource("verdicts")])
    assert [source.path for source in sources] == ["gold.csv"]


@pytest.mark.slow
def test_new_verdicts_do_not_take_the_place_of_the_labels_of_the_last_training(
    labelled: Path,
) -> None:
    with Project.open() as project:
        project.train("site", fields=["tags"])
        project.reject("site/02.md", "bread")
        again = project.train()
        assert again.kinds[0].articles == 24
        assert again.source == "site, verdicts"
        path = again.artifact.path
    content = json.loads(path.read_text())
    assert content["sources"] == [{"path": "site", "fields": ["tags"]}]
    path.write_text(json.dumps(content | {"sources": [{"path": "..", "fields": ["tags"]}]}))
    with Project.open() as project, pytest.raises(UsageError, match="too few labels"):
        project.train()
