from __future__ import annotations

from pathlib import Path

import pytest

from classifier.cli.render.fetch import show_page, show_result
from classifier.project.fetch import FetchedPage


def test_results_and_trouble_go_to_their_own_stream(capsys: pytest.CaptureFixture[str]) -> None:
    show_page(FetchedPage(url="u", status="fetched", path="pages/a.md"), json=False)
    show_page(FetchedPage(url="u", status="failed", why="'u\x1b[31m' is gone"), json=False)
    out, err = capsys.readouterr()
    assert out == "pages/a.md\n"
    assert "is gone" in err
    assert "\x1b" not in err


def test_quiet_leaves_the_summary_out(capsys: pytest.CaptureFixture[str]) -> None:
    show_result([], Path("pages"), quiet=True)
    show_result([FetchedPage(url="u", status="kept", path="p")], Path("pages"), quiet=False)
    assert capsys.readouterr().err == "classify: 0 pages fetched, 1 already there\n"
