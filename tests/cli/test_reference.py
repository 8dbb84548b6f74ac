from __future__ import annotations

import re
from pathlib import Path

import pytest

from classifier.cli.reference import reference
from classifier.scorers.openai import requests
from classifier.scorers.openai.options import OpenAIOptions
from classifier.settings import Settings

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_reference_is_what_the_program_says() -> None:
    assert DOCS.read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize("name", ["scorer", "concurrency"])
def test_the_defaults_in_the_help_are_those_of_the_settings(name: str) -> None:
    row = re.search(rf"^\| `--{name}` .*$", reference(), re.M)
    assert row is not None
    assert f"{Settings.model_fields[name].default}" in row[0]


def test_the_pack_in_the_help_is_what_is_planned_at_most() -> None:
    row = re.search(r"^\| `--pack` .*$", reference(), re.M)
    assert row is not None
    assert f"Default: {requests.PACK}; {requests.WIDE_PACK} for" in row[0]


def test_the_times_in_the_help_are_those_that_calls_are_given() -> None:
    row = re.search(r"^\| `--timeout` .*$", reference(), re.M)
    assert row is not None
    for tier in ("standard", "flex"):
        assert f"{OpenAIOptions(tier=tier).time_limit:.0f}" in row[0]
