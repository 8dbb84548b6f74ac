"""Pairs one by one, in the order of the review queue."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from classifier.project import Project
from classifier.project.review import Review


def pairs(review: Review) -> list[tuple[str, str]]:
    table = review.table
    found = review._queued.one_by_one()
    return [(table.rows[row].path, table.categories[column].id) for row, column in found]


def test_what_the_review_asks_comes_first_article_by_article(project: Project) -> None:
    Path("picnic.md").write_text("Cheese, cheese and olives, olives. Wine.\n")
    project.run()
    review = project.review()
    found = pairs(review)
    asked = int(review._queued.questions.sum())
    assert 0 < asked < len(found) == review.table.height * review.table.width
    queue = [review.table.rows[ask.row].path for ask in review.queue()]
    assert list(dict.fromkeys(path for path, _ in found[:asked])) == queue
    for path in queue:
        here = [category for place, category in found[:asked] if place == path]
        shown = [pair.category.id for pair in review.article(path).pairs if pair.asked]
        assert sorted(here) == sorted(shown)


def test_the_most_doubtful_pair_of_an_article_comes_first(review: Review) -> None:
    lunch = [category for path, category in pairs(review) if path == "lunch.md"]
    assert lunch[:2] == ["tags/cheese", "tags/bread"]  # 0.45 is nearer to 0.50 than three times


def test_verdicts_and_copies_leave_their_pairs_out(project: Project) -> None:
    Path("copy.md").write_text("---\ntitle: Dinner\n---\n" + Path("dinner.md").read_text())
    project.run()
    review = project.review()
    review.give(["lunch.md"], "tags/cheese", accepted=True)
    found = pairs(review)
    assert ("lunch.md", "tags/cheese") not in found
    assert len({path for path, _ in found} & {"copy.md", "dinner.md"}) == 1
    assert len(found) == len(set(found)) == 2 * review.table.width - 1
    assert np.isfinite(review.table.confidence).all()
