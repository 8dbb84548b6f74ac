"""Options that contradict each other are one line, before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cli_sites import write_three_articles


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["site", "--rows", "pairs"], "--rows is for a file: add --output FILE"),
        (["site", "--rows", "x", "--output", "o.csv"], "expected pairs or articles"),
        (["site", "--no-store", "--sidecar"], "--no-store keeps none"),
        (["site", "--dry-run", "--write"], "nothing for --write"),
        (["site", "--dry-run", "--json"], "nothing for --json"),
        (["site", "--explain"], "classify history ARTICLE"),
        (["site", "--no-store", "--older-than", "30d"], "exclude each other"),
        (["site/a.md", "--include", "*.md"], "--include is for folders: name one"),
        (["-", "-"], "only once"),
        (["-", "--sidecar"], "standard input (-) is not one"),
        (["gone.md"], "no such file or folder: 'gone.md'"),
        (["s3://bucket/posts"], "'s3://bucket/posts'; `classify run --engine ray` reads it"),
        (["https://example.org/"], "classify fetch URL --to FOLDER"),
    ],
)
def test_what_contradicts_is_said_in_one_line(
    run, project: Path, options: list[str], line: str
) -> None:
    write_three_articles(project)
    ended = run("run", *options)
    assert ended.code == 2
    assert line in ended.err
    assert ended.out == ""
