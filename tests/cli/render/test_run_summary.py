from __future__ import annotations

from pathlib import Path

import pytest
from support.cli_sites import write_three_articles
from support.keyword_scorer import KeywordScorer


@pytest.fixture
def site(project: Path) -> Path:
    return write_three_articles(project)


def test_failures_are_told_by_reason_with_a_few_examples(run, site: Path) -> None:
    for number in range(7):
        (site / "site" / f"x{number}.md").write_text(f"Bread {number}.\nFAIL refused\n")
    ran = run("site")
    assert ran.code == 1
    told = ran.remarks.splitlines()
    assert told[0] == "classify: 7 articles not judged completely (refused); the first:"
    assert told[1] == "classify: - 'site/x0.md': 1 category: as the article wished"
    assert len(told) == 6
    assert "judged 43 pairs of 10 articles" in ran.out
    assert "judged 0 pairs of 7 articles" in run("site").out


def test_a_link_that_leads_away_is_told_as_skipped(run, site: Path) -> None:
    (site / "site" / "out").symlink_to(site)
    assert "skipped\n  site/out: a link to a folder" in run("site").out


def test_many_categories_are_cut_to_those_with_most_articles(run, site: Path) -> None:
    for number in range(30):
        path = site / "taxonomy" / "tags" / f"w{number}.md"
        path.write_text(f"---\ntitle: {'long ' * 30}{number:02}\n---\n")
    (site / "site" / "a.md").write_text(
        " ".join(f"{'long ' * 30}{number:02}," * 2 for number in range(30))
    )
    (site / "classify.toml").write_text('categories = "taxonomy"\nat_most = "all"\n')
    out = run("site").out
    assert "and 11 more labels on fewer articles" in out
    summary = [line for line in out.splitlines() if not line.startswith("site/")]
    assert all(len(line) <= 80 for line in summary)


def test_formats_are_counted_where_there_is_more_than_markdown(run, site: Path) -> None:
    assert "read:" not in run("site").out
    (site / "site" / "page.html").write_text("<p>Bread and butter.")
    out = run("site").out
    assert "left: 1 .html (set `formats` or use `--include`)" in out
    (site / "classify.toml").write_text('categories = "taxonomy"\nformats = "html"\n')
    out = run("site").out
    assert "read: 3 .md, 1 .html" in out
    assert "left:" not in out


def test_articles_in_languages_that_are_not_read_are_counted_and_each_says_so(
    run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    languages = frozenset({"en"})
    monkeypatch.setattr(KeywordScorer, "languages", languages, raising=False)
    (site / "site" / "pain.fr.md").write_text("Bread, bread, bread.\n")
    for arguments in (("site",), ("site", "--json")):
        ran = run(*arguments)
        said = " ".join((ran.out + ran.err).split())
        assert "in languages that keywords (counting) does not read (French 1)" in said
    (note,) = run("site/pain.fr.md").err.splitlines()
    assert note.endswith(
        "in French, which keywords (counting) does not read: do not trust its confidences"
    )
