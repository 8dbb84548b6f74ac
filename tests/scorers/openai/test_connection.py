from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import threading
from base64 import b64decode

import pytest
from support import chat_server as chat
from support.chat_server import ChatServer, Reply

from classifier.errors import UsageError
from classifier.models import Article, Category, FailureReason, Task
from classifier.scorers.openai import api_errors
from classifier.scorers.openai.options import OpenAIOptions, RetryPolicy
from classifier.scorers.openai.scorer import OpenAIScorer

SWIFT = RetryPolicy(attempts=3, max_seconds=3.0, initial_wait=0.005, max_wait=0.02)
BREAD = Category(id="t/bread", kind="t", title="Bread", description="Baking loaves.")
TASK = Task(Article(id="a.md", title="Bread", body="Bread is baked twice."), (BREAD,))
ELSEWHERE = "http://model.invalid/v1"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def ask(url):
    options = OpenAIOptions(timeout=30.0, retry=SWIFT)
    (outcome,) = OpenAIScorer("m", base_url=url, options=options).score([TASK])
    return outcome


def failure(outcome):
    (only,) = outcome.failures
    return only.reason, only.message


def served(handle, *, scheme="http"):
    """Ask a server that handles its connections in this way."""

    async def serve():
        server = await asyncio.start_server(handle, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        outcome = await asyncio.to_thread(ask, f"{scheme}://127.0.0.1:{port}/v1")
        server.close()
        return outcome

    return asyncio.run(serve())


# --- proxies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_calls_go_through_the_proxy_with_its_password(server, monkeypatch, variable):
    address = server.url.removesuffix("/v1").replace("://", "://joe:p%40ss@")
    monkeypatch.setenv(variable, address)
    assert ask(ELSEWHERE).judgements
    (request,) = server.requests
    assert request.path == f"{ELSEWHERE}/chat/completions"
    assert b64decode(request.headers["proxy-authorization"].split()[1]) == b"joe:p@ss"


def test_a_loopback_server_is_asked_without_the_proxy(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "socks5h://127.0.0.1:9")
    assert ask(server.url).judgements


def test_a_proxy_that_cannot_be_reached_is_named_without_its_password(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://joe:hush9@127.0.0.1:9")
    outcome = ask(ELSEWHERE)
    reason, message = failure(outcome)
    assert reason is FailureReason.UNAVAILABLE
    assert "proxy 127.0.0.1:9" in message
    assert "hush9" not in message


@pytest.mark.parametrize(("status", "calls"), [(407, 1), (403, 1), (502, 3)])
def test_a_proxy_that_refuses_is_asked_again_only_where_waiting_helps(
    server, monkeypatch, status, calls
):
    server.always = chat.failing(status)
    monkeypatch.setenv("https_proxy", server.url.removesuffix("/v1"))
    reason, message = failure(ask("https://model.invalid/v1"))
    assert reason is FailureReason.UNAVAILABLE
    assert "proxy refused" in message
    assert str(status) in message
    assert [request.method for request in server.requests] == ["CONNECT"] * calls


@pytest.mark.parametrize("proxy", ["socks5h://127.0.0.1:9", "http://[::1"])
def test_a_proxy_that_cannot_be_used_stops_the_run_before_anything_is_sent(monkeypatch, proxy):
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(UsageError, match="HTTP_PROXY"):
        ask(ELSEWHERE)


# --- certificates and protocols ------------------------------------------------------------------


def test_certificates_that_are_gone_do_not_matter_to_plain_http(server, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file.pem")
    assert ask(server.url).judgements
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        ask("https://127.0.0.1:9/v1")


def test_https_to_a_plain_port_is_told_at_once():
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    outcome = served(plain, scheme="https")
    assert "http://" in failure(outcome)[1]
    assert outcome.usage.calls == 1


def test_a_certificate_that_is_not_trusted_is_told_at_once(monkeypatch):
    import aiohttp
    from httpx2 import Request
    from openai import APIConnectionError

    why = ssl.SSLCertVerificationError(1, "self-signed certificate")
    error = APIConnectionError(request=Request("POST", "https://h"))
    error.__cause__ = aiohttp.ClientConnectorCertificateError(None, why)
    assert not api_errors.is_transient(error)
    assert api_errors.is_free(error)
    assert "self-signed certificate" in api_errors.explain(error, secret="").message
    assert "SSL_CERT_FILE" in api_errors.explain(error, secret="").message


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_encoding_the_body_does_not_have_is_told_at_once(server, encoding):
    server.always = lambda _: Reply("plain", headers={"content-encoding": encoding})
    outcome = ask(server.url)
    assert failure(outcome)[0] is FailureReason.UNAVAILABLE
    assert len(server.requests) == 1


def test_long_headers_are_read(server):
    server.always = lambda r: Reply(chat.judge(r).body, headers={"content-policy": "b" * 20_000})
    assert ask(server.url).judgements


# --- what cannot be asked ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["😀.invalid", "xn--ü.invalid", "0177.0.0.1", "127.0.0.256", "a..invalid", "a" * 70, "[v1.x]"],
    ids=range(7),
)
def test_a_host_that_cannot_be_looked_up_is_refused_in_one_line(host):
    with pytest.raises(UsageError, match="is no name or address"):
        ask(f"http://{host}/v1")


@pytest.mark.parametrize("variable", ["OPENAI_ORG_ID", "OPENAI_PROJECT_ID"])
def test_a_variable_that_goes_into_a_header_has_one_line(server, monkeypatch, variable):
    monkeypatch.setenv(variable, "x-1\n")
    assert ask(server.url).judgements
    monkeypatch.setenv(variable, "x-1\r\nX-Other: 2")
    with pytest.raises(UsageError, match=f"{variable} has characters that no header may have"):
        ask(server.url)


def test_a_proxy_without_an_address_is_named_as_one(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://gate.invalid:3128")
    assert "the proxy gate.invalid" in failure(ask(ELSEWHERE))[1]


# --- redirects -----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_neither_key_nor_article_follows_a_redirect(server, monkeypatch, status):
    monkeypatch.setenv("OPENAI_API_KEY", "secret-key-1")
    with ChatServer() as other:
        place = f"{other.url}/chat/completions"
        server.always = lambda _: Reply("", status=status, headers={"location": place})
        reason, message = failure(ask(server.url))
        assert other.requests == []
    assert reason is FailureReason.REJECTED
    assert place[:30] in message
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [200, 403])
def test_a_key_that_a_server_repeats_is_shown_nowhere(server, monkeypatch, status):
    key = "sk-proj-" + "AbCdEf0123456789" * 4
    monkeypatch.setenv("OPENAI_API_KEY", key)
    server.always = lambda r: Reply({"note": f"{'x' * 130} {key}", "message": key}, status=status)
    outcome = ask(server.url)
    assert key in server.requests[0].headers["authorization"]
    assert "sk-proj" not in failure(outcome)[1]


# --- sizes ---------------------------------------------------------------------------------------


def test_a_response_without_end_is_cut_off():
    """A server that sends until the connection is closed; it is closed by the client."""
    closed = threading.Event()

    async def endless(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        try:
            while True:
                writer.write(b" " * 65_536)
                await writer.drain()
        except ConnectionError:
            closed.set()

    outcome = served(endless)
    reason, message = failure(outcome)
    assert reason is FailureReason.MALFORMED
    assert "longer than" in message
    assert outcome.usage.calls == 1
    assert closed.is_set()


def test_what_a_response_unpacks_to_is_bounded(server):
    bomb = gzip.compress(b" " * 60_000_000)
    server.always = lambda _: Reply(bomb, headers={"content-encoding": "gzip"})
    outcome = ask(server.url)
    assert failure(outcome)[0] in (FailureReason.MALFORMED, FailureReason.UNAVAILABLE)
    assert len(server.requests) == 1


def test_a_long_error_keeps_its_words(server):
    body = json.dumps({"error": {"message": "no such model " + "x" * 6_000_000}})
    server.always = lambda _: Reply(body, status=404)
    reason, message = failure(ask(server.url))
    assert reason is FailureReason.REJECTED
    assert "no such model" in message
    assert len(message) < 400


# --- errors in a 200 -----------------------------------------------------------------------------


def test_an_error_in_a_200_is_retried_as_its_status_is(server):
    server.play(lambda _: Reply({"error": {"code": 502, "message": "upstream"}}))
    server.play(lambda _: Reply({"choices": [{"finish_reason": "error", "error": {"code": 429}}]}))
    assert ask(server.url).judgements
    assert len(server.requests) == 3


def test_a_mode_that_a_200_refuses_is_left_out(server):
    def behaviour(request):
        if request.mode == "json_schema":
            return Reply({"error": {"message": "response_format json_schema is not supported"}})
        return chat.judge(request)

    server.always = behaviour
    outcome = ask(server.url)
    assert outcome.judgements
    assert "json_schema" in outcome.notes[0]


def test_a_prompt_the_server_cut_is_a_failure(server):
    def behaviour(request):
        return Reply(chat.judge(request).body | {"usage": {"prompt_tokens": 3}})

    server.always = behaviour
    reason, message = failure(ask(server.url))
    assert reason is FailureReason.TRUNCATED
    assert "only 3 of" in message
