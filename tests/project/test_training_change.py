"""What training in a review gained and changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cli_sites import write_mislabelled

from classifier.project import Project


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


@pytest.mark.slow
def test_what_is_not_judged_is_judged_first_also_beside_imported_judgements(site: Path) -> None:
    write_mislabelled(site)
    with Project.open(imported_first=True) as project:
        review = project.review("site")
        assert review.table.height == 24
        assert not any(entry.pending for entry in review.scan.entries)
