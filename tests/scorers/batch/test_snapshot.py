"""What the store keeps to read answers with comes back as it was."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import UsageError
from classifier.models import Article, Category, Instructions
from classifier.scorers.batch import snapshot
from classifier.scorers.openai import prompts

RUBRIC = prompts.load()
texts = st.text(st.characters(codec="utf-32"))  # halves of surrogate pairs, too
articles = st.builds(
    Article, id=texts, title=texts, description=texts, body=texts, body_start=st.integers(0, 99)
)
categories = st.builds(
    Category,
    id=texts,
    kind=texts,
    title=texts,
    instructions=st.builds(Instructions, exclusions=st.lists(texts, max_size=3).map(tuple)),
)


@given(articles)
def test_an_article_comes_back(article: Article) -> None:
    assert snapshot.load_article(snapshot.dump_article(article)) == article


@given(st.lists(categories, max_size=4), st.booleans())
def test_categories_canary_and_rubric_come_back(found: list[Category], canary: bool) -> None:
    wanted = RUBRIC.canary if canary else None
    read = snapshot.load(snapshot.dump(found, canary=wanted, rubric=RUBRIC))
    assert read.categories == {category.digest: category for category in found}
    assert (read.canary is None) == (wanted is None)
    assert read.canary is None or read.canary.title == RUBRIC.canary.title
    assert (read.aspects, read.exclusion_cap) == (RUBRIC.aspects, RUBRIC.exclusion_cap)
    assert read.floors == RUBRIC.floors


def test_each_request_has_its_own_canaries_again_and_others_that_of_the_templates() -> None:
    other = Category(id="", kind="", title="Eel weirs of Kelmwick")
    more = Category(id="", kind="", title="Toll ledgers of Orridge")
    canaries = {"a": (other,), "b": (other, more)}
    data = snapshot.dump([], canary=RUBRIC.canary, rubric=RUBRIC, canaries=canaries)
    read = snapshot.load(data)
    titles = [[canary.title for canary in read.canaries_of(name)] for name in "abc"]
    assert titles == [[other.title], [other.title, more.title], [RUBRIC.canary.title]]


FORMER = (
    "eJyFkcFqwzAMhl9F+BxGty6XnbfTCr2UXUoprqM4poodHGdpKHn3SW4phQ56ifz/ij7J8ln9Yuxd8OoDlgUooxPaEB32"
    "bJxndio0YRKhXMVBKfaOzt/OySVCEesYnYcfTQgr3XbwOTCEf8CToUFaCHKrNvqEfQE1Yg8hQjVIrEH7CUJqMEJH2qCk"
    "kmtRACtnm+S8LYCYm6vQY7QTcD8rR01qN+fpvb7Ovn067xcSjOhibv+N1I7OHB8HFvBT1iYQAWFl8YKTXbD4j7aTnUY9"
    "+rxTzd8FOweOr5IRLVfRfYcm5VdQLfp0BSxe3iRJznpxs1PmV+pSk9Vyvm+6N7q7ldUUQrwg7wmlVKQwmAarh2TG9U2I"
    "aX9ACmOGvZfzHyfbrus="
)
"""Of three requests, before an article's own canary stood beside that of all."""


def test_a_batch_with_one_canary_for_each_request_can_still_be_read() -> None:
    read = snapshot.load(base64.b64decode(FORMER))
    titles = [[canary.title for canary in read.canaries_of(name)] for name in "abcd"]
    eel, toll = "Eel weirs of Kelmwick", "Toll ledgers of Orridge"
    assert titles == [[eel], [toll], ["Orrin Vale Lamp Dues"], [eel]]


def test_what_another_version_reads_differently_is_not_read() -> None:
    data = zlib.compress(json.dumps({"version": 1}).encode())
    with pytest.raises(UsageError, match="another version"):
        snapshot.load(data)
