from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

LUNCH = """---
title: Lunch
tags:   # by hand
  - Picnic
  - cheese
date: 2024-01-02
---
Bread, more bread and bread again. Cheese too.
"""


@pytest.fixture
def lunch(project: Path) -> Path:
    path = project / "lunch.md"
    path.write_text(LUNCH)
    return path


def test_a_dry_run_shows_a_diff_that_git_can_apply_and_changes_nothing(run, lunch: Path) -> None:
    run("lunch.md")
    ran = run("apply", "lunch.md", "--kind", "tags", "--dry-run")
    assert lunch.read_text() == LUNCH
    assert "+  - Bread\n" in ran.out
    assert "1 file would change" in ran.err
    Path("change.diff").write_text(ran.out)
    subprocess.run(["git", "apply", "change.diff"], check=True)
    assert "  - Bread\n" in lunch.read_text()
