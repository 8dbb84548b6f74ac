from __future__ import annotations

import json

import pytest

from classifier.cli import findings
from classifier.cli.layout import Line
from classifier.errors import UsageError


class _Render:
    def lines(self, found: str, /) -> list[Line]:
        return [Line(f"text of {found}")]

    def to_dict(self, found: str, /) -> dict[str, str]:
        return {"json": found}

    def sarif(self, found: str, /) -> dict[str, str]:
        return {"sarif": found}

    def workflow_commands(self, found: str, /) -> list[str]:
        return [f"::notice::{found}"]


@pytest.mark.parametrize("name", ["json", "sarif"])
@pytest.mark.parametrize("quiet", [False, True])
def test_what_programs_read_is_printed_in_any_case(
    capsys: pytest.CaptureFixture[str], name: str, quiet: bool
) -> None:
    findings.show_findings("it", _Render(), name, quiet=quiet)
    assert json.loads(capsys.readouterr().out) == {name: "it"}
    assert not findings.has_room(name)


def test_a_text_is_left_out_where_nothing_is_to_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    findings.show_findings("it", _Render(), "text", quiet=True)
    assert capsys.readouterr().out == ""
    findings.show_findings("it", _Render(), "text")
    findings.show_findings("it", _Render(), "github")
    assert capsys.readouterr().out.split("\n") == ["text of it", "::notice::it", ""]
    assert findings.has_room("text")


def test_another_format_is_refused_with_those_there_are() -> None:
    findings.check_format("github")
    with pytest.raises(UsageError, match="expected text, json, github or sarif"):
        findings.check_format("xml")
