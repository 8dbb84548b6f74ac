"""`classify eval`: how right a scorer is, by what people say."""

from __future__ import annotations

import json as json_
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from classifier import composition, settings
from classifier.cli.console import emit, log
from classifier.cli.evaluation_page import lines
from classifier.cli.formatting import count, identity
from classifier.cli.layout import Page
from classifier.cli.measuring import Measuring, OnRecord, Source, measuring
from classifier.errors import UsageError
from classifier.evaluation.evaluate import evaluate
from classifier.evaluation.report import Report
from classifier.evaluation.report_json import to_dict
from classifier.outputs.files import replacing
from classifier.sanitize import escape_json
from classifier.scorers.base import Scorer
from classifier.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    source: Source
    overrides: Mapping[str, Any]
    against: str | None = None
    against_prompts: Path | None = None
    judge: bool = False
    json: bool = False
    html: Path | None = None
    quiet: bool = False


def run(request: Request) -> int:
    """Return the exit code. Raises a ClassifierError where nothing can be evaluated."""
    with measuring(
        request.source, request.overrides, judge=request.judge, quiet=request.quiet
    ) as it:
        # Who the other is, is settled before anything is judged.
        other = _other(request, it)
        side = it.side(it.scorer, it.found)
        against = None if other is None else it.side(*other)
        report = evaluate(it.gold, side, store=it.records.store, against=against)
    if report.comparison is not None and not report.comparison.pairs:
        raise UsageError("the two have judged no pair in common: add --judge")
    if request.html is not None:
        from classifier.evaluation.report_html import render_html

        with replacing(request.html) as file:
            file.write(render_html(report))
    if request.json:
        emit(escape_json(json_.dumps(to_dict(report), ensure_ascii=False)))
    else:
        page_ = Page.for_stdout()
        emit(page_.lay_out(lines(report, page_)))
    if not request.quiet:
        _remark(report, request, paid=not it.may_judge(it.scorer))
        if side.policy.calibration and side.policy.calibration.gold == it.gold.source:
            log(
                "the calibration was fitted on this gold: expect less of other articles; "
                "`classify calibrate` tells how much"
            )
    return 1 if it.troubles else 0


def _remark(report: Report, request: Request, *, paid: bool) -> None:
    if report.without_record:
        way_on = ": --judge has them judged, and paid for" if paid else ""
        left_out = count(report.without_record, "pair")
        log(f"{left_out} of the gold without a judgement, left out{way_on}")
    if request.html is not None:
        log(f"written to {str(request.html)!r}")


# --- who else -------------------------------------------------------------------------------------


def _other(request: Request, it: Measuring) -> tuple[Scorer, Settings] | None:
    """Return the scorer to compare with, and the settings it comes from."""
    if request.against is None and request.against_prompts is None:
        return None
    scorer, found = _named(request, it)
    if scorer.identity == it.scorer.identity:
        raise UsageError(f"{identity(scorer.identity)} would be compared with itself")
    return scorer, found


def _named(request: Request, it: Measuring) -> tuple[Scorer, Settings]:
    """Make the scorer that is named, or find it on record where it cannot be made."""
    name, _, model = (request.against or it.found.scorer).partition(":")
    if name not in ("embedded", "openai", "cascade") or (name == "embedded" and model):
        return OnRecord(_on_record(str(request.against), it)), it.found
    changes: dict[str, Any] = {"scorer": name}
    if model:
        changes["model"] = model
    if request.against_prompts is not None:
        if name != "openai":
            raise UsageError("--against-prompts is for language models: add --scorer openai")
        changes["prompts"] = request.against_prompts
    found = settings.load(**{**request.overrides, **changes})
    scorer = composition.make_scorer(found)
    elsewhere = model and scorer.identity not in _recorded(it)
    if elsewhere and request.against_prompts is None and _matching(str(request.against), it):
        # As the settings are now it never judged, but with others it did.
        return OnRecord(_on_record(str(request.against), it)), it.found
    return scorer, found


def _on_record(part: str, it: Measuring) -> str:
    """Return the one identity on record that `part` is a part of."""
    if part in _recorded(it):
        return part
    found = _matching(part, it)
    if len(found) == 1:
        return found[0]
    shown = ", ".join(map(repr, found or _recorded(it)))
    problem = "may be any of" if found else "is not on record; these are:"
    raise UsageError(f"--against {part!r} {problem} {shown or 'none'}")


def _matching(part: str, it: Measuring) -> list[str]:
    return [name for name in _recorded(it) if part in name and name != it.scorer.identity]


def _recorded(it: Measuring) -> list[str]:
    return [name for name, *_ in it.records.store.scorers()]
