"""Commands that put labels where people work, and keep them up to date there."""

from __future__ import annotations

from classifier.cli.commands.apply import apply
from classifier.cli.commands.check import check
from classifier.cli.commands.group import PUBLISH, group
from classifier.cli.commands.report import report

app = group()
app.command(rich_help_panel=PUBLISH)(apply)
app.command(rich_help_panel=PUBLISH)(check)
app.command(rich_help_panel=PUBLISH)(report)
