from __future__ import annotations

import json

import pytest

from classifier.cli.console import emit_json, emit_result, log, log_some
from classifier.models import Failure, FailureReason, Result

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


def test_a_result_names_options_in_its_messages(capsys: Capture) -> None:
    failure = Failure(reason=FailureReason.UNAVAILABLE, message="too late; raise `timeout`")
    emit_result(Result(article="a.md", scorer="s", failures=(failure,), notes=("see `max_cost`",)))
    shown = json.loads(capsys.readouterr().out)
    assert shown["failures"][0]["message"] == "too late; raise --timeout"
    assert shown["notes"] == ["see --max-cost"]
