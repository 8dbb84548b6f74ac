from __future__ import annotations

import json
from pathlib import Path

WORDS_ONLY = ("--ignore", "overlapping-definitions,missing-exclusion,shared-topic")


def _lint(run, *arguments: str):
    return run("taxonomy", "lint", *WORDS_ONLY, "--ignore", "exclusion-like-topic", *arguments)


def _contradict(project: Path) -> None:
    (project / "taxonomy" / "tags" / "cheese.md").write_text(
        "---\ntitle: Cheese\ndescription: Milk that has been left alone\n"
        "include: [Rennet]\nexclude: [rennet]\n---\n"
    )


def test_findings_name_file_line_rule_and_way_out(run) -> None:
    ran = _lint(run)
    assert "taxonomy/tags/wine.md:2\n  warning thin-definition: adds little" in ran.out
    assert ran.out.endswith("5 definitions: 0 errors, 4 warnings, 0 advice\n")
    assert ran.code == 0


def test_github_gets_a_line_for_each_finding(run, project: Path) -> None:
    _contradict(project)
    lines = _lint(run, "--format", "github").out.splitlines()
    assert lines[0].startswith(
        "::error file=taxonomy/tags/cheese.md,line=4,title=contradictory-exclusion::excludes"
    )
    assert len(lines) == 4


def test_a_strangers_text_forges_no_workflow_command(run, project: Path) -> None:
    (project / "taxonomy" / "tags" / "a:b,c.md").write_text('---\ntitle: "50%\\n::error::x"\n---\n')
    out = _lint(run, "--format", "github", "--select", "thin-definition").out
    assert "file=taxonomy/tags/a%3Ab%2Cc.md,title=" in out
    assert "'50%25 ::error::x'" in out
    assert all(line.startswith("::warning file=") for line in out.splitlines())


def test_sarif_has_rule_level_file_and_line(run, project: Path) -> None:
    _contradict(project)
    ran = _lint(run, "--format", "sarif")
    (only,) = json.loads(ran.out)["runs"]
    first = only["results"][0]
    assert (first["ruleId"], first["level"]) == ("contradictory-exclusion", "error")
    assert only["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "taxonomy/tags/cheese.md"},
        "region": {"startLine": 4},
    }
    assert {it["level"] for it in only["results"]} == {"error", "warning"}
    assert ran.err == ""
    assert ran.code == 1
