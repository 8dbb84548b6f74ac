"""Findings as SARIF 2.1.0, which code scanning of GitHub, GitLab and editors read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from classifier.models import digest
from classifier.sanitize import one_line

Mark: TypeAlias = Literal["error", "warning", "note"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifFinding:
    rule: str
    mark: Mark
    message: str
    file: str
    """Relative to the current directory where it is below; empty: about no file."""
    line: int | None = None
    """From 1."""


def log(findings: Iterable[SarifFinding], *, rules: Mapping[str, Mark]) -> dict[str, Any]:
    """Return a log of one run.

    Args:
        findings: In the order to show.
        rules: The usual level of every rule, by name.
    """
    index = {name: place for place, name in enumerate(rules)}
    driver = {
        "name": "classify",
        "version": version("category-classifier"),
        "rules": [_rule(name, mark) for name, mark in rules.items()],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index[finding.rule]) for finding in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(name: str, mark: Mark) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": name.replace("-", " ")},
        "defaultConfiguration": {"level": mark},
    }


def _result(finding: SarifFinding, rule_index: int) -> dict[str, Any]:
    message = one_line(finding.message)
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": finding.mark,
        "message": {"text": message},
        # GitHub refuses a result without a place or a line.
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(finding.file or ".")},
                    "region": {"startLine": finding.line or 1},
                }
            }
        ],
        # Without the line: a finding that an edit above it has moved is the same finding.
        "partialFingerprints": {
            "classifyFinding/v1": digest(finding.rule, finding.file, message),
        },
    }


def _uri(file: str) -> str:
    path = Path(file)
    if path.is_absolute():
        return path.as_uri()
    return quote(path.as_posix().encode("utf-8", "surrogateescape"))
