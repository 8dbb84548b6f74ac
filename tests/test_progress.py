from __future__ import annotations

from dataclasses import replace

import pytest
from support.keyword_scorer import KeywordScorer

from classifier.models import Article, Category, Failure, FailureReason, Task, Usage
from classifier.progress import EXAMPLES, Progress, WatchedScorer
from classifier.scorers.openai.costs import UsageEstimate

BREAD, WINE = (Category(id=f"tags/{name}", kind="tags", title=name) for name in ("bread", "wine"))


def task(body: str = "bread") -> Task:
    return Task(Article(id=f"{body}.md", body=body), (BREAD, WINE))


class Priced(KeywordScorer):
    def estimate(self, task: Task) -> UsageEstimate:
        return UsageEstimate(calls=len(task.categories))


def test_judged_stored_and_unjudged_pairs_are_counted_apart() -> None:
    progress = Progress(due_articles=2, due_pairs=4)
    (whole,) = KeywordScorer().score([task()])
    (part,) = KeywordScorer().score([task("FAIL refused")])
    progress.add(replace(whole, stored=1, usage=Usage(calls=2)))
    progress.add(part)
    assert (progress.articles, progress.pairs, progress.stored, progress.unjudged) == (2, 2, 1, 1)
    assert progress.usage.calls == 2
    assert progress.failures == 1


def test_a_reason_counts_an_article_once_and_names_the_first_few() -> None:
    progress = Progress()
    for number in range(EXAMPLES + 3):
        failure = Failure(FailureReason.REFUSED, "no")
        progress.fail(f"{number}.md", [failure, failure])
    refused = progress.failed[FailureReason.REFUSED]
    assert (refused.articles, len(refused.examples)) == (EXAMPLES + 3, EXAMPLES)
    assert refused.examples[0][0] == "0.md"


def test_a_used_up_budget_ends_the_run_and_is_no_failure() -> None:
    progress = Progress()
    progress.fail("a.md", [Failure(FailureReason.OVER_BUDGET, "enough")])
    assert progress.over_budget
    assert progress.failures == 0


def test_no_time_is_guessed_before_the_first_answer() -> None:
    assert Progress(due_pairs=9).left is None


@pytest.mark.parametrize("calls", [0, 3])
def test_a_watched_scorer_counts_what_is_under_way_and_what_was_expected(calls: int) -> None:
    progress = Progress()
    watched = WatchedScorer(Priced(usage=Usage(calls=calls)), progress)
    outcomes = watched.score([task("bread"), task("wine")])
    under_way = []

    for outcome in outcomes:
        under_way.append(progress.under_way)
        assert outcome.usage.calls == calls
    assert under_way == [0, 0]
    expected = progress.estimated.calls if progress.estimated else 0
    assert expected == (4 if calls else 0)
