from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.chat_server import ChatServer
from support.cli_sites import write_gold, write_mislabelled

from classifier import trained

ARTICLES = 40
KEYWORDS = "keywords:counting:0123456789"


@pytest.fixture
def site(project: Path) -> Path:
    return write_mislabelled(project)


@pytest.fixture
def gold(project: Path) -> Path:
    return write_gold(project, articles=ARTICLES)


def confidences(command, path: str, *more: str) -> dict[str, dict]:
    ran = command(path, "--json", *more)
    assert ran.code == 0
    return {it["category"]: it for it in json.loads(ran.out)["judgements"]}


def written(project: Path) -> dict[str, Any]:
    file = json.loads((project / "taxonomy/trained.json").read_text())
    return file["calibrations"][KEYWORDS]


@pytest.mark.slow
def test_the_same_verdicts_give_the_same_file(site: Path, command) -> None:
    for n in range(12):
        word = "accept" if n % 3 == 2 else "reject"
        assert command(word, f"site/{n:02}.md", "bread", "--note", "so be it").code == 0
    ran = command("train")
    assert ran.code == 0
    assert ran.out.startswith("tags: 12 articles, 12 labelled pairs, of which 4 belong\n")
    file = Path("taxonomy/trained.json")
    first = file.read_bytes()
    assert command("train").code == 0
    assert file.read_bytes() == first
    shots = trained.load(file).examples.values()
    assert {example.note for its in shots for example in its.examples} == {"so be it"}


def test_too_little_is_said_and_nothing_is_written(site: Path, command) -> None:
    command("reject", "site/02.md", "bread")
    ran = command("train")
    assert ran.code == 2
    assert "too few labels to learn from (tags: 1 pair on 1 article" in ran.err
    assert not Path("taxonomy/trained.json").exists()


@pytest.mark.slow
def test_a_file_that_is_broken_is_one_line_and_stays(site: Path, command) -> None:
    file = Path("taxonomy/trained.json")
    file.write_text("{")
    for given in (["site/00.md"], ["train", "site"]):
        ran = command(*given)
        assert ran.code == 2
        assert ran.err.count("\n") == 1
        assert "delete it and run `classify train` again" in ran.err
    assert file.read_text() == "{"


@pytest.mark.slow
def test_what_was_trained_with_another_scorer_is_not_used(site: Path, command) -> None:
    command("train", "site")
    file = Path("taxonomy/trained.json")
    content = json.loads(file.read_text())
    content["kinds"]["tags"]["scorer"] = "embedded:other:0123456789abcdef"
    file.write_text(json.dumps(content))
    ran = command("site/00.md")
    assert "trained with another model or version of the scorer" in ran.err
    assert "learned" not in confidences(command, "site/00.md")["tags/bread"]["aspects"]


@pytest.mark.slow
def test_only_categories_whose_examples_changed_are_judged_again_by_a_model(
    site: Path, command, server: ChatServer
) -> None:
    options = ("--scorer", "openai", "--model", "m1", "--base-url", server.url)
    assert command("site", *options, "--quiet").code == 0
    ran = command("train", "site", *options)
    assert ran.code == 0
    examples = trained.load(Path("taxonomy/trained.json")).examples
    assert f"{24 * len(examples)} stored pairs will be judged again by language models" in ran.err
    assert 0 < len(examples) < 4

    ran = command("site", *options, "--dry-run")
    assert f"{24 * len(examples)} pairs" in ran.out + ran.err
    assert command("site", *options, "--quiet").code == 0
    assert "<example verdict=" in server.requests[-1].system
    calls = len(server.requests)

    ran = command("train", "site", *options)
    assert "will be judged again" not in ran.err
    assert command("site", *options, "--no-examples", "--quiet").code == 0
    assert command("store", "gc", "--categories", "taxonomy", "--yes").code == 0
    assert command("site", *options, "--quiet").code == 0
    assert len(server.requests) == calls


@pytest.mark.slow
def test_labels_make_confidences_calibrated_until_that_is_turned_off(
    run, project: Path, gold: Path
) -> None:
    ran = run("train", "gold.csv")
    assert ran.code == 0
    assert ran.out.startswith("tags: 40 articles, 120 labelled pairs, of which 23 belong\n")
    assert "calibration error" in ran.out
    assert "\nwithout labels, unchanged: concepts\n" in ran.out
    assert "written to '" in ran.err
    assert list(written(project)["kinds"]) == ["tags"]

    page = run("lunch.md", "--explain").out
    assert "calibrated from 0.90" in page
    assert page.endswith("confidences: calibrated for tags, not for concepts\n")
    judged = json.loads(run("lunch.md", "--json").out)["judgements"]
    kinds = {it["kind"]: it["confidence_kind"] for it in judged}
    assert kinds == {"tags": "calibrated", "concepts": "similarity"}

    assert "calibrated from" not in run("lunch.md", "--explain", "--trained", "off").out
    assert run("site", "--trained", "off").out.endswith("confidences: not calibrated\n")


def test_a_calibration_of_other_scorers_is_not_used_and_that_is_said(
    run, project: Path, gold: Path
) -> None:
    other = {"fitted": "2026-01-01", "gold": "old.csv"}
    file = project / "taxonomy" / "trained.json"
    file.write_text(json.dumps({"calibrations": {"another:one:1": other}}))
    ran = run("lunch.md")
    assert "was calibrated for other scorers: confidences are not calibrated" in ran.err
    assert "similarity, not calibrated" in ran.out


@pytest.mark.slow
def test_a_target_becomes_the_minimum_and_one_in_the_settings_wins(
    run, project: Path, gold: Path
) -> None:
    ran = run("train", "gold.csv", "--target-recall", "0.7")
    found = written(project)["minimum_of_kinds"]["tags"]
    assert f"minimum {found['minimum']:.4f} for recall 0.70: " in ran.out
    assert (found["target"], found["value"], found["pairs"]) == ("recall", 0.7, 23)
    assert f"is below the minimum of {found['minimum']:.2f}" in run("lunch.md").out
    with (project / "classify.toml").open("a") as settings:
        settings.write("[rules.tags]\nminimum = 0.99\n")
    assert "is below the minimum of 0.99" in run("lunch.md").out
    again = run("train", "gold.csv", "--target-recall", "0.7")
    assert "the minimum for 'tags' in the settings overrides" in again.err


@pytest.mark.slow
def test_verdicts_are_labels(run, project: Path, gold: Path) -> None:
    assert run("verdicts", "import", "gold.csv").code == 0
    ran = run("train")
    assert ran.code == 0
    assert "120 labelled pairs, of which 23 belong" in ran.out
    assert written(project)["gold"] == "verdicts"


@pytest.mark.slow
def test_a_file_elsewhere_is_used_where_it_is_named(run, project: Path, gold: Path) -> None:
    ran = run("train", "gold.csv", "--output", "mine.json")
    assert "name it with --trained FILE" in ran.err
    assert "not calibrated" in run("lunch.md").out
    assert "calibrated for tags" in run("lunch.md", "--trained", "mine.json").out
    with (project / "classify.toml").open("a") as settings:
        settings.write('trained = "off"\n')
    assert 'not used: the settings have trained = "off"' in run("train", "gold.csv").err


def test_settings_of_version_0_2_are_told_their_new_name(run, project: Path) -> None:
    with (project / "classify.toml").open("a") as settings:
        settings.write('learned = "off"\n')
    ran = run("lunch.md")
    assert ran.code == 2
    assert "unknown setting 'learned'; it is now called 'trained'" in ran.err


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
    ran = run("train", "gold.csv", *options)
    assert ran.code == 2
    assert told in ran.err


@pytest.mark.slow
def test_measuring_by_the_labels_it_was_trained_on_is_called_what_it_is(run, gold: Path) -> None:
    flattering = "trained on these same labels, so these figures are too good"
    assert flattering not in run("eval", "gold.csv").err
    run("train", "gold.csv")
    assert flattering in run("eval", "gold.csv").err
    assert flattering not in run("eval", "gold.csv", "--trained", "off").err
