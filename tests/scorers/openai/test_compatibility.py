"""What stays the same whatever the code is called: stored judgements stay current, and batches
that were submitted before can be collected. The values are of version 0.1.0.

A change of prompts/ changes them on purpose; nothing else should.
"""

from __future__ import annotations

import base64
import hashlib

import pytest

from classifier.models import Article, Category, Instructions, Task
from classifier.scorers.batch import snapshot
from classifier.scorers.batch.builder import request_name
from classifier.scorers.openai import prompts
from classifier.scorers.openai.options import OpenAIOptions
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


def scorer(*, canary, short):
    options = OpenAIOptions(canary=canary, pack=2)
    own = prompts.load(short=short)
    return OpenAIScorer("gpt-4o-mini", base_url=LOCAL, prompts=own, options=options)


@pytest.mark.parametrize(
    ("canary", "short", "identity"),
    [
        (True, True, "openai:gpt-4o-mini:2725d3259dfac0663fcbbaaa5d3df15a"),
        (True, False, "openai:gpt-4o-mini:636421260460a757dd1470a893f2f563"),
        (False, True, "openai:gpt-4o-mini:a7e431efe4dcb36ce54c213892b6aaed"),
        (False, False, "openai:gpt-4o-mini:cae417241217846323c56f3ed712acc0"),
    ],
)
def test_stored_judgements_stay_current(canary, short, identity):
    assert scorer(canary=canary, short=short).identity == identity


def test_stored_judgements_of_a_reasoning_model_stay_current():
    options = OpenAIOptions(temperature=None, effort="low")
    reasoning = OpenAIScorer("gpt-5-mini", options=options)
    assert reasoning.identity == "openai:gpt-5-mini:695437fa89b757e6f394fe02b0cd9b05"


@pytest.mark.parametrize(
    ("canary", "short", "bodies"),
    [
        (True, True, ["10e4b69d2f9a2af7", "d4ae1da4baeba11f"]),
        (True, False, ["77bc915fd59a3c01", "627720734d469674"]),
        (False, True, ["ed6dd480c4ec6868", "76f4cfb78be27a30"]),
        (False, False, ["c6dad5a6b4a166b4", "415580b8e02b0290"]),
    ],
)
def test_requests_have_the_same_bytes(canary, short, bodies):
    builder = scorer(canary=canary, short=short).builder
    task = Task(ARTICLE, CATEGORIES)
    requests = builder.build(task)
    sent = [builder.body(request, builder.features(request)) for request in requests]
    assert [hashlib.sha256(body).hexdigest()[:16] for body in sent] == bodies


def test_requests_of_a_batch_have_the_same_names():
    made = scorer(canary=True, short=True)
    task = Task(ARTICLE, CATEGORIES)
    names = [
        request_name(made.identity, ARTICLE, request.targets)
        for request in made.builder.build(task)
    ]
    assert names == ["26589eaf3908c36e13b83af7d9206348", "82fd7cf3e9265e4cf5d37fa1c2142492"]


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
    assert read.aspects == own.aspects
    assert (read.exclusion_cap, read.floors) == (own.exclusion_cap, own.floors)
    assert {d: c.title for d, c in read.categories.items()} == {
        c.digest: c.title for c in CATEGORIES
    }
    again = snapshot.dump(CATEGORIES, canary=own.canary, rubric=own)
    assert snapshot.load(again) == read
