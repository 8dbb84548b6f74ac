from __future__ import annotations

import json
from pathlib import Path

from support.run_json import judgement, labels


def test_an_accepted_category_is_a_label_whatever_the_scorer_thinks(run) -> None:
    assert labels(run("--json", "lunch.md").out) == ["tags/bread"]
    assert run("accept", "lunch.md", "Wine", "--note", "there was some").code == 0
    out = run("--json", "lunch.md").out
    assert labels(out) == ["tags/bread", "tags/wine"]
    wine = judgement(out, "tags/wine")
    assert wine["verdict"] == {"accepted": True, "note": "there was some", "source": ""}
    assert wine["confidence"] < 0.5  # the scorer's opinion stays what it was
    page = run("lunch.md").out
    assert "accepted by a person: there was some" in page


def test_a_verdict_holds_in_a_run_over_a_folder_and_in_its_summary(run, project: Path) -> None:
    (project / "site").mkdir()
    (project / "lunch.md").rename(project / "site" / "lunch.md")
    run("accept", "site/lunch.md", "wine", "olives")
    run("reject", "site/lunch.md", "bread")
    ran = run("site", "--output", "rows.jsonl")
    rows = [json.loads(line) for line in Path("rows.jsonl").read_text().splitlines()]
    assert {row["category"] for row in rows if row["label"]} == {"tags/wine", "tags/olives"}
    assert {row["verdict"] for row in rows} == {"accepted", "rejected", None}
    assert "Wine" in ran.out
    # Summed up again from what is kept, and then with another word.
    assert run("site").out.count("Wine") == ran.out.count("Wine")
    run("accept", "site/lunch.md", "wine", "--undo")
    assert "unused: 3 of 4" in run("site").out
