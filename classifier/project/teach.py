"""Ask a language model about a sample of the articles, and train the embedded scorer on that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from classifier import composition, leftovers, small_files
from classifier.corpus import Corpus, Scan
from classifier.errors import StoppedError, UsageError
from classifier.evaluation.metrics import Floats
from classifier.models import Category, Usage
from classifier.progress import Progress
from classifier.project import events, student, teaching_batch
from classifier.project.arguments import names
from classifier.project.artifact import Artifact, artifact
from classifier.project.batch import Submitter
from classifier.project.estimate import total
from classifier.project.events import ArticlesFailed, CostExpected, Message
from classifier.project.gold import GoldSource, StoredLabels, open_training_labels
from classifier.project.held_out import HeldOut
from classifier.project.teaching import (
    PLATEAU,
    TeachingEstimate,
    TeachingOptions,
    TeachingResult,
)
from classifier.project.train import TrainingOptions, TrainingResult, train
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.openai.costs import UsageEstimate
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.training import teaching_sample

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

WEIGHT: Final = 0.5
"""Of a label that the teacher gave, beside one that a person gave."""
POOL: Final = 3000
"""Articles that are looked at for the sample: of more, a random part."""
ROUND: Final = 25
"""Articles asked about between two measurements, where there is a target."""
MIN_CURVE: Final = 10
"""Taught articles in each half, for a learning curve."""


def teach(
    project: Workspace, paths: Sequence[Path], fields: Sequence[str], options: TeachingOptions
) -> TeachingResult:
    _check(options)
    peoples = _peoples(project, paths, fields)
    if options.batch:
        teaching_batch.finish(project, paths)
    return _Lesson.begin(project, paths, options, "write", peoples).result()


def estimate_teaching(
    project: Workspace, paths: Sequence[Path], options: TeachingOptions
) -> TeachingEstimate:
    _check(options)
    lesson = _Lesson.begin(project, paths, options, "read", ())
    judged, random = lesson.judged(), lesson.held_out
    size = min(options.articles, len(lesson.paths))
    left = max(0, size - len(random) - len(judged - set(random)))
    # Which ones they will be is known after all were read; what one costs hardly depends on it.
    every = teaching_sample.at_random(lesson.paths)
    rest = [one for one in every if one not in judged and one not in random][:left]
    scan = lesson.scan_of([*random, *rest])
    return TeachingEstimate(
        teacher=lesson.teacher.identity,
        articles=size,
        held_out=len(lesson.held_out),
        judged=len(judged),
        pairs=scan.pending_pairs,
        cost=lesson.cost(scan),
    )


@dataclass(slots=True, kw_only=True)
class _Lesson:
    project: Workspace
    """Judging with the student."""
    teacher: OpenAIScorer
    options: TeachingOptions
    records: Records
    corpus: Corpus
    """Judges by the categories as the teacher sees them: without what training adds."""
    categories: tuple[Category, ...]
    peoples: Sequence[GoldSource]
    file: Artifact
    scan: Scan
    paths: dict[str, str]
    """By digest."""
    held_out: list[str]
    complete: bool = True
    stopped: str = "articles"
    curve: list[tuple[int, float]] = field(default_factory=list)
    untrained: float = 0.0
    """F1 before any training, where something was measured."""

    @classmethod
    def begin(
        cls,
        project: Workspace,
        paths: Sequence[Path],
        options: TeachingOptions,
        purpose: Literal["read", "write"],
        peoples: Sequence[GoldSource],
    ) -> _Lesson:
        teacher = composition.language_model(project.settings)
        project = project.with_settings(scorer="embedded")
        file = artifact(project, "trained", options.output)
        plain = project.with_settings(trained="off")
        categories = plain.select(plain.definitions).categories
        records = project.records.get(purpose)
        corpus = project.corpus(categories, records, update_index=purpose == "write")
        scan = project.scan(corpus, paths, scorer=teacher.identity)
        by_digest: dict[str, str] = {}
        for entry in scan.entries:
            by_digest.setdefault(entry.digest, entry.path)
        if len(by_digest) < 4:
            raise UsageError("too few articles to learn from: name a folder of them")
        size = min(options.articles, len(by_digest))
        return cls(
            project=project,
            teacher=teacher,
            options=options,
            records=records,
            corpus=corpus,
            categories=categories,
            peoples=peoples,
            file=file,
            scan=scan,
            paths=by_digest,
            held_out=teaching_sample.held_out(by_digest, size),
        )

    def judged(self) -> set[str]:
        """Return the articles of which the teacher has judged something."""
        return {entry.digest for entry in self.scan.entries if entry.unjudged < self._width}

    @property
    def measured(self) -> HeldOut:
        return HeldOut(
            teacher=self.teacher.identity,
            records=self.records,
            corpus=self.corpus,
            categories=self.categories,
            paths=self.paths,
            articles=self.held_out,
        )

    @property
    def _width(self) -> int:
        return len(self.categories)

    def scan_of(self, articles: Sequence[str]) -> Scan:
        """Return a scan of these articles alone, in this order."""
        entries = {entry.digest: entry for entry in self.scan.entries}
        chosen = [entries[one] for one in articles]
        pairs = len(chosen) * self._width
        return Scan(scorer=self.scan.scorer, entries=chosen, pairs=pairs)

    # --- asking -----------------------------------------------------------------------------------

    def result(self) -> TeachingResult:
        options = self.options
        if options.until is None:
            self._ask(teaching_sample.interleaved(self.held_out, self._to_teach()))
        else:
            self._ask_in_rounds()
        taught = self._taught()
        if self.stopped == "budget":
            if not taught:
                raise UsageError(
                    "the held-out articles used up the budget, and nothing is trained yet: run "
                    "again to continue; no answer is lost"
                )
            text = "budget used up: run again to ask the rest; no answer is lost"
            self.project.emit(Message(text, "error"))
        if options.until is None and len(taught) >= 2 * MIN_CURVE:
            half = set(teaching_sample.at_random(taught)[: len(taught) // 2])
            self._measure_in_passing(taught - half, len(half))
        training = self._trained(options.output, frozenset(self.held_out))
        agreement, found = student.measure(self.project, self.measured, self.file.path)
        if agreement and agreement[0].f1 is not None:
            self._point(len(taught), agreement[0].f1.value)
        return TeachingResult(
            teacher=self.teacher.identity,
            taught=len(taught),
            training=training,
            agreement=agreement,
            curve=tuple(self.curve),
            usage=self._usage(),
            articles=len(self.paths),
            frontier=tuple(
                student.frontier_points(found, self.teacher, self.measured) if found else ()
            ),
            thresholds=(
                student.write_cuts(self.project, found, self.teacher, self.file, options.recall)
                if found
                else None
            ),
            stopped=self.stopped,
            complete=self.complete and training.complete,
        )

    def _ask_in_rounds(self) -> None:
        if not self._ask(self.held_out):
            return
        order = self._to_teach()
        for start in range(0, len(order), ROUND):
            if not self._ask(order[start : start + ROUND]):
                return
            taught = self._taught()
            later = taught.intersection(order[start + ROUND :])
            self._measure_in_passing(later, len(taught - later))
            if self.curve:
                articles, f1 = self.curve[-1]
                self.project.note(f"F1 {f1:.3f} with {articles:,} articles")
            if self._enough():
                return
        if len(order) + len(self.held_out) < len(self.paths):
            asked = len(order) + len(self.held_out)
            self.project.note(
                f"`until` is not reached with {asked:,} articles: continue with "
                f"`articles={2 * asked}`"
            )

    def _enough(self) -> bool:
        until, reached = self.options.until, [f1 for _, f1 in self.curve]
        if until == "plateau":
            # Where training is not used as yet, labels stay as they are: that is no plateau.
            learned = bool(reached) and reached[-1] > self.untrained
            if learned and len(reached) > 2 and reached[-1] - reached[-3] < PLATEAU:
                self.stopped = "plateau"
        elif until is not None and reached and reached[-1] >= until:
            self.stopped = "f1"
        return self.stopped != "articles"

    def _to_teach(self) -> list[str]:
        """Return the articles to train on: judged ones first, then those that teach most.

        Judged ones in the order in which they were asked about: the rounds of a run that goes on
        are those of the run before.
        """
        random = set(self.held_out)
        pool = [one for one in teaching_sample.at_random(self.paths) if one not in random]
        judged = self.judged() - random
        size = min(self.options.articles, len(self.paths)) - len(random) - len(judged)
        asked = self.records.store.judged_at(
            self.teacher.identity, judged, {category.digest for category in self.categories}
        )
        known = [one for one in pool if one in judged]
        known.sort(key=lambda one: min(asked.get(one, {}).values(), default=0.0))
        pool = [*known, *(one for one in pool if one not in judged)][: max(POOL, len(known))]
        if size <= 0:
            return known
        self.project.note(f"reading {len(pool):,} articles to choose from")
        kept, vectors = self._vectors(pool)
        taken = [row for row, one in enumerate(kept) if one in judged]
        chosen = teaching_sample.choose(vectors, size, taken=taken)
        return [*known, *(kept[row] for row in chosen)]

    def _vectors(self, pool: Sequence[str]) -> tuple[list[str], Floats]:
        """Return the articles that have any text, with a unit vector each."""
        student = EmbeddedScorer(
            model=self.project.settings.embedding_model, vectors=self.records.store
        )
        tasks = list(self.measured.tasks(pool, ()))
        rows = [
            (task.article.digest, features.view.document)
            for task, features in zip(tasks, student.inspect(iter(tasks)), strict=True)
            if features is not None
        ]
        if not rows:
            raise UsageError("no article has any text to learn from")
        vectors = np.array([vector for _, vector in rows], np.float64)
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return [article for article, _ in rows], vectors

    def _ask(self, articles: Sequence[str]) -> bool:
        """Ask the teacher what is missing. Returns whether the budget sufficed."""
        scan = self.scan_of(articles)
        if not scan.pending:
            return True
        self.project.emit(CostExpected(self.teacher.identity, scan.pending_pairs, self.cost(scan)))
        progress = self._judge(scan)
        if progress.failed:
            self.project.emit(ArticlesFailed(progress))
        if progress.stopping:
            raise StoppedError("interrupted: run again to continue from here; no answer is lost")
        if progress.over_budget:
            self.stopped = "budget"
        self.complete = self.complete and not (progress.failed or progress.over_budget)
        return not progress.over_budget

    def _judge(self, scan: Scan) -> Progress:
        if self.options.batch:
            return teaching_batch.ask(
                self._submitter(scan), [Path(one.path) for one in scan.entries]
            )
        return self.project.judge(self.corpus, scan, scorer=self.teacher, records=self.records)

    def cost(self, scan: Scan) -> UsageEstimate:
        """Estimate what asking about the pending pairs costs."""
        if self.options.batch:
            return self._submitter(scan).estimate().usage
        return total(self.teacher, self.corpus.tasks(scan))

    def _submitter(self, scan: Scan) -> Submitter:
        return teaching_batch.submitter(self.project, self.teacher, self.corpus, scan, self.records)

    def _taught(self) -> set[str]:
        return self.measured.answered([*self.paths]) - set(self.held_out)

    def _usage(self) -> Usage:
        known = {name: usage for name, _, _, usage in self.records.store.scorers()}
        return known.get(self.teacher.identity, Usage())

    # --- training and measuring -------------------------------------------------------------------

    def _trained(self, output: Path | None, without: frozenset[str]) -> TrainingResult:
        labels = StoredLabels(self.teacher.identity, weight=WEIGHT)
        options = TrainingOptions(output=output, held_out=without)
        return train(self.project, [labels, *self.peoples], options)

    def _measure_in_passing(self, left_out: set[str], taught: int) -> None:
        """Add a point to the learning curve: a training that is thrown away."""
        quiet = self.project.with_settings()
        quiet.on_event = events.ignore
        with leftovers.temporary_folder("classify-teach-") as folder:
            lesson = replace(self, project=quiet)
            file = folder / "trained.json"
            try:
                lesson._trained(file, frozenset({*self.held_out, *left_out}))
            except UsageError:  # too few labels as yet
                return
            agreement, _ = student.measure(quiet, self.measured, file)
        if agreement and agreement[0].f1 is not None:
            self._point(taught, agreement[0].f1.value)
            before = agreement[0].untrained_f1
            self.untrained = 0.0 if before is None else before.value

    def _point(self, taught: int, f1: float) -> None:
        if not self.curve or self.curve[-1][0] != taught:
            self.curve.append((taught, f1))


def _check(options: TeachingOptions) -> None:
    if options.articles < 4:
        raise UsageError(f"`articles` {options.articles}: expected at least 4")
    until = options.until
    if until is not None and options.batch:
        raise UsageError("`until` asks in rounds, and a batch takes up to a day: leave out one")
    if isinstance(until, float) and not 0 < until < 1:
        raise UsageError(f"`until` f1={until:g}: expected a number between 0 and 1")


def _peoples(
    project: Workspace, paths: Sequence[Path], fields: Sequence[str]
) -> Sequence[GoldSource]:
    """Return where people's labels are, beside the verdicts. Read before anything is paid."""
    folders = [GoldSource(path, names(fields)) for path in paths if small_files.is_dir(path)]
    if not folders or not (fields or project.settings.fields):
        return []
    quiet = project.with_settings(trained="off")
    quiet.on_event = events.ignore
    try:
        open_training_labels(quiet, folders)
    except UsageError:
        if fields:
            raise
        return []
    return folders
