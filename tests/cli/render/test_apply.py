from __future__ import annotations

import subprocess
from pathlib import Path

from support.cli_sites import LUNCH


def test_a_dry_run_shows_a_diff_that_git_can_apply_and_changes_nothing(run, lunch: Path) -> None:
    run("lunch.md")
    ran = run("apply", "lunch.md", "--kind", "tags", "--dry-run")
    assert lunch.read_text() == LUNCH
    assert "+  - Bread\n" in ran.out
    assert "1 file would change" in ran.err
    Path("change.diff").write_text(ran.out)
    subprocess.run(["git", "apply", "change.diff"], check=True)
    assert "  - Bread\n" in lunch.read_text()
