from __future__ import annotations

import json

import pytest

from classifier.cli.console import emit_json, log, log_some

Capture = pytest.CaptureFixture[str]


def test_a_message_is_one_harmless_line_on_stderr(capsys: Capture) -> None:
    log("no\nsuch\x1b[31m file")
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("classify: no")
    assert err.count("\n") == 1
    assert "\x1b" not in err


def test_json_is_one_line_on_stdout_and_the_same_value(capsys: Capture) -> None:
    value = {"title": "Brot\u2028\x1b[0m \u9762"}
    emit_json(value)
    out, err = capsys.readouterr()
    assert (json.loads(out), out.count("\n"), err) == (value, 1, "")
    assert "\x1b" not in out


def test_many_lines_are_cut_and_the_rest_counted(capsys: Capture) -> None:
    log_some(["a", "b", "c"], at_most=2, rest="warnings")
    assert capsys.readouterr().err.splitlines() == [
        "classify: a",
        "classify: b",
        "classify: and 1 more warnings",
    ]
    log_some(["a", "b"], at_most=2, rest="warnings")
    assert len(capsys.readouterr().err.splitlines()) == 2
