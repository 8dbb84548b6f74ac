"""What a server is told of its cache, and when."""

from __future__ import annotations

import pytest
from support import chat_server as chat

from classifier.models import Article, Category, Task
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.scorers.openai.servers import OFFICIAL

CATEGORIES = tuple(
    Category(id=f"t/{n}", kind="t", title=f"Title {n}", description="Loaves. " * 40)
    for n in range(4)
)


def tasks(count, categories=CATEGORIES):
    return [
        Task(Article(id=f"{n}.md", body=f"Article {n} is about loaves.\n"), categories)
        for n in range(count)
    ]


def asked(server, *, articles=6, model="any", **options):
    given = {"concurrency": 3, "pack": 2, "cache_key": True} | options
    scorer = OpenAIScorer(model, base_url=server.url, options=OpenAIOptions(**given))
    for outcome in scorer.score(tasks(articles)):
        assert outcome.failures == ()
    return [request.body for request in server.requests]


def test_requests_that_begin_alike_have_the_same_key_and_others_another(server):
    by_beginning = {}
    for body in asked(server):
        name = body["messages"][0]["content"]
        by_beginning.setdefault(name, []).append(body["prompt_cache_key"])
    one, other = by_beginning.values()
    (rubric,) = set(one) & set(other)
    for keys in (one, other):
        assert keys.count(rubric) == 1  # nobody knew yet that it would come again
        assert len(set(keys)) == 2


def test_one_article_alone_has_no_key(server):
    assert all("prompt_cache_key" not in body for body in asked(server, articles=1))


def test_a_server_that_is_not_known_to_listen_is_told_nothing(server):
    assert all("prompt_cache_key" not in body for body in asked(server, cache_key=None))


def test_a_server_that_refuses_the_key_is_not_sent_one_again(server):
    server.always = chat.without("prompt_cache_key")
    bodies = asked(server, concurrency=1)
    assert 1 <= sum("prompt_cache_key" in body for body in bodies) <= 2  # two are made at once


def marked(body):
    return not isinstance(body["messages"][0]["content"], str)


def test_only_a_beginning_that_comes_again_is_marked_where_a_model_needs_marks(server):
    bodies = asked(server, model="gpt-6-luna", concurrency=1)
    assert [marked(body) for body in bodies[:2]] == [False, False]
    assert all(marked(body) for body in bodies[2:])
    assert {body["prompt_cache_options"]["mode"] for body in bodies} == {"explicit"}
    (part,) = bodies[-1]["messages"][0]["content"]
    assert part["prompt_cache_breakpoint"] == {"mode": "explicit"}
    assert part["text"] in {body["messages"][0]["content"] for body in bodies[:2]}


def test_other_models_get_no_marks(server):
    assert not any(marked(body) for body in asked(server))


def test_a_server_that_refuses_marks_gets_none_again(server):
    def picky(request):
        if marked(request.body):
            return chat.error(400, "Unknown parameter: prompt_cache_breakpoint")
        return chat.judge(request)

    server.always = picky
    bodies = asked(server, model="gpt-6-luna", concurrency=1)
    assert 1 <= sum(map(marked, bodies)) <= 2


@pytest.mark.parametrize(
    ("url", "told"),
    [
        (OFFICIAL, True),
        ("https://eu.api.openai.com/v1", True),
        ("http://localhost:8080/v1", False),
        ("https://api.openai.com.example.org/v1", False),
    ],
)
def test_openais_own_servers_are_known_to_listen(url, told):
    scorer = OpenAIScorer("gpt-4o-mini", base_url=url)
    assert scorer.builder.supports_cache_key is told
