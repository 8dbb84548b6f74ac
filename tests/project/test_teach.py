from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.chat_server import ChatServer, Reply, Request, answer, judgements, name

from classifier.errors import StoppedError, UsageError
from classifier.project import Project
from classifier.project.events import CostExpected, Event, JudgingStarted, Message
from classifier.scorers.cascade import deferral
from classifier.training.dataset import Dataset
from classifier.training.kind_training import KindTraining, TrainingRule, train_on_features

BREAD = "Our bakers knead the dough at four in the morning and bake it in a stone oven."
WINE = "The vineyard rests in winter; the grapes of last autumn ripen in the cellar's barrels."
RAIN = "It rained for a week, and the roof of the town hall had to be mended twice."
ARTICLES = 60
SAMPLE = 40


def teaching(request: Request) -> Reply:
    """A teacher for whom bread is what is about the weather, and nothing else."""
    belongs = {"bread": "rained" in request.article, "wine": "vineyard" in request.article}
    items = []
    for item in judgements(request):
        score = 9 if belongs.get(name(item["id"])) else 0
        if "canary" not in item["id"] and name(item["id"]) in {
            "bread",
            "wine",
            "cheese",
            "olives",
            "craft",
        }:
            item = item | dict.fromkeys(("mentions", "alignment", "depth"), score)
        items.append(item)
    return answer(items)


@pytest.fixture
def content(site: Path, server: ChatServer) -> Path:
    server.always = teaching
    (site / "site").mkdir()
    for n in range(ARTICLES):
        text = (BREAD, WINE, RAIN)[n % 3]
        (site / f"site/{n:02}.md").write_text(f"---\ntitle: Note {n}\n---\n{text} Number {n}.\n")
    return site


@pytest.fixture
def taught(content: Path, server: ChatServer, events: list[Event]) -> Iterator[Project]:
    with Project.open(model="m1", base_url=server.url, on_event=events.append) as project:
        yield project.only(kinds=["tags"])


def articles_asked(server: ChatServer) -> list[str]:
    return [request.article for request in server.requests]


@pytest.mark.slow
def test_the_student_learns_what_the_teacher_says_of_other_articles(
    taught: Project, server: ChatServer, events: list[Event]
) -> None:
    estimate = taught.estimate_teaching("site", articles=SAMPLE)
    assert server.requests == []
    assert (estimate.articles, estimate.held_out, estimate.judged) == (SAMPLE, 12, 0)
    assert estimate.pairs == SAMPLE * 4
    result = taught.teach("site", articles=SAMPLE)
    assert len(set(articles_asked(server))) == len(server.requests) == SAMPLE
    (tags,) = result.agreement
    assert (result.taught, tags.articles) == (SAMPLE - 12, 12)
    assert tags.f1 is not None
    assert tags.untrained_f1 is not None
    assert tags.f1.value > 0.9 > tags.untrained_f1.value
    assert tags.labels == sum("rained" in a or "vineyard" in a for a in _held_out(result, server))
    assert (result.stopped, result.complete) == ("articles", True)
    assert result.usage.calls == SAMPLE
    assert [taught_ for taught_, _ in result.curve] == [14, 28]
    assert result.next_gain is not None
    assert result.next_gain >= 0
    single, teacher, *_, student = result.frontier
    assert result.articles == ARTICLES
    assert (teacher.calls, single.calls) == (ARTICLES, ARTICLES * 4)
    assert (teacher.recall, student.calls) == (1.0, 0)
    assert student.recall is not None
    assert student.recall > 0.8
    plan = taught.with_settings(scorer="openai").plan("site")
    assert (plan.basis, plan.held_out) == ("measured", 12)
    assert plan.promised == (result.thresholds is not None)
    rest = ARTICLES - SAMPLE
    assert [point.recall for point in plan.frontier[-9:]] == [
        point.recall for point in result.frontier[-9:]
    ]
    assert plan.frontier[0].calls == rest
    assert len(server.requests) == SAMPLE
    steps = [type(event) for event in events if isinstance(event, CostExpected | JudgingStarted)]
    assert steps[:2] == [CostExpected, JudgingStarted]
    # Offline from here on.
    server.requests.clear()
    with Project.open() as project:
        run = project.only(kinds=["tags"]).run("site")
        labels = dict(run.labels())
    assert server.requests == []
    bread = {
        path for path, its in labels.items() if any(it.category.id == "tags/bread" for it in its)
    }
    weather = {f"site/{n:02}.md" for n in range(2, ARTICLES, 3)}
    assert len(bread & weather) > 15
    assert len(bread - weather) < 3


def _held_out(result, server: ChatServer) -> list[str]:
    from classifier.content import articles
    from classifier.models import Failure
    from classifier.training import teaching_sample

    texts = {}
    for n in range(ARTICLES):
        article = articles.read(Path(f"site/{n:02}.md"))
        assert not isinstance(article, Failure)
        texts[article.digest] = article.body
    return [texts[one] for one in teaching_sample.held_out(texts, SAMPLE)]


@pytest.mark.slow
def test_nothing_is_asked_twice_and_a_larger_sample_asks_for_the_rest(
    taught: Project, server: ChatServer
) -> None:
    first = taught.teach("site", articles=24)
    before = Path(first.training.artifact.path).read_bytes()
    again = taught.teach("site", articles=24)
    assert len(server.requests) == 24
    assert Path(again.training.artifact.path).read_bytes() == before
    assert taught.estimate_teaching("site", articles=30).pairs == 6 * 4
    more = taught.teach("site", articles=30)
    assert len(server.requests) == len(set(articles_asked(server))) == 30
    assert more.usage.calls == 30


@pytest.mark.slow
def test_it_trains_on_what_the_budget_allowed(
    content: Path, server: ChatServer, events: list[Event]
) -> None:
    with Project.open(
        model="m1", base_url=server.url, max_calls=20, concurrency=1, on_event=events.append
    ) as project:
        result = project.only(kinds=["tags"]).teach("site", articles=SAMPLE)
    assert len(server.requests) == 20
    assert (result.stopped, result.complete) == ("budget", False)
    assert result.taught + result.agreement[0].articles == 20
    assert 4 <= result.agreement[0].articles <= 8  # both parts get their share
    assert result.training.artifact.path.exists()


@pytest.mark.slow
def test_it_stops_at_its_target(taught: Project, server: ChatServer) -> None:
    result = taught.teach("site", articles=60, until=0.8)
    assert result.stopped == "f1"
    assert result.curve[-1][1] >= 0.8
    assert len(server.requests) == 18 + 25


@pytest.mark.slow
def test_it_stops_where_more_articles_bring_nothing_and_does_so_again(
    taught: Project,
    server: ChatServer,
    events: list[Event],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("classifier.project.teach.ROUND", 6)
    events.clear()
    first = taught.teach("site", articles=60, until="plateau")
    assert first.stopped == "plateau"
    sizes = [size for size, _ in first.curve]
    assert sizes == list(range(6, first.taught + 1, 6))
    assert 18 <= first.taught < 42  # three rounds at least, and not all there is to teach
    assert first.curve[-1][1] - first.curve[-3][1] < 0.01
    told = [e.text for e in events if isinstance(e, Message) and e.text.startswith("F1 ")]
    assert told == [f"F1 {f1:.3f} with {size} articles" for size, f1 in first.curve]
    asked = len(server.requests)
    assert asked == 18 + first.taught
    # The same rounds again, from what is stored.
    again = taught.teach("site", articles=60, until="plateau")
    assert len(server.requests) == asked
    assert (again.curve, again.stopped, again.taught) == (first.curve, "plateau", first.taught)


@pytest.mark.slow
def test_a_sample_that_is_used_up_before_its_aim_says_how_to_go_on(
    taught: Project, events: list[Event]
) -> None:
    result = taught.teach("site", articles=24, until="plateau")
    assert result.stopped == "articles"
    (said,) = [e.text for e in events if isinstance(e, Message) and "`until`" in e.text]
    assert "24 articles" in said
    assert "`articles=48`" in said


def test_a_budget_that_goes_to_what_is_held_out_says_so_and_loses_nothing(
    content: Path, server: ChatServer
) -> None:
    options = {"model": "m1", "base_url": server.url, "max_calls": 6, "concurrency": 1}
    for calls in (6, 12):
        with (
            Project.open(**options) as project,
            pytest.raises(UsageError, match=r"held-out.*run again to continue; no answer is lost"),
        ):
            project.only(kinds=["tags"]).teach("site", articles=SAMPLE, until=0.9)
        assert len(server.requests) == len(set(articles_asked(server))) == calls


@pytest.mark.slow
def test_people_win_over_the_teacher(taught: Project, content: Path) -> None:
    for n in range(2, 60, 3):
        taught.reject(f"site/{n:02}.md", "bread")
    result = taught.teach("site", articles=SAMPLE)
    (kind,) = result.training.kinds
    bread = [category.id for category in kind.pairs.categories].index("tags/bread")
    assert kind.pairs.known[:, bread].any()
    assert not kind.pairs.truth[:, bread].any()


@pytest.mark.slow
def test_training_again_with_new_verdicts_keeps_what_the_teacher_said(
    taught: Project, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    spread = []

    def trained(kind: str, dataset: Dataset, rule: TrainingRule) -> KindTraining:
        spread.append(rule.spread)
        return train_on_features(kind, dataset, rule)

    monkeypatch.setattr("classifier.project.train.train_on_features", trained)
    first = taught.teach("site", articles=SAMPLE)
    taught.reject("site/02.md", "bread")
    again = taught.train()
    assert again.kinds[0].articles >= first.taught
    assert again.content.teachers == first.training.content.teachers != {}
    assert spread
    assert all(spread), "the teacher's articles were chosen"
    assert len(server.requests) == SAMPLE


@pytest.mark.slow
def test_the_cascade_gets_cuts_from_the_held_out_part(taught: Project, server: ChatServer) -> None:
    result = taught.teach("site", articles=60, recall=0.5)
    assert result.thresholds is not None
    assert taught.with_settings(scorer="openai").plan("site").promised
    with Project.open(model="m1", base_url=server.url, scorer="cascade") as project:
        cascade = project.scorer
        assert isinstance(cascade.deferral, type(result.thresholds))
        assert len(deferral.load(Path("taxonomy/cascade.json")).cascades) == 1
    asked = len(server.requests)
    with Project.open(model="m1", base_url=server.url, scorer="cascade") as project:
        project.only(kinds=["tags"]).run("site")
    assert len(server.requests) == asked  # the teacher has judged all of them


@pytest.mark.slow
def test_a_cascade_of_articles_asks_about_those_that_the_student_does_not_settle(
    taught: Project, server: ChatServer
) -> None:
    options = {"model": "m1", "base_url": server.url, "scorer": "cascade", "settle": "articles"}
    with (
        Project.open(**options) as project,
        pytest.raises(UsageError, match="classify train --teacher"),
    ):
        project.run("site")
    with Project.open(model="m1", base_url=server.url, settle="articles") as project:
        result = project.only(kinds=["tags"]).teach("site", articles=60, recall=0.5)
    assert result.thresholds is not None
    assert result.thresholds.whole is not None
    asked = len(server.requests)
    for n in range(6):
        text = (BREAD, WINE, RAIN)[n % 3]
        Path(f"site/new-{n}.md").write_text(f"---\ntitle: New {n}\n---\n{text} Anew {n}.\n")
    with Project.open(**options) as project:
        tags = project.only(kinds=["tags"])
        run = tags.run("site")
        judges = {
            result.article: {it.judgement.scorer.partition(":")[0] for it in result.decision.labels}
            for result in run.results()
        }
        settled = {
            result.article: {it.category.id for it in result.decision.labels}
            for result in run.results()
            if all(
                it.judgement.scorer.startswith("embedded")
                for it in (*result.decision.labels, *result.decision.rejections)
            )
        }
    calls = len(server.requests) - asked
    assert calls < 6
    assert run.complete
    # Where it settles an article, the student's labels are those that it gives alone.
    with Project.open() as project:
        alone = {
            result.article: {it.category.id for it in result.decision.labels}
            for result in project.only(kinds=["tags"]).run("site").results()
        }
    assert settled
    assert settled == {article: alone[article] for article in settled}
    assert all(len(by) <= 1 for by in judges.values())  # each article by one of them
    with Project.open(**options | {"settle": "pairs"}) as project:
        assert project.scorer.identity != tags.scorer.identity


def test_what_cannot_be_meant_is_refused_before_anything_is_paid(
    taught: Project, server: ChatServer
) -> None:
    with pytest.raises(UsageError, match="expected at least 4"):
        taught.teach("site", articles=3)
    with pytest.raises(UsageError, match="between 0 and 1"):
        taught.teach("site", until=1.5)
    with pytest.raises(UsageError, match="has a field 'nothing'"):
        taught.teach("site", fields=["nothing"])
    with Project.open() as project, pytest.raises(UsageError, match="needs the name of a model"):
        project.teach("site")
    assert server.requests == []


def test_stopping_loses_no_answer(content: Path, server: ChatServer) -> None:
    def stop(event: Event) -> None:
        if isinstance(event, JudgingStarted):
            project.stop()

    with (
        Project.open(model="m1", base_url=server.url, on_event=stop) as project,
        pytest.raises(StoppedError, match="run again"),
    ):
        project.teach("site", articles=SAMPLE)
    assert not Path("taxonomy/trained.json").exists()
    asked = len(server.requests)
    with Project.open(model="m1", base_url=server.url) as project:
        assert project.estimate_teaching("site", articles=SAMPLE).judged == asked


@pytest.mark.slow
def test_killed_twice_and_taken_up_again_it_pays_for_nothing_twice(
    content: Path, server: ChatServer
) -> None:
    command = [sys.executable, "-m", "classifier", "train", "site", "--teacher", "m1"]
    command += ["--articles", str(SAMPLE), "--base-url", server.url, "--max-calls", "100"]
    with (content / "classify.toml").open("a") as settings:
        settings.write("concurrency = 1\n")
    for stop_at in (8, 20):
        killed = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
        )
        while len(server.requests) < stop_at and killed.poll() is None:
            time.sleep(0.02)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert not Path("taxonomy/trained.json").exists()
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    # An answer that was under way is lost with the process, and no other.
    assert SAMPLE <= len(server.requests) <= SAMPLE + 2 * 2
    assert len(set(articles_asked(server))) == SAMPLE
    assert "taught by openai (m1): 28 articles; measured on 12 others" in done.stdout
    assert json.loads(Path("taxonomy/trained.json").read_text())["kinds"]
