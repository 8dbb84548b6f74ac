from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from support.cli_sites import write_three_articles
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.models import Failure, FailureReason, Outcome, Task, Usage
from classifier.scorers.openai.costs import UsageEstimate

PAIRS = 15
"""Three articles, five categories."""


@pytest.fixture
def site(project: Path) -> Path:
    return write_three_articles(project)


SUMMARY = """\
site/a.md: Bread
site/b.md: -
site/sub/c.md: Wine

concepts: labels
  unused: 1 of 1

tags: labels
  Bread  1  ██████████
  Wine   1  ██████████
  unused: 2 of 4

2 of 3 articles have a label

pairs by level
  Primary     1
  Secondary   1
  Tertiary    1
  Ignored    12

least certain
  site/b.md
    Cheese 0.450, needs 0.50: no label
  site/sub/c.md
    Wine 0.700, needs 0.50: label
"""


def test_a_folder_is_summed_up_and_the_second_time_nothing_is_judged(run, site: Path) -> None:
    ran = run("site")
    assert (ran.code, ran.remarks) == (0, "")
    assert ran.out.startswith(SUMMARY)
    assert "\njudged 15 pairs of 3 articles by keywords (counting) in " in ran.out
    again = run("site")
    assert (again.code, again.remarks) == (0, "")
    assert again.out.startswith(SUMMARY)
    assert again.out.endswith(
        "\nnothing to judge: 3 articles x 5 categories are stored\njudged by keywords (counting)\n"
        "confidences: not calibrated\n"
    )


def test_only_what_changed_is_judged(run, site: Path) -> None:
    run("site")
    (site / "taxonomy" / "tags" / "wine.md").write_text("---\ntitle: Wine\nsummary: Red.\n---\n")
    assert "judged 3 pairs of 3 articles" in run("site").out
    (site / "site" / "b.md").write_text("Bread.\n")
    (site / "site" / "a.md").rename(site / "site" / "z.md")
    assert "judged 5 pairs of 1 article" in run("site").out


def test_pages_and_runs_share_their_records(run, site: Path) -> None:
    run("site/a.md")
    assert "judged 10 pairs of 2 articles" in run("site").out
    assert "5 categories judged by keywords (counting): from the store, free" in (
        run("site/b.md").out
    )


def test_a_folder_with_an_index_alone_is_one_article_and_others_are_not(run, site: Path) -> None:
    (site / "site" / "index.md").write_text("Olives.\n")
    bundle = site / "bundle"
    bundle.mkdir()
    (bundle / "index.md").write_text("Olives, olives.\n")
    assert run("bundle").out.startswith("Bundle\nbundle\n")
    assert "pairs by level" in run("site").out
    assert "pairs by level" in run("bundle", "site").out


def test_the_store_lies_beside_the_settings_and_git_does_not_see_it(
    run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(site / "site" / "sub")
    run("c.md")
    assert (site / ".classify" / "records.sqlite3").exists()
    assert (site / ".classify" / ".gitignore").read_text() == "*\n"
    monkeypatch.chdir(site)
    assert "judged 10 pairs of 2 articles" in run("site").out


def test_a_store_of_ones_own_choice_gets_no_gitignore_beside_it(run, site: Path) -> None:
    run("site", "--store", "kept/my.sqlite3")
    assert [path.name for path in (site / "kept").iterdir()] == ["my.sqlite3"]
    assert not (site / ".classify").exists()
    assert "are stored" in run("site", "--store", "kept/my.sqlite3").out


@pytest.mark.parametrize("path", ["site", "site/a.md"])
def test_without_a_store_nothing_is_kept(run, site: Path, path: str) -> None:
    for _ in range(2):
        ran = run(path, "--no-store")
        assert (ran.code, ran.err) == (0, "")
        assert "are stored" not in ran.out
    assert not (site / ".classify").exists()


@pytest.mark.parametrize("path", ["site", "site/a.md"])
def test_a_store_that_cannot_be_used_is_one_line_with_the_ways_out(
    run, site: Path, path: str
) -> None:
    (site / "broken.sqlite3").write_text("This is no database, but a text of some length.\n" * 9)
    ran = run(path, "--store", "broken.sqlite3")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert all(way in ran.err for way in ("broken.sqlite3'", "--store", "--no-store"))


@pytest.mark.parametrize("rows", ["pairs", "articles"])
def test_output_is_a_file_of_all_that_is_on_record(run, site: Path, rows: str) -> None:
    for _ in range(2):
        ran = run("site", "--output", "out.csv", "--rows", rows)
        assert ran.code == 0
        assert "written to 'out.csv'" in ran.out
        with (site / "out.csv").open(encoding="utf-8", newline="") as file:
            found = list(csv.DictReader(file))
        assert len(found) == (PAIRS if rows == "pairs" else 3)
        assert {row["article"] for row in found} == {"site/a.md", "site/b.md", "site/sub/c.md"}
        assert all(row["judged_at"] for row in found)


def test_output_makes_a_run_of_single_files(run, site: Path) -> None:
    assert "pairs by level" in run("site/a.md", "--output", "out.jsonl").out
    assert len((site / "out.jsonl").read_text().splitlines()) == 5


# --- what is judged ------------------------------------------------------------------------------


def test_include_and_exclude_narrow_a_folder(run, site: Path) -> None:
    assert "judged 5 pairs of 1 article" in run("site", "--include", "sub/").out
    assert "judged 5 pairs of 1 article" in run("site", "--exclude", "b.md").out


def test_a_pattern_that_matches_nothing_is_named_once(run, site: Path) -> None:
    done = run("site", "--exclude", "drafst/", "--exclude", "b.md")
    assert done.err.count("exclude pattern 'drafst/' matches no Markdown file or folder") == 1
    assert "'b.md'" not in done.err
    done = run("site", "--include", "a.md", "--include", "*.rst")
    assert done.err.count("include pattern '*.rst' matches no Markdown file") == 1
    (site / "classify.toml").write_text('exclude = ["drafts/"]\n')
    assert "matches no" not in run("site").err  # settings are for other folders, too


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "folder is called 'nowhere'"),
        (["empty"], "no Markdown files in 'empty'"),
        (["site", "--include", "*.rst"], "in 'site' that the include and exclude patterns leave"),
        (["lunch.md", "--include", "*.md"], "--include is for folders: name one"),
        (["site", "-"], "standard input (-) cannot be combined with folders or --output"),
        (["site", "--explain"], "use `classify history ARTICLE` after the run"),
        (["site", "--output", "out.xlsx"], "'out.xlsx'"),
        (["site", "--rows", "articles"], "--rows is for a file: add --output FILE"),
        (["site", "--output", "a.csv", "--rows", "words"], "--rows 'words'"),
        (["site", "--dry-run", "--json"], "nothing for --json"),
        (["site", "--store", "x", "--no-store"], "--store and --no-store exclude each other"),
        (["site", "--max-cost", "1"], "--max-cost is for language models: add --scorer openai"),
        (["site", "--rpm", "10"], "--rpm is for language models"),
    ],
)
def test_a_wrong_call_is_one_line_that_names_it_and_judges_nothing(
    run, site: Path, arguments: list[str], message: str
) -> None:
    (site / "empty").mkdir()
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert message in ran.err


# --- money ---------------------------------------------------------------------------------------


class Paid(KeywordScorer):
    """A scorer that costs a cent a call, one call for each article, and stops after `calls`."""

    def __init__(self, calls: int = 99) -> None:
        super().__init__(usage=Usage(calls=1, input_tokens=900, output_tokens=90, cost=0.01))
        object.__setattr__(self, "calls", calls)

    def estimate(self, task: Task) -> UsageEstimate:
        return UsageEstimate(
            calls=1, input_tokens=1000, output_tokens=100, low=0.005, expected=0.02, high=0.03
        )

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for number, task in enumerate(tasks):
            if number < self.calls:  # type: ignore[attr-defined]
                yield from super().score([task])
            else:
                ids = tuple(category.id for category in task.categories)
                failure = Failure(FailureReason.OVER_BUDGET, "budget used up", ids)
                yield Outcome(task=task, failures=(failure,))


def test_a_dry_run_says_what_it_would_cost_and_leaves_nothing_behind(
    run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Paid())
    expected = """\
articles:   3
pairs:      15: 0 already judged or copies of others
to judge:   15 pairs of 3 articles
judge:      keywords (counting)
calls:      3
tokens in:  3,000 (up to 0 of them cached)
tokens out: 300
cost:       $0.0600 ($0.0150 to $0.0900)
"""
    ran = run("site", "--dry-run")
    assert (ran.code, ran.out, ran.err) == (0, expected, "")
    assert not (site / ".classify").exists()


def test_a_dry_run_with_records_counts_what_is_left_and_writes_nothing(run, site: Path) -> None:
    run("site/a.md")
    store = site / ".classify" / "records.sqlite3"
    before = store.read_bytes()
    out = run("site", "--dry-run").out
    assert "pairs:      15: 5 already judged" in out
    assert "to judge:   10 pairs of 2 articles" in out
    assert "cost:       free: judged on this computer" in out
    assert store.read_bytes() == before


def test_what_was_spent_stands_beside_what_was_expected(
    run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Paid())
    out = run("site").out
    assert "\n3 calls, 2,700 tokens in, 270 out, $0.0300\n" in out
    assert "\nexpected: 3 calls, 3,000 tokens in, 300 out, $0.0600 ($0.0150 to $0.0900)\n" in out


def test_a_used_up_budget_says_what_is_left_and_the_next_run_goes_on(
    run, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Paid(calls=1))
    ran = run("site")
    assert ran.code == 1
    assert ran.err == (
        "classify: budget used up, 10 pairs left: raise --max-cost or --max-calls, or run again\n"
    )
    assert "5 pairs left" in run("site").err
    assert run("site").code == 0


def test_definitions_of_another_kind_are_no_articles(run, project: Path) -> None:
    assert json.loads(run("status", ".", "--json").out)["articles"] == 1
    ran = run(".", "--kind", "tags")
    assert "1 article" in ran.out
    assert "taxonomy/concepts/craft.md" not in run("check", ".", "--kind", "tags").out
