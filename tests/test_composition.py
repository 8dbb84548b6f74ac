from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier import (
    Classifier,
    OpenAIScorer,
    Panel,
    Project,
    Rule,
    Settings,
    UsageError,
)
from classifier.errors import SettingsError

# --- from settings -------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "taxonomy" / "tags"
    folder.mkdir(parents=True)
    (folder / "bread.md").write_text("---\ntitle: Bread\n---\nBaking.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_settings_name_the_categories_and_their_rules(project: Path) -> None:
    (project / "classify.toml").write_text(
        'categories = "taxonomy"\nminimum = 0.7\n[rules.tags]\nat_most = 1\n'
    )
    built = Classifier.from_settings()
    assert [c.id for c in built.taxonomy.categories] == ["tags/bread"]
    assert built.taxonomy.rule("tags") == Rule(minimum=0.7, at_most=1)
    assert built.taxonomy.rule("other") == Rule(minimum=0.7)
    assert built.scorer.identity.startswith("embedded:")


def test_a_rule_for_a_kind_without_categories_is_a_warning(project: Path) -> None:
    (project / "classify.toml").write_text('categories = "taxonomy"\n[rules.tag]\nat_most = 1\n')
    assert any("'tag'" in warning for warning in Classifier.from_settings().taxonomy.warnings)


def test_a_fallback_is_a_category_of_its_kind(project: Path) -> None:
    settings = project / "classify.toml"
    settings.write_text('categories = "taxonomy"\n[rules.tags]\nfallback = "bread"\n')
    fallback = Classifier.from_settings().taxonomy.fallbacks["tags"]
    assert (fallback.category, fallback.members) == ("tags/bread", ("tags/bread",))
    settings.write_text('categories = "taxonomy"\n[rules.tags]\nfallback = "None"\n')
    with pytest.raises(SettingsError, match=r"rules\.tags\.fallback: no category 'None'"):
        Classifier.from_settings()


def test_without_settings_the_example_categories_serve(project: Path) -> None:
    built = Classifier.from_settings()
    assert len({category.kind for category in built.taxonomy.categories}) == 3


def test_given_settings_win_over_what_is_in_the_folder(project: Path) -> None:
    (project / "classify.toml").write_text('categories = "nowhere"\n')
    built = Classifier.from_settings(Settings(categories=project / "taxonomy"))
    assert [c.title for c in built.taxonomy.categories] == ["Bread"]


def test_a_language_model_needs_a_name(project: Path) -> None:
    with pytest.raises(UsageError, match="`model=NAME`"):
        Classifier.from_settings(scorer="openai")


def test_the_settings_reach_the_language_model_scorer(project: Path) -> None:
    def identity(**overrides: object) -> str:
        return Classifier.from_settings(scorer="openai", model="m1", **overrides).scorer.identity

    assert "m1" in identity()
    assert identity() == identity(concurrency=9, timeout=3)
    assert identity() != identity(base_url="http://127.0.0.1:9/v1")


def test_a_panel_has_the_scorers_of_the_settings_and_one_budget(project: Path) -> None:
    (project / "classify.toml").write_text(
        'categories = "taxonomy"\nscorer = "panel"\nmodel = "m1"\n'
        '[panel]\nscorers = ["embedded", "openai", "openai:m2:8b"]\nconfidence = "least"\n'
    )
    panel = Classifier.from_settings(max_calls=3).scorer
    assert isinstance(panel, Panel)
    assert panel.names == ("embedded", "openai m1", "openai m2:8b")
    assert panel.confidence == "least"
    _, one, other = panel.members
    assert isinstance(one, OpenAIScorer)
    assert isinstance(other, OpenAIScorer)
    assert one.budget is other.budget
    assert one.budget.max_calls == 3


def test_a_panel_is_the_embedded_scorer_and_a_model_which_needs_a_name(project: Path) -> None:
    with pytest.raises(UsageError, match="`model=NAME`"):
        Classifier.from_settings(scorer="panel")
    panel = Classifier.from_settings(scorer="panel", model="m1").scorer
    assert isinstance(panel, Panel)
    assert panel.names == ("embedded", "openai")


@pytest.mark.parametrize(
    ("scorer", "teachers", "warned"),
    [
        ("embedded", {}, True),
        ("embedded", {"openai:m1:1": 0.5}, True),
        ("openai", {}, True),
        ("openai", {"openai:m1:1": 0.5}, False),
        ("cascade", {"openai:m1:1": 0.5}, False),
    ],
)
def test_a_calibration_of_other_scorers_is_a_warning_but_not_a_students_for_its_teacher(
    scorer: str, teachers: dict[str, float], warned: bool, project: Path
) -> None:
    calibrations = {"embedded:another:1": {"fitted": "2026-01-01", "gold": "old.csv"}}
    written = json.dumps({"calibrations": calibrations, "teachers": teachers})
    (project / "taxonomy" / "trained.json").write_text(written)
    with Project.open(
        categories="taxonomy", scorer=scorer, model="m1", base_url="http://127.0.0.1:9/v1"
    ) as opened:
        warnings = opened.policy.taxonomy.warnings
    assert any("calibrated for other scorers" in warning for warning in warnings) == warned
