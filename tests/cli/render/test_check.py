from __future__ import annotations

import json
from pathlib import Path

import pytest

BREAD = "---\ntitle: Lunch\ntags: [Picnic]\n---\nBread, more bread and bread again.\n"


@pytest.fixture
def site(run, project: Path) -> Path:
    """Two articles, judged, with their labels written."""
    folder = project / "site"
    folder.mkdir()
    (folder / "a.md").write_text(BREAD)
    (folder / "b.md").write_text("---\ntitle: Other\n---\nNothing of the kind.\n")
    run("site", "-q", "--sidecar")
    run("apply", "site")
    return folder


def test_github_shows_it_beside_the_files(run, site: Path) -> None:
    (site / "c,d.md").write_text(BREAD.replace("more", "much"))
    (line,) = run("check", "site", "--format", "github").out.splitlines()
    assert line.startswith(
        "::error file=site/c%2Cd.md,title=classify%3A unjudged::5 categories not judged yet"
    )


def test_sarif_has_a_result_for_each_finding(run, site: Path) -> None:
    (site / "c.md").write_text(BREAD.replace("more", "much"))
    (site / "d.md").write_bytes(b"\xff\xfe")
    ran = run("check", "site", "--format", "sarif")
    (only,) = json.loads(ran.out)["runs"]
    found = {
        it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]: it["ruleId"]
        for it in only["results"]
    }
    assert found == {"site/c.md": "unjudged", "site/d.md": "unusable"}
    assert ran.code == 1
    assert ran.err == ""
