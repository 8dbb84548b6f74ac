from __future__ import annotations

from pathlib import Path

import pytest
from support.chat_server import ChatServer

from classifier.errors import UsageError
from classifier.project import Project


def opened(server: ChatServer, **more: object) -> Project:
    return Project.open(scorer="openai", model="m1", base_url=server.url, **more)


def test_judging_offline_is_free_and_has_no_plan(project: Project, site: Path) -> None:
    estimate = project.estimate(".")
    assert estimate.cost is None
    assert estimate.scan.pending_pairs == 10
    with pytest.raises(UsageError, match="`plan` is for language models"):
        project.plan(".")


def test_nothing_is_sent_and_the_calls_are_those_of_the_run(site: Path, server: ChatServer) -> None:
    with opened(server, pack=1) as project:
        expected = project.estimate(".").cost
        planned = project.plan(".")
        assert server.requests == []
        assert expected is not None
        assert expected.calls == planned.chosen.usage.calls == 10
        project.run(".")
    assert len(server.requests) == 10
    with opened(server, pack=1) as project:
        assert project.estimate(".").scan.pending_pairs == 0
        assert project.plan(".").pairs == 0


def test_a_plan_names_other_ways_and_a_cascade_asks_about_less(
    site: Path, server: ChatServer
) -> None:
    with opened(server) as project:
        names = [point.name for point in project.plan(".").frontier]
    assert names[0].startswith("as planned")
    assert len(set(names)) == len(names) > 2
    with Project.open(scorer="cascade", model="m1", base_url=server.url, shortlist=1) as project:
        estimate, plan = project.estimate("."), project.plan(".")
    assert estimate.cascade is not None
    assert estimate.cascade.settled + estimate.cascade.asked == 10
    assert plan.pairs == estimate.cascade.asked
    cascade, without, *_ = plan.frontier
    assert (cascade.name, without.name) == ("as planned, a cascade", "without the cascade")
    assert (cascade.recall, without.recall) == (None, 1.0)  # a shortlist promises nothing


def test_a_panel_costs_what_its_language_models_have_not_judged(
    site: Path, server: ChatServer
) -> None:
    with opened(server, pack=1) as project:
        project.run(".")
    (site / "classify.toml").write_text(
        'categories = "taxonomy"\n[panel]\nscorers = ["openai", "openai:m2"]\n'
    )
    more = {"scorer": "panel", "model": "m1", "base_url": server.url, "pack": 1}
    before = len(server.requests)
    with Project.open(**more) as project:
        estimate = project.estimate(".")
        assert len(server.requests) == before
        assert estimate.scan.pending_pairs == 10
        assert estimate.cost is not None
        assert estimate.cost.calls == 10
        run = project.run(".")
        decisions = [result.decision for result in run.results()]
    asked = [request.body["model"] for request in server.requests[before:]]
    assert asked == ["m2"] * 10
    assert [len(decision.labels + decision.rejections) for decision in decisions] == [5, 5]
    for decision in decisions:
        for it in (*decision.labels, *decision.rejections):
            assert set(it.judgement.aspects) == {"openai m1", "openai m2"}


def test_students_that_nobody_has_measured_are_assumed_from_200_articles_on(
    site: Path, server: ChatServer
) -> None:
    with opened(server) as project:
        assert project.plan(".").basis == "none"
    for n in range(200):
        (site / f"more-{n}.md").write_text(
            f"---\ntitle: Note {n}\n---\nOf harbours, {n} of them.\n"
        )
    with opened(server) as project:
        plan = project.plan(".")
    assert plan.basis == "assumed"
    every, *_ = plan.frontier
    students = [point for point in plan.frontier if point.name.startswith("teach 100")]
    aims = [0.98, 0.95, 0.9, 0.8]
    assert [point.recall for point in students] == [*aims, *aims, students[-1].recall]
    assert students[-1].calls == 100 < students[-2].calls <= every.calls == 202
    assert server.requests == []
