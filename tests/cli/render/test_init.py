from __future__ import annotations

from pathlib import Path

import pytest
from support import sites

from classifier import Project
from classifier.cli.layout import Page
from classifier.cli.render import init as render


def shown(folder: Path, monkeypatch: pytest.MonkeyPatch, **options) -> str:
    monkeypatch.chdir(folder)
    return Page.for_stdout().lay_out(render.lines(Project.open().plan_init(**options)))


def test_spellings_and_settings_are_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {
        f"a{n}.md": sites.article(f"tags: [{t}]") for n, t in enumerate(["NATS", "nats", "NATS"])
    }
    out = shown(sites.write(tmp_path, pages), monkeypatch)
    assert "one label each: NATS = nats" in out
    assert '  [fields.tags]\n  name = "tags"' in out


def test_labels_cannot_control_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {f"a{n}.md": sites.article('tags: ["x\\e[31m", "y\\u202e"]') for n in range(3)}
    out = shown(sites.write(tmp_path, pages), monkeypatch)
    assert "\x1b" not in out
    assert "\u202e" not in out


def test_many_labels_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels = ", ".join(f"label {n}" for n in range(300))
    out = shown(
        sites.write(
            tmp_path,
            {
                "a.md": sites.article(f"tags: [{labels}]"),
                "b.md": sites.article(f"tags: [{labels}]"),
            },
        ),
        monkeypatch,
    )
    assert "and 288 more" in out
    assert len(out.splitlines()) < 60


def test_what_cannot_be_read_is_named_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites.hugo(tmp_path)
    for n in range(5):
        (tmp_path / f"content/bad{n}.md").write_bytes(b"\xff")
    out = shown(tmp_path, monkeypatch)
    assert "  not read: 5 files\n    'content/bad0.md' is not UTF-8" in out
    assert "    and 2 more\n" in out


def test_eleventy_is_told_not_to_build_the_definitions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ".eleventyignore" in shown(sites.eleventy(tmp_path), monkeypatch)
