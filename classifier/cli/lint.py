"""`classify taxonomy lint`: what is wrong with the definitions, before it costs labels."""

from __future__ import annotations

import json as json_
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import composition, settings
from classifier.cli.annotations import Mark, annotation
from classifier.cli.console import emit, log
from classifier.cli.formatting import count, identity
from classifier.cli.layout import Line, Page
from classifier.cli.option_checks import check_options, remark_on_default
from classifier.cli.records import opened
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.lint import NEEDED, RULES, Assigned, Placed, Severity, based_on, lint, place
from classifier.models import ConfidenceKind, Judgement, Label, Rejection
from classifier.project.records import Records
from classifier.sanitize import escape_json, one_line
from classifier.scorers.embedded.sentence_model import ModelFiles, SentenceModel
from classifier.settings import Settings

SCHEMA: Final = "classify-lint/1"
FORMATS: Final = ("text", "json", "github")
_STYLES: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.ADVICE: "dim"}
_GITHUB: Final[Mapping[Severity, Mark]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.ADVICE: "notice",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Names of rules, each as given: several may be in one, with commas between."""

    select: Sequence[str] = ()
    ignore: Sequence[str] = ()

    def rules(self, ignored: Sequence[str]) -> list[str]:
        """Return the rules to check; `ignored` is what the settings say.

        Raises UsageError for a rule that does not exist.
        """
        left_out = {*_known(self.ignore, "--ignore"), *_known(ignored, "lint_ignore")}
        selected = _known(self.select, "--select")
        # Who selects a rule that the settings ignore means to see it.
        return [name for name in selected or RULES if name not in left_out or name in selected]


@dataclass(frozen=True, slots=True)
class _Report:
    definitions: int
    found: Sequence[Placed]
    silenced: int
    unchecked: Mapping[str, str]
    """By rule: why it could not be checked."""

    def number(self, severity: Severity) -> int:
        return sum(it.finding.severity is severity for it in self.found)


def check(
    overrides: Mapping[str, Any], *, choice: Choice, form: str, strict: bool, quiet: bool
) -> int:
    """Return the exit code: 1 where there is an error or, if `strict`, anything at all."""
    if form not in FORMATS:
        raise UsageError(f"--format {form!r}: expected one of {', '.join(FORMATS)}")
    found = settings.load(**overrides)
    check_options(found, overrides)
    if not quiet:
        remark_on_default(found)
    report = _report(found, choice.rules(found.lint_ignore))
    if form == "json":
        emit(escape_json(json_.dumps(_plain(report), ensure_ascii=False)))
    elif form == "github":
        for placed in report.found:
            emit(_annotation(placed))
    else:
        emit(Page.for_stdout().lay_out(_lines(report)))
    if not quiet and form != "json":
        for rule, why in report.unchecked.items():
            log(f"{rule} is not checked: {why}")
    return 1 if report.number(Severity.ERROR) or (strict and report.found) else 0


def _report(found: Settings, rules: Sequence[str]) -> _Report:
    scorer = composition.make_scorer(found)
    policy = composition.make_policy(found, composition.load_taxonomy(found), scorer)
    taxonomy = policy.taxonomy
    assigned = None
    if based_on("labels", rules):
        with opened(found, "read") as records:
            policy = composition.with_verdicts(policy, records.store, home=records.home)
            assigned = Assigned.count(_labels(records, policy, scorer.identity))
    encode = None
    if based_on("meaning", rules):
        encode = SentenceModel.open(ModelFiles.find()).encode
    findings = lint(taxonomy, rules=rules, encode=encode, assigned=assigned)
    placed, silenced = place(findings)
    unchecked = {} if assigned is None else _unchecked(rules, assigned.articles, scorer.identity)
    return _Report(len(taxonomy.categories), placed, silenced, unchecked)


def _unchecked(rules: Collection[str], articles: int, scorer: str) -> dict[str, str]:
    return {
        rule: f"{articles:,} of the {needed} articles it needs are judged by {identity(scorer)}"
        for rule, needed in NEEDED.items()
        if rule in rules and articles < needed
    }


def _labels(
    records: Records, policy: LabelPolicy, scorer: str
) -> Iterator[tuple[Mapping[str, float], Collection[str]]]:
    """Yield confidences by category id, and labels, of each article that is there and on record."""
    ids = {category.digest: category.id for category in policy.taxonomy.categories}
    store = records.store
    files = store.files(path for path in store.paths() if (records.home / path).is_file())
    rows = store.confidences(scorer, [file.digest for file in files.values()], ids)
    for path, (article, confidences) in zip(files, rows, strict=True):
        judgements = [
            Judgement(
                category=ids[key],
                confidence=confidence,
                kind=ConfidenceKind.STATED,
                scorer=scorer,
                exclusion="" if excluded else None,
            )
            for key, (confidence, excluded) in confidences.items()
        ]
        decision = policy.decide(judgements, path=str(records.home / path), article=article)
        both: list[Label | Rejection] = [*decision.labels, *decision.rejections]
        yield (
            {it.category.id: it.judgement.confidence for it in both},
            [it.category.id for it in decision.labels],
        )


def _known(given: Sequence[str], where: str) -> list[str]:
    names = [name.strip() for names in given for name in names.split(",") if name.strip()]
    for name in names:
        if name not in RULES:
            raise UsageError(
                f"{where}: no rule is called {name!r}; known are {', '.join(sorted(RULES))}"
            )
    return names


# --- printing -------------------------------------------------------------------------------------


def _lines(report: _Report) -> Iterator[Line]:
    for placed in report.found:
        finding = placed.finding
        where = Text(_where(placed), "bold")
        yield Line(where, whole=True)
        rule = Text(f"{finding.severity} {finding.rule}: ", _STYLES[finding.severity])
        yield Line(rule + Text(one_line(finding.message), "default"), indent=2)
    if report.found:
        yield Line()
    yield Line(_summary(report), "bold")


def _where(placed: Placed) -> str:
    if not placed.file:
        return "the taxonomy"
    return one_line(_shown(placed.file)) + ("" if placed.line is None else f":{placed.line}")


def _shown(file: str) -> str:
    """Return a path as it is written from here, where it is below."""
    path = Path(file)
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _summary(report: _Report) -> str:
    errors, warnings, advice = (report.number(severity) for severity in Severity)
    silenced = f", {report.silenced} silenced" if report.silenced else ""
    return (
        f"{count(report.definitions, 'definition')}: {count(errors, 'error')}, "
        f"{count(warnings, 'warning')}, {advice:,} x advice{silenced}"
    )


def _annotation(placed: Placed) -> str:
    finding = placed.finding
    return annotation(
        _GITHUB[finding.severity],
        finding.message,
        title=finding.rule,
        file=_shown(placed.file),
        line=placed.line,
    )


def _plain(report: _Report) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "definitions": report.definitions,
        "findings": [
            {
                "rule": placed.finding.rule,
                "severity": placed.finding.severity,
                "file": _shown(placed.file) if placed.file else None,
                "line": placed.line,
                "categories": [category.id for category in placed.finding.categories],
                "message": placed.finding.message,
            }
            for placed in report.found
        ],
        "silenced": report.silenced,
        "not_checked": report.unchecked,
    }
