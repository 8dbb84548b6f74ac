from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from support.provider_server import ProviderServer

from classifier.errors import UsageError
from classifier.models import Article, Category, FailureReason, Outcome, Task
from classifier.scorers.openai import servers
from classifier.scorers.openai.limits import Budget
from classifier.scorers.openai.options import OpenAIOptions, RetryPolicy
from classifier.scorers.openai.scorer import OpenAIScorer

for needed in ("anthropic", "google.genai", "pydantic_ai"):
    pytest.importorskip(needed, reason="needs the `providers` extra")

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

CATEGORIES = tuple(
    Category(id=f"tags/{name.lower()}", kind="tags", title=name, description=f"All about {name}.")
    for name in ("Bread", "Wine")
)
TASK = Task(Article(id="loaf.md", title="Bread", body="Bread and more bread."), CATEGORIES)
NAMES = {"anthropic": "anthropic/claude-sonnet-4-5", "google": "gemini/gemini-2.5-flash"}
KEYS = {"anthropic": "ANTHROPIC_API_KEY", "google": "GEMINI_API_KEY"}


@pytest.fixture(params=["anthropic", "google"])
def server(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ProviderServer]:
    """The provider on loopback; keys of all others are set, too."""
    with ProviderServer(request.param) as made:
        for name, provider in list(servers.PROVIDERS.items()):
            if provider.protocol == request.param:
                moved = replace(provider, address=made.url)
                monkeypatch.setitem(servers.PROVIDERS, name, moved)
        for variable in (*KEYS.values(), "OPENAI_API_KEY", "GOOGLE_API_KEY"):
            monkeypatch.setenv(variable, f"secret-of-{variable}")
        yield made


def scorer(server: ProviderServer, **options: object) -> OpenAIScorer:
    retry = RetryPolicy(attempts=2, initial_wait=0.01, max_wait=0.02)
    return OpenAIScorer(
        NAMES[server.protocol],
        options=OpenAIOptions(retry=retry, **options),  # type: ignore[arg-type]
    )


def judged(server: ProviderServer, **options: object) -> Outcome:
    (outcome,) = scorer(server, **options).score([TASK])
    return outcome


def error(status: int, message: str) -> tuple[int, dict[str, str], bytes]:
    body = {"type": "error", "error": {"type": "x", "message": message, "code": status}}
    return status, {"content-type": "application/json"}, json.dumps(body).encode()


def test_it_is_asked_in_its_own_protocol_with_its_own_key(server: ProviderServer) -> None:
    outcome = judged(server)
    assert not outcome.failures
    assert {j.category: j.confidence > 0.5 for j in outcome.judgements} == {
        "tags/bread": True,
        "tags/wine": False,
    }
    path, headers, body = server.requests[-1]
    name = NAMES[server.protocol].partition("/")[2]
    sent = {value.removeprefix("Bearer ") for value in headers.values() if "secret-of-" in value}
    assert sent == {f"secret-of-{KEYS[server.protocol]}"}
    if server.protocol == "anthropic":
        assert path.startswith("/v1/messages")
        assert body["model"] == name
        assert any("cache_control" in part for part in body["system"])
    else:
        assert f"models/{name}:generateContent" in path
        assert body["generationConfig"]["responseMimeType"] == "application/json"
    assert "Bread and more bread." not in path


def test_claude_on_bedrock_gets_bedrocks_key_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer("anthropic") as made:
        moved = replace(servers.PROVIDERS["bedrock/anthropic"], address=f"{made.url}/anthropic")
        monkeypatch.setitem(servers.PROVIDERS, "bedrock/anthropic", moved)
        monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", "secret-of-bedrock")
        for variable in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(variable, f"secret-of-{variable}")
        (outcome,) = OpenAIScorer("bedrock/us.anthropic.claude-sonnet-4-5-v1:0").score([TASK])
        path, headers, body = made.requests[-1]
    assert not outcome.failures
    assert path.startswith("/anthropic/v1/messages")
    assert body["model"] == "us.anthropic.claude-sonnet-4-5-v1:0"
    assert {k.lower(): v for k, v in headers.items()}["authorization"] == "Bearer secret-of-bedrock"
    sent = {value.removeprefix("Bearer ") for value in headers.values() if "secret-of-" in value}
    assert sent == {"secret-of-bedrock"}


def test_tokens_are_counted_with_those_read_from_the_cache(server: ProviderServer) -> None:
    usage = judged(server).usage
    calls = len(server.requests)
    assert usage.calls == calls
    assert usage.input_tokens == 2130 * calls
    assert usage.cached_tokens == 2000 * calls
    assert usage.output_tokens == 50 * calls
    assert usage.cache_write_tokens == (30 * calls if server.protocol == "anthropic" else 0)


def test_a_passing_error_is_tried_again_as_often_as_we_say(server: ProviderServer) -> None:
    server.replies = [error(503, "busy")]
    assert not judged(server).failures
    before = len(server.requests)
    server.replies = [error(503, "busy")] * 9
    outcome = judged(server)
    assert {f.reason for f in outcome.failures} == {FailureReason.UNAVAILABLE}
    assert len(server.requests) - before == 2


@pytest.mark.parametrize(
    ("status", "reason"), [(429, FailureReason.RATE_LIMITED), (403, FailureReason.REJECTED)]
)
def test_an_error_is_a_failure_without_the_key(
    server: ProviderServer, status: int, reason: FailureReason
) -> None:
    server.replies = [error(status, f"no, secret-of-{KEYS[server.protocol]}")] * 9
    outcome = judged(server)
    assert {failure.reason for failure in outcome.failures} == {reason}
    assert all("secret-of" not in failure.message for failure in outcome.failures)


def test_a_redirect_is_not_followed(server: ProviderServer) -> None:
    with ProviderServer(server.protocol) as elsewhere:
        server.replies = [(307, {"location": f"{elsewhere.url}/v1/messages"}, b"{}")] * 9
        outcome = judged(server)
        assert outcome.failures
        assert elsewhere.requests == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_response_that_is_too_long_or_packed_is_not_read(
    server: ProviderServer, packed: bool
) -> None:
    data = b'{"a":"' + b"x" * 5_000_000 + b'"}'
    headers = {"content-type": "application/json"}
    if packed:
        data, headers = gzip.compress(data), {**headers, "content-encoding": "gzip"}
    server.replies = [(200, headers, data)] * 9
    outcome = judged(server)
    assert {failure.reason for failure in outcome.failures} == {FailureReason.MALFORMED}


@pytest.mark.parametrize("data", [b"not json", b"[]", b"{}", b'{"candidates": 3, "content": 3}'])
def test_nonsense_is_a_failure_of_the_article(server: ProviderServer, data: bytes) -> None:
    server.replies = [(200, {"content-type": "application/json"}, data)] * 9
    outcome = judged(server)
    assert outcome.failures
    assert not outcome.judgements


def test_an_answer_that_is_cut_off_is_one_failure(server: ProviderServer) -> None:
    server.finish = "max_tokens" if server.protocol == "anthropic" else "MAX_TOKENS"
    outcome = judged(server)
    assert {failure.reason for failure in outcome.failures} == {FailureReason.TRUNCATED}


def test_the_budget_holds(server: ProviderServer) -> None:
    limited = OpenAIScorer(
        NAMES[server.protocol], options=OpenAIOptions(pack=1), budget=Budget(max_calls=1)
    )
    (outcome,) = limited.score([TASK])
    assert FailureReason.OVER_BUDGET in {failure.reason for failure in outcome.failures}
    assert len(server.requests) <= 1


def test_a_key_is_needed(server: ProviderServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(KEYS[server.protocol])
    with pytest.raises(UsageError, match=f"{KEYS[server.protocol]} is not set"):
        judged(server)
    assert server.requests == []


def test_without_the_client_it_says_what_to_install(
    server: ProviderServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "anthropic" if server.protocol == "anthropic" else "pydantic_ai.models.google"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UsageError, match="pip install"):
        judged(server)
    assert server.requests == []


def test_a_server_that_is_not_there_is_a_failure(server: ProviderServer) -> None:
    server.__exit__()
    outcome = judged(server)
    assert {failure.reason for failure in outcome.failures} == {FailureReason.UNAVAILABLE}
