"""`Project.review`: the queue, verdicts that are on disk, undo, previews, and training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.cli_sites import write_mislabelled
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.content.rendering import Element, Marked
from classifier.errors import UsageError
from classifier.models import Category, Judgement, Task
from classifier.outputs.write_back import Refused
from classifier.project import Project
from classifier.project.apply import Applied
from classifier.project.review import SOURCE, UNDONE, Review
from classifier.scorers.panel import Combination, Panel


@pytest.fixture
def review(project: Project) -> Review:
    project.run()
    return project.review()


def test_a_review_needs_something_that_is_judged(project: Project) -> None:
    with pytest.raises(UsageError, match="classify them first"):
        project.review()


def test_an_article_has_its_text_its_pairs_and_what_is_in_the_file(review: Review) -> None:
    Path("lunch.md").write_text(
        "---\ntags: [cheese, lunch]\n---\nBread, more bread and bread again. Cheese too.\n"
    )
    article = review.article("lunch.md")
    assert article.title == "Lunch"
    assert article.file_labels == {"tags": ("cheese", "lunch"), "concepts": ()}
    bread, cheese, *rest = article.pairs
    assert (bread.category.title, bread.label, bread.asked, bread.in_file) == (
        "Bread",
        True,
        True,
        False,
    )
    assert (cheese.category.title, cheese.label, cheese.asked, cheese.in_file) == (
        "Cheese",
        False,
        True,
        True,
    )
    assert cheese.why == "0.45 is below the minimum of 0.50"
    assert not any(pair.asked or pair.label for pair in rest)
    assert bread.judgement is not None
    assert bread.judged_at > 0
    (paragraph,) = article.body
    assert isinstance(paragraph, Element)
    assert paragraph.children[0] == Marked("Bread", ("quote 0",))


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


@pytest.fixture
def bakery(site: Path) -> Iterator[Project]:
    """Articles that the real scorer knows little of before people say what they are."""
    write_mislabelled(site)
    with Project.open() as project:
        yield project


@pytest.mark.slow
def test_training_changes_the_labels_and_says_what_it_gained(bakery: Project) -> None:
    review = bakery.review("site")
    assert review.table.height == 24
    for path in list(review.rows):
        number = int(Path(path).stem)
        review.give([path], "tags/bread", accepted=number % 3 == 0)
        review.give([path], "tags/wine", accepted=number % 3 == 1)
    before, suggested = review.scan.scorer, int(review.table.suggested.sum())
    change = review.train()
    assert change.judged
    assert change.pairs >= 48
    (kind,) = [kind for kind in change.kinds if kind.kind == "tags"]
    assert kind.f1_after is not None
    assert kind.f1_before is not None
    assert kind.f1_after >= kind.f1_before
    # The articles are judged anew, and what was trained on does not count any more.
    assert review.scan.scorer != before or review.calibrated
    assert review.table.suggested.sum() > suggested
    assert review.precision()[0].seen == 0
    assert not any(entry.pending for entry in review.scan.entries)
    assert review.verdict_count == 48


def test_a_scorer_of_another_kind_that_disagrees_is_seen(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.run()

    class Other(KeywordScorer):
        """Is sure of what is mentioned once."""

        @property
        def identity(self) -> str:
            return "other:sure:0123456789"

        def _judgement(self, task: Task, category: Category) -> Judgement:
            made = super()._judgement(task, category)
            return replace(made, confidence=0.9 if made.confidence == 0.45 else made.confidence)

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Other())
    with Project.open() as again:
        again.run()
    review = project.review()
    disputed = [it.category.title for it in review.article("lunch.md").pairs if it.disputed]
    assert disputed == ["Cheese"]


class Sure(KeywordScorer):
    """Is sure of what is mentioned once."""

    @property
    def identity(self) -> str:
        return "sure:counting:0123456789"

    def _judgement(self, task: Task, category: Category) -> Judgement:
        made = super()._judgement(task, category)
        return replace(made, confidence=0.9 if made.confidence == 0.45 else made.confidence)


@pytest.mark.parametrize("confidence", ["mean", "least"])
def test_what_a_panel_disagrees_on_is_asked_about_and_comes_first(
    site: Path, monkeypatch: pytest.MonkeyPatch, confidence: Combination
) -> None:
    (site / "aaa.md").write_text("Bread, bread and bread, wine, wine and wine.\n")
    panel = Panel([KeywordScorer(), Sure()], confidence)
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: panel)
    with Project.open() as project:
        project.run()
        review = project.review()
        pairs = {it.category.title: it for it in review.article("lunch.md").pairs}
        assert [title for title, it in pairs.items() if it.disputed] == ["Cheese"]
        assert pairs["Cheese"].asked
        assert pairs["Cheese"].label == (confidence == "mean")
        assert review.table.rows[review.queue()[0].row].path == "lunch.md"
