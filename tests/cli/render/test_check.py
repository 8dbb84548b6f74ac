from __future__ import annotations

import json
from pathlib import Path

from support.cli_sites import BREAD_TEXT


def test_github_shows_it_beside_the_files(run, published: Path) -> None:
    (published / "c,d.md").write_text(BREAD_TEXT.replace("more", "much"))
    (line,) = run("check", "site", "--format", "github").out.splitlines()
    assert line.startswith(
        "::error file=site/c%2Cd.md,title=classify%3A unjudged::5 categories not judged yet"
    )


def test_sarif_has_a_result_for_each_finding(run, published: Path) -> None:
    (published / "c.md").write_text(BREAD_TEXT.replace("more", "much"))
    (published / "d.md").write_bytes(b"\xff\xfe")
    ran = run("check", "site", "--format", "sarif")
    (only,) = json.loads(ran.out)["runs"]
    found = {
        it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: it["ruleId"]
        for it in only["results"]
    }
    assert found == {"site/c.md": "unjudged", "site/d.md": "unusable"}
    assert ran.code == 1
    assert ran.err == ""
