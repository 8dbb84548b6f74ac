from __future__ import annotations

import io
import sys
import time

import pytest
from rich.console import Console

from classifier.cli import progress
from classifier.cli.tally import Tally
from classifier.models import (
    Article,
    Category,
    ConfidenceKind,
    Failure,
    FailureReason,
    Judgement,
    Outcome,
    Task,
    Usage,
)

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"T{n}") for n in range(3))


def outcome(*, judged: int = 3, on_record: int = 0, reason: FailureReason | None = None) -> Outcome:
    made = tuple(
        Judgement(category=c.id, confidence=0.5, kind=ConfidenceKind.STATED, scorer="s")
        for c in CATEGORIES[:judged]
    )
    left = tuple(c.id for c in CATEGORIES[judged:])
    return Outcome(
        task=Task(Article(id="a.md", body="Text."), CATEGORIES),
        judgements=made,
        failures=(Failure(reason, "no", left),) if reason else (),
        usage=Usage(calls=1, input_tokens=2000, output_tokens=100, cost=0.0123),
        on_record=on_record,
    )


@pytest.fixture
def tally() -> Tally:
    tally = Tally(due_articles=4, due_pairs=12, on_record=100)
    tally.started -= 10
    tally.add(outcome())
    tally.add(outcome(judged=1, reason=FailureReason.UNAVAILABLE))
    tally.add(outcome(on_record=2))
    return tally


def test_the_tally_tells_judged_failed_and_known_apart(tally: Tally) -> None:
    assert (tally.articles, tally.pairs, tally.unjudged, tally.on_record) == (3, 5, 2, 102)
    assert tally.failures == 1
    assert tally.usage.calls == 3
    assert tally.rate == pytest.approx(0.5, rel=0.1)
    assert not tally.over_budget


def test_a_used_up_budget_is_no_failure(tally: Tally) -> None:
    tally.add(outcome(judged=0, reason=FailureReason.OVER_BUDGET))
    assert tally.over_budget
    assert tally.failures == 1


def test_every_number_is_told(tally: Tally) -> None:
    told = progress.parts(tally)
    assert told[0] == "3 of 4 articles, 1 failed"
    assert told[1].startswith("5 of 12 pairs, 102 on record, ")
    assert " left" in told[1]
    assert told[2] == "3 calls, 6,000 tokens in, 300 out, $0.0369"


def test_before_the_first_answer_no_time_is_guessed() -> None:
    assert "left" not in "".join(progress.parts(Tally(due_articles=2, due_pairs=6)))


def test_without_a_terminal_a_line_comes_now_and_then(
    tally: Tally, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.01)
    with progress.shown(tally, quiet=False):
        time.sleep(0.2)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("classify: 3 of 4 articles, 1 failed; ") for line in lines)


def test_a_long_look_at_the_articles_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress.looking(quiet=False) as seen:
        seen(1000)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "EVERY", 0.0)
    with progress.looking(quiet=True) as seen:
        seen(1000)
    assert capsys.readouterr() == ("", "")
    with progress.looking(quiet=False) as seen:
        seen(1000)
    assert capsys.readouterr() == ("", "classify: 1,000 articles looked at\n")


def test_on_a_terminal_the_look_is_told_in_place_and_wiped_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "EVERY_ON_TERMINAL", 0.0)
    with progress.looking(quiet=False) as seen:
        seen(1000)
    told = "1,000 articles looked at"
    assert terminal.getvalue() == f"\r{told}\r{' ' * len(told)}\r"


def test_quiet_shows_nothing(tally: Tally, capsys: pytest.CaptureFixture[str]) -> None:
    with progress.shown(tally, quiet=True):
        pass
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_display_that_is_gone_at_the_end(
    tally: Tally, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    with progress.shown(tally, quiet=False):
        time.sleep(0.3)
    shown = terminal.getvalue()
    assert "3 of 4 articles, 1 failed" in shown
    assert "\x1b[?25h" in shown  # the cursor is back
    assert "\x1b[3" not in shown
    assert capsys.readouterr().out == ""


def test_the_display_fits_eighty_columns_and_says_that_it_comes_to_an_end() -> None:
    tally = Tally(due_articles=10_000_000, due_pairs=1_000_000_000, on_record=999_999_999)
    tally.stopping, tally.under_way = True, 12
    tally.add(outcome())
    console = Console(width=80, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(progress._picture(tally))
    lines = capture.get().splitlines()
    assert len(lines) == 5
    assert all(len(line) <= 80 for line in lines)
    assert lines[-1].strip() == "finishing 12 articles; Ctrl-C again stops at once"
