from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer
from support.result_schema import errors

from classifier import composition
from classifier.errors import ModelError
from classifier.models import Usage

LUNCH = """\
Lunch
lunch.md

concepts
  nothing fits

tags
  Bread   █████████░  0.90  Primary
    Its title is 3 times in the text.
    “Bread”

Nearest misses
  Cheese  ████░░░░░░  0.45  Tertiary
    tags: 0.45 is below the minimum of 0.50
  Craft   █░░░░░░░░░  0.10  Ignored
    concepts: 0.10 is below the minimum of 0.50
  Olives  █░░░░░░░░░  0.10  Ignored
    tags: 0.10 is below the minimum of 0.50

5 categories judged by keywords (counting): offline, free
confidences: similarity, not calibrated
"""


def test_people_see_labels_near_misses_and_who_judged(run) -> None:
    ran = run("lunch.md")
    assert (ran.code, ran.out, ran.err) == (0, LUNCH, "")


@pytest.mark.parametrize(
    "arguments", [["run", "lunch.md"], ["--quiet", "lunch.md"], ["lunch.md", "-q"]]
)
def test_run_need_not_be_said_and_options_stand_anywhere(run, arguments: list[str]) -> None:
    assert run(*arguments).out == LUNCH


def test_explain_shows_every_category_with_reasoning(run) -> None:
    out = run("lunch.md", "--explain").out
    assert "Not assigned" in out
    assert all(title in out for title in ("Bread", "Cheese", "Olives", "Wine", "Craft"))
    assert out.count("times in the text") == 5
    assert "mentions 0.30" in out


def test_an_article_that_fits_nowhere_is_told_plainly_with_the_nearest_misses(
    run, project: Path
) -> None:
    (project / "a.md").write_text("Cheese is all there is here.\n")
    ran = run("a.md")
    assert ran.code == 0
    assert "\nNo category fits.\n" in ran.out
    assert ran.out.index("Nearest misses") < ran.out.index("Cheese")


def test_a_fired_exclusion_is_shown_with_its_rule(run, project: Path) -> None:
    (project / "a.md").write_text("Craft, craft, craft: it is craft beer.\n")
    assert "concepts: excluded: craft beer" in run("a.md").out


def test_several_articles_are_answered_one_after_the_other(run, project: Path) -> None:
    (project / "b.md").write_text("---\ntitle: Supper\n---\nCheese.\n")
    out = run("lunch.md", "b.md").out
    assert out.index("Lunch") < out.index("Supper")
    assert f"{LUNCH}\nSupper\n" in out


def test_a_bundle_folder_is_an_article(run, project: Path) -> None:
    bundle = project / "posts" / "supper"
    bundle.mkdir(parents=True)
    (bundle / "index.md").write_text("Wine, wine, wine.\n")
    ran = run("posts/supper")
    assert ran.code == 0
    assert "Wine" in ran.out


def test_standard_input_is_an_article(run, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO("Olives, olives, olives, ölig.".encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    ran = run("-")
    assert ran.code == 0
    assert ran.out.startswith("-\n")
    assert "Olives" in ran.out


@pytest.mark.slow
def test_only_the_named_kind_and_category_are_judged(run) -> None:
    assert "4 categories judged" in run("lunch.md", "--kind", "tags").out
    assert (
        "2 categories judged"
        in run("lunch.md", "--category", "WINE", "--category", "tags/bread").out
    )


# --- json ----------------------------------------------------------------------------------------


def test_json_is_one_object_on_one_line_and_nothing_else(run) -> None:
    ran = run("--json", "lunch.md")
    assert ran.code == 0
    assert ran.out.count("\n") == 1
    answer = json.loads(ran.out)
    assert answer["schema"] == "classify/1"
    assert [label["title"] for label in answer["labels"]["tags"]] == ["Bread"]
    assert len(answer["judgements"]) == 5


def test_json_of_several_articles_is_one_line_each_failures_included(run, project: Path) -> None:
    (project / "bad.md").write_bytes(b"\xff\xff")
    ran = run("--json", "bad.md", "lunch.md")
    assert ran.code == 1
    bad, good = map(json.loads, ran.out.splitlines())
    assert (bad["article"], bad["ok"]) == ("bad.md", False)
    assert bad["failures"][0]["reason"] == "not_utf8"
    assert (good["article"], good["ok"]) == ("lunch.md", True)


@pytest.mark.parametrize("more", [(), ("--explain",), ("--no-store",)])
def test_what_is_printed_fits_the_schema_file(
    run, project: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    (project / "bad.md").write_bytes(b"\xff\xff")
    (project / "partly.md").write_text("Wine, wine, wine.\nFAIL refused\n")
    (project / "tampered.md").write_text("Wine, wine, wine.\nFAIL tampered\n")
    (project / "beer.md").write_text("Craft, craft beer.\n")
    (project / "blank.md").write_text("---\ntitle: Blank\n---\n")
    run("reject", "lunch.md", "bread", "--note", "no")
    files = ("bad.md", "partly.md", "tampered.md", "beer.md", "blank.md", "lunch.md")
    printed = run("--json", *more, *files).out.splitlines()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Olives, olives.")))
    printed += run("--json", *more, "-").out.splitlines()
    assert len(printed) == len(files) + 1
    assert [errors(json.loads(line)) for line in printed] == [[]] * len(printed)


# --- trouble -------------------------------------------------------------------------------------


def test_an_article_that_cannot_be_read_is_one_line_on_stderr_and_the_rest_goes_on(
    run, project: Path
) -> None:
    (project / "bad.md").write_bytes(b"\xff\xff")
    ran = run("bad.md", "lunch.md")
    assert ran.code == 1
    assert ran.out.strip() == LUNCH.strip()
    assert len(ran.err.splitlines()) == 1
    assert ran.err.startswith("classify: 'bad.md'")


def test_unjudged_categories_are_told_and_counted(run, project: Path) -> None:
    (project / "a.md").write_text("Wine, wine, wine.\nFAIL refused\n")
    ran = run("a.md")
    assert ran.code == 1
    assert "4 of 5 categories judged" in ran.out
    assert "Wine" in ran.out
    assert ran.err == (
        "classify: 'a.md': concepts/craft not judged (refused): as the article wished\n"
    )


def test_a_tampered_answer_shows_no_label_and_the_reason(run, project: Path) -> None:
    (project / "a.md").write_text("Wine, wine, wine.\nFAIL tampered\n")
    ran = run("a.md", "--quiet")
    assert ran.code == 1
    assert "No labels: possible prompt injection in the article." in ran.out
    assert "tampered" in ran.err


def test_nothing_is_judged_when_one_of_the_paths_is_wrong(run) -> None:
    assert run("lunch.md", "nosuch.md").out == ""


def test_a_language_model_without_a_name_says_how_to_give_one(project: Path, command) -> None:
    ran = command("lunch.md", "--scorer", "openai")
    assert ran.code == 2
    assert "--model NAME" in ran.err


def test_trouble_with_the_run_while_judging_is_one_line(
    run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(KeywordScorer):
        def score(self, tasks):
            raise ModelError("weights are missing")
            yield

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Broken())
    ran = run("lunch.md")
    assert (ran.code, ran.err) == (2, "classify: weights are missing\n")


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch, keywords: None) -> None:
    class Broken(KeywordScorer):
        def score(self, tasks):
            raise RuntimeError("two\nlines")
            yield

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Broken())


@pytest.mark.usefixtures("bug")
def test_a_bug_is_one_line_with_the_way_to_see_more(run) -> None:
    ran = run("lunch.md")
    assert ran.code == 70
    assert len(ran.err.splitlines()) == 1
    assert "RuntimeError: two lines" in ran.err
    assert "CLASSIFY_DEBUG=1" in ran.err


@pytest.mark.usefixtures("bug")
def test_debugging_shows_the_traceback_of_a_bug(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLASSIFY_DEBUG", "1")
    with pytest.raises(RuntimeError):
        run("lunch.md")


def test_an_interrupt_ends_quietly_with_its_own_code(run, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(KeywordScorer):
        def score(self, tasks):
            raise KeyboardInterrupt
            yield

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Interrupted())
    ran = run("lunch.md")
    assert (ran.code, ran.out, ran.err) == (130, "", "")


@pytest.mark.parametrize(
    ("usage", "told"),
    [
        (Usage(), "offline, free"),
        (
            Usage(calls=1, input_tokens=1200, output_tokens=30, cost=None),
            "1 call, 1,200 tokens in, 30 out, unknown price",
        ),
        (
            Usage(calls=2, input_tokens=900, cached_tokens=512, output_tokens=30, cost=0.00123),
            "2 calls, 900 tokens in (512 cached), 30 out, $0.0012",
        ),
    ],
)
def test_tokens_and_cost_are_told(
    run, monkeypatch: pytest.MonkeyPatch, usage: Usage, told: str
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer(usage=usage))
    assert told in " ".join(run("lunch.md").out.split())


# --- hostile text --------------------------------------------------------------------------------

NASTY = "\\e[31mred \\a\\u202e[bold]x[/bold] \\x9b2J :boom: ](http://x)"


@pytest.mark.parametrize("options", [[], ["--explain"], ["--json"]])
def test_no_control_of_the_terminal_gets_from_an_article_or_a_category_to_the_screen(
    run, project: Path, options: list[str]
) -> None:
    (project / "taxonomy" / "tags" / "bread.md").write_text(
        f'---\ntitle: "{NASTY}"\ndescription: "{NASTY}"\n---\n'
    )
    (project / "a.md").write_text(f'---\ntitle: "{NASTY}\\nsecond"\n---\nBread \x1b[2J bread.\n')
    for arguments in (["a.md", *options], ["categories"]):
        ran = run(*arguments)
        assert ran.code == 0
        text = (ran.out + ran.err).replace("\n", "")
        assert text.isprintable()
        assert "\u202e" not in text
    if not options:
        assert "[bold]x[/bold]" in ran.out


def test_a_file_name_that_cannot_be_written_is_shown_with_a_mark(run, project: Path) -> None:
    name = b"caf\xe9.md".decode("utf-8", "surrogateescape")
    (project / name).write_text("Bread.\n")
    ran = run(name)
    assert ran.code == 0
    assert "caf\ufffd.md" in ran.out


# --- answers that are not trusted ----------------------------------------------------------------


@pytest.fixture
def swayed(project: Path) -> Path:
    path = project / "swayed" / "a.md"
    path.parent.mkdir()
    path.write_text("Wine, wine, wine.\nFAIL tampered\nFAIL unverified\n")
    (path.parent / "b.md").write_text("Bread, bread.\n")
    return path


def test_a_folder_says_what_is_held_back_and_asks_again_only_on_request(
    run, swayed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    whole = KeywordScorer._outcome

    def counted(self: KeywordScorer, task):
        asked.append(task.article.id)
        return whole(self, task)

    monkeypatch.setattr(KeywordScorer, "_outcome", counted)
    first = run("swayed")
    assert (first.code, asked) == (1, ["swayed/a.md", "swayed/b.md"])
    assert "held back: 1 tampered, 1 unverified" in first.out
    asked.clear()
    again = run("swayed")
    assert (again.code, asked) == (1, [])
    said = [[it for it in ran.err.splitlines() if ": next:" not in it] for ran in (first, again)]
    assert said[0] == said[1] != []
    assert "held back: 1 tampered, 1 unverified" in again.out
    assert "a.md: -" in again.out
    dry = run("swayed", "--dry-run").out
    assert "2 pairs (--retry-failed asks again)" in dry
    assert "0 pairs of 0 articles" in dry
    retry = run("swayed", "--dry-run", "--retry-failed").out
    assert "2 pairs of 1 article" in retry
    assert (run("swayed", "--retry-failed").code, asked) == (1, ["swayed/a.md"])


def test_a_page_of_what_is_held_back_is_the_same_and_is_asked_again_only_on_request(
    run, swayed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run("swayed/a.md")
    with monkeypatch.context() as patch:
        patch.setattr(KeywordScorer, "_outcome", None)  # would fail as `internal`
        again = run("swayed/a.md")
    assert (again.code, again.err) == (first.code, first.err)
    assert "No labels: possible prompt injection in the article." in again.out
    assert run("swayed/a.md", "--retry-failed").err == first.err


def test_check_and_status_know_what_is_held_back(run, command, swayed: Path) -> None:
    run("swayed")
    checked = command("check", "swayed")
    assert "1 category held back (tampered)" in " ".join(checked.out.split())
    assert checked.code == 1


def test_rows_of_a_table_are_judged_and_written_to_another(run, site: Path) -> None:
    (site / "posts.csv").write_text("id,text\na,Wine and wine and wine.\nb,\n", "utf-8")
    ran = run("posts.csv", "--output", "judged.csv", "--rows", "articles")
    assert ran.code == 1
    assert "posts.csv#b" in ran.err
    assert "1 article judged, 1 failed: judged.csv" in ran.err
    rows = (site / "judged.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["posts.csv#a", "posts.csv#b"]
    pages = run("posts.csv", "lunch.md")
    assert "Wine" in pages.out
    assert "Bread" in pages.out


def test_a_table_gets_a_sidecar_and_stays_as_it_is(run, site: Path) -> None:
    rows = "id,text\na,Wine.\n"
    (site / "posts.csv").write_text(rows, "utf-8")
    ran = run("posts.csv", "--sidecar")
    assert (ran.code, "1 sidecar written" in ran.err) == (0, True)
    assert (site / "posts.csv").read_text("utf-8") == rows
    line = json.loads((site / "data.posts.csv.classifications.jsonl").read_text("utf-8"))
    assert (line["entry"], "Wine" in line["classifications"]) == ("a", True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--write"], "nothing is written into tables, mail or feeds: use --output FILE"),
        (["--dry-run"], "without --dry-run"),
        (["."], "name no folder beside them"),
    ],
    ids=["write", "dry run", "folder"],
)
def test_what_a_table_cannot_do_is_said(run, site: Path, arguments: list[str], said: str) -> None:
    (site / "posts.csv").write_text("id,text\na,Wine.\n", "utf-8")
    ran = run("posts.csv", *arguments)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())
