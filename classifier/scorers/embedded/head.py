"""The trained head: turns the features of a pair into a confidence."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HeadWeight:
    """Weight of one feature: `(value - mean) / scale`, clipped, times `weight`."""

    mean: float
    scale: float
    weight: float


@dataclass(frozen=True)
class LinearModel:
    """Logistic regression, calibrated on articles and categories of held-out sets."""

    weights: Mapping[str, HeadWeight]
    intercept: float
    clip: tuple[float, float]
    steeper: float
    """Factor of the log-odds below 0. Sets agree on what does not belong, and differ on how sure a
    high score is."""

    @classmethod
    def of(cls, given: Mapping[str, Any], clip: tuple[float, float]) -> LinearModel:
        return cls(
            weights={name: HeadWeight(*numbers) for name, numbers in given["features"].items()},
            intercept=given["intercept"],
            clip=clip,
            steeper=given["steeper_below_half"],
        )

    @cached_property
    def _numbers(self) -> tuple[Numbers, Numbers, Numbers]:
        """Means, scales and weights, a row for each feature."""
        import numpy as np

        rows = np.array([(w.mean, w.scale, w.weight) for w in self.weights.values()])
        return rows[:, :1], rows[:, 1:2], rows[:, 2:]

    def confidences(self, columns: Mapping[str, Numbers]) -> Numbers:
        """Return the confidences, 0-1, that an editor would assign the categories."""
        import numpy as np

        rows = np.stack([columns[name] for name in self.weights])
        means, scales, weights = self._numbers
        standard = ((rows - means) / scales).clip(*self.clip)
        logits = np.add.reduce(weights * standard, axis=0, initial=self.intercept)
        logits[logits < 0] *= self.steeper
        return np.asarray(1 / (1 + np.exp(-logits.clip(-30.0, 30.0))))


@dataclass(frozen=True, slots=True)
class Head:
    """Two models: how far a title can be trusted depends on what else is known."""

    named: LinearModel
    """For categories with a title and at most a description: the title says most."""
    topical: LinearModel
    """For categories with key topics, which say more than a title can."""

    @classmethod
    def load(cls, name: str = "head.json") -> Head:
        """Read a head that is shipped, written by benchmarks/train_head.py."""
        head = json.loads(files("classifier.scorers.embedded").joinpath(name).read_text("utf-8"))
        low, high = head["clip"]
        return cls(*(LinearModel.of(head[kind], (low, high)) for kind in ("named", "topical")))

    def weights_for(self, *, topics: bool) -> LinearModel:
        return self.topical if topics else self.named

    def confidences(self, columns: Mapping[str, Numbers], *, topics: Sequence[bool]) -> Numbers:
        """Return a confidence, 0-1, for each category.

        Args:
            columns: Numbers by feature, one for each category.
            topics: Whether each category has key topics.
        """
        import numpy as np

        if all(topics) or not any(topics):
            return self.weights_for(topics=any(topics)).confidences(columns)
        named, topical = self.named.confidences(columns), self.topical.confidences(columns)
        return np.where(topics, topical, named)
