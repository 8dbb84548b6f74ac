"""`classify watch`, as a process of its own where it has to be ended by a signal."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/watch.md").read_text(encoding="utf-8")


@contextmanager
def started(*options: str) -> Iterator[subprocess.Popen[str]]:
    program = subprocess.Popen(
        [sys.executable, "-m", "support.keyword_program", "watch", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )
    limit = Timer(60, program.kill)  # or a line that never comes would be waited for
    limit.start()
    try:
        with program:
            try:
                yield program
            finally:
                program.kill()
    finally:
        limit.cancel()


def ended(program: subprocess.Popen[str]) -> tuple[int, str, str]:
    program.send_signal(signal.SIGINT)
    out, err = program.communicate()
    return program.returncode, out, err


@pytest.fixture
def content(project: Path) -> Iterator[Path]:
    folder = project / "content"
    folder.mkdir()
    (folder / "old.md").write_text("---\ntitle: Old\n---\nWine, wine and wine. Grape, grape.\n")
    return folder


@pytest.mark.slow
def test_it_shows_what_is_saved_until_a_signal(content: Path) -> None:
    with started("content") as program:
        assert program.stdout is not None
        assert program.stderr is not None
        start = program.stderr.readline()
        (content / "new.md").write_text("Bread, bread, bread. Cheese, cheese.\n")
        new = program.stdout.readline()
        assert new == "content/new.md: Bread, Cheese\n"
        (content.parent / "taxonomy/tags/grape.md").write_text("---\ntitle: Grape\n---\n")
        old = program.stdout.readline()
        assert old == "content/old.md: Wine, Grape\n"
        (content / "broken.md").write_bytes(b"\xff\xfe")
        assert program.stdout.readline() == "content/broken.md: -\n"
        code, out, err = ended(program)
    assert (code, out) == (0, "")
    saved, broken = err.splitlines(keepends=True)
    (shown,) = re.findall(r"^```text\n(.*?)^```$", PAGE, re.M | re.S)
    name = re.compile("judged by [^;]+;")
    assert name.sub("", shown) == name.sub("", start + new + saved + old)
    assert "content/broken.md" in broken


@pytest.mark.slow
def test_it_writes_labels_and_prints_json_where_asked(content: Path) -> None:
    with started("content", "--write", "--json", "--quiet") as program:
        assert program.stdout is not None
        while "tags:" not in (content / "old.md").read_text():
            assert program.poll() is None
        (content / "new.md").write_text("---\ntitle: New\n---\nBread, bread, bread.\n")
        result = json.loads(program.stdout.readline())
        assert result["article"] == "content/new.md"
        assert "Bread" in (content / "new.md").read_text().split("---")[1]
        assert ended(program) == (0, "", "")


def test_what_cannot_be_watched_is_one_line(run, project: Path) -> None:
    ran = run("watch", "nowhere")
    assert ran.code == 2
    assert ran.err == "classify: no such file or folder: 'nowhere'\n"


def test_the_python_of_the_page_runs(content: Path, keywords: None) -> None:
    (example,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.M | re.S)
    exec(compile(example, "watch.md", "exec"), {})
    assert (content.parent / ".classify/records.sqlite3").exists()
