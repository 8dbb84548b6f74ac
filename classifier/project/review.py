"""Review suggested labels: what to look at next, verdicts, and what they bring."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from classifier import composition, language, settings, small_files
from classifier.content.local_images import image_folders
from classifier.corpus import Entry, Scan
from classifier.errors import UsageError
from classifier.models import (
    Category,
    Failure,
    Verdict,
)
from classifier.project.apply import ApplyResult, FileOutcome, apply
from classifier.project.label_fields import WriteOptions
from classifier.project.queued_pairs import queued_pairs
from classifier.project.reviewed import ArticleViewer, ReviewedArticle
from classifier.project.running import run
from classifier.project.train import TrainingOptions, train
from classifier.project.training_change import TrainingChange, gain_of
from classifier.project.training_sources import default_sources
from classifier.review import log
from classifier.review.precision import Precision, precisions
from classifier.review.queue import Ask
from classifier.review.threshold import ThresholdChange, threshold_change
from classifier.runs import recorded
from classifier.scorers import members
from classifier.store import VerdictRecord
from classifier.verdicts import WHOLE_ARTICLE, Verdicts

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person says of a pair."""

    path: str
    category: str
    """Id."""
    accepted: bool | None
    """None withdraws an earlier verdict."""


class Review:
    """Articles whose pairs are judged, for one or more people to give verdicts on.

    Safe to use from several threads. Every verdict is on disk when its method returns.
    """

    def __init__(self, project: Workspace, paths: Sequence[Path]) -> None:
        self.project = project
        self.paths = tuple(paths)
        self._trained_at = _written_at(project)
        self._lock = RLock()
        self._order: list[Ask] | None = None
        self.version = 0
        """Counts the changes of verdicts and judgements."""
        self._load()

    def _load(self) -> None:
        """Read what is stored."""
        # What a run needs and a review hardly does: texts of articles are read again one by one.
        language.forget_detector()
        project = self.project
        project.documents.clear()
        self._records: Records = project.records.get("write")
        self._policy = project.policy.only(project.taxonomy)
        self._corpus = project.corpus(project.taxonomy.categories, self._records)
        self._scan = project.scan(self._corpus, self.paths, scorer=project.scorer.identity)
        self._log = self._records.store.verdicts()
        self._queued = queued_pairs(
            project,
            self._corpus,
            self._scan,
            self._policy,
            self._records.store,
            self._verdicts,
        )
        self.table = self._queued.table
        self._changed()
        self.rows = {row.path: n for n, row in enumerate(self.table.rows)}
        """Places of the articles in the table, by path."""

    # --- what there is ---------------------------------------------------------------------------

    @property
    def categories(self) -> tuple[Category, ...]:
        return self.table.categories

    @property
    def scan(self) -> Scan:
        return self._scan

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """Titles of the articles by path, for those that can be read."""
        return self._corpus.titles(row.path for row in self.table.rows)

    @property
    def calibrated(self) -> bool:
        return bool(self._policy.curves)

    @property
    def decided_by(self) -> str:
        """The site profile that decides, in a few words; empty where there is none."""
        return self._policy.decided_by

    def failures(self) -> list[tuple[int, Failure]]:
        """Return the articles that are not judged completely, by their place in the table."""
        with self._lock:
            doubtful = {
                self._corpus.key(entry.path): n
                for n, entry in enumerate(self._scan.entries)
                if entry.pending
            }
            failed = self._records.store.failed(self._scan.scorer, doubtful)
            found = [(doubtful[key], failure) for key, failure in failed.items()]
            held = ((n, it) for n, entry in enumerate(self._scan.entries) for it in entry.held)
            return sorted((*found, *held), key=lambda it: it[0])

    def queue(self) -> list[Ask]:
        """Return the articles that have something to decide on, the most instructive first.

        The order stays as it is until the next training or start: verdicts only take articles out.
        """
        with self._lock:
            if self._order is None:
                self._order = list(self._queued.order())
            left = (self._queued.questions & (self.table.verdict == 0)).any(axis=1)
            return [ask for ask in self._order if left[ask.row]]

    def article(self, path: str) -> ReviewedArticle:
        """Return an article with everything there is to say about its pairs.

        Raises:
            UsageError: It is not one of the articles under review, or cannot be read.
        """
        with self._lock:
            row = self._row(path)
            entry = Entry(path, self.table.rows[row].digest, ())
            scan = Scan(scorer=self._scan.scorer, entries=[entry])
            policy = replace(self._policy, verdicts=self._verdicts)
            result, records = next(
                recorded(self._corpus, scan, policy=policy, store=self._records.store)
            )
            article = self._corpus.article(path)
            if isinstance(article, Failure):
                raise UsageError(article.message)
            return self._viewer.view(
                row,
                article,
                result,
                verdicts=self._of(row),
                judged_at={name: record.judged_at for name, record in records.items()},
            )

    def image(self, path: str, target: str) -> Path | None:
        """Return the file of an image that an article names; None if it may not be shown.

        Raises:
            UsageError: The article is not one of those under review.
        """
        with self._lock:
            self._row(path)
            return self._viewer.image(path, target)

    def precision(self) -> list[Precision]:
        """Return how many of the suggested labels that people saw were right."""
        with self._lock:
            return precisions(self.table, since=self._trained_at)

    def threshold(self, category: str, minimum: float) -> ThresholdChange:
        """Return what another minimum of a category would change. Changes nothing.

        Args:
            category: Id.
            minimum: The least confidence (0-1) of a label.
        """
        with self._lock:
            column = self._column(category)
            given = {row: self._of(row) for row in self.table.with_verdicts()}
            return threshold_change(self.table, column, minimum, given)

    # --- verdicts --------------------------------------------------------------------------------

    def give(
        self, paths: Sequence[str], category: str, *, accepted: bool | None, note: str = ""
    ) -> list[VerdictRecord]:
        """Store a verdict on a category of some articles; `accepted` None withdraws one.

        Raises:
            UsageError: An article or category is not under review, or an article cannot be read.
        """
        return self.decide([Decided(path, category, accepted) for path in paths], note=note)

    def decide(
        self, verdicts: Sequence[Decided], *, note: str = "", whole: bool = False
    ) -> list[VerdictRecord]:
        """Store several verdicts as one: all or none, and taken back together; see `give`.

        Args:
            verdicts: On pairs under review.
            note: On all of them.
            whole: Whether no other category belongs to the articles: `train` then takes them for
                fully labelled, in the kinds of which every category is under review.
        """
        with self._lock:
            now = time.time()
            given = [
                VerdictRecord(
                    path=self._corpus.key(it.path),
                    article=self._digest(it.path),
                    category=it.category,
                    definition=self.categories[self._column(it.category)].digest,
                    accepted=it.accepted,
                    note=note,
                    source=WHOLE_ARTICLE if whole and self._is_whole(it.category) else log.SOURCE,
                    at=now,
                )
                for it in verdicts
            ]
            self._store(given, sorted({self._row(it.path) for it in verdicts}))
            return given

    def undo(self) -> list[VerdictRecord]:
        """Take the last verdict of a review back, and return what holds in its place.

        Several that were given at once are taken back at once. Also those of an earlier session.
        """
        with self._lock:
            last = log.last_given(self._log)
            if not last:
                return []
            now = time.time()
            earlier = [log.earlier(self._log, place) for place in last]
            restored = [
                replace(
                    self._log[place],
                    accepted=None if before is None else before.accepted,
                    note="" if before is None else before.note,
                    source=log.UNDONE,
                    at=now,
                )
                for place, before in zip(last, earlier, strict=True)
            ]
            paths = map(self.path_of, restored)
            self._store(restored, [self.rows[path] for path in paths if path is not None])
            return restored

    def verdicts_of(self, path: str) -> Mapping[str, Verdict]:
        """Return the verdicts on an article, by category id."""
        with self._lock:
            return self._of(self._row(path))

    def labels_of(self, path: str) -> list[str]:
        """Return the ids of an article's labels, verdicts included."""
        with self._lock:
            columns = self.table.label[self._row(path)].nonzero()[0]
            return [self.categories[column].id for column in columns]

    def decided_articles(self) -> list[str]:
        """Return the articles that have a verdict."""
        with self._lock:
            return [self.table.rows[row].path for row in self.table.with_verdicts()]

    @property
    def verdict_count(self) -> int:
        """How many pairs have a verdict."""
        return int((self.table.verdict != 0).sum())

    def path_of(self, record: VerdictRecord) -> str | None:
        """Return the path of a verdict's article as it is under review, if it is."""
        return self._paths.get(record.path)

    def refresh(self) -> bool:
        """Read verdicts that were given elsewhere; return whether there are any."""
        with self._lock:
            every = self._records.store.verdicts()
            if len(every) == len(self._log):
                return False
            self._log = every
            self.__dict__.pop("_verdicts", None)
            for row in range(self.table.height):
                self.table.give(row, self._of(row))
            self._changed()
            return True

    def _store(self, given: Sequence[VerdictRecord], rows: Sequence[int]) -> None:
        self._records.store.add_verdicts(*given)
        self._log = [*self._log, *given]
        self.__dict__.pop("_verdicts", None)
        for row in rows:
            self.table.give(row, self._of(row))
        self.version += 1

    def _changed(self) -> None:
        self._order = None
        self.version += 1

    def _is_whole(self, category: str) -> bool:
        return self.categories[self._column(category)].kind in self._whole_kinds

    @cached_property
    def _whole_kinds(self) -> frozenset[str]:
        """Kinds of which every category is under review."""
        every = self.project.definitions.categories
        left_out = {it.kind for it in every if it.id not in self.table.columns}
        return frozenset({it.kind for it in every} - left_out)

    # --- training --------------------------------------------------------------------------------

    def train(self) -> TrainingChange:
        """Train the scorer on all verdicts and labels, and judge anew where that costs nothing.

        Verdicts may be given meanwhile; they take no part.

        Raises:
            UsageError: There are too few verdicts.
        """
        project = self.project.with_settings()
        result = train(project, default_sources(project), TrainingOptions())
        fresh = self.project.with_settings()
        free = members.is_free(fresh.scorer)
        if free:
            run(fresh, self.paths, store=True)
        with self._lock:
            before = self.table.label.copy()
            self.project = fresh
            self._trained_at = time.time()
            self._load()
            changed = before != self.table.label if before.shape == self.table.label.shape else None
        return TrainingChange(
            kinds=tuple(gain_of(kind) for kind in result.kinds),
            pairs=sum(kind.labelled_pairs for kind in result.kinds),
            labels_before=int(before.sum()),
            labels_after=int(self.table.label.sum()),
            changed=0 if changed is None else int(changed.sum()),
            judged=free,
        )

    # --- the front matter ------------------------------------------------------------------------

    def preview(self, paths: Sequence[str]) -> list[FileOutcome]:
        """Return what `apply` would make of articles; an edited file has a diff.

        Raises:
            UsageError: An article is not under review.
        """
        outcomes: list[FileOutcome] = []
        if not paths:
            return outcomes
        with self._lock:
            files = self._files(paths)
            apply(self.project, files, WriteOptions(), dry_run=True, on_file=outcomes.append)
        return outcomes

    def apply(self, paths: Sequence[str]) -> ApplyResult:
        """Write the labels of articles into their front matter, as `Project.apply` does.

        Raises:
            UsageError: An article is not under review.
        """
        with self._lock:
            files = self._files(paths)
            return apply(self.project, files, WriteOptions(), dry_run=False, on_file=lambda _: None)

    @cached_property
    def _paths(self) -> Mapping[str, str]:
        """Paths as they are under review, by what the store calls them."""
        return {self._corpus.key(path): path for path in self.rows}

    # --- parts -----------------------------------------------------------------------------------

    @property
    def _viewer(self) -> ArticleViewer:
        return ArticleViewer(
            corpus=self._corpus,
            table=self.table,
            taxonomy=self.project.policy.taxonomy,
            settings=self.project.settings,
            scorer=self._scan.scorer,
            questions=self._queued.questions,
            disputed=self._queued.disputed,
            folders=self._image_folders,
        )

    @cached_property
    def _image_folders(self) -> list[Path]:
        folders = (path if small_files.is_dir(path) else path.parent for path in self.paths)
        return image_folders(folders, settings.home(self.project.folder))

    @cached_property
    def _verdicts(self) -> Verdicts:
        home = self._records.home
        return Verdicts(self._log, self._policy.taxonomy.categories, home=home)

    def _of(self, row: int) -> Mapping[str, Verdict]:
        where = self.table.rows[row]
        return self._verdicts.of(path=where.path, article=where.digest)

    def _files(self, paths: Sequence[str]) -> list[Path]:
        return [Path(self.table.rows[self._row(path)].path) for path in paths]

    def _row(self, path: str) -> int:
        if path not in self.rows:
            raise UsageError(f"{path!r} is not under review")
        return self.rows[path]

    def _column(self, category: str) -> int:
        if category not in self.table.columns:
            raise UsageError(f"no category {category!r} is under review")
        return self.table.columns[category]

    def _digest(self, path: str) -> str:
        article = self._corpus.article(self.table.rows[self._row(path)].path)
        if isinstance(article, Failure):
            raise UsageError(article.message)
        return article.digest


def open_review(project: Workspace, paths: Sequence[Path]) -> Review:
    if members.is_free(project.scorer):
        run(project, paths, store=True)
    review = Review(project, paths)
    scan = review.scan
    if scan.entries and sum(entry.unjudged for entry in scan.entries) == scan.pairs:
        raise UsageError(
            f"{scan.scorer} has judged nothing of these articles: classify them first, or see "
            "`scorer` and `model`"
        )
    return review


def _written_at(project: Workspace) -> float:
    """Return when the corrections in use were written; 0 without any."""
    times = [path.stat().st_mtime for path in composition.trained_files(project.settings)]
    return max(times, default=0.0)
