"""Runs as processes: stopped by signals, and several at once on one store."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[1] / "support" / "program.py"
ARTICLES = 12


@pytest.fixture
def site(project: Path) -> Path:
    (project / "site").mkdir()
    for number in range(ARTICLES):
        (project / "site" / f"{number:02}.md").write_text(f"Bread {number}.\n")
    (project / "delay").write_text("0.15")
    return project


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROGRAM.parents[1]), *sys.path])},
    )


def told(name: str) -> list[str]:
    path = Path(name)
    return path.read_text().split() if path.exists() else []


def wait_for(name: str, number: int) -> None:
    until = time.monotonic() + 120
    while len(told(name)) < number:
        assert time.monotonic() < until, "the run did not get that far"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_interrupt_finishes_what_is_under_way_and_says_how_to_go_on(
    site: Path, number: signal.Signals
) -> None:
    running = start("site")
    wait_for("begun", 3)
    running.send_signal(number)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert told("begun") == told("judged")
    assert 3 <= len(told("judged")) < ARTICLES
    assert "finishing 1 article; Ctrl-C again stops at once" in err
    left = (ARTICLES - len(told("judged"))) * 5
    assert f"interrupted with {left} pairs left: run the same command again" in err
    assert "Traceback" not in err
    assert f"judged {len(told('judged')) * 5} pairs" in out

    (site / "delay").write_text("0")
    again = start("site")
    again.communicate(timeout=120)
    assert again.returncode == 0
    assert Counter(told("judged")) == Counter(f"site/{n:02}.md" for n in range(ARTICLES))


@pytest.mark.slow
def test_an_evaluation_that_is_interrupted_has_no_figures_and_can_go_on(site: Path) -> None:
    rows = "".join(f"site/{n:02}.md,bread\n" for n in range(ARTICLES))
    (site / "gold.csv").write_text(f"article,category\n{rows}")
    running = start("eval", "gold.csv")
    wait_for("begun", 3)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert out == ""
    left = (ARTICLES - len(told("judged"))) * 4
    assert f"interrupted with {left} pairs left: run again to continue from here" in err

    (site / "delay").write_text("0")
    again = start("eval", "gold.csv")
    assert f"{ARTICLES} articles x 4 categories" in again.communicate(timeout=120)[0]
    assert Counter(told("judged")) == Counter(f"site/{n:02}.md" for n in range(ARTICLES))


def test_the_second_interrupt_stops_at_once_and_leaves_the_store_whole(site: Path) -> None:
    (site / "delay").write_text("600")
    running = start("site")
    wait_for("begun", 1)
    running.send_signal(signal.SIGINT)
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)  # an article takes 600
    assert running.returncode == 130
    assert "stopped at once after 0 pairs: run the same command again" in err
    assert "Traceback" not in err
    verify = start("store", "verify")
    assert verify.communicate(timeout=120)[0] == "no damage found\n"


def test_an_interrupted_run_writes_no_file(site: Path) -> None:
    running = start("site", "--output", "rows.csv")
    wait_for("begun", 2)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert "'rows.csv' is not written" in err
    assert not Path("rows.csv").exists()


@pytest.mark.slow
def test_two_runs_at_once_share_the_work(site: Path) -> None:
    runs = [start("site"), start("site")]
    errors = [run.communicate(timeout=120)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors
    judged = Counter(told("judged"))
    assert judged == Counter(f"site/{n:02}.md" for n in range(ARTICLES))


@pytest.mark.slow
def test_what_a_killed_run_had_begun_the_next_one_judges(site: Path) -> None:
    (site / "delay").write_text("600")
    running = start("site")
    wait_for("begun", 1)
    running.kill()
    running.communicate(timeout=120)
    (site / "delay").write_text("0")
    again = start("site")
    out, err = again.communicate(timeout=120)
    assert again.returncode == 0, err
    assert f"judged {ARTICLES * 5} pairs" in out


@pytest.mark.slow
def test_a_run_waits_for_what_another_has_begun(site: Path) -> None:
    (site / "delay").write_text("2")
    slow = start("site")
    wait_for("begun", 1)
    (site / "delay").write_text("0")
    late = start("site", "--quiet")
    for run in (slow, late):
        _, err = run.communicate(timeout=120)
        assert run.returncode == 0, err
    assert Counter(told("judged")) == Counter(f"site/{n:02}.md" for n in range(ARTICLES))


@pytest.mark.slow
def test_what_one_run_finished_the_other_does_not_ask_for(site: Path) -> None:
    slow = start("site")
    wait_for("judged", 6)
    finished = set(told("judged"))
    late = start("site", "--quiet")
    for run in (slow, late):
        assert run.communicate(timeout=120) is not None
        assert run.returncode == 0
    judged = Counter(told("judged"))
    assert all(judged[path] == 1 for path in finished)
