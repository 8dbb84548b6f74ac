from __future__ import annotations

import json


def test_a_verdict_is_confirmed_unless_quiet(run) -> None:
    assert run("accept", "lunch.md", "wine").err == "classify: 'lunch.md': accepted tags/wine\n"
    assert run("reject", "lunch.md", "wine").err == "classify: 'lunch.md': rejected tags/wine\n"
    withdrawn = run("reject", "lunch.md", "wine", "--undo").err
    assert withdrawn == "classify: 'lunch.md': withdrew the verdict on tags/wine\n"
    assert run("accept", "lunch.md", "wine", "--quiet").err == ""
    assert run("verdicts", "list").out.startswith("lunch.md\n  accepted tags/wine (")


def test_history_lists_the_verdicts_on_an_article(run) -> None:
    run("lunch.md")
    run("accept", "lunch.md", "wine", "--note", "there was some")
    ran = run("history", "lunch.md")
    assert "accepted Wine: there was some" in ran.out
    (verdict,) = json.loads(run("history", "lunch.md", "--json").out)["verdicts"]
    assert (verdict["category"], verdict["accepted"]) == ("tags/wine", True)
