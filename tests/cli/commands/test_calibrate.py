from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.cli_sites import write_gold

ARTICLES = 40


@pytest.fixture
def gold(project: Path) -> Path:
    return write_gold(project, articles=ARTICLES)


def written(project: Path) -> dict[str, Any]:
    (fitted,) = json.loads((project / "taxonomy/calibration.json").read_text())["scorers"].values()
    return fitted


def test_gold_labels_make_confidences_calibrated_until_that_is_turned_off(
    run, project: Path, gold: Path
) -> None:
    ran = run("calibrate", "gold.csv")
    assert ran.code == 0
    assert ran.out.startswith("tags\n  40 articles, 120 pairs, of which 23 belong\n")
    assert "calibration error" in ran.out
    assert "without labels, using the curve of the kind: Cheese\n" in ran.out
    assert "\nconcepts: no labels, confidences are unchanged\n" in ran.out
    assert "written to '" in ran.err
    assert list(written(project)["kinds"]) == ["tags"]

    page = run("lunch.md", "--explain").out
    assert "calibrated from 0.90" in page
    assert page.endswith("confidences: calibrated for tags, not for concepts\n")
    assert run("site").out.endswith("confidences: calibrated for tags, not for concepts\n")
    judged = json.loads(run("lunch.md", "--json").out)["judgements"]
    kinds = {it["kind"]: it["confidence_kind"] for it in judged}
    assert kinds == {"tags": "calibrated", "concepts": "similarity"}

    assert "calibrated from" not in run("lunch.md", "--explain", "--calibration", "off").out
    assert run("site", "--calibration", "off").out.endswith("confidences: not calibrated\n")


def test_the_same_gold_gives_the_same_file_and_judges_nothing_twice(
    run, project: Path, gold: Path
) -> None:
    run("calibrate", "gold.csv", "--target-precision", "0.5")
    file = project / "taxonomy" / "calibration.json"
    first = file.read_bytes()
    (project / "gold.csv").write_text(reversed_rows(gold))
    ran = run("calibrate", "gold.csv", "--target-precision", "0.5")
    assert file.read_bytes() == first
    assert "pairs/s" not in ran.err


def reversed_rows(gold: Path) -> str:
    header, *rows = gold.read_text().splitlines()
    return "\n".join([header, *reversed(rows)]) + "\n"


def test_what_other_scorers_have_in_the_file_is_kept(run, project: Path, gold: Path) -> None:
    file = project / "taxonomy" / "calibration.json"
    other = {"fitted": "2026-01-01", "gold": "old.csv"}
    file.write_text(json.dumps({"version": 1, "scorers": {"another:one:1": other}}))
    assert run("calibrate", "gold.csv").code == 0
    scorers = json.loads(file.read_text())["scorers"]
    assert set(scorers) == {"another:one:1", "keywords:counting:0123456789"}
    assert scorers["another:one:1"]["gold"] == "old.csv"


def test_a_calibration_of_other_scorers_is_not_used_and_that_is_said(
    run, project: Path, gold: Path
) -> None:
    file = project / "taxonomy" / "calibration.json"
    other = {"fitted": "2026-01-01", "gold": "old.csv"}
    file.write_text(json.dumps({"version": 1, "scorers": {"another:one:1": other}}))
    ran = run("lunch.md")
    assert "is for other scorers: confidences are not calibrated" in ran.err
    assert "similarity, not calibrated" in ran.out


def test_a_target_becomes_the_minimum_and_one_in_the_settings_wins(
    run, project: Path, gold: Path
) -> None:
    ran = run("calibrate", "gold.csv", "--target-recall", "0.7")
    found = written(project)["minimum_of_kinds"]["tags"]
    assert f"minimum {found['minimum']:.4f} for recall 0.70: " in ran.out
    assert (found["target"], found["value"], found["pairs"]) == ("recall", 0.7, 23)
    needed = f"is below the minimum of {found['minimum']:.2f}"
    assert needed in run("lunch.md").out
    with (project / "classify.toml").open("a") as settings:
        settings.write("[rules.tags]\nminimum = 0.99\n")
    assert "is below the minimum of 0.99" in run("lunch.md").out
    again = run("calibrate", "gold.csv", "--target-recall", "0.7")
    assert "the minimum for 'tags' in the settings overrides" in again.err


def test_minimums_do_not_outlive_the_scale_they_were_found_on(
    run, project: Path, gold: Path
) -> None:
    run("calibrate", "gold.csv", "--target-recall", "0.7")
    ran = run("calibrate", "gold.csv")
    assert "earlier minimums were removed" in ran.err
    assert written(project)["minimum_of_kinds"] == {}


def test_too_little_gold_is_refused_with_what_is_needed(run, project: Path, gold: Path) -> None:
    gold.write_text("article,category,value\nsite/01.md,bread,yes\nsite/02.md,bread,no\n")
    ran = run("calibrate", "gold.csv")
    assert ran.code == 2
    assert "has too few labels to calibrate: tags: pairs that belong: 1 of the 10 needed" in ran.err
    assert not (project / "taxonomy" / "calibration.json").exists()


def test_verdicts_are_gold(run, project: Path, gold: Path) -> None:
    assert run("verdicts", "import", "gold.csv").code == 0
    ran = run("calibrate", "verdicts")
    assert ran.code == 0
    assert "120 pairs, of which 23 belong" in ran.out
    assert written(project)["gold"] == "verdicts"


def test_editors_labels_are_gold(run, project: Path, gold: Path) -> None:
    for n in range(ARTICLES):
        path = project / "site" / f"{n:02}.md"
        tags = "[Wine]" if n % 3 > 1 else "[]"
        path.write_text(f"---\ntags: {tags}\n---\n{path.read_text()}")
    ran = run("calibrate", "site", "--field", "tags")
    assert ran.code == 0
    assert "160 pairs, of which 13 belong" in ran.out


def test_the_example_categories_need_a_place_for_the_file(run, project: Path, gold: Path) -> None:
    (project / "classify.toml").write_text("")
    ran = run("calibrate", "gold.csv")
    assert ran.code == 2
    assert "--categories PATH" in ran.err
    assert "--output FILE" in ran.err


def test_a_file_elsewhere_is_used_where_it_is_named(run, project: Path, gold: Path) -> None:
    ran = run("calibrate", "gold.csv", "--output", "mine.json")
    assert "name it with --calibration FILE" in ran.err
    assert "not calibrated" in run("lunch.md").out
    assert "calibrated for tags" in run("lunch.md", "--calibration", "mine.json").out


def test_settings_that_turn_it_off_are_mentioned(run, project: Path, gold: Path) -> None:
    with (project / "classify.toml").open("a") as settings:
        settings.write('calibration = "off"\n')
    assert 'not used: the settings have calibration = "off"' in run("calibrate", "gold.csv").err


@pytest.mark.parametrize("given", [["lunch.md"], ["calibrate", "gold.csv"]])
def test_a_file_that_is_no_calibration_is_one_line_and_stays(
    run, project: Path, gold: Path, given: list[str]
) -> None:
    file = project / "taxonomy" / "calibration.json"
    file.write_text("{")
    ran = run(*given)
    assert ran.code == 2
    assert ran.err.count("\n") == 1
    assert "is not a calibration file" in ran.err
    assert "delete it" in ran.err
    assert file.read_text() == "{"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--target-precision", "0.9", "--target-recall", "0.9"], "exclude each other"),
        (["--target-precision", "90"], "--target-precision 90.0: expected a number between 0"),
        (["--target-recall", "nan"], "--target-recall nan: expected a number between 0"),
        (["--per", "category"], "add --target-precision or --target-recall"),
        (["--target-recall", "0.9", "--per", "tag"], "--per 'tag': expected kind or category"),
    ],
)
def test_options_that_make_no_sense_are_refused_at_once(
    run, gold: Path, options: list[str], told: str
) -> None:
    ran = run("calibrate", "gold.csv", *options)
    assert ran.code == 2
    assert told in ran.err


def test_measuring_by_the_labels_it_was_calibrated_on_is_called_what_it_is(run, gold: Path) -> None:
    flattering = "calibrated on these same labels, so these figures are too good"
    assert flattering not in run("eval", "gold.csv").err
    run("calibrate", "gold.csv")
    assert flattering in run("eval", "gold.csv").err
    assert flattering not in run("eval", "gold.csv", "--calibration", "off").err
