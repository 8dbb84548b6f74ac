from __future__ import annotations

import json

import pytest
from support import traces
from support.chat_server import ChatServer, Reply, completion, judge
from support.traces import Application

from classifier.models import Article, Category, Task
from classifier.scorers.openai.call_tracing import provider
from classifier.scorers.openai.options import OpenAIOptions, RetryPolicy
from classifier.scorers.openai.scorer import OpenAIScorer

pytestmark = pytest.mark.usefixtures("api_key")
BREAD = Category(id="tags/bread", kind="tags", title="Bread")
TASK = Task(Article(id="a.md", body="Bread, and again bread.\n"), (BREAD,))
RETRY = RetryPolicy(attempts=2, initial_wait=0.001, max_wait=0.001)


def scorer(server: ChatServer, *, query: str = "") -> OpenAIScorer:
    options = OpenAIOptions(tracing=True, canary=False, retry=RETRY)
    return OpenAIScorer("some-model", base_url=server.url + query, options=options)


def test_a_call_is_described_as_the_conventions_ask(
    application: Application, server: ChatServer
) -> None:
    list(scorer(server, query="?api-version=hidden").score([TASK]))
    (span,) = application.spans
    (request,) = server.requests
    about = traces.of(span)
    assert span.name == "chat some-model"
    assert span.kind.name == "CLIENT"
    assert span.instrumentation_scope
    assert span.instrumentation_scope.schema_url == "https://opentelemetry.io/schemas/1.41.0"
    assert about["gen_ai.operation.name"] == "chat"
    assert about["gen_ai.provider.name"] == "openai"
    assert about["gen_ai.request.model"] == "some-model"
    assert about["gen_ai.response.model"] == "loopback-1"
    assert about["gen_ai.response.id"] == "chatcmpl-1"
    assert about["gen_ai.response.finish_reasons"] == ("stop",)
    assert about["gen_ai.output.type"] == "json"
    assert about["gen_ai.request.temperature"] == request.body["temperature"]
    assert about["gen_ai.request.max_tokens"] == request.body["max_completion_tokens"]
    assert about["server.address"] == "127.0.0.1"
    assert f":{about['server.port']}/" in server.url
    assert about["classify.attempts"] == 1
    assert "hidden" not in repr(about)


def test_tokens_and_seconds_are_measured(application: Application, server: ChatServer) -> None:
    (outcome,) = scorer(server).score([TASK])
    usage = outcome.usage
    points = application.points("gen_ai.client.token.usage")
    counted = {point.attributes["gen_ai.token.type"]: point.sum for point in points}
    assert counted == {"input": usage.input_tokens, "output": usage.output_tokens}
    (took,) = application.points("gen_ai.client.operation.duration")
    assert took.count == 1
    assert took.sum > 0
    assert took.explicit_bounds[0] == 0.01
    assert took.explicit_bounds[-1] == pytest.approx(81.92)
    assert took.attributes["gen_ai.request.model"] == "some-model"
    assert "error.type" not in took.attributes
    about = traces.of(application.spans[0])
    assert about["gen_ai.usage.input_tokens"] == usage.input_tokens
    assert about["gen_ai.usage.output_tokens"] == usage.output_tokens


def test_a_call_that_is_tried_again_is_one_span(
    application: Application, server: ChatServer
) -> None:
    server.play(lambda _: Reply("broken", status=500))
    list(scorer(server).score([TASK]))
    (span,) = application.spans
    assert traces.of(span)["classify.attempts"] == 2
    assert "error.type" not in traces.of(span)


def test_a_failed_call_has_the_reason_of_its_failure(
    application: Application, server: ChatServer
) -> None:
    server.always = lambda _: Reply("broken, said the server", status=500)
    list(scorer(server).score([TASK]))
    (span,) = application.spans
    assert traces.of(span)["error.type"] == "unavailable"
    (took,) = application.points("gen_ai.client.operation.duration")
    assert took.attributes["error.type"] == "unavailable"
    assert not application.points("gen_ai.client.token.usage")
    assert "said the server" not in repr((traces.of(span), span.events, span.status))


def test_names_that_are_none_are_left_out(application: Application, server: ChatServer) -> None:
    def odd(request):
        body = judge(request).body
        assert isinstance(body, dict)
        choice = {**body["choices"][0], "finish_reason": "x" * 200}
        return Reply({**body, "id": "a\x1b[31m", "choices": [choice]})

    server.always = odd
    list(scorer(server).score([TASK]))
    about = traces.of(application.spans[0])
    assert "gen_ai.response.id" not in about
    assert about["gen_ai.response.finish_reasons"] == ("unknown",)


def test_a_text_that_is_written_is_traced(
    application: Application, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.always = lambda _: Reply(completion("a draft"))
    scorer(server).write("be brief", "about bread")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true")
    scorer(server).write("be brief", "about bread")
    plain, full = map(traces.of, application.spans)
    assert "bread" not in repr(plain)
    assert json.loads(full["gen_ai.input.messages"]) == [
        {"role": "system", "parts": [{"type": "text", "content": "be brief"}]},
        {"role": "user", "parts": [{"type": "text", "content": "about bread"}]},
    ]
    assert json.loads(full["gen_ai.output.messages"]) == [
        {
            "role": "assistant",
            "parts": [{"type": "text", "content": "a draft"}],
            "finish_reason": "stop",
        }
    ]


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://api.anthropic.com", "anthropic"),
        ("https://generativelanguage.googleapis.com", "gcp.gemini"),
        ("https://mine.openai.azure.com/openai/v1?api-version=1", "azure.ai.openai"),
        ("http://127.0.0.1:11434/v1", "openai"),
    ],
)
def test_providers_have_the_names_of_the_conventions(base_url: str, name: str) -> None:
    assert provider(base_url) == name
