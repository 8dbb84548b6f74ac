from __future__ import annotations

from pathlib import Path

import pytest


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "2"], "--workers is for clusters: add --engine ray"),
        (["--address", "ray://x"], "--address is for clusters: add --engine ray"),
        (["--engine", "spark", "--output", "out"], "--engine 'spark': expected ray"),
        (["--engine", "ray"], "name it with --output"),
        (["--engine", "ray", "--output", "out", "--json"], "--json and --engine ray exclude"),
        (["--engine", "ray", "--output", "out", "--list"], "--list and --engine ray exclude"),
        (["--engine", "ray", "--output", "out", "--at-most", "3"], "--at-most and --engine ray"),
        (["site", "--engine", "ray", "--output", "out"], "judges one source"),
    ],
    ids=["workers", "address", "engine", "output", "json", "list", "at-most", "two"],
)
def test_options_that_do_not_fit_are_refused(
    run, project: Path, options: list[str], message: str
) -> None:
    ran = run("run", "site", *options)
    assert ran.code == 2
    assert message in ran.err


def test_standard_input_is_refused(run, project: Path) -> None:
    ran = run("run", "-", "--engine", "ray", "--output", "out")
    assert ran.code == 2
    assert "cannot read standard input" in ran.err
