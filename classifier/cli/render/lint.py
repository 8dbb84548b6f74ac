"""`classify taxonomy lint` for people, as JSON, and as annotations of a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier.cli.github import Mark, annotation
from classifier.cli.layout import Line
from classifier.cli.sarif import Mark as SarifMark
from classifier.cli.sarif import SarifFinding, log
from classifier.lint import RULES, LocatedFinding, Severity
from classifier.project.lint import LintReport
from classifier.sanitize import one_line
from classifier.wording import count

SCHEMA: Final = "classify-lint/1"
_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.ADVICE: "dim"}
_GITHUB: Final[Mapping[Severity, Mark]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.ADVICE: "notice",
}
_SARIF: Final[Mapping[Severity, SarifMark]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.ADVICE: "note",
}


def lines(report: LintReport) -> Iterator[Line]:
    for placed in report.findings:
        finding = placed.finding
        yield Line(Text(_where(placed), "bold"), whole=True)
        rule = Text(f"{finding.severity} {finding.rule}: ", _STYLES[finding.severity])
        yield Line(rule + Text(one_line(finding.message), "default"), indent=2)
    if report.findings:
        yield Line()
    yield Line(_summary(report), "bold")


def _where(placed: LocatedFinding) -> str:
    if not placed.file:
        return "the taxonomy"
    return one_line(_relative(placed.file)) + ("" if placed.line is None else f":{placed.line}")


def _relative(file: str) -> str:
    """Return a path relative to the current directory, where it is below."""
    path, here = Path(file), Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _summary(report: LintReport) -> str:
    errors, warnings, advice = (report.count(severity) for severity in Severity)
    ignored = f", {report.ignored:,} ignored" if report.ignored else ""
    return (
        f"{count(report.definitions, 'definition')}: {count(errors, 'error')}, "
        f"{count(warnings, 'warning')}, {advice:,} advice{ignored}"
    )


def unchecked(report: LintReport) -> Iterator[str]:
    """Yield which rules were not checked, or not for all definitions: a line for each reason."""
    rules: dict[str, list[str]] = {}
    for rule, reason in report.unchecked.items():
        rules.setdefault(reason, []).append(rule)
    for reason, names in rules.items():
        *some, last = names
        which = f"{', '.join(some)} and {last} were" if some else f"{last} was"
        yield f"{which} not checked: {reason}"


def workflow_commands(report: LintReport) -> Iterator[str]:
    for placed in report.findings:
        yield annotation(
            _GITHUB[placed.finding.severity],
            placed.finding.message,
            title=placed.finding.rule,
            file=_relative(placed.file),
            line=placed.line,
        )


def sarif(report: LintReport) -> dict[str, Any]:
    findings = (
        SarifFinding(
            rule=placed.finding.rule,
            mark=_SARIF[placed.finding.severity],
            message=placed.finding.message,
            file=_relative(placed.file) if placed.file else "",
            line=placed.line,
        )
        for placed in report.findings
    )
    return log(findings, rules={name: _SARIF[rule.severity] for name, rule in RULES.items()})


def to_dict(report: LintReport) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "definitions": report.definitions,
        "findings": [
            {
                "rule": placed.finding.rule,
                "severity": placed.finding.severity,
                "file": _relative(placed.file) if placed.file else None,
                "line": placed.line,
                "categories": [category.id for category in placed.finding.categories],
                "message": placed.finding.message,
            }
            for placed in report.findings
        ],
        "silenced": report.ignored,
        "not_checked": report.unchecked,
    }
