from __future__ import annotations

import io
import sys
import time

import pytest
from rich.console import Console

from classifier.cli import display
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
from classifier.progress import Progress

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"T{n}") for n in range(3))


def outcome(*, judged: int = 3, stored: int = 0, reason: FailureReason | None = None) -> Outcome:
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
        stored=stored,
    )


@pytest.fixture
def progress() -> Progress:
    progress = Progress(due_articles=4, due_pairs=12, stored=100)
    progress.started -= 10
    progress.add(outcome())
    progress.add(outcome(judged=1, reason=FailureReason.UNAVAILABLE))
    progress.add(outcome(stored=2))
    return progress


def test_the_tally_tells_judged_failed_and_known_apart(progress: Progress) -> None:
    counts = (progress.articles, progress.pairs, progress.unjudged, progress.stored)
    assert counts == (3, 5, 2, 102)
    assert progress.failures == 1
    assert progress.usage.calls == 3
    assert progress.rate == pytest.approx(0.5, rel=0.1)
    assert not progress.over_budget


def test_a_used_up_budget_is_no_failure(progress: Progress) -> None:
    progress.add(outcome(judged=0, reason=FailureReason.OVER_BUDGET))
    assert progress.over_budget
    assert progress.failures == 1


def test_every_number_is_shown(progress: Progress) -> None:
    text = display.parts(progress)
    assert text[0] == "3 of 4 articles, 1 failed (1 unavailable)"
    assert text[1].startswith("5 of 12 pairs, 102 stored, ")
    assert " left" in text[1]
    assert text[2] == "3 calls, 6,000 tokens in, 300 out, $0.0369"


def test_before_the_first_answer_no_time_is_guessed() -> None:
    assert "left" not in "".join(display.parts(Progress(due_articles=2, due_pairs=6)))


def test_without_a_terminal_a_line_comes_now_and_then(
    progress: Progress, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "EVERY", 0.01)
    with display.shown(progress, quiet=False):
        time.sleep(0.2)
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.splitlines()
    assert len(lines) >= 2
    assert lines.pop(1) == "classify: unavailable: 'a.md': no"
    assert all(
        line.startswith("classify: 3 of 4 articles, 1 failed (1 unavailable); ") for line in lines
    )


def test_a_long_scan_is_reported(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    display.ScanDisplay(quiet=False).update(1000)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(display, "EVERY", 0.0)
    display.ScanDisplay(quiet=True).update(1000)
    assert capsys.readouterr() == ("", "")
    display.ScanDisplay(quiet=False).update(1000)
    assert capsys.readouterr() == ("", "classify: 1,000 articles scanned\n")


def test_on_a_terminal_the_scan_is_shown_in_place_and_wiped_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(display, "EVERY_ON_TERMINAL", 0.0)
    shown = display.ScanDisplay(quiet=False)
    shown.update(1000)
    shown.clear()
    text = "1,000 articles scanned"
    assert terminal.getvalue() == f"\r{text}\r{' ' * len(text)}\r"


def test_the_time_before_a_second_scan_is_not_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(range(0, 100, 10))
    monkeypatch.setattr(display.time, "monotonic", lambda: next(clock))
    shown = display.ScanDisplay(quiet=False)
    shown.update(1000)  # ten seconds later
    assert capsys.readouterr().err == "classify: 1,000 articles scanned\n"
    shown.clear()
    monkeypatch.setattr(display.time, "monotonic", lambda: 90)
    shown.update(1000)
    assert capsys.readouterr().err == ""


def test_quiet_shows_nothing(progress: Progress, capsys: pytest.CaptureFixture[str]) -> None:
    with display.shown(progress, quiet=True):
        pass
    assert capsys.readouterr() == ("", "")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_has_a_display_that_is_gone_at_the_end(
    progress: Progress, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    with display.shown(progress, quiet=False):
        time.sleep(0.3)
    shown = terminal.getvalue()
    assert "3 of 4 articles, 1 failed (1 unavailable)" in shown
    assert "unavailable: 'a.md': no" in shown
    assert "\x1b[?25h" in shown  # the cursor is back
    assert "\x1b[3" not in shown
    assert capsys.readouterr().out == ""


def test_the_display_fits_eighty_columns_and_says_that_it_comes_to_an_end() -> None:
    progress = Progress(due_articles=10_000_000, due_pairs=1_000_000_000, stored=999_999_999)
    progress.stopping, progress.under_way = True, 12
    progress.add(outcome())
    console = Console(width=80, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(display._picture(progress))
    lines = capture.get().splitlines()
    assert len(lines) == 5
    assert all(len(line) <= 80 for line in lines)
    assert lines[-1].strip() == "finishing 12 articles; Ctrl-C again stops at once"


def test_many_definitions_that_are_embedded_come_first(progress: Progress) -> None:
    before = display.parts(progress)
    progress.embedding = (4000, 10_000)
    assert display.parts(progress) == ["embedding 10,000 definitions: 40 %", *before]
