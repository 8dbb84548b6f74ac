"""What `classify check` found: as text, JSON, annotations of a pull request, or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from classifier.cli.formatting import who
from classifier.cli.github import annotation
from classifier.cli.layout import Line
from classifier.cli.render.markdown import plain, table
from classifier.cli.sarif import SarifFinding, log
from classifier.cli.terms import in_options
from classifier.project.check import CheckResult, State
from classifier.wording import count

SCHEMA: Final = "classify-check/1"
_SHOWN: Final = 50
"""Articles of one state that are shown as text."""
_TITLES: Final[Mapping[State, str]] = {
    "unjudged": "not judged",
    "stale": "out of date",
    "different": "whose labels differ from the current decision",
    "unusable": "that cannot be checked",
}


def lines(result: CheckResult) -> Iterator[Line]:
    for state, title in _TITLES.items():
        findings = result.of(state)
        if findings:
            yield Line(f"{count(len(findings), 'article')} {title}", "bold")
        for finding in findings[:_SHOWN]:
            yield Line(finding.path, indent=2, whole=True)
            yield Line(in_options(finding.message), "dim", 4)
        if len(findings) > _SHOWN:
            more = len(findings) - _SHOWN
            yield Line(f"and {more:,} more; --format json shows all", "dim", 2)
    yield Line(_summary(result))
    yield Line(f"judged by {who(result.scorer)}", "dim")


def workflow_commands(result: CheckResult) -> Iterator[str]:
    """Yield workflow commands, which GitHub shows beside the files of a pull request."""
    for finding in result.findings:
        title = f"classify: {finding.state}"
        yield annotation("error", finding.message, title=title, file=finding.path)


def sarif(result: CheckResult) -> dict[str, Any]:
    findings = (
        SarifFinding(rule=found.state, mark="error", message=found.message, file=found.path)
        for found in result.findings
    )
    return log(findings, rules=dict.fromkeys(_TITLES, "error"))


def markdown(result: CheckResult) -> Iterator[str]:
    yield f"### classify: {_summary(result)}"
    yield ""
    if result.findings:
        rows = ((found.path, found.state, found.message) for found in result.findings)
        yield from table(("article", "state", "why"), rows)
        yield ""
    yield f"judged by {plain(who(result.scorer))}"
    yield ""


def to_dict(result: CheckResult) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "scorer": result.scorer,
        "articles": result.articles,
        **{state: len(result.of(state)) for state in _TITLES},
        "findings": [
            {"article": found.path, "state": found.state, "message": found.message}
            for found in result.findings
        ],
    }


def hint(result: CheckResult) -> str | None:
    """Return what to do where another scorer has judged the articles."""
    if not result.other_scorers:
        return None
    return (
        f"nothing is stored from {result.scorer}, only from {', '.join(result.other_scorers[:3])}: "
        "check with the version, model and prompts that judged the articles"
    )


def _summary(result: CheckResult) -> str:
    return f"{count(result.articles, 'article')} checked, {result.up_to_date:,} up to date"
