from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from classifier.cli.sarif import SarifFinding, log


def finding(**more: Any) -> SarifFinding:
    return SarifFinding(**{"rule": "odd", "mark": "error", "message": "m", "file": "a.md", **more})


def result(**more: Any) -> dict[str, Any]:
    (run,) = log([finding(**more)], rules={"even": "note", "odd": "error"})["runs"]
    (found,) = run["results"]
    return found


def place(**more: Any) -> dict[str, Any]:
    return result(**more)["locations"][0]["physicalLocation"]


def test_a_log_names_the_tool_and_every_rule() -> None:
    written = log([], rules={"even": "note", "odd": "error"})
    assert written["version"] == "2.1.0"
    (run,) = written["runs"]
    assert run["results"] == []
    driver = run["tool"]["driver"]
    assert driver["name"] == "classify"
    assert [(r["id"], r["defaultConfiguration"]["level"]) for r in driver["rules"]] == [
        ("even", "note"),
        ("odd", "error"),
    ]


def test_a_finding_refers_to_its_rule_and_line() -> None:
    found = result(line=7, message="two\nlines \x1b[31m")
    assert (found["ruleId"], found["ruleIndex"], found["level"]) == ("odd", 1, "error")
    assert "\n" not in found["message"]["text"]
    assert "\x1b" not in found["message"]["text"]
    assert place(line=7)["region"] == {"startLine": 7}


def test_a_finding_without_a_line_or_file_has_a_place_all_the_same() -> None:
    assert place()["region"] == {"startLine": 1}
    assert place(file="")["artifactLocation"] == {"uri": "."}


@pytest.mark.parametrize("name", ["a b.md", "50%.md", "käse/日本.md", "a#b?c.md", "x:y.md"])
def test_a_path_is_a_relative_uri(name: str) -> None:
    uri = place(file=name)["artifactLocation"]["uri"]
    assert unquote(uri) == name
    assert not set(uri) & set(" #?:")


def test_a_path_elsewhere_is_a_file_uri(tmp_path: Path) -> None:
    uri = place(file=str(tmp_path / "a b.md"))["artifactLocation"]["uri"]
    assert uri == (tmp_path / "a b.md").as_uri()


def test_a_name_that_is_not_utf8_is_written_byte_by_byte() -> None:
    assert place(file="\udcff.md")["artifactLocation"]["uri"] == "%FF.md"


def test_a_finding_that_moves_to_another_line_is_the_same_finding() -> None:
    moved = result(line=3)["partialFingerprints"]
    assert moved == result(line=9)["partialFingerprints"]
    assert moved != result(line=3, message="other")["partialFingerprints"]
    assert moved != result(line=3, file="b.md")["partialFingerprints"]
