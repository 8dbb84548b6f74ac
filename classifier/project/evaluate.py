"""Evaluate a scorer against human labels, and compare it with another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from classifier.errors import UsageError
from classifier.evaluation.evaluate import evaluate as report_on
from classifier.evaluation.report import Report
from classifier.outputs.files import replacing
from classifier.project import stored_scorers
from classifier.project.gold import GoldSession, GoldSource, open_gold
from classifier.project.stored_scorers import StoredScorer
from classifier.scorers.base import Scorer
from classifier.settings import Settings

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    report: Report
    """Metrics with 95 % intervals, by kind and by category, and where the scorer goes wrong."""
    complete: bool
    """Whether every article could be read and judged completely."""
    needs_judge: bool
    """Whether missing pairs were left out because judging them costs something."""

    def write_html(self, path: str | Path) -> None:
        """Write a page with plots, all categories and disagreements.

        Raises:
            OutputError: The file cannot be written.
        """
        from classifier.evaluation.report_html import render_html

        with replacing(Path(path)) as file:
            file.write(render_html(self.report))


def evaluate(  # noqa: PLR0913 - all by name
    project: Workspace,
    gold: str | Path | GoldSource | None,
    *,
    fields: Sequence[str],
    against: str | None,
    against_prompts: Path | None,
    judge: bool,
) -> Evaluation:
    session = open_gold(project, gold, fields=fields, judge=judge)
    # Chosen first: a name that fits nothing must not cost a judgement.
    other = _other(session, against, against_prompts)
    predictions = session.predictions(project.scorer)
    compared = None if other is None else session.predictions(*other)
    report = report_on(session.gold, predictions, store=session.records.store, against=compared)
    if report.comparison is not None and not report.comparison.pairs:
        raise UsageError("no pair was judged by both scorers: add `judge`")
    return Evaluation(
        report=report,
        complete=session.complete,
        needs_judge=bool(report.without_record) and not session.may_judge(project.scorer),
    )


def _other(
    session: GoldSession, against: str | None, prompts: Path | None
) -> tuple[Scorer, Settings] | None:
    """Return the scorer to compare with, and the settings it comes from."""
    if against is None and prompts is None:
        return None
    project = session.project
    scorer, settings = _named(session, against or project.settings.scorer, prompts)
    if scorer.identity == project.scorer.identity:
        raise UsageError(f"`against` names the evaluated scorer itself: {scorer.identity!r}")
    return scorer, settings


def _named(session: GoldSession, name: str, prompts: Path | None) -> tuple[Scorer, Settings]:
    """Make the scorer, or find it in the store where it cannot be made."""
    project, store = session.project, session.records.store
    others = stored_scorers.others(store, project.scorer.identity)
    kind, _, model = name.partition(":")
    if kind not in ("embedded", "openai", "cascade", "panel") or (kind == "embedded" and model):
        return StoredScorer(stored_scorers.choose(name, others)), project.settings
    changes: dict[str, Any] = {"scorer": kind}
    if model:
        changes["model"] = model
    if prompts is not None:
        if kind != "openai":
            raise UsageError("`against_prompts` is for language models: add `scorer=openai`")
        changes["prompts"] = prompts
    view = project.with_settings(**changes)
    stored = {project.scorer.identity, *others}
    unknown = model and prompts is None and view.scorer.identity not in stored
    if unknown and any(name in other for other in others):
        # It never judged with the settings as they are, but with others it did.
        return StoredScorer(stored_scorers.choose(name, others)), project.settings
    return view.scorer, view.settings
