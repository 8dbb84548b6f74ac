"""Summaries for the page that a build shows."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from classifier.cli.render.markdown import plain, table

BREAD = "---\ntitle: Lunch\n---\nBread, more bread and bread again.\n"
HOSTILE = "a|b`<img src=x>[c](javascript:x)\n# **d** http://evil.example @all &amp; ~~e~~ \x1b[31m"


def test_what_strangers_wrote_is_no_markup() -> None:
    shown = plain(HOSTILE)
    assert "\n" not in shown
    assert not re.search(r"[<>`*|\[\]~@\x1b]|://|&(?!#\d+;)", shown)
    assert plain("Wine & more").replace("&#38;", "&") == "Wine & more"


@pytest.mark.parametrize(
    "text",
    [
        *("www.evil.example", "see WWW.evil.example", "https://evil.example", "a@evil.example"),
        *("mailto:a@evil.example", "xmpp:a@b.c/d", "@all", "#12", "o/r#12", "GH-12", ":boom:"),
    ],
)
def test_nothing_that_strangers_wrote_becomes_a_link_or_a_mention(text: str) -> None:
    resolved = html.unescape(plain(text))
    linked = r"www\.|https?://|[\w.+-]+@[\w.-]+|[@#]\w|gh-\d|:\w+:|(?:mailto|xmpp):\w"
    assert re.search(linked, text, re.IGNORECASE)
    assert not re.search(linked, resolved, re.IGNORECASE)
    assert resolved.replace("\u200b", "") == text


def test_a_long_table_is_cut_and_says_so() -> None:
    lines = list(table(("n",), ([str(n)] for n in range(502))))
    assert len(lines) == 2 + 500 + 1
    assert lines[-1] == "\nand 2 more"


def test_a_check_adds_its_summary_to_a_file(run, project: Path) -> None:
    (project / "a|b.md").write_text(BREAD)
    Path("summary.md").write_text("before\n")
    ran = run("check", "a|b.md", "--summary", "summary.md", "--format", "github")
    assert ran.out.startswith("::error ")
    assert Path("summary.md").read_text().splitlines()[:6] == [
        "before",
        "### classify: 1 article checked, 0 up to date",
        "",
        "| article | state | why |",
        "| --- | --- | --- |",
        "| a&#124;b.md | unjudged | 5 categories not judged yet |",
    ]


def test_a_run_adds_its_labels_to_a_file(run, project: Path) -> None:
    ran = run("lunch.md", "--summary", "summary.md")
    assert ran.code == 0
    assert Path("summary.md").read_text().splitlines()[:5] == [
        "### classify: labels",
        "",
        "| article | concepts | tags |",
        "| --- | --- | --- |",
        "| lunch.md |  | Bread 0.90 |",
    ]


def test_a_summary_that_cannot_be_written_is_told_in_one_line(run, project: Path) -> None:
    ran = run("check", "lunch.md", "--summary", "taxonomy")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "cannot write 'taxonomy'" in ran.err
