"""`--plan`: no call, and figures that a run then bears out."""

from __future__ import annotations

import re
from pathlib import Path

from support.chat_server import ChatServer


def row(told: str, name: str) -> list[str]:
    (found,) = re.findall(rf"^{name}.*? {{2,}}(.+)$", told, re.M)
    return found.split()


def tokens(told: str) -> str:
    (found,) = re.findall(r"^tokens: ([\d,]+) in ", told, re.M)
    return found


def test_a_plan_makes_no_call_and_says_how_and_what_else(run_openai, server: ChatServer) -> None:
    ran = run_openai(".", "--plan")
    assert (ran.code, ran.err) == (0, "")
    assert server.requests == []
    assert "up to 10 categories per call" in ran.out
    planned, single = row(ran.out, "as planned"), row(ran.out, "one call per pair, in full")
    assert int(planned[0]) < int(single[0])
    assert "cost: unknown" in ran.out
    assert "$" not in ran.out
    assert "at half" not in ran.out  # a column of nothing
    assert planned[-2:] == single[-2:] == ["1.00", "1.00"]
    assert "student" not in ran.out  # two articles are too few to teach with
    assert max(map(len, ran.out.splitlines())) <= 80


def test_a_plan_counts_what_the_dry_run_counts(run_openai) -> None:
    plan = run_openai(".", "--plan").out
    planned = row(plan, "as planned")
    dry = run_openai(".", "--dry-run").out
    assert re.search(rf"^calls: +{planned[0]}$", dry, re.M)
    assert re.search(rf"^tokens in: +{tokens(plan)} ", dry, re.M)


def test_the_calls_that_were_planned_are_made(run_openai, server: ChatServer) -> None:
    plan = run_openai(".", "--plan", "--pack", "1").out
    planned = row(plan, "as planned")
    ran = run_openai(".", "--pack", "1")
    assert ran.code == 0
    assert len(server.requests) == int(planned[0])
    assert f"expected: {planned[0]} calls, {tokens(plan)} tokens in" in ran.out


def test_the_settings_decide_how_it_is_asked(run_openai, project: Path) -> None:
    (project / "classify.toml").write_text('answers = "full"\npack = 3\n')
    told = run_openai(".", "--plan").out
    assert "up to 3 categories per call (set)" in told
    assert "reasons and quotes for every category" in told


def test_the_embedded_scorer_has_nothing_to_plan(project: Path, command) -> None:
    ran = command(".", "--plan")
    assert ran.code == 2
    assert "--plan is for language models" in ran.err
