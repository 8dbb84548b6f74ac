"""`classify accept`, `reject` and `verdicts`: a person's word wins, and is never lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.run_json import judgement, labels


def test_a_verdict_outlives_an_edit_of_the_article_and_of_the_definition(
    run, project: Path
) -> None:
    run("accept", "lunch.md", "wine")
    (project / "lunch.md").write_text("---\ntitle: Lunch\n---\nOnly bread, bread, bread now.\n")
    (project / "taxonomy/tags/wine.md").write_text("---\ntitle: Fine wine\n---\n")
    assert "tags/wine" in labels(run("--json", "lunch.md").out)


def test_a_verdict_is_found_again_after_a_rename(run, project: Path) -> None:
    run("accept", "lunch.md", "wine")
    (project / "lunch.md").rename(project / "dinner.md")
    (project / "taxonomy/tags/wine.md").rename(project / "taxonomy/tags/vino.md")
    assert "tags/vino" in labels(run("--json", "dinner.md").out)


def test_the_last_word_counts(run) -> None:
    run("accept", "lunch.md", "bread")
    run("reject", "lunch.md", "bread")
    (verdict,) = json.loads(run("verdicts", "list", "--json").out)["verdicts"]
    assert (verdict["article"], verdict["category"], verdict["accepted"]) == (
        "lunch.md",
        "tags/bread",
        False,
    )
    assert "rejected tags/bread" in run("verdicts", "list").out


def test_labels_in_front_matter_become_verdicts_but_their_absence_does_not(
    run, project: Path
) -> None:
    (project / "site").mkdir()
    (project / "site/a.md").write_text("---\ntitle: A\ntags: [Wine, Unheard]\n---\nBread.\n")
    (project / "site/b.md").write_text("---\ntitle: B\ntags: []\n---\nBread, bread, bread.\n")
    ran = run("verdicts", "import", "site", "--field", "tags")
    assert ran.code == 0
    assert "1 verdict on 1 article: 1 accepted, 0 rejected" in ran.err
    assert "tags/wine" in labels(run("--json", "site/a.md").out)
    assert labels(run("--json", "site/b.md").out) == ["tags/bread"]


def test_verdicts_of_a_table_come_with_their_notes(run, project: Path) -> None:
    Path("gold.csv").write_text("article,category,value,note\nlunch.md,Bread,no,not about it\n")
    assert run("verdicts", "import", "gold.csv").code == 0
    out = run("--json", "lunch.md").out
    assert "not about it" in judgement(out, "tags/bread")["why"]
    assert judgement(out, "tags/bread")["verdict"]["source"] == "gold.csv"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["accept", "lunch.md", "champagne"], "champagne"),
        (["accept", "nowhere.md", "wine"], "nowhere.md"),
        (["reject", "lunch.md", "wine", "--categories", "nowhere"], "nowhere"),
    ],
)
def test_an_impossible_verdict_is_one_line_and_stores_nothing(
    run, arguments: list[str], named: str
) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert named in ran.err
    assert ran.err.count("\n") == 1
    assert not Path(".classify").exists()


def test_uncertain_pairs_go_to_an_annotation_tool_and_come_back(run, project: Path) -> None:
    run("lunch.md", "-q")
    ran = run("verdicts", "export", "lunch.md", "--to", "label-studio", "-o", "out", "--most", "2")
    assert ran.err.startswith("classify: 2 pairs of 1 article written to 'out/tasks.json', ")
    tasks = json.loads((project / "out/tasks.json").read_text(encoding="utf-8"))
    answer = tasks[0]["predictions"]
    answer[0]["result"][0]["value"]["choices"] = ["accept"]
    (project / "done.json").write_text(json.dumps([{**tasks[0], "annotations": answer}]))
    ran = run("verdicts", "import", "done.json")
    assert "1 verdict on 1 article: 1 accepted, 0 rejected" in ran.err


def test_an_unknown_tool_is_refused(run) -> None:
    ran = run("verdicts", "export", "lunch.md", "--to", "excel")
    assert ran.code == 2
    assert "--to 'excel': expected label-studio or argilla" in ran.err
