"""Every pair of the articles under review, as columns of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from classifier.decisions import Pair, decide_pairs
from classifier.models import Taxonomy, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

NEAR: Final = 0.10
"""A pair that is no label is a near miss where no more than this was lacking."""


@dataclass(frozen=True, slots=True)
class ScannedArticle:
    """An article as the scan found it."""

    path: str
    """As the caller wrote it."""
    digest: str
    blocked: bool = False
    """Whether a failure forbids labels, whatever the confidences."""


class PairTable:
    """Articles (rows) x categories (columns). Changes with verdicts, one row at a time."""

    def __init__(self, taxonomy: Taxonomy, *, height: int) -> None:
        """Begin a table for `height` articles; `taxonomy` has the rules that decide."""
        import numpy as np

        self.taxonomy = taxonomy
        self.categories = taxonomy.categories
        self.columns = {category.id: n for n, category in enumerate(self.categories)}
        self.rows: list[ScannedArticle] = []
        shape = height, len(self.categories)
        minimums = [taxonomy.minimum(category) for category in self.categories]
        self.minimums: Floats = np.tile(np.array(minimums), (height, 1))
        """Confidence (0-1) that a label needs: a site profile chooses it article by article."""
        self.confidence: Floats = np.full(shape, np.nan)
        """0-1, calibrated where the scorer is; NaN: not judged."""
        self.excluded: NDArray[np.bool_] = np.zeros(shape, bool)
        self.suggested: NDArray[np.bool_] = np.zeros(shape, bool)
        """Labels by the scorer alone."""
        self.label: NDArray[np.bool_] = np.zeros(shape, bool)
        """Labels with people's verdicts."""
        self.verdict: NDArray[np.int8] = np.zeros(shape, np.int8)
        """1 accepted, -1 rejected, 0 none."""
        self.given: Floats = np.zeros(shape)
        """When the verdict was given: seconds since the epoch."""

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.categories)

    def add(
        self, row: ScannedArticle, pairs: Iterable[Pair], verdicts: Mapping[str, Verdict]
    ) -> None:
        """Add an article."""
        n = len(self.rows)
        self.rows.append(row)
        pairs = list(pairs)
        if pairs:
            columns = [self.columns[category] for category, *_ in pairs]
            self.confidence[n, columns] = [confidence for _, confidence, *_ in pairs]
            self.minimums[n, columns] = [minimum for _, _, minimum, _ in pairs]
            self.excluded[n, columns] = [excluded for *_, excluded in pairs]
        self._mark(self.suggested, n, pairs, {})
        self.label[n] = self.suggested[n]
        if verdicts:
            self.give(n, verdicts)

    def give(self, row: int, verdicts: Mapping[str, Verdict]) -> None:
        """Replace the verdicts on an article, and decide its labels anew."""
        self.verdict[row] = 0
        self.given[row] = 0
        for name, verdict in verdicts.items():
            if name in self.columns:
                self.verdict[row, self.columns[name]] = 1 if verdict.accepted else -1
                self.given[row, self.columns[name]] = verdict.at
        self._mark(self.label, row, self.pairs(row), verdicts)

    def pairs(self, row: int) -> list[Pair]:
        """Return the judged pairs of an article, as `LabelPolicy.pairs` does."""
        import numpy as np

        return [
            (
                self.categories[column].id,
                float(self.confidence[row, column]),
                float(self.minimums[row, column]),
                bool(self.excluded[row, column]),
            )
            for column in np.flatnonzero(~np.isnan(self.confidence[row]))
        ]

    def decided(
        self, row: int, pairs: Sequence[Pair], verdicts: Mapping[str, Verdict]
    ) -> list[int]:
        """Return the columns of the labels that these pairs of an article give."""
        blocked = self.rows[row].blocked
        labels = decide_pairs(pairs, self.taxonomy, blocked=blocked, verdicts=verdicts)
        return [self.columns[label.category.id] for label in labels]

    def with_verdicts(self) -> list[int]:
        """Return the rows that have a verdict."""
        import numpy as np

        return [int(row) for row in np.flatnonzero((self.verdict != 0).any(axis=1))]

    def near(self, row: int | slice = slice(None)) -> NDArray[np.bool_]:
        """Return which pairs of an article, or of all, are near misses."""
        import numpy as np

        with np.errstate(invalid="ignore"):
            close = self.confidence[row] >= self.minimums[row] - NEAR
        return close & ~self.excluded[row] & ~self.suggested[row]

    def _mark(
        self, table: Any, row: int, pairs: Sequence[Pair], verdicts: Mapping[str, Verdict]
    ) -> None:
        table[row] = False
        table[row, self.decided(row, pairs, verdicts)] = True
