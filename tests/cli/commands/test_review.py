"""`classify review`: the address is printed, Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from classifier.web.review import serve

Run = Callable[..., Any]


def test_the_page_is_served_until_ctrl_c(
    run: Run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    pages: list[str] = []

    def opener(address: str) -> bool:
        opened.append(address)
        threading.Thread(target=visit, args=[address]).start()
        return True

    def visit(address: str) -> None:
        try:
            pages.append(urllib.request.urlopen(address, timeout=30).read().decode())
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(serve, "open_browser", opener)
    run("site")
    done = run("review", "site")
    assert done.code == 0
    assert done.out.split() == opened
    assert "Ctrl-C" in done.err
    assert "classify review" in pages[0]


def test_nothing_judged_is_one_clear_line(run: Run, site: Path) -> None:
    done = run("review", "site", "--no-browser")
    assert done.code == 2
    assert "classify them first" in done.err
