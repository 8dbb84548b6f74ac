from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from classifier.decisions import LabelPolicy
from classifier.evaluation.gold_pairs import GoldPairs
from classifier.models import Article, Category, Rule, Task, Taxonomy
from classifier.project import frontier
from classifier.project.frontier import ASSUMED, SAMPLE, Asking, Student
from classifier.project.held_out import SideBySide
from classifier.scorers.cascade.common_scale import CommonScale
from classifier.scorers.openai.scorer import OpenAIScorer

CATEGORIES = tuple(
    Category(id=f"tags/{n}", kind="tags", title=f"Subject {n}", description="All about it.")
    for n in range(8)
)
LONG = tuple(
    Category(id=f"tags/{n}", kind="tags", title=f"Subject {n}", description="All about it. " * 90)
    for n in range(30)
)


def tasks(count: int) -> list[Task]:
    return [
        Task(Article(id=f"{n}.md", title=f"Note {n}", body=f"Of harbours, {n}."), CATEGORIES)
        for n in range(count)
    ]


@pytest.fixture
def asking() -> Asking:
    return Asking.of(OpenAIScorer("gpt-5-mini"))


def test_a_batch_or_flex_costs_half_and_more_work_costs_in_proportion(asking: Asking) -> None:
    load = asking.model.workload(tasks(20))
    once = asking.point("", load)
    assert once.cost is not None
    assert once.half_price == pytest.approx(once.cost / 2, rel=0.01)
    thrice = replace(asking, times=3.0).point("", load)
    assert thrice.calls == 60
    assert thrice.cost == pytest.approx(3 * once.cost)
    assert thrice.seconds == pytest.approx(3 * (once.seconds or 0), rel=0.01)


def test_a_model_without_a_price_has_no_cost(asking: Asking) -> None:
    local = Asking.of(OpenAIScorer("m1", base_url="http://127.0.0.1:9/v1"))
    point = local.point("", local.model.workload(tasks(2)))
    assert (point.calls, point.cost, point.half_price) == (2, None, None)


def test_a_call_for_each_pair_takes_most(asking: Asking) -> None:
    first, *others = frontier.asked_in_full(asking, asking.model.workload(tasks(20)), "this")
    assert first.name == "this"
    assert [one.calls for one in (first, others[0])] == [20, 160]


def test_what_a_student_leaves_is_asked_and_scaled_to_all_articles(asking: Asking) -> None:
    chance = np.random.default_rng(0)
    held_out = tasks(40)
    truth = np.zeros((40, 8), np.bool_)
    truth[:20, 0] = True  # half of the articles are about nothing
    confidence = np.where(truth, 0.39, 0.05) - 0.01 * chance.random(truth.shape)
    digests = tuple(task.article.digest for task in held_out)
    pairs = GoldPairs(
        articles=digests,
        digests=digests,
        categories=CATEGORIES,
        truth=truth,
        known=np.ones_like(truth),
        confidence=confidence,
        excluded=np.zeros_like(truth),
    )
    asking = replace(asking, times=10.0)
    taxonomy = Taxonomy(categories=CATEGORIES)
    learned = replace(taxonomy, default_rule=Rule(minimum=0.3))
    both = SideBySide(
        pairs=pairs,
        policy=LabelPolicy(learned),
        teacher=replace(pairs, confidence=truth.astype(float)),
        rules=LabelPolicy(taxonomy),
    )
    student = Student(both=both, scale=CommonScale())
    found = list(frontier.taught(asking, student, lambda: held_out))
    aims = ("0.98", "0.95", "0.90", "0.80")
    assert [one.name for one in found] == [
        *(f"cascade of {what}, {aim}" for what in ("pairs", "articles") for aim in aims),
        "student alone",
    ]
    assert found[3].calls <= found[0].calls <= 200  # the others need no call
    assert (found[-1].calls, found[-1].recall, found[-1].precision) == (0, 1.0, 1.0)


def test_a_student_that_is_assumed_has_a_sample_to_pay(asking: Asking) -> None:
    found = list(frontier.assumed(asking, tasks(300)))
    assert len(found) == len(ASSUMED)
    assert found[-1].calls == SAMPLE
    assert [one.calls for one in found] == [SAMPLE + round(200 * one.articles) for one in ASSUMED]
    costs = [one.cost or 0 for one in found]
    for some in (costs[:4], costs[4:]):
        assert some == sorted(some, reverse=True)


def test_the_categories_of_an_assumed_cascade_of_pairs_are_in_no_cache(asking: Asking) -> None:
    """Each article has others, so their definitions are read at the full price."""
    wide = [replace(task, categories=LONG) for task in tasks(300)]
    whole = asking.point("", asking.model.workload(wide))
    found = {one.name: one for one in frontier.assumed(asking, wide)}
    pairs, articles = found["teach 100, pairs, 0.98"], found["teach 100, articles, 0.98"]
    assert pairs.calls > articles.calls
    assert (articles.cost or 0) < (whole.cost or 0) < (pairs.cost or 0)


def test_every_name_leaves_room_for_the_figures_on_80_columns(asking: Asking) -> None:
    names = [one.name for one in frontier.assumed(asking, tasks(201))]
    names += [
        one.name for one in frontier.asked_in_full(asking, asking.model.workload(tasks(2)), "")
    ]
    assert max(map(len, names)) <= 26
