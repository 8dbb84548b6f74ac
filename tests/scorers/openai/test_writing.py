from __future__ import annotations

import pytest
from support.chat_server import ChatServer, Reply, completion, rate_limited, saying

from classifier.errors import ModelError
from classifier.scorers.openai.limits import Budget
from classifier.scorers.openai.scorer import OpenAIScorer

pytestmark = pytest.mark.usefixtures("api_key")


def test_a_text_comes_back_with_its_usage(server: ChatServer) -> None:
    server.always = saying("Words.")
    budget = Budget(max_calls=1)
    scorer = OpenAIScorer("m1", base_url=server.url, budget=budget)
    found = scorer.write("Be brief.", "Which words?")
    assert (found.text, found.model, found.usage.calls) == ("Words.", "loopback-1", 1)
    (request,) = server.requests
    assert (request.system, request.user) == ("Be brief.", "Which words?")
    with pytest.raises(ModelError, match="`max_calls`"):
        scorer.write("Be brief.", "Again?")
    assert len(server.requests) == 1


def test_a_busy_server_is_asked_again(server: ChatServer) -> None:
    server.always = saying("Words.")
    server.play(rate_limited(after=0.01))
    assert OpenAIScorer("m1", base_url=server.url).write("a", "b").text == "Words."
    assert len(server.requests) == 2


def test_an_error_is_one_line_without_the_key(server: ChatServer, api_key: str) -> None:
    server.always = lambda _: Reply({"error": {"message": f"bad key {api_key}\nno"}}, status=401)
    with pytest.raises(ModelError) as raised:
        OpenAIScorer("m1", base_url=server.url).write("a", "b")
    assert "\n" not in str(raised.value)
    assert api_key not in str(raised.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (completion(None), ""),
        ({"choices": []}, ""),
        ([], ""),
        ({"choices": [{"message": {"content": [{"type": "text", "text": "a"}, 3]}}]}, "a"),
    ],
    ids=["null", "no choice", "list", "parts"],
)
def test_whatever_comes_back_is_a_text(server: ChatServer, body: object, text: str) -> None:
    server.always = lambda _: Reply(body)
    assert OpenAIScorer("m1", base_url=server.url).write("a", "b").text == text
