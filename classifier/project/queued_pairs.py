"""The pairs of a scan in the order in which people should look at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.project.disagreement import ScorerComparison
from classifier.review.queue import Ask, order, questions, uncertainty
from classifier.review.table import PairTable, ScannedArticle
from classifier.runs import looked_up
from classifier.scorers.panel import Panel
from classifier.store import Store
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class QueuedPairs:
    """What is stored of a scan's pairs, and what to ask about them."""

    table: PairTable
    questions: NDArray[np.bool_]
    """The pairs to decide on; verdicts change nothing."""
    disputed: NDArray[np.bool_]
    """The pairs that another scorer decides otherwise."""

    def order(self) -> Iterator[Ask]:
        """Yield the articles that have a pair without a verdict, the most instructive first."""
        return order(self.table, self.questions, disagreement=self.disputed)

    def one_by_one(self) -> Iterator[tuple[int, int]]:
        """Yield places in the table (row, column) of pairs without a verdict.

        First those to decide on, article by article as in `order`, then all others; the most
        doubtful first. Of articles with the same text, the first; none of blocked articles and of
        exclusions that apply.
        """
        table = self.table
        open_ = (table.verdict == 0) & ~table.excluded & ~np.isnan(table.confidence)
        doubt = uncertainty(table)
        seen: dict[str, int] = {}
        for row, it in enumerate(table.rows):
            if it.blocked or seen.setdefault(it.digest, row) != row:
                open_[row] = False
        asked = open_ & self.questions
        for ask in self.order():
            yield from _ranked(ask.row, asked, doubt)
        rest = open_ & ~self.questions
        for place in np.argsort(-np.where(rest, doubt, -1.0), axis=None, kind="stable"):
            row, column = divmod(int(place), table.width)
            if not rest[row, column]:
                return
            yield row, column


def queued_pairs(  # noqa: PLR0913, PLR0917 - what a table is made of
    project: Workspace,
    corpus: Corpus,
    scan: Scan,
    policy: LabelPolicy,
    store: Store,
    verdicts: Verdicts,
) -> QueuedPairs:
    """Return what is stored of a scan's pairs; nothing is judged."""
    table = PairTable(policy.taxonomy, height=len(scan.entries))
    for entry, pairs, blocked in looked_up(corpus, scan, policy, store):
        given = verdicts.of(path=entry.path, article=entry.digest)
        table.add(ScannedArticle(entry.path, entry.digest, blocked), pairs, given)
    asked = questions(table)
    disputed = ScorerComparison(project, corpus, scan, table, store).pairs()
    if isinstance(project.scorer, Panel):
        asked |= disputed
    return QueuedPairs(table, asked, disputed)


def _ranked(
    row: int, some: NDArray[np.bool_], doubt: NDArray[np.float64]
) -> Iterator[tuple[int, int]]:
    columns = np.flatnonzero(some[row])
    for column in columns[np.argsort(-doubt[row, columns], kind="stable")]:
        yield row, int(column)
