from __future__ import annotations

import pickle
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from opentelemetry.trace import StatusCode
from support import traces
from support.chat_server import ChatServer, Reply
from support.keyword_scorer import KeywordScorer
from support.traces import Application

from classifier import Classifier, Project, UsageError, composition
from classifier.models import Failure, FailureReason, Outcome, Task
from classifier.tracing import CONTENT

pytestmark = pytest.mark.usefixtures("api_key")
RUN, ARTICLE, CHAT = "classify run", "classify article", "chat some-model"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for title in ("Bread", "Wine"):
        path = tmp_path / f"taxonomy/tags/{title.lower()}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\ntitle: {title}\ndescription: All about {title.lower()}.\n---\n")
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\ntracing = true\n')
    (tmp_path / "content").mkdir()
    (tmp_path / "content/lunch-menu.md").write_text("---\ntitle: Noonday\n---\nBread and bread.\n")
    (tmp_path / "content/dinner-menu.md").write_text("---\ntitle: Evening\n---\nWine and wine.\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(CONTENT, raising=False)
    return tmp_path


def asking(server: ChatServer) -> Project:
    return Project.open(scorer="openai", model="some-model", base_url=server.url)


def values(application: Application) -> str:
    """Everything that would be sent, as one text."""
    return repr(
        [(span.name, traces.of(span), span.events, span.status) for span in application.spans]
    )


def test_a_run_has_spans_for_articles_and_their_calls(
    site: Path, application: Application, server: ChatServer
) -> None:
    with asking(server) as project:
        project.run("content")
    (run,) = application.named(RUN)
    articles, calls = application.named(ARTICLE), application.named(CHAT)
    assert traces.parent(run, application.spans) == ""
    assert [traces.parent(span, application.spans) for span in articles] == [RUN, RUN]
    assert {traces.parent(span, application.spans) for span in calls} == {ARTICLE}
    assert {span.parent.span_id for span in calls if span.parent} == {
        span.context.span_id for span in articles if span.context
    }
    about = traces.of(run)
    assert about["classify.articles"] == about["classify.articles.judged"] == 2
    assert about["classify.pairs"] == about["classify.pairs.judged"] == 4
    assert about["classify.scorer"].startswith("openai:some-model:")
    assert [traces.of(span)["classify.judgements"] for span in articles] == [2, 2]


def test_no_span_has_content(site: Path, application: Application, server: ChatServer) -> None:
    with asking(server) as project:
        project.run("content")
    sent = values(application)
    assert application.named(CHAT)
    for word in ("Bread and bread", "Wine and wine", "Noonday", "-menu", "All about", "sk-very"):
        assert word not in sent


def test_content_is_in_spans_where_the_environment_asks_for_it(
    site: Path, application: Application, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONTENT, "SPAN_ONLY")
    with asking(server) as project:
        project.run("content")
    sent = values(application)
    for word in ("Bread and bread", "Noonday", "content/lunch-menu.md", "All about", "reasoning"):
        assert word in sent
    assert "sk-very" not in sent


@pytest.mark.parametrize("value", ["", "false", "NO_CONTENT", "EVENT_ONLY", "1?"])
def test_other_values_ask_for_no_content(
    site: Path,
    application: Application,
    keywords: None,
    monkeypatch: pytest.MonkeyPatch,
    value: str,
) -> None:
    monkeypatch.setenv(CONTENT, value)
    with Project.open() as project:
        project.run("content")
    assert "Noonday" not in values(application)


def test_articles_are_below_the_span_of_the_application(
    site: Path, application: Application, keywords: None
) -> None:
    with Project.open() as project, application.span("a request"):
        list(project.classify_many([("1", "Bread."), ("2", "Wine.")], store=False))
    articles = application.named(ARTICLE)
    assert [traces.parent(span, application.spans) for span in articles] == ["a request"] * 2


def test_calls_of_a_cascade_are_below_the_article(
    site: Path, application: Application, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "_embedded", lambda _settings: KeywordScorer())
    with Project.open(scorer="cascade", model="some-model", base_url=server.url) as project:
        project.run("content")
    calls = application.named(CHAT)
    assert calls
    assert {traces.parent(span, application.spans) for span in calls} == {ARTICLE}


def test_what_fails_says_why_and_nothing_else(
    site: Path, application: Application, server: ChatServer
) -> None:
    server.always = lambda _: Reply({"error": {"message": "no to: Bread and bread"}}, status=400)
    with asking(server) as project:
        project.run("content")
    for span in (*application.named(ARTICLE), *application.named(CHAT)):
        assert traces.of(span)["error.type"] == "rejected"
        assert span.status.status_code is StatusCode.ERROR
        assert not span.status.description
    assert "Bread and bread" not in values(application)


def test_an_exception_ends_the_run_and_its_text_is_not_sent(
    site: Path, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(KeywordScorer):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            for task in tasks:
                raise UsageError(f"cannot read {task.article.body}")
            yield from ()

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Broken())
    with Project.open() as project, pytest.raises(UsageError):
        project.run("content")
    (run,) = application.named(RUN)
    assert traces.of(run)["error.type"] == "UsageError"
    assert "cannot read" not in values(application)


def test_a_failure_beside_judgements_is_no_error_of_the_article(
    site: Path, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Partial(KeywordScorer):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            for task in tasks:
                (outcome,) = super().score([task.only(task.categories[:1])])
                left = Failure(FailureReason.MISSING, "left out", (task.categories[1].id,))
                yield Outcome(task=task, judgements=outcome.judgements, failures=(left,))

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Partial())
    with Project.open() as project:
        project.run("content")
    for span in application.named(ARTICLE):
        assert traces.of(span)["classify.failures"] == ("missing",)
        assert "error.type" not in traces.of(span)


def test_judgements_do_not_depend_on_tracing(
    site: Path, application: Application, server: ChatServer
) -> None:
    with asking(server) as project:
        traced = list(project.classify_many([("1", "Bread.")], store=False))
    with Project.open(
        scorer="openai", model="some-model", base_url=server.url, tracing=False
    ) as project:
        count = len(application.spans)
        plain = list(project.classify_many([("1", "Bread.")], store=False))
    assert [result.judgements for result in traced] == [result.judgements for result in plain]
    assert len(application.spans) == count


def test_without_opentelemetry_everything_else_works(
    site: Path, keywords: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with Project.open(tracing=False) as project:
        assert project.run("content").complete
        (site / "content/new.md").write_text("Bread.\n")
        with pytest.raises(UsageError, match=r"category-classifier\[otel\]"):
            project.with_settings(tracing=True).run("content")


def test_a_classifier_that_traces_can_be_pickled(
    site: Path, application: Application, keywords: None
) -> None:
    with Project.open() as project:
        copy: Classifier = pickle.loads(pickle.dumps(project.classifier().only(kinds=["tags"])))
    copy.classify("Bread.\n")
    assert len(application.named(ARTICLE)) == 1
