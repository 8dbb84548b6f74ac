from __future__ import annotations

from pathlib import Path

import pytest

from classifier import artifacts, calibration
from classifier.errors import SettingsError, UsageError
from classifier.project import Project
from classifier.project.events import ArticleJudged, Event
from classifier.training.calibrate import MinimumTarget
from classifier.training.targets import MetricTarget

ARTICLES = 40
RECALL = MinimumTarget(target=MetricTarget("recall", 0.7))


@pytest.fixture
def gold(site: Path) -> Path:
    """Articles that name tags, and people who know that only every other one is about bread."""
    rows = ["article,category,value"]
    (site / "site").mkdir()
    for n in range(ARTICLES):
        words = ["Bread."] * (n % 4) + ["Wine."] * (n % 3)
        (site / f"site/{n:02}.md").write_text(f"Article {n}. {' '.join(words)}\n")
        rows += [
            f"site/{n:02}.md,bread,{n % 4 > 1 and n % 8 > 3}",
            f"site/{n:02}.md,wine,{n % 3 > 1}",
        ]
    path = site / "gold.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_file_beside_the_categories_is_written_and_used(
    project: Project, gold: Path, site: Path
) -> None:
    result = project.calibrate(gold)
    assert result.artifact.path == site / "taxonomy" / artifacts.FILES["calibration"]
    assert result.artifact.use == "used"
    assert ([kind.name for kind in result.kinds], result.without_gold) == (["tags"], ("concepts",))
    assert result.complete
    (scorer,) = calibration.load(result.artifact.path).scorers
    assert scorer == result.scorer
    with Project.open() as again:
        assert again.classify(site / "lunch.md").judgements[0].kind == "calibrated"


def test_a_calibration_in_use_is_no_part_of_the_next_one(project: Project, gold: Path) -> None:
    first = project.calibrate(gold).artifact.path.read_bytes()
    assert project.calibrate(gold).artifact.path.read_bytes() == first


def test_a_target_becomes_a_minimum_until_it_is_calibrated_without(
    project: Project, gold: Path, site: Path
) -> None:
    minimums = [
        calibration.load(project.calibrate(gold, target=RECALL).artifact.path)
        .scorers["keywords:counting:0123456789"]
        .minimum_of_kinds["tags"]
    ]
    assert (minimums[0].target, minimums[0].value) == ("recall", 0.7)
    assert project.calibrate(gold).dropped_minimums
    assert not project.calibrate(gold).dropped_minimums


def test_minimums_of_the_settings_win_and_are_named(gold: Path, site: Path, keywords: None) -> None:
    with (site / "classify.toml").open("a") as settings:
        settings.write("[rules.tags]\nminimum = 0.99\n")
    with Project.open() as project:
        assert project.calibrate(gold, target=RECALL).overridden == ("tags",)
        assert project.calibrate(gold).overridden == ()


def test_too_few_labels_write_nothing(project: Project, gold: Path, site: Path) -> None:
    gold.write_text("article,category,value\nsite/01.md,bread,yes\nsite/02.md,bread,no\n")
    with pytest.raises(UsageError, match="too few labels to calibrate: tags: pairs that belong: 1"):
        project.calibrate(gold)
    assert not (site / "taxonomy" / artifacts.FILES["calibration"]).exists()


def test_a_file_that_is_no_calibration_is_reported_before_anything_is_judged(
    project: Project, gold: Path, site: Path, events: list[Event]
) -> None:
    (site / "mine.json").write_text("{")
    with pytest.raises(SettingsError, match="is not a calibration file"):
        project.calibrate(gold, output=site / "mine.json")
    assert not any(isinstance(event, ArticleJudged) for event in events)


def test_another_file_or_a_setting_that_is_off_is_told(
    project: Project, gold: Path, site: Path, keywords: None
) -> None:
    assert project.calibrate(gold, output="mine.json").artifact.use == "elsewhere"
    with Project.open(calibration="off") as off:
        assert off.calibrate(gold).artifact.use == "off"
    with Project.open(calibration="mine.json") as named:
        assert named.calibrate(gold).artifact.path == Path("mine.json")


def test_the_example_categories_have_no_place_for_the_file(
    gold: Path, site: Path, keywords: None
) -> None:
    (site / "classify.toml").write_text("")
    with Project.open() as project, pytest.raises(UsageError, match="--output FILE"):
        project.calibrate(gold)


def test_the_embedded_scorer_is_calibrated(gold: Path) -> None:
    with Project.open() as project:
        result = project.calibrate(gold)
    assert result.scorer.startswith("embedded:")
    assert result.kinds[0].before
