from __future__ import annotations

from pathlib import Path

import pytest
from support.keyword_scorer import OtherScorer

from classifier import composition


def test_status_counts_for_each_scorer(run, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("site/a.md", "site/b.md")
    (site / "site" / "a.md").write_text("Bread.\n")
    (site / "site" / "bad.md").write_bytes(b"\xff")
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    ran = run("status", "site")
    assert (ran.code, ran.err) == (0, "")
    assert (
        ran.out
        == """\
4 articles x 5 categories

  current   stale  missing  failed  pairs left
other:counting:ffffffff (configured)
        0       0        3       1          15
keywords:counting:01234567 (stored)
        1       1        1       1          10
"""
    )
