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


def test_a_target_out_of_reach_is_said_and_changes_no_minimum(
    run, project: Path, gold: Path
) -> None:
    ran = run("calibrate", "gold.csv", "--target-precision", "0.99", "--per", "category")
    assert ran.code == 0
    assert "no minimum reaches precision 0.99 with 95 % confidence" in ran.out
    assert written(project)["minimum_of_kinds"] == {}
    assert "is below the minimum of 0.50" in run("lunch.md").out
