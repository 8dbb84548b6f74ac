from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.cli_sites import write_contradiction

from classifier.lint import RULES

DOCS = Path(__file__).parents[3] / "docs" / "lint.md"
THIN = "cheese", "craft", "olives", "wine"


def test_an_error_exits_with_1_and_strict_takes_all_for_errors(lint, project: Path) -> None:
    assert lint("--strict").code == 1
    assert lint("--strict", "--ignore", "thin-definition").code == 0
    write_contradiction(project)
    assert lint().code == 1


def test_json_has_findings_and_what_was_not_checked(lint) -> None:
    ran = lint("--format", "json")
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


def test_what_is_not_checked_is_reported_unless_quiet(lint) -> None:
    assert (
        "never-assigned was not checked: needs 200 articles judged by keywords (counting), "
        "but there are 0\n" in lint().err
    )
    assert lint("--quiet").err == ""


def test_stored_labels_are_checked(run, lint, project: Path) -> None:
    (project / "site").mkdir()
    for n in range(30):
        (project / "site" / f"{n}.md").write_text(f"Bread, more bread and bread again. {n}\n")
    run("site")
    ran = lint()
    assert "warning always-assigned: 30 of 30 judged articles" in ran.out
    assert "always-assigned" not in ran.err
    assert "never-assigned was not checked: needs 200 articles" in ran.err
    for n in range(30):
        (project / "site" / f"{n}.md").unlink()
    assert "always-assigned" not in lint().out


@pytest.mark.parametrize("value", ['["thin-definition"]', '"loading, thin-definition"'])
def test_the_settings_ignore_rules_and_a_selection_wins(lint, project: Path, value: str) -> None:
    with (project / "classify.toml").open("a") as settings:
        settings.write(f"lint_ignore = {value}\n")
    assert "thin-definition" not in lint().out
    assert "thin-definition" in lint("--select", "thin-definition").out


@pytest.mark.parametrize(
    "arguments",
    [("--select", "thin"), ("--ignore", "thin"), ("--format", "xml"), ("--categories", "none")],
)
def test_a_wrong_call_is_one_line_and_exit_2(lint, arguments: tuple[str, str]) -> None:
    ran = lint(*arguments)
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
