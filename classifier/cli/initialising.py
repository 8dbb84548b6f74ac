"""Run `classify init` with its options: show the plan, ask, write."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.cli.console import log
from classifier.cli.layout import show
from classifier.cli.render import init as render
from classifier.cli.session import open_project
from classifier.errors import UsageError

if TYPE_CHECKING:
    import typer

    from classifier.project import Project
    from classifier.project.init import InitPlan


def main(context: typer.Context) -> int:
    """Return the exit code."""
    options = context.params
    if options["yes"] and options["dry_run"]:
        raise UsageError("--yes writes and --dry-run does not: choose one")
    content = [Path(path) for path in options["content"] or ()]
    asks = not (options["yes"] or options["dry_run"]) and _on_terminal()
    with open_project(context, defaults_matter=False) as project:
        plan = _plan(project, content, options["field"] or (), options["min_articles"], asks=asks)
        if not options["quiet"]:
            show(render.lines(plan))
        if not plan.fields:
            log(render.no_labels(plan))
            return 1
        if not plan.files:
            return 0
        if options["dry_run"]:
            return 0
        if not (options["yes"] or (asks and _confirmed(plan))):
            log("nothing is written" if asks else "nothing is written: add --yes to write this")
            return 0
        result = project.init(plan)
    if not options["quiet"]:
        show(render.written(result))
        log(render.next_step(plan))
    return 0


def _plan(
    project: Project,
    content: Sequence[Path],
    fields: Sequence[str],
    least_uses: int | None,
    *,
    asks: bool,
) -> InitPlan:
    plan = project.plan_init(*content, fields=fields, least_uses=least_uses)
    if not asks or fields or len(plan.fields) + len(plan.other_fields) < 2:
        return plan
    chosen = _asked_fields(plan)
    if chosen == [one.field.name for one in plan.fields]:
        return plan
    return project.plan_init(*content, fields=chosen, least_uses=least_uses)


def _asked_fields(plan: InitPlan) -> list[str]:
    from rich.prompt import Prompt

    show(render.fields(plan))
    default = ", ".join(one.field.name for one in plan.fields) or plan.other_fields[0].name
    answer = Prompt.ask("Labels of which fields? (commas between)", default=default)
    return [name for part in answer.split(",") if (name := part.strip())]


def _confirmed(plan: InitPlan) -> bool:
    from rich.prompt import Confirm

    return Confirm.ask(f"Write {render.count_files(plan)}?", default=True)


def _on_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()
