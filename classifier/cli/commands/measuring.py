"""Commands that evaluate, correct and train."""

from __future__ import annotations

from classifier.cli.commands.accept import accept
from classifier.cli.commands.calibrate import calibrate
from classifier.cli.commands.cascade import cascade
from classifier.cli.commands.evaluate import evaluate
from classifier.cli.commands.group import MEASURE, group
from classifier.cli.commands.learn import learn
from classifier.cli.commands.reject import reject

app = group()
app.command("eval", rich_help_panel=MEASURE)(evaluate)
for command in (calibrate, accept, reject, learn, cascade):
    app.command(rich_help_panel=MEASURE)(command)
