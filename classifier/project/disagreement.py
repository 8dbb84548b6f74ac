"""Which pairs another scorer decides otherwise, or the members of a panel among themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus, Scan
from classifier.decisions import decide_pairs
from classifier.models import Category
from classifier.project.stored_scorers import StoredScorer, others
from classifier.review.table import PairTable
from classifier.runs import looked_up
from classifier.scorers.base import Scorer
from classifier.scorers.panel import Panel, categories_for
from classifier.store import Store

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ScorerComparison:
    """Compares the scorers of the pairs in a table."""

    project: Workspace
    corpus: Corpus
    scan: Scan
    table: PairTable
    store: Store

    def pairs(self) -> NDArray[np.bool_]:
        """Return which pairs the latest scorer of another kind decides otherwise, if there is one.

        An earlier state of the same scorer is none: that they differ is what training is for. The
        pairs of a panel are those that its members decide differently.
        """
        store, own = self.store, self.scan.scorer
        if isinstance(panel := self.project.scorer, Panel):
            return self._divided(panel)
        differs = np.zeros_like(self.table.label)
        kind = own.partition(":")[0]
        other = next((name for name in others(store, own) if name.partition(":")[0] != kind), None)
        if other is None:
            return differs
        categories = self.project.select(self.project.policy.taxonomy).categories
        labels, judged = self._labels_by(StoredScorer(other), categories)
        differs[judged] = labels[judged] != self.table.suggested[judged]
        return differs

    def _divided(self, panel: Panel) -> NDArray[np.bool_]:
        every_one = self.project.select(self.project.policy.taxonomy).categories
        found = [
            self._labels_by(member, categories_for(member, every_one)) for member in panel.members
        ]
        by_all = np.logical_and.reduce([judged for _, judged in found])
        some = np.logical_or.reduce([labels for labels, _ in found])
        every = np.logical_and.reduce([labels for labels, _ in found])
        divided: NDArray[np.bool_] = by_all & some & ~every
        return divided

    def _labels_by(
        self, scorer: Scorer, categories: Sequence[Category]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return which pairs a scorer alone would label, and which it has judged."""
        labels, judged = np.zeros_like(self.table.label), np.zeros_like(self.table.label)
        policy = self.project.policy_for(scorer)
        policy = policy.only(replace(policy.taxonomy, categories=tuple(categories)))
        scan = replace(self.scan, scorer=scorer.identity)
        for row, (_, pairs, blocked) in enumerate(looked_up(self.corpus, scan, policy, self.store)):
            judged[row, [self.table.columns[name] for name, *_ in pairs]] = True
            decided = decide_pairs(pairs, policy.taxonomy, blocked=blocked)
            labels[row, [self.table.columns[label.category.id] for label in decided]] = True
        return labels, judged
