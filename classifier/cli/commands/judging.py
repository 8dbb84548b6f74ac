"""Commands that judge, and that show what is judged."""

from __future__ import annotations

from classifier.cli.commands.group import JUDGE, group
from classifier.cli.commands.history import history
from classifier.cli.commands.run import run
from classifier.cli.commands.status import status

app = group()
app.command(rich_help_panel=JUDGE)(run)
app.command(rich_help_panel=JUDGE)(status)
app.command(rich_help_panel=JUDGE)(history)
