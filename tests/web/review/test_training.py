"""Training happens in the background, one at a time, and says how it went."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from classifier.errors import UsageError
from classifier.project.review import Review
from classifier.project.training_change import GainOfKind, TrainingChange
from classifier.web.review.training import Training

CHANGE = TrainingChange(
    kinds=(
        GainOfKind(
            kind="tags",
            articles=3,
            precision_before=None,
            precision_after=0.5,
            f1_before=0.4,
            f1_after=0.6,
        ),
    ),
    pairs=12,
    labels_before=4,
    labels_after=5,
    changed=3,
    judged=True,
)


class Slow:
    """A review whose training ends when it is told to."""

    def __init__(self, outcome: TrainingChange | Exception) -> None:
        self.outcome = outcome
        self.go = threading.Event()
        self.times = 0

    def train(self) -> TrainingChange:
        self.times += 1
        assert self.go.wait(30)
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome


def trained(slow: Slow) -> dict[str, Any]:
    training = Training(cast("Review", slow))
    assert training.state() == {"state": "idle"}
    assert training.start() == {"state": "running"}
    assert training.start() == {"state": "running"}
    slow.go.set()
    for thread in threading.enumerate():
        if thread.name == "training":
            thread.join(30)
    return training.state()


def test_what_changed_is_told() -> None:
    slow = Slow(CHANGE)
    state = trained(slow)
    assert slow.times == 1
    assert (state["state"], state["pairs"], state["changed"]) == ("done", 12, 3)
    assert state["kinds"][0]["precision_after"] == 0.5


@pytest.mark.parametrize(
    ("error", "told"), [(UsageError("too few"), "too few"), (KeyError("x"), "KeyError: 'x'")]
)
def test_a_failure_is_told_and_may_be_tried_again(error: Exception, told: str) -> None:
    slow = Slow(error)
    assert trained(slow) == {"state": "failed", "detail": told}
