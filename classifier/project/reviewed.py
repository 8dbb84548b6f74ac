"""An article as a reviewer sees it: its text, its pairs and the labels in its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.content.document import prose
from classifier.content.front_matter.editor import Editor
from classifier.content.front_matter.model import EditError
from classifier.content.local_images import local_image
from classifier.content.rendering import Mark, Node, rendered
from classifier.corpus import Corpus
from classifier.models import (
    Article,
    Category,
    Evidence,
    Failure,
    Judgement,
    Label,
    Rejection,
    Result,
    Taxonomy,
    Verdict,
)
from classifier.project.label_fields import TargetField, WriteOptions, target_fields
from classifier.review.queue import LISTED
from classifier.review.table import PairTable
from classifier.scorers.embedded import naming
from classifier.settings import Settings
from classifier.taxonomy.labels import LabelIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedPair:
    """A pair as a reviewer sees it."""

    category: Category
    judgement: Judgement | None
    """None: nothing has judged it."""
    minimum: float
    """The least confidence (0-1) of a label."""
    label: bool
    """Whether it is a label now, verdicts included."""
    suggested: bool
    """Whether the scorer alone would assign it."""
    asked: bool
    """Whether it is one of those to decide on."""
    listed: bool
    """Whether it is one of those, or of the most confident others."""
    in_file: bool
    """Whether the file has the label now."""
    disputed: bool
    """Whether another kind of scorer decides otherwise."""
    why: str
    """Why it is no label; empty if it is one."""
    verdict: Verdict | None
    judged_at: float
    """Seconds since the epoch; 0 if nothing has judged it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedArticle:
    path: str
    title: str
    description: str
    body: tuple[Node, ...]
    """The text; marks are named `quote N` and `mention N`, N being the place in `pairs`."""
    pairs: tuple[ReviewedPair, ...]
    """Those to decide on first, then all others by confidence."""
    file_labels: Mapping[str, tuple[str, ...]]
    """Labels in the front matter now, by key."""
    failures: tuple[Failure, ...]
    model: str


@dataclass(frozen=True, kw_only=True)
class ArticleViewer:
    """Puts together what a reviewer sees of the articles in a table."""

    corpus: Corpus
    table: PairTable
    taxonomy: Taxonomy
    """With categories that are not under review, too."""
    settings: Settings
    scorer: str
    """Identity."""
    questions: NDArray[np.bool_]
    """The pairs to decide on."""
    disputed: NDArray[np.bool_]
    """The pairs that another scorer decides otherwise."""
    folders: Sequence[Path]
    """Where images of articles are shown from."""

    def view(
        self,
        row: int,
        article: Article,
        result: Result,
        *,
        verdicts: Mapping[str, Verdict],
        judged_at: Mapping[str, float],
    ) -> ReviewedArticle:
        """Return the article in a row of the table.

        Args:
            row: Of the table.
            article: What was read.
            result: What was decided, verdicts included.
            verdicts: By category id.
            judged_at: When the pairs were judged, by category id; seconds since the epoch.
        """
        pairs = self._pairs(row, article, result, verdicts, judged_at)
        return ReviewedArticle(
            path=article.id,
            title=article.title,
            description=article.description,
            body=rendered(
                article.body,
                self._marks(article, pairs),
                shows=lambda target: self.image(article.id, target) is not None,
            ),
            pairs=tuple(pairs),
            file_labels=self._file_labels(article.id),
            failures=result.failures,
            model=result.model,
        )

    def image(self, path: str, target: str) -> Path | None:
        """Return the file of an image that an article names, if it may be shown."""
        return local_image(target, Path(path), self.folders)

    def _pairs(
        self,
        row: int,
        article: Article,
        result: Result,
        verdicts: Mapping[str, Verdict],
        judged_at: Mapping[str, float],
    ) -> list[ReviewedPair]:
        decided: dict[str, Label | Rejection] = {}
        decided |= {label.category.id: label for label in result.decision.labels}
        decided |= {rejection.category.id: rejection for rejection in result.decision.rejections}
        ask = self._asked(row)
        named = {
            category.id
            for key, labels in self._file_labels(article.id).items()
            for label in labels
            for category in self._index.find(label, self._kinds_of(key))
        }
        rest = sorted(
            set(range(self.table.width)) - set(ask),
            key=lambda column: -_number(self.table.confidence[row, column]),
        )
        return [
            _pair(
                self.table,
                row,
                column,
                decided.get(self.table.categories[column].id),
                asked=n < len(ask),
                listed=n < len(ask) or (n < LISTED and self._may_be(row, column)),
                in_file=self.table.categories[column].id in named,
                disputed=bool(self.disputed[row, column]),
                verdict=verdicts.get(self.table.categories[column].id),
                judged_at=judged_at.get(self.table.categories[column].id, 0.0),
            )
            for n, column in enumerate((*ask, *rest))
        ]

    def _may_be(self, row: int, column: int) -> bool:
        judged = bool(self.table.confidence[row, column] >= 0)  # not NaN
        return judged and not self.table.excluded[row, column]

    def _marks(self, article: Article, pairs: Sequence[ReviewedPair]) -> list[Mark]:
        """Return the quotes, and the mentions that count, of the pairs that have something."""
        counts = self.scorer.startswith(("embedded:", "cascade:", "panel:"))
        marks = []
        for n, pair in enumerate(pairs):
            evidence = pair.judgement.evidence if pair.judgement else ()
            marks += [_mark(quote, f"quote {n}") for quote in evidence if quote.verified]
            if counts and (pair.asked or pair.verdict):
                marks += _mentions(article, pair.category, f"mention {n}")
        return marks

    @cached_property
    def _fields(self) -> tuple[TargetField, ...]:
        taxonomy = self.taxonomy
        kinds = list(dict.fromkeys(category.kind for category in self.table.categories))
        return target_fields(self.settings, taxonomy, kinds, WriteOptions())

    @cached_property
    def _index(self) -> LabelIndex:
        return LabelIndex(self.table.categories)

    def _kinds_of(self, key: str) -> list[str]:
        return [c.kind for field in self._fields if field.name == key for c in field.categories]

    def _asked(self, row: int) -> list[int]:
        """Return the columns of an article to decide on: labels first, both by confidence."""
        columns = [int(n) for n in self.questions[row].nonzero()[0]]
        confidence, suggested = self.table.confidence[row], self.table.suggested[row]
        return sorted(columns, key=lambda n: (not suggested[n], -confidence[n]))

    def _file_labels(self, path: str) -> dict[str, tuple[str, ...]]:
        document = self.corpus.document(path)
        if isinstance(document, Failure):
            return {}
        labels = {}
        for target in self._fields:
            try:
                labels[target.name] = Editor(document.text, document.front_matter).labels(
                    target.name
                )
            except EditError:
                continue  # it cannot be edited either: `preview` says why
        return labels


def _pair(  # noqa: PLR0913 - all but four by name
    table: PairTable,
    row: int,
    column: int,
    decided: Label | Rejection | None,
    *,
    asked: bool,
    listed: bool,
    in_file: bool,
    disputed: bool,
    verdict: Verdict | None,
    judged_at: float,
) -> ReviewedPair:
    return ReviewedPair(
        category=table.categories[column],
        judgement=decided.judgement if decided else None,
        minimum=float(table.minimums[row, column]),
        label=bool(table.label[row, column]),
        suggested=bool(table.suggested[row, column]),
        asked=asked,
        listed=listed,
        in_file=in_file,
        disputed=disputed,
        why=decided.why if isinstance(decided, Rejection) else "",
        verdict=verdict,
        judged_at=judged_at,
    )


def _number(confidence: float) -> float:
    return confidence if confidence == confidence else -1.0  # noqa: PLR0124 - NaN: not judged


def _mark(quote: Evidence, name: str) -> Mark:
    return Mark(quote.start or 0, quote.end or 0, name)


def _mentions(article: Article, category: Category, name: str) -> Iterator[Mark]:
    """Yield where the text names a category, as the embedded scorer counts it."""
    read = prose(article)
    known = naming.names(naming.known_names(category.title, category.aliases))
    for start, end in naming.spans(known, read.text):
        yield Mark(*read.span(start, end), name)
