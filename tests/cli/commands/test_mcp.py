"""`classify mcp`; the tools are tested in tests/web/service/test_mcp.py."""

from __future__ import annotations

import pytest

from classifier.web.service import running


@pytest.mark.parametrize("words", [("mcp",), ("serve", "--mcp", "--port", "0")])
def test_without_the_extra_it_says_what_to_install(
    run, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(running, "find_spec", lambda _name: None)
    ran = run(*words)
    assert ran.code == 2
    assert "install category-classifier[mcp]" in ran.err


def test_a_missing_folder_is_one_line(run) -> None:
    ran = run("mcp", "nowhere")
    assert (ran.code, ran.err) == (2, "classify: no such folder: 'nowhere'\n")
