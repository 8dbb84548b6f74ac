from __future__ import annotations

import json

from support.run_json import judgement, labels


def test_a_rejected_category_is_no_label_and_says_why(run) -> None:
    run("reject", "lunch.md", "bread", "--note", "only in passing")
    out = run("--json", "lunch.md").out
    assert labels(out) == []
    assert judgement(out, "tags/bread")["why"] == "rejected by a person: only in passing"


def test_a_verdict_taken_back_is_gone(run) -> None:
    run("accept", "lunch.md", "wine")
    run("accept", "lunch.md", "wine", "--undo")
    out = run("--json", "lunch.md").out
    assert judgement(out, "tags/wine")["verdict"] is None
    assert json.loads(run("verdicts", "list", "--json").out)["verdicts"] == []
