"""Streams that are closed or full, and a folder that is gone: one line, and the right exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = f"{shlex.quote(sys.executable)} -m classifier"


def shell(command: str, folder: Path) -> tuple[int, str]:
    buffered = {name: os.environ[name] for name in os.environ if name != "PYTHONUNBUFFERED"}
    ran = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=buffered, capture_output=True, text=True
    )
    return ran.returncode, ran.stderr


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_a_wrong_call_is_told_by_its_code_where_stderr_cannot_be_written(
    tmp_path: Path, redirection: str
) -> None:
    assert shell(f"{PROGRAM} nosuch {redirection}", tmp_path) == (2, "")


@pytest.mark.parametrize("call", ["--help", "--version", "run --help", "categories"])
def test_a_full_stdout_is_said_in_one_line(tmp_path: Path, call: str) -> None:
    code, err = shell(f"{PROGRAM} {call} >/dev/full", tmp_path)
    assert code == 2
    assert err.splitlines()[-1] == "classify: cannot write the output: No space left on device"
    assert "Exception" not in err


def test_a_closed_stdout_is_no_bug(tmp_path: Path) -> None:
    code, err = shell(f"{PROGRAM} categories >&-", tmp_path)
    assert code in (0, 2, 141)
    assert "bug" not in err


def test_a_closed_stdin_is_said(tmp_path: Path) -> None:
    code, err = shell(f"{PROGRAM} - --no-store <&-", tmp_path)
    assert code == 2
    assert "standard input (-) is closed" in err


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code, err = shell(f"rmdir {shlex.quote(str(gone))}; {PROGRAM} a.md", gone)
    assert code == 2
    assert err.count("\n") == 1
    assert "the current folder is gone" in err
