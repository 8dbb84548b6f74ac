from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from support.chat_server import ChatServer
from support.cli_sites import write_mislabelled

from classifier.cli.render.teaching import lines
from classifier.models import Usage
from classifier.project.teaching import TeachingResult
from classifier.scorers.cascade.deferral import ArticleThreshold, FittedThresholds


@pytest.fixture
def teach(project: Path, server: ChatServer, command):
    write_mislabelled(project)
    return lambda *more: command(
        "train", "site", "--kind", "tags", "--teacher", "m1", "--base-url", server.url, *more
    )


def test_a_dry_run_shows_sample_and_cost_and_makes_no_call(teach, server: ChatServer) -> None:
    ran = teach("--articles", "20", "--dry-run")
    assert ran.code == 0
    assert ran.out.splitlines()[:1] == ["articles:   20, 10 of them held out to measure on"]
    assert "pairs:      80 to ask about" in ran.out
    assert "cost:" in ran.out
    rounds = teach("--articles", "20", "--dry-run", "--until", "plateau")
    assert "pairs:      at most 80 to ask about" in rounds.out
    assert server.requests == []
    assert not Path(".classify").exists()


@pytest.mark.slow
def test_the_student_is_shown_beside_its_teacher(teach, server: ChatServer) -> None:
    ran = teach("--articles", "24", "--max-calls", "50")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("taught by openai (m1): 14 articles; measured on 10 others")
    assert "spent on this teacher so far: 24 calls" in ran.out
    assert "F1 untrained" in ran.out
    assert "what the labels of all 24 articles would take:" in ran.out
    ways = [line for line in ran.out.splitlines() if line.startswith("cascade of")]
    assert len(ways) == 8
    assert "student alone" in ran.out
    assert "classify: next: 24 articles to judge: classify run site" in ran.err
    ran = teach("--articles", "24", "--max-calls", "1", "--until", "plateau")
    assert "spent on this teacher so far: 24 calls" in ran.out


@pytest.mark.parametrize("settled", [None, 0.18])
def test_whole_articles_are_named_where_a_student_can_settle_some(settled: float | None) -> None:
    kind = SimpleNamespace(kind="tags", refused=() if settled else ("corrections", "minimums"))
    whole = settled and ArticleThreshold(
        cut=0.1, categories="c", articles=60, settled=settled, labels=150, precision=0.99
    )
    thresholds = FittedThresholds(
        fitted="2026-01-01",
        recall=0.9,
        confidence=0.95,
        gold="m1",
        kinds={},
        categories={},
        whole=whole or None,
    )
    result = TeachingResult(
        teacher="openai:m1:1",
        taught=60,
        training=SimpleNamespace(kinds=[kind]),  # type: ignore[arg-type]
        agreement=(),
        curve=(),
        usage=Usage(),
        articles=200,
        frontier=(),
        thresholds=thresholds,
        stopped="articles",
        complete=True,
    )
    shown = "\n".join(str(line.text) for line in lines(result))
    assert ("18% of them skip the teacher" in shown) == (settled is not None)
    assert ('settle = "articles"' in shown) == (settled is not None)
    assert ("at most 10% of the labels that the student gives stand" in shown) == (
        settled is not None
    )
    unused = "tags: not used, because labels got no better with them: corrections and minimums"
    assert (unused in shown) == (settled is None)


def test_options_that_do_not_fit_together_are_refused(teach, command) -> None:
    assert "--articles is for a teacher" in command("train", "site", "--articles", "5").err
    assert "--batch is for a teacher" in command("train", "site", "--batch").err
    assert "--until asks in rounds" in teach("--batch", "--until", "plateau").err
    assert "expected f1=SHARE" in teach("--until", "best").err
    assert "cannot be combined" in teach("--judge").err


@pytest.mark.parametrize("stopped", ["articles", "plateau"])
def test_what_more_articles_would_bring_is_not_said_where_they_bring_nothing(
    stopped: str,
) -> None:
    result = TeachingResult(
        teacher="openai:m1:1",
        taught=100,
        training=SimpleNamespace(kinds=()),  # type: ignore[arg-type]
        agreement=(),
        curve=((50, 0.6), (100, 0.65)),
        usage=Usage(),
        articles=200,
        frontier=(),
        thresholds=None,
        stopped=stopped,
        complete=True,
    )
    shown = "\n".join(str(line.text) for line in lines(result))
    assert "F1 0.600 with 50, 0.650 with 100" in shown
    assert ("50 more articles would bring" in shown) == (stopped == "articles")
    assert ("bring nothing that shows" in shown) == (stopped == "plateau")
