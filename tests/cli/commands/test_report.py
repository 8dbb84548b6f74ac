"""`classify report`: what is stored of a folder, as a page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer, OtherScorer
from support.reports import held

from classifier import composition
from classifier.outputs.report import Data


@pytest.fixture
def site(project: Path) -> Path:
    (project / "site").mkdir()
    texts = {"a": "Bread, bread, bread.", "b": "Cheese.", "c": "Wine, wine."}
    for name, text in texts.items():
        path = project / "site" / f"{name}.md"
        path.write_text(f"---\ntitle: {name}\nsubjects: [Wine]\n---\n{text}\n")
        os.utime(path, (1e9, 1e9))
    return project


@pytest.fixture
def judged(run, site: Path) -> Path:
    assert run("site", "--quiet").code == 0
    return site


def page(name: str = "report.html") -> Data:
    return held(Path(name).read_text(encoding="utf-8"))


def test_a_report_has_the_articles_of_the_folder_and_all_categories(run, judged: Path) -> None:
    ran = run("report", "site", "-o", "out.html")
    assert (ran.code, ran.out) == (0, "")
    assert ran.remarks == "classify: written to 'out.html' (0.1 MB)\n"
    core = page("out.html").core
    assert core["articles"]["paths"] == ["site/a.md", "site/b.md", "site/c.md"]
    assert core["of"] == ["site"]
    assert len(core["categories"]) == 5
    (scorer,) = core["scorers"]
    assert scorer["identity"] == "keywords:counting:0123456789"
    assert len(scorer["confidence"]) == 15
    assert -1 not in scorer["confidence"]


def test_a_report_writes_nothing_but_the_page(run, judged: Path) -> None:
    def files() -> dict[str, bytes]:
        return {str(p): p.read_bytes() for p in judged.rglob("*") if p.is_file()}

    before = files()
    run("report", "site", "--quiet")
    after = files()
    assert set(after) - set(before) == {str(judged / "report.html")}
    assert {name: after[name] for name in before} == before


def test_kind_and_category_and_patterns_choose_what_is_in_it(run, judged: Path) -> None:
    run("report", "site", "--kind", "concepts", "--exclude", "b.md")
    core = page().core
    assert [category["id"] for category in core["categories"]] == ["concepts/craft"]
    assert core["articles"]["paths"] == ["site/a.md", "site/c.md"]


def test_verdicts_are_in_it(run, judged: Path) -> None:
    run("accept", "site/b.md", "olives", "--note", "they were there")
    run("report", "site")
    core = page().core
    places = [category["id"] for category in core["categories"]]
    ((pair, accepted, note, _, _),) = core["verdicts"]
    assert (pair, accepted, note) == (5 + places.index("tags/olives"), 1, "they were there")


def test_what_the_front_matter_says_is_in_it_where_a_field_is_named(run, judged: Path) -> None:
    run("report", "site", "--field", "tags=subjects")
    core = page().core
    wine = [category["id"] for category in core["categories"]].index("tags/wine")
    assert core["fields"] == ["tags=subjects"]
    assert core["gold"]["yes"] == [wine, 5 + wine, 10 + wine]
    assert len(core["gold"]["no"]) == 9  # of the other tags; nothing is said about concepts


@pytest.mark.parametrize("part", ["other", "ffff", "all"])
def test_another_scorer_is_put_beside(
    run, judged: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    run("site", "--quiet")
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    assert run("report", "site", "--against", part).code == 0
    names = [scorer["identity"] for scorer in page().core["scorers"]]
    assert names == ["keywords:counting:0123456789", "other:counting:ffffffffffffffff"]


def test_an_article_judged_in_part_is_in_it_and_counted(run, judged: Path) -> None:
    (judged / "site" / "b.md").write_text("Olives.\n")
    ran = run("report", "site")
    assert ran.err.startswith("classify: 5 pairs not judged yet; the page shows which\n")
    (scorer,) = page().core["scorers"]
    assert scorer["confidence"][5:10] == [-1] * 5
    assert scorer["failures"] == [[1, "missing", "not judged yet", []]]


def test_quiet_says_nothing(run, judged: Path) -> None:
    assert run("report", "site", "--quiet").err == ""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("site", "-o", "site/a.md"), "'site/a.md': expected a name that ends in .html"),
        (("site", "--against", "nobody"), "--against 'nobody' is not stored; stored scorers: none"),
        (("nowhere",), "no such file or folder: 'nowhere'"),
        (
            ("taxonomy/tags",),
            "no Markdown files in 'taxonomy/tags' other than category definitions",
        ),
        (
            ("site", "--field", "labels"),
            "no article in 'site' has a field 'labels': name the one that holds the labels with "
            "--field NAME",
        ),
    ],
)
def test_a_call_that_cannot_work_says_why(
    run, judged: Path, arguments: tuple[str, ...], told: str
) -> None:
    ran = run("report", *arguments, "--quiet")
    assert (ran.code, ran.err) == (2, f"classify: {told}\n")
    assert not Path("report.html").exists()


def test_without_records_there_is_no_report(run, site: Path) -> None:
    ran = run("report", "site")
    assert ran.code == 2
    assert "nothing is stored yet: there is no" in ran.err


def test_other_scorers_that_have_judged_are_named(
    run, judged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: OtherScorer())
    ran = run("report", "site")
    assert ran.code == 2
    assert (
        "other:counting:ffffffffffffffff has judged nothing of 'site' (stored scorers: "
        "keywords:counting:0123456789): classify it first" in ran.err
    )
