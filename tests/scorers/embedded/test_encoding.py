from __future__ import annotations

from dataclasses import replace

import pytest
from support.embedded import CATEGORIES, LOAF, MIXED, SERVERS, Kept, judge

from classifier.models import (
    Article,
    Task,
)
from classifier.scorers.embedded.scorer import EmbeddedScorer


@pytest.mark.slow
def test_an_article_is_judged_the_same_alone_in_a_crowd_and_from_what_was_kept(
    scorer: EmbeddedScorer,
) -> None:
    crowd = [replace(a, id=f"{n} {a.id}") for n in range(15) for a in (LOAF, SERVERS, MIXED)]
    tasks = [Task(article, CATEGORIES) for article in crowd]
    kept = Kept()
    fresh, again = scorer.with_cache(kept), scorer.with_cache(kept)
    alone = {a.id: judge(scorer, a) for a in (LOAF, SERVERS, MIXED)}
    for run in (scorer, fresh, again):
        outcomes = list(run.score(tasks))
        assert [o.task for o in outcomes] == tasks
        assert all(list(o.judgements) == alone[o.task.article.id.split()[1]] for o in outcomes)


@pytest.mark.parametrize(
    "article",
    [
        Article(id="a", title="Only a title about baking bread", body=""),
        Article(id="a", description="Baking bread at home", body="```\ncode\n```"),
        Article(id="a", body="x" * 20_000),
        Article(id="a", body="Brot backen \u2014 \U0001f35e \u4f60\u597d"),
    ],
)
def test_odd_articles_are_judged(scorer: EmbeddedScorer, article: Article) -> None:
    assert len(judge(scorer, article)) == 3
