"""Find the pairs a cascade need not ask its language model about, while keeping a recall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import artifacts, composition
from classifier.corpus import Corpus, Scan
from classifier.errors import StoppedError, UsageError
from classifier.models import Taxonomy
from classifier.project.artifact import Artifact, artifact
from classifier.project.estimate import total
from classifier.project.events import ArticlesFailed, CostExpected, Message
from classifier.project.gold import GoldSource, open_gold
from classifier.scorers import members
from classifier.scorers.base import Scorer
from classifier.scorers.cached import Cached
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.deferral import CascadeFile, FittedThresholds
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai.costs import Estimating, UsageEstimate
from classifier.training.cascade_tuning import CascadeTuning, fit_by_gold
from classifier.training.threshold_sampling import RecallTarget

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeTuningResult:
    first: str
    """Identity of the scorer that judges every pair."""
    second: str
    """Identity of the language model."""
    thresholds: FittedThresholds | None
    """None: the budget was used up before they could be chosen, and nothing was written."""
    artifact: Artifact
    """The file of the thresholds."""
    complete: bool
    """Whether everything could be judged that was needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CascadeTuningEstimate:
    """What tuning would ask the language model. The sample's size is chosen after the pilot."""

    second: str
    """Identity of the language model."""
    articles: int
    """Of copies of a text, one counts."""
    pairs: int
    pilot_pairs: int
    """Pairs to ask about first, without those that are stored."""
    pilot_cost: UsageEstimate | None
    """None: it cannot be estimated."""
    most_pairs: int
    """Pairs to ask about at most."""
    most_cost: UsageEstimate | None


def tune_cascade(
    project: Workspace, paths: Sequence[Path], *, recall: float, output: Path | None
) -> CascadeTuningResult:
    if not paths:
        raise UsageError("name the articles to tune on, or human labels with `gold=FILE`")
    project, cascade, target = _parts(project, recall)
    file = artifact(project, "cuts", output)
    file.existing(deferral.load)  # a file that cannot be used is reported before judging
    tuner = _Tuner(project, cascade, project.records.get("write"))
    thresholds = tuner.thresholds(paths, target)
    return _written(project, cascade, thresholds, file, complete=tuner.complete)


def tune_cascade_by_gold(
    project: Workspace, gold: str | Path | GoldSource, *, recall: float, output: Path | None
) -> CascadeTuningResult:
    project, cascade, target = _parts(project, recall)
    file = artifact(project, "cuts", output)
    file.existing(deferral.load)
    session = open_gold(project, gold)
    pairs = session.predictions(cascade.first).pairs
    thresholds = fit_by_gold(pairs, session.taxonomy, target, gold=session.gold.source)
    return _written(project, cascade, thresholds, file, complete=session.complete)


def estimate_cascade_tuning(
    project: Workspace, paths: Sequence[Path], *, recall: float
) -> CascadeTuningEstimate:
    project, cascade, target = _parts(project, recall)
    tuner = _Tuner(project, cascade, project.records.get("read"), update_index=False)
    return tuner.estimate(paths, target)


def _parts(project: Workspace, recall: float) -> tuple[Workspace, Cascade, RecallTarget]:
    """Return the project judging with a cascade, the cascade, and what is aimed at."""
    if not 0 < recall < 1:
        raise UsageError(f"`recall` {recall!r}: expected a number between 0 and 1")
    project = project.with_settings(scorer="cascade")
    return project, composition.cascade(project.settings), RecallTarget(recall=recall)


def _written(
    project: Workspace,
    cascade: Cascade,
    thresholds: FittedThresholds | None,
    file: Artifact,
    *,
    complete: bool,
) -> CascadeTuningResult:
    first, second = cascade.first.identity, cascade.second.identity
    if thresholds is not None:
        write_thresholds(project, cascade, thresholds, file)
    return CascadeTuningResult(
        first=first, second=second, thresholds=thresholds, artifact=file, complete=complete
    )


def write_thresholds(
    project: Workspace, cascade: Cascade, thresholds: FittedThresholds, file: Artifact
) -> None:
    """Add thresholds to the file, in place of earlier ones for the same scorers."""
    # Read again: judging may have taken hours.
    earlier = file.existing(deferral.load) or CascadeFile()
    key = composition.cascade_key(project.settings, cascade.first, cascade.second)
    cascades = {**earlier.cascades, key: thresholds}
    file.write(artifacts.dump(CascadeFile(cascades=cascades)))


@dataclass(slots=True)
class _Tuner:
    project: Workspace
    cascade: Cascade
    records: Records
    update_index: bool = True
    complete: bool = True
    taxonomy: Taxonomy = field(init=False)
    corpus: Corpus = field(init=False)

    def __post_init__(self) -> None:
        self.taxonomy = self.project.select(self.project.definitions)
        self.corpus = self.project.corpus(
            self.taxonomy.categories, self.records, update_index=self.update_index
        )

    def thresholds(self, paths: Sequence[Path], target: RecallTarget) -> FittedThresholds | None:
        """Ask the first scorer, then the second twice; None where the budget is used up."""
        store = self.records.store
        scan, tuning = self._begin(paths, target)
        first, second = members.with_cache(self.cascade.first, store), self.cascade.second
        if not self._judge(scan, first):
            return None
        groups = tuning.groups(store, first.identity)
        for group in groups:
            group.draw_pilot()
        if not self._judge(tuning.pending(groups, store, second.identity), second):
            return None
        for group in groups:
            group.draw_sample(store, second.identity)
        if not self._judge(tuning.pending(groups, store, second.identity), second):
            return None
        return tuning.fitted(groups, store, second.identity)

    def estimate(self, paths: Sequence[Path], target: RecallTarget) -> CascadeTuningEstimate:
        store, second = self.records.store, self.cascade.second
        scan, tuning = self._begin(paths, target)
        first = Cached(self.cascade.first, store, kept=False)
        groups = tuning.groups(store, first.identity, first.score(self.corpus.tasks(scan)))
        for group in groups:
            group.draw_pilot()
        pilot = tuning.pending(groups, store, second.identity)
        for group in groups:
            group.request_all()
        most = tuning.pending(groups, store, second.identity)
        return CascadeTuningEstimate(
            second=second.identity,
            articles=len(tuning.entries),
            pairs=sum(group.pairs for group in groups),
            pilot_pairs=pilot.pending_pairs,
            pilot_cost=self._cost(pilot, second),
            most_pairs=most.pending_pairs,
            most_cost=self._cost(most, second),
        )

    def _begin(self, paths: Sequence[Path], target: RecallTarget) -> tuple[Scan, CascadeTuning]:
        scan = self.project.scan(self.corpus, paths, scorer=self.cascade.first.identity)
        if not scan.entries:
            raise UsageError("no article to tune the cascade on")
        return scan, CascadeTuning.of(scan, self.taxonomy, target)

    def _judge(self, scan: Scan, scorer: Scorer) -> bool:
        """Return whether the budget sufficed."""
        if not scan.pending:
            return True
        if cost := self._cost(scan, scorer):
            self.project.emit(CostExpected(scorer.identity, scan.pending_pairs, cost))
        progress = self.project.judge(self.corpus, scan, scorer=scorer, records=self.records)
        if progress.failed:
            self.project.emit(ArticlesFailed(progress))
        if progress.stopping:
            raise StoppedError("interrupted: run again to continue from here")
        if progress.over_budget:
            text = "budget used up: raise `max_cost` or `max_calls`, or run again"
            self.project.emit(Message(text, "error"))
        self.complete = self.complete and not (progress.failed or progress.over_budget)
        return not progress.over_budget

    def _cost(self, scan: Scan, scorer: Scorer) -> UsageEstimate | None:
        if not isinstance(scorer, Estimating):
            return None
        return total(scorer, self.corpus.tasks(scan))
