from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import resources

pytestmark = pytest.mark.usefixtures("api_key")


def test_json_has_every_figure_with_its_interval(run, gold: Path) -> None:
    told = json.loads(run("eval", "gold.csv", "--json").out)
    assert told["schema"] == "classify-eval/1"
    recall = told["groups"][0]["metrics"]["recall"]
    assert recall["low"] <= recall["value"] <= recall["high"]
    assert [it["category"] for it in told["categories"]] == [
        "tags/bread",
        "tags/cheese",
        "tags/olives",
        "tags/wine",
    ]


def test_a_second_look_judges_nothing(run, gold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = run("eval", "gold.csv", "--json").out
    monkeypatch.setattr(KeywordScorer, "score", None)
    assert run("eval", "gold.csv", "--json").out == first


def test_the_html_page_is_written(run, gold: Path, project: Path) -> None:
    ran = run("eval", "gold.csv", "--html", "eval.html")
    assert ran.code == 0
    assert ran.remarks == "classify: written to 'eval.html'\n"
    assert (project / "eval.html").read_text().startswith("<!doctype html>")


def test_the_labels_of_the_settings_are_the_default(run, project: Path) -> None:
    (project / "content").mkdir()
    (project / "content" / "a.md").write_text("---\ntags: [bread]\n---\nBread, bread.\n")
    (project / "classify.toml").write_text('categories = "taxonomy"\ncontent = "content"\n')
    ran = run("eval")
    assert ran.code == 0
    assert "1 article x 4 categories, 4 pairs: 1 true" in ran.out
    assert run("eval", "--field", "nosuch").err.startswith("classify: no article in 'content' has")
    assert "name them, as in `classify eval GOLD --pack`" in run("eval", "--pack", "1,2").err


def test_front_matter_of_a_folder_is_gold(run, project: Path) -> None:
    (project / "content").mkdir()
    (project / "content" / "a.md").write_text("---\ntags: [bread, beer]\n---\nBread, bread.\n")
    ran = run("eval", "content", "--field", "tags")
    assert "1 article x 4 categories, 4 pairs: 1 true" in ran.out
    assert ran.remarks == (
        "classify: warning: 'content': left out 1 label that no category matches, 1 time in all: "
        "'beer' (1x)\n"
    )
    assert run("eval", "content", "--field", "tags", "--quiet").err == ""


def test_only_some_kinds_and_categories_are_evaluated(run, gold: Path) -> None:
    out = run("eval", "gold.csv", "--category", "wine").out
    assert "2 articles x 1 category, 2 pairs: 2 true" in out
    ran = run("eval", "gold.csv", "--kind", "concepts")
    assert (ran.code, ran.out) == (2, "")
    assert "has no labels for the categories" in ran.err


def test_an_article_that_fails_is_told_and_the_rest_is_evaluated(
    run, gold: Path, project: Path
) -> None:
    (project / "dinner.md").write_text("Wine.\nFAIL truncated\n")
    ran = run("eval", "gold.csv")
    assert ran.code == 1
    assert "7 pairs: 3 true" in ran.out
    assert "1 article not judged completely (truncated)" in ran.err
    assert "left out 1 labelled pair without a judgement\n" in ran.err


def test_verdicts_are_gold_and_decide_nothing(run, gold: Path) -> None:
    assert "no verdicts on existing articles" in run("eval", "verdicts").err
    run("accept", "lunch.md", "wine", "--note", "a glass of it")
    run("reject", "lunch.md", "bread")
    out = run("eval", "verdicts").out
    assert "1 article x 2 categories, 2 pairs: 1 true" in out
    assert "precision                0.00" in out
    assert "gold: belongs (a verdict: a glass of it)" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "no such file or folder: 'nowhere.csv'"),
        (["content"], "name the one that holds the labels with --field NAME"),
        (["gold.csv", "--field", "tags"], "--field is for a folder"),
        (["gold.csv", "--against", "nobody"], "--against 'nobody' is not stored; stored scorers:"),
        (["gold.csv", "--against", "keywords"], "--against 'keywords' is not stored"),
        (["gold.csv", "--against-prompts", "prompts"], "is for language models"),
        (["gold.csv", "--html", "no/such/folder.html"], "cannot write 'no/such/folder.html'"),
    ],
)
def test_a_wrong_call_is_one_line(
    run, gold: Path, project: Path, arguments: list[str], message: str
) -> None:
    (project / "content").mkdir()
    ran = run("eval", "--quiet", *arguments)
    assert ran.code == 2
    assert message in ran.err
    assert len(ran.err.splitlines()) == 1


# --- language models -----------------------------------------------------------------------------


def model(server: ChatServer, name: str) -> list[str]:
    return ["--scorer", "openai", "--base-url", server.url, "--model", name]


def test_a_language_model_is_paid_only_when_that_is_wanted(
    command, gold: Path, server: ChatServer
) -> None:
    ran = command("eval", "gold.csv", *model(server, "small"))
    assert (ran.code, ran.out) == (2, "")
    assert (
        "openai (small) has judged nothing that 'gold.csv' has labels for: add --judge" in ran.err
    )
    assert server.requests == []
    assert command("eval", "gold.csv", *model(server, "small"), "--judge").code == 0
    assert len(server.requests) == 2


def test_pairs_that_nobody_judged_are_left_out_and_counted(
    command, gold: Path, server: ChatServer
) -> None:
    command("run", "lunch.md", *model(server, "small"))
    ran = command("eval", "gold.csv", *model(server, "small"))
    assert ran.code == 0
    assert "1 article x 4 categories, 4 pairs: 2 true" in ran.out
    assert ran.remarks == (
        "classify: left out 4 labelled pairs without a judgement; --judge asks the language model "
        "about them\n"
    )


def test_two_models_are_compared_on_the_same_pairs(command, gold: Path, server: ChatServer) -> None:
    command("eval", "gold.csv", *model(server, "large"), "--judge")
    command("run", "lunch.md", *model(server, "small"))
    for name in ("openai:small", "small"):
        ran = command("eval", "gold.csv", *model(server, "large"), "--against", name)
        assert ran.code == 0
        assert "Against openai (small)\non 4 pairs judged by both" in ran.out
    ran = command("eval", "gold.csv", *model(server, "large"), "--against", "openai:large")
    assert "names the evaluated scorer itself" in ran.err


def test_a_model_is_compared_with_the_embedded_scorer(
    command, gold: Path, server: ChatServer
) -> None:
    ran = command("eval", "gold.csv", *model(server, "m"), "--judge", "--against", "embedded")
    assert ran.code == 0
    assert "Against embedded (all-MiniLM-L6-v2)\non 8 pairs" in ran.out


def test_prompts_are_compared_for_the_same_model(
    command, gold: Path, server: ChatServer, project: Path
) -> None:
    mine = project / "mine"
    mine.mkdir()
    for path in resources.folder("prompts").iterdir():
        text = path.read_text(encoding="utf-8")
        (mine / path.name).write_text(f"{text}\nThink twice.\n", encoding="utf-8")
    compared = [*model(server, "m"), "--judge", "--against-prompts", "mine"]
    assert "Against openai (m)\non 8 pairs" in command("eval", "gold.csv", *compared).out
    assert len(server.requests) == 4
