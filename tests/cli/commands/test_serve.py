"""`classify serve`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--host", "0.0.0.0"), "set a token: CLASSIFY_SERVE_TOKEN="),
        (("--token", "short"), "the token is too short"),
        (("--port", "70000"), "--port 70000: expected 0 to 65535"),
        (("nowhere",), "no such folder: 'nowhere'"),
        (("--allow-origin", "example.org"), "--allow-origin 'example.org'"),
    ],
)
def test_what_cannot_be_served_is_one_line(run, options: tuple[str, ...], message: str) -> None:
    ran = run("serve", *options)
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_token_from_the_environment_is_no_setting(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFY_SERVE_TOKEN", "short")
    assert run("lunch.md").code == 0
    ran = run("serve")
    assert "the token is too short" in ran.err
    assert "'short'" not in ran.err


@pytest.mark.slow
def test_it_answers_until_a_signal_and_then_ends_well(project: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    with subprocess.Popen(
        [sys.executable, "-m", "support.keyword_program", "serve", ".", "--port", "0"],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as program:
        assert program.stderr is not None
        listening = program.stderr.readline()
        found = re.search(r"listening on (http://127\.0\.0\.1:\d+) \(for this machine", listening)
        assert found, listening
        body = json.dumps({"text": "Bread, bread, bread."}).encode()
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{found[1]}/classify", body, headers)
        with urllib.request.urlopen(request) as answer:
            assert json.load(answer)["labels"]["tags"][0]["id"] == "tags/bread"
        program.send_signal(signal.SIGTERM)
        assert program.wait() == 0
        assert program.stderr.read() == ""
