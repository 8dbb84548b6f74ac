from __future__ import annotations

import json
from pathlib import Path

import pytest

from classifier.lint import RULES

DOCS = Path(__file__).parents[3] / "docs" / "lint.md"
WORDS_ONLY = ("--ignore", "overlapping-definitions,missing-exclusion,shared-topic")
THIN = "cheese", "craft", "olives", "wine"


def _lint(run, *arguments: str):
    return run("taxonomy", "lint", *WORDS_ONLY, "--ignore", "exclusion-like-topic", *arguments)


def _contradict(project: Path) -> None:
    (project / "taxonomy" / "tags" / "cheese.md").write_text(
        "---\ntitle: Cheese\ndescription: Milk that has been left alone\n"
        "include: [Rennet]\nexclude: [rennet]\n---\n"
    )


def test_an_error_exits_with_1_and_strict_takes_all_for_errors(run, project: Path) -> None:
    assert _lint(run, "--strict").code == 1
    assert _lint(run, "--strict", "--ignore", "thin-definition").code == 0
    _contradict(project)
    assert _lint(run).code == 1


def test_json_has_findings_and_what_was_not_checked(run) -> None:
    ran = _lint(run, "--format", "json")
    found = json.loads(ran.out)
    assert found["schema"] == "classify-lint/1"
    assert [Path(it["file"]).stem for it in found["findings"]] == sorted(THIN, key=_by_kind)
    assert found["findings"][0] == {
        "rule": "thin-definition",
        "severity": "warning",
        "file": "taxonomy/concepts/craft.md",
        "line": 2,
        "categories": ["concepts/craft"],
        "message": found["findings"][0]["message"],
    }
    assert set(found["not_checked"]) == {n for n, rule in RULES.items() if rule.basis == "labels"}
    assert ran.err == ""


def _by_kind(name: str) -> tuple[bool, str]:
    return name != "craft", name


def test_what_is_not_checked_is_reported_unless_quiet(run) -> None:
    assert (
        "never-assigned was not checked: needs 200 articles judged by keywords (counting), "
        "but there are 0\n" in _lint(run).err
    )
    assert _lint(run, "--quiet").err == ""


def test_stored_labels_are_checked(run, project: Path) -> None:
    (project / "site").mkdir()
    for n in range(30):
        (project / "site" / f"{n}.md").write_text(f"Bread, more bread and bread again. {n}\n")
    run("site")
    ran = _lint(run)
    assert "warning always-assigned: 30 of 30 judged articles" in ran.out
    assert "always-assigned" not in ran.err
    assert "never-assigned was not checked: needs 200 articles" in ran.err
    for n in range(30):
        (project / "site" / f"{n}.md").unlink()
    assert "always-assigned" not in _lint(run).out


@pytest.mark.parametrize("value", ['["thin-definition"]', '"loading, thin-definition"'])
def test_the_settings_ignore_rules_and_a_selection_wins(run, project: Path, value: str) -> None:
    with (project / "classify.toml").open("a") as settings:
        settings.write(f"lint_ignore = {value}\n")
    assert "thin-definition" not in _lint(run).out
    assert "thin-definition" in _lint(run, "--select", "thin-definition").out


@pytest.mark.parametrize(
    "arguments",
    [("--select", "thin"), ("--ignore", "thin"), ("--format", "xml"), ("--categories", "none")],
)
def test_a_wrong_call_is_one_line_and_exit_2(run, arguments: tuple[str, str]) -> None:
    ran = _lint(run, *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert arguments[1] in ran.err


@pytest.mark.slow
def test_the_example_categories_break_no_rule(command, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command("taxonomy", "lint", "--strict")
    assert (ran.code, ran.out) == (0, "14 definitions: 0 errors, 0 warnings, 0 advice\n")


def test_every_rule_is_described_with_its_severity() -> None:
    headings = [line for line in DOCS.read_text().splitlines() if line.startswith("### ")]
    assert sorted(headings) == sorted(f"### {n} ({rule.severity})" for n, rule in RULES.items())
