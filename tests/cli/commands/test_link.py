"""`classify link`: links to category pages on the terminal and in files."""

from __future__ import annotations

from pathlib import Path

LINKED = "We bake [bread](/tags/bread/). Bread!\n"


def bake(site: Path) -> Path:
    path = site / "site" / "a.md"
    path.write_text("We bake bread. Bread!\n")
    return path


def test_links_are_written_once_and_taken_out(run, site: Path) -> None:
    article = bake(site)
    ran = run("link", "site/a.md")
    assert ran.code == 0
    assert "1 file changed (1 link added), 0 up to date" in ran.err
    assert article.read_text() == LINKED
    assert "0 files changed (0 links added), 1 up to date" in run("link", "site/a.md").err
    undone = run("link", "site/a.md", "--undo")
    assert "1 file changed (0 links added, 1 removed)" in undone.err
    assert article.read_text() == "We bake bread. Bread!\n"


def test_a_dry_run_prints_a_diff(run, site: Path) -> None:
    article = bake(site)
    ran = run("link", "site/a.md", "--dry-run")
    assert "+We bake [bread](/tags/bread/). Bread!" in ran.out
    assert "1 file would change" in ran.err
    assert article.read_text() != LINKED


def test_what_cannot_be_edited_is_named(run, site: Path) -> None:
    bake(site).write_bytes(b"\xff")
    ran = run("link", "site", "--quiet")
    assert ran.code == 1
    assert "'site/a.md'" in ran.err


def test_only_labels_are_linked(run, site: Path) -> None:
    article = bake(site)
    ran = run("link", "site/a.md", "--labels-only")
    assert ran.code == 1
    assert "1 article not judged completely, classify first: 'site/a.md'" in ran.err
    assert "0 files changed (0 links added), 0 up to date, 1 skipped" in ran.err
    article.write_text(article.read_text() + "\nWine.\n")
    run("accept", "site/a.md", "Bread")
    assert run("link", "site/a.md", "--labels-only").code == 0
    assert article.read_text() == f"{LINKED}\nWine.\n"
