from __future__ import annotations

from pathlib import Path

import pytest
from support.cli_sites import write_three_articles


@pytest.fixture
def site(project: Path) -> Path:
    return write_three_articles(project)


def test_a_run_without_a_path_reads_the_folders_of_the_settings(run, site: Path) -> None:
    ran = run("run")
    assert (ran.code, "classify init" in ran.err) == (2, True)
    settings = site / "classify.toml"
    settings.write_text('categories = "taxonomy"\ncontent = ["site"]\nexclude = ["sub"]\n')
    lines = run("run", "--list", "--quiet").out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["site/a.md", "site/b.md"]
    assert "2 articles" in run("status").out
    assert run("run", "--list", "--quiet", "--exclude", "b.md").out.count("\n") == 2
