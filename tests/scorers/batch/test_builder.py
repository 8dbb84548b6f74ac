"""What is asked, in which files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.batch_site import CATEGORIES, Site, article
from support.chat_server import ChatServer

from classifier.models import Category, Task
from classifier.scorers.batch.builder import BatchBuilder, BatchDraft, BatchLimits, request_name
from classifier.scorers.openai.limits import Budget
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.scorer import OpenAIScorer

SCORER = OpenAIScorer("m", base_url="http://127.0.0.1:1/v1", options=OpenAIOptions(pack=2))


def drafted(
    tasks: Sequence[Task], limits: BatchLimits | None = None, scorer: OpenAIScorer = SCORER
) -> list[tuple[BatchDraft, list[dict[str, Any]]]]:
    """Return drafts with their lines, read while their files are there."""
    builder = BatchBuilder(scorer, limits or BatchLimits(), {}, str)
    return [(draft, lines(draft)) for draft in builder.drafts(tasks)]


def lines(draft: BatchDraft) -> list[dict[str, Any]]:
    draft.file.seek(0)
    data = draft.file.read()
    assert len(data) == draft.size
    return [json.loads(line) for line in data.splitlines()]


def test_a_batch_asks_in_the_very_words_of_live_calls() -> None:
    task = Task(article(1), CATEGORIES)
    with ChatServer() as server:
        scorer = OpenAIScorer(
            "m", base_url=server.url, options=OpenAIOptions(pack=2, tier="flex-first")
        )
        list(scorer.score([task]))
        live = [request.body for request in server.requests]
    for body in live:
        assert body.pop("service_tier") == "flex"  # a batch has a price of its own
    ((_, sent),) = drafted([task], scorer=scorer)
    assert sorted(map(str, live)) == sorted(str(line["body"]) for line in sent)
    assert {(line["method"], line["url"]) for line in sent} == {("POST", "/v1/chat/completions")}


def test_the_name_of_a_request_tells_who_is_asked_about_what() -> None:
    name = request_name("scorer", article(1), CATEGORIES[:2])
    assert name == request_name("scorer", replace(article(1), id="elsewhere.md"), CATEGORIES[:2])
    others = [
        request_name("another", article(1), CATEGORIES[:2]),
        request_name("scorer", article(2), CATEGORIES[:2]),
        request_name("scorer", article(1), CATEGORIES[1:3]),
        request_name("scorer", article(1), (CATEGORIES[0], replace(CATEGORIES[1], title="X"))),
    ]
    assert len({name, *others}) == 5
    assert len(name) <= 64


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    articles=st.integers(0, 8),
    requests=st.integers(1, 9),
    size=st.integers(1, 60_000),
    tokens=st.none() | st.integers(1, 9_000),
)
def test_files_keep_every_limit_lose_nothing_and_part_no_article(
    articles: int, requests: int, size: int, tokens: int | None
) -> None:
    limits = BatchLimits(requests=requests, size=size, tokens=tokens)
    tasks = [Task(article(number), CATEGORIES[: 1 + number % 4]) for number in range(articles)]
    found = drafted(tasks, limits)
    for draft, sent in found:
        alone = len(draft.sent) == 1
        assert alone or len(sent) <= requests
        assert alone or draft.size <= size
        assert alone or tokens is None or draft.tokens <= tokens
        assert draft.requests == len(sent)
        assert [n for it in draft.sent for n in it.packs] == [line["custom_id"] for line in sent]
    kept = [it.article for draft, _ in found for it in draft.sent]
    assert kept == [task.article.digest for task in tasks]
    assert sum(d.pairs for d, _ in found) == sum(len(task.categories) for task in tasks)


def test_definitions_that_say_the_same_are_asked_about_once() -> None:
    twin = replace(CATEGORIES[0], id="concepts/bread", kind="concepts")
    ((draft, sent),) = drafted([Task(article(1), (*CATEGORIES[:1], twin))])
    assert draft.pairs == len(sent) == 1


def test_a_text_that_two_articles_have_is_asked_about_once() -> None:
    tasks = [Task(replace(article(1), id=name), CATEGORIES) for name in ("a.md", "b.md")]
    builder = BatchBuilder(SCORER, BatchLimits(), {}, str)
    (draft,) = builder.drafts(tasks)
    assert (len(draft.sent), builder.in_progress) == (1, 4)


def test_money_is_set_aside_at_the_batch_price_and_never_exceeded(site: Site, priced: None) -> None:
    scorer = site.scorer
    task = Task(site.articles[0], CATEGORIES)
    (one,) = BatchBuilder(scorer, BatchLimits(), {}, str).drafts([task])
    assert one.estimate.high is not None
    live = scorer.estimate(task)
    assert live.high == pytest.approx(2 * one.estimate.high)
    site.budget = Budget(max_cost=2.5 * one.estimate.high)
    builder = site.builder()
    (draft,) = builder.drafts(site.misses)
    assert (len(draft.sent), builder.over_budget) == (2, True)


def test_calls_that_are_allowed_are_requests() -> None:
    scorer = OpenAIScorer(
        "m",
        base_url=SCORER.builder.base_url,
        options=OpenAIOptions(pack=2),
        budget=Budget(max_calls=5),
    )
    builder = BatchBuilder(scorer, BatchLimits(), {}, str)
    (draft,) = builder.drafts([Task(article(n), CATEGORIES) for n in range(5)])
    assert (draft.requests, builder.over_budget) == (4, True)


def test_half_a_character_in_a_title_breaks_no_file() -> None:
    odd = replace(article(1), title="\ud83d half")
    ((_, sent),) = drafted([Task(odd, (Category(id="t/x", kind="t", title="\udc00"),))])
    assert len(sent) == 1
