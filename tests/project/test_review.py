"""`Project.review`: the queue, verdicts that are on disk, undo, previews, and training."""

from __future__ import annotations

from pathlib import Path

import pytest

from classifier.errors import UsageError
from classifier.outputs.write_back import Refused
from classifier.project import Project
from classifier.project.apply import Applied
from classifier.project.review import Decided, Review
from classifier.review.log import SOURCE, UNDONE
from classifier.verdicts import WHOLE_ARTICLE


def test_a_review_needs_something_that_is_judged(project: Project) -> None:
    with pytest.raises(UsageError, match="classify them first"):
        project.review()


def test_an_article_that_is_not_under_review_is_not_read(review: Review) -> None:
    Path("secret.txt").write_text("secret")
    for path in ("secret.txt", "../lunch.md", "/etc/passwd", ""):
        with pytest.raises(UsageError, match="not under review"):
            review.article(path)
        with pytest.raises(UsageError, match="not under review"):
            review.give([path], "tags/bread", accepted=True)
    with pytest.raises(UsageError, match="no category"):
        review.give(["lunch.md"], "tags/beer", accepted=True)
    assert review.project.verdicts() == []


def test_a_verdict_is_on_disk_at_once_and_shows(review: Review) -> None:
    (given,) = review.give(["lunch.md"], "tags/wine", accepted=True, note="a glass")
    with Project.open() as another:
        (stored,) = another.verdicts()
    assert stored == given
    assert (stored.path, stored.accepted, stored.note, stored.source) == (
        "lunch.md",
        True,
        "a glass",
        SOURCE,
    )
    assert review.labels_of("lunch.md") == ["tags/bread", "tags/wine"]
    assert review.verdicts_of("lunch.md")["tags/wine"].note == "a glass"
    assert [pair.verdict is not None for pair in review.article("lunch.md").pairs].count(True) == 1
    assert review.verdict_count == 1
    review.give(["lunch.md"], "tags/wine", accepted=None)
    assert review.labels_of("lunch.md") == ["tags/bread"]


def test_a_whole_article_is_of_kinds_that_are_under_review_as_a_whole(project: Project) -> None:
    project.run()
    for view, source in (
        (project, WHOLE_ARTICLE),
        (project.only(kinds=["tags"]), WHOLE_ARTICLE),
        (project.only(categories=["tags/bread"]), SOURCE),
    ):
        decided = [Decided("lunch.md", "tags/bread", accepted=True)]
        (given,) = view.review().decide(decided, whole=True)
        assert given.source == source


def test_the_queue_is_of_what_is_undecided(review: Review) -> None:
    def paths() -> set[str]:
        return {review.table.rows[ask.row].path for ask in review.queue()}

    assert paths() == {"lunch.md", "dinner.md"}
    review.give(["dinner.md"], "tags/wine", accepted=True)
    assert paths() == {"lunch.md"}


def test_undo_goes_back_step_by_step_also_after_a_restart(review: Review, project: Project) -> None:
    project.accept("lunch.md", "cheese", note="by hand")
    review.refresh()
    review.give(["lunch.md"], "tags/cheese", accepted=False)
    review.give(["lunch.md", "dinner.md"], "tags/olives", accepted=True)
    again = project.review()
    undone = again.undo()
    assert [(it.path, it.category, it.accepted) for it in undone] == [
        ("lunch.md", "tags/olives", None),
        ("dinner.md", "tags/olives", None),
    ]
    assert {it.source for it in undone} == {UNDONE}
    (restored,) = again.undo()
    assert (restored.accepted, restored.note) == (True, "by hand")
    assert again.undo() == []  # what was given by hand is not this page's to take back
    assert [(it.category, it.accepted) for it in project.verdicts()] == [("tags/cheese", True)]
    again.give(["lunch.md"], "tags/wine", accepted=True)
    (wine,) = again.undo()
    assert wine.category == "tags/wine"


def test_verdicts_from_elsewhere_are_seen(review: Review, project: Project) -> None:
    assert not review.refresh()
    project.reject("lunch.md", "bread")
    assert review.refresh()
    assert review.labels_of("lunch.md") == []


def test_precision_and_thresholds_are_of_the_articles_under_review(review: Review) -> None:
    review.give(["lunch.md"], "tags/bread", accepted=True)
    review.give(["dinner.md"], "tags/wine", accepted=False)
    whole, *_ = review.precision()
    assert (whole.accepted, whole.rejected) == (1, 1)
    change = review.threshold("tags/cheese", 0.4)
    assert (change.added, change.labels) == (("lunch.md",), 1)
    assert review.labels_of("lunch.md") == ["tags/bread"]


def test_a_preview_writes_nothing_and_applying_writes_what_it_showed(review: Review) -> None:
    Path("lunch.md").write_text(
        "---\ntitle: Lunch\n---\nBread, more bread and bread again. Cheese too.\n"
    )
    review.project.run()
    review = review.project.review()
    review.give(["lunch.md"], "tags/wine", accepted=True)
    before = Path("lunch.md").read_text()
    (outcome,) = review.preview(review.decided_articles())
    assert isinstance(outcome, Applied)
    assert "+tags:" in outcome.edited.diff()
    assert Path("lunch.md").read_text() == before
    result = review.apply(["lunch.md"])
    assert result.changed == (Path("lunch.md"),)
    assert "wine" in Path("lunch.md").read_text().casefold()
    assert Path("dinner.md").read_text() == "Wine, wine and wine.\n"


def test_what_cannot_be_edited_says_why(review: Review) -> None:
    (outcome,) = review.preview(["dinner.md"])  # it has no front matter
    assert isinstance(outcome, Refused)


def test_too_few_verdicts_train_nothing(review: Review) -> None:
    review.give(["lunch.md"], "tags/bread", accepted=True)
    with pytest.raises(UsageError, match="too few"):
        review.train()
    assert review.labels_of("lunch.md") == ["tags/bread"]
