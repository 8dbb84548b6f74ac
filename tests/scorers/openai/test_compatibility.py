"""What stays the same whatever the code is called: stored judgements stay current, and batches
that were submitted before can be collected. The values are of version 4 of the prompts.

A change of prompts/ changes them on purpose; nothing else should.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from classifier.models import Article, Category, Instructions, Task
from classifier.scorers.batch import snapshot
from classifier.scorers.batch.builder import request_name
from classifier.scorers.openai import prompts, responses
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.requests import EncodedText, make_request
from classifier.scorers.openai.scorer import OpenAIScorer

LOCAL = "http://localhost:8080/v1"
CATEGORIES = tuple(
    Category(
        id=f"topics/{name}",
        kind="topics",
        title=name.title(),
        description=f"About {name}.",
        instructions=Instructions(
            scope=f"Only {name}.", topics=("one", "two"), exclusions=("Other things",)
        ),
    )
    for name in ("bread", "ships", "tides")
)
ARTICLE = Article(
    id="a.md", title="A loaf", description="Of bread", body="# Loaf\n\nBread is *baked* twice.\n"
)


FORMER = prompts.load(Path(__file__).parents[2] / "support" / "prompts_v2")
"""The templates of version 2, as a user may have copied them."""


def scorer(*, canary, answers):
    options = OpenAIOptions(canary=canary, pack=2)
    own = prompts.load(answers=answers)
    return OpenAIScorer("gpt-4o-mini", base_url=LOCAL, prompts=own, options=options)


@pytest.mark.parametrize(
    ("canary", "answers", "identity"),
    [
        (True, "short", "openai:gpt-4o-mini:4cad60a362dd1615f5b9169b1d6d46f0"),
        (True, "full", "openai:gpt-4o-mini:9d29f3be0d7f0f1e91fb668c36e1c18f"),
        (False, "listed", "openai:gpt-4o-mini:5b1ce1c19305c193d35b551660b254c6"),
        (False, "full", "openai:gpt-4o-mini:d8be6f68385c1deed75b9da8b56055e2"),
    ],
)
def test_stored_judgements_stay_current(canary, answers, identity):
    assert scorer(canary=canary, answers=answers).identity == identity


def test_stored_judgements_of_a_reasoning_model_stay_current():
    options = OpenAIOptions(temperature=None, effort="low")
    reasoning = OpenAIScorer("gpt-5-mini", options=options)
    assert reasoning.identity == "openai:gpt-5-mini:c8761a0d3ace90ded07b1b630c871503"


@pytest.mark.parametrize(
    ("canary", "answers", "bodies"),
    [
        (True, "short", ["d6694d669697820d", "b4861d2f5ac2fb13"]),
        (True, "full", ["a848265585620f66", "57d8b6369a9ec421"]),
        (False, "listed", ["f4e2f151d7aac459", "837a8ce27a1c2b33"]),
        (False, "full", ["2307e8fac638e112", "2ac5835c84287aa1"]),
    ],
)
def test_requests_have_the_same_bytes(canary, answers, bodies):
    builder = scorer(canary=canary, answers=answers).builder
    task = Task(ARTICLE, CATEGORIES)
    requests = builder.build(task)
    sent = [builder.body(request, builder.features(request)) for request in requests]
    assert [hashlib.sha256(body).hexdigest()[:16] for body in sent] == bodies


def test_requests_of_a_batch_have_the_same_names():
    made = scorer(canary=True, answers="short")
    task = Task(ARTICLE, CATEGORIES)
    names = [
        request_name(made.identity, ARTICLE, request.targets)
        for request in made.builder.build(task)
    ]
    assert names == ["3dcbe177d7d868ba683fdcab3c2b88d3", "ae07e10927a8d3cec820c52d9d3eb85d"]


SNAPSHOT = (
    "eJyFklFPwyAUhf8K4XnRso7a+mh8XLIHF1+MMbdwaYkMGmBmy9L/LnTO1GhceAAO557vQjjRD/RBO0vvyXJBqICInf"
    "MaQxJOtGBMKAEl1FxKibxsG8ZXqsYWucJWTSYt00SjG7QIt61HkDQlvWs707MSdTSYpYeLBw/C7DM9017oJvboSey1"
    "7QJ9HZNhJdQKKw4cG9bUjSoV50Ua7ZK1VcXkb37o9RCu8J8unqt8xu7apkYpEhFBFbyqsUApG8VANrL4zY9a4jX+9u"
    "L5n58bkCjccUaZJ//I3HivLXkGg2QNu4E87v9EbOGAYUEUYiDOE7nPsyJgj8RN9MGAwHwU9Q5zwFp3fUwdLYhJuVMV"
    "WvTdkSRel5dgzo8FYUARzx9nhzZ+QYub/LHA6M5mdVL4dLUh9tOuHOeNvgkYvsuUcc6fI+cJ5Th+AidY2ZA="
)


def test_a_batch_submitted_by_version_0_2_0_can_be_read():
    read = snapshot.load(base64.b64decode(SNAPSHOT))
    own = prompts.load()
    assert read.canary is not None
    assert read.canary.title == own.canary.title
    assert read.aspects == FORMER.aspects
    assert (read.exclusion_cap, read.floors) == (FORMER.exclusion_cap, FORMER.floors)
    assert (read.touched, read.short_below) == (FORMER.touched, FORMER.short_below)
    assert {d: c.title for d, c in read.categories.items()} == {
        c.digest: c.title for c in CATEGORIES
    }
    again = snapshot.dump(CATEGORIES, canary=own.canary, rubric=FORMER)
    assert snapshot.load(again) == read


def test_answers_to_version_2_are_read_with_what_their_batch_kept():
    read = snapshot.load(base64.b64decode(SNAPSHOT))
    asked = make_request(EncodedText("", 0), CATEGORIES, canaries=())
    full = {"id": "bread", "evidence": ["Bread"], "exclusion": None, "reasoning": "Of bread."}
    scores = {"mentions": 8, "alignment": 3, "depth": 7}
    out = [
        {"id": "ships", "why": "loaves, not ships", "scores": [1, 2, 0]},
        {"id": "tides", "why": "it is tides", "scores": [1, 3, 0]},
    ]
    answers = {"judgements": [full | scores], "out": out}
    body = {"choices": [{"message": {"content": json.dumps(answers)}}]}
    reply = responses.read_json(body, asked, read)
    assert [a.confidence for a in reply.answers] == pytest.approx([0.52, 0.12, 0.17])
    assert reply.answers[1].reasoning == "loaves, not ships"
    assert [c.title for c in reply.missing] == ["Tides"]  # its floor was 3


def test_a_number_alone_is_no_answer_to_version_2():
    asked = make_request(EncodedText("", 0), CATEGORIES, canaries=())
    body = {"choices": [{"message": {"content": json.dumps({"judgements": [], "out": ["1-3"]})}}]}
    reply = responses.read_json(body, asked, FORMER)
    assert (reply.answers, len(reply.missing)) == ((), 3)


def test_templates_of_version_2_are_asked_with_the_form_they_describe():
    builder = OpenAIScorer("m", base_url=LOCAL, prompts=FORMER).builder
    (request,) = builder.build(Task(ARTICLE, CATEGORIES))
    body = json.loads(builder.body(request, builder.features(request)))
    lists = body["response_format"]["json_schema"]["schema"]["properties"]
    assert list(lists) == ["judgements", "out"]
    assert lists["out"]["items"]["required"] == ["id", "why", "scores"]
