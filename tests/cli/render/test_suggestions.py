from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.definitions import category

from classifier.cli.layout import Line
from classifier.cli.render import suggestions as render
from classifier.vocabulary.suggestions import (
    ArticleGroup,
    Merge,
    Missing,
    Retire,
    Split,
    Suggestions,
    Taken,
)

BREAD, WINE = category("Bread"), category("Wine")
GROUP = ArticleGroup(
    "Hiring", "We hire people.", ("interviews",), tuple(f"{n}.md" for n in range(5))
)
FOUND = Suggestions(
    articles=90,
    unlabelled=20,
    merge=(Merge(BREAD, WINE, 12, 18),),
    retire=(Retire(WINE, 90, 0.317),),
    split=(Split(BREAD, 40, 90, (GROUP,)),),
    missing=(Missing("tags", GROUP, ("9.md",), (Taken("9.md", BREAD), Taken("8.md", BREAD))),),
)
NOTHING = Suggestions(articles=3, unlabelled=0, merge=(), retire=(), split=(), missing=())


def texts(found: Suggestions, *, everything: bool = False) -> list[str]:
    return [str(line.text) for line in render.lines(found, everything=everything)]


def test_every_suggestion_says_on_what_it_rests() -> None:
    shown = texts(FOUND)
    for line in (
        "90 articles, 20 without a label",
        "Bread + Wine: 12 of 18 articles with either have both",
        "Wine (highest confidence 0.31)",
        "Bread: 40 of 90",
        "Hiring: 5 articles",
        "also: interviews",
        "We hire people.",
        "and 2 more; --all shows all",
        "it would also label 1 article with other labels",
        "and take from others: Bread (2x)",
    ):
        assert line in shown


def test_all_articles_are_shown_on_request() -> None:
    assert "4.md" in texts(FOUND, everything=True)
    assert "4.md" not in texts(FOUND)


def test_nothing_to_suggest_is_said() -> None:
    assert texts(NOTHING) == ["3 articles, 0 without a label", "nothing to suggest"]
    assert all(isinstance(line, Line) for line in render.lines(NOTHING, everything=False))


def test_json_has_everything() -> None:
    (missing,) = render.to_dict(FOUND)["missing"]
    assert missing["takes"] == [
        {"article": "9.md", "category": "tags/bread"},
        {"article": "8.md", "category": "tags/bread"},
    ]
    assert missing["articles"] == list(GROUP.articles)
    assert render.to_dict(FOUND)["retire"][0]["highest"] == 0.317


def test_first_categories_are_to_be_written_then_edited_then_run() -> None:
    first = replace(FOUND, merge=(), retire=(), split=(), first=True)
    shown = texts(first)
    assert shown[0] == "90 articles"
    assert "categories to start with: articles about the same" in shown
    (line,) = render.next_steps(first, [], None, [Path("my posts")])
    assert line.endswith("classify taxonomy suggest 'my posts' --drafts taxonomy")
    written, line = render.next_steps(first, [Path("d/tags/a.md")], Path("d"), [Path("posts")])
    assert written == "written: 1 draft in 'd'"
    assert line == "next: edit the drafts, then classify run posts --categories d"


def test_a_draft_beside_other_categories_is_previewed_next() -> None:
    assert list(render.next_steps(FOUND, [], None, [])) == []
    (line,) = render.next_steps(FOUND, [Path("d/tags/my tag.md")], Path("d"), [])
    assert line.endswith("next: classify taxonomy add 'd/tags/my tag.md' --preview")
