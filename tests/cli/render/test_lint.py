from __future__ import annotations

import json
from pathlib import Path

from support.cli_sites import write_contradiction


def test_findings_name_file_line_rule_and_way_out(lint) -> None:
    ran = lint()
    assert "taxonomy/tags/wine.md:2\n  warning thin-definition: adds little" in ran.out
    assert ran.out.endswith("5 definitions: 0 errors, 4 warnings, 0 advice\n")
    assert ran.code == 0


def test_github_gets_a_line_for_each_finding(lint, project: Path) -> None:
    write_contradiction(project)
    lines = lint("--format", "github").out.splitlines()
    assert lines[0].startswith(
        "::error file=taxonomy/tags/cheese.md,line=4,title=contradictory-exclusion::excludes"
    )
    assert len(lines) == 4


def test_a_strangers_text_forges_no_workflow_command(lint, project: Path) -> None:
    (project / "taxonomy" / "tags" / "a:b,c.md").write_text('---\ntitle: "50%\\n::error::x"\n---\n')
    out = lint("--format", "github", "--select", "thin-definition").out
    assert "file=taxonomy/tags/a%3Ab%2Cc.md,title=" in out
    assert "'50%25 ::error::x'" in out
    assert all(line.startswith("::warning file=") for line in out.splitlines())


def test_sarif_has_rule_level_file_and_line(lint, project: Path) -> None:
    write_contradiction(project)
    ran = lint("--format", "sarif")
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
