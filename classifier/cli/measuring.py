"""Gold labels beside the records of scorers: what is measured, calibrated and learned from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from classifier import composition, settings, taxonomy
from classifier.cli import display
from classifier.cli.console import log
from classifier.cli.formatting import count, who
from classifier.cli.job import Names
from classifier.cli.judging import judge_due, progress_of
from classifier.cli.option_checks import check_options, remark_on_default
from classifier.cli.records import opened
from classifier.cli.render import run_summary as summary
from classifier.content.discovery import Selection
from classifier.corpus import Corpus
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.evaluation import gold as labels
from classifier.evaluation.evaluate import Predictions
from classifier.evaluation.gold import Gold
from classifier.evaluation.gold_pairs import load
from classifier.models import Outcome, Task, Taxonomy
from classifier.progress import paid
from classifier.project.records import Records
from classifier.scorers.base import Scorer
from classifier.settings import Settings

VERDICTS: Final = Path("verdicts")
"""Named in place of a file: what people have said with `classify accept` and `reject`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where gold labels come from, and what of them counts."""

    gold: Path
    fields: Sequence[str] = ()
    content: Path | None = None
    names: Names = field(default_factory=Names)
    files: Selection = field(default_factory=Selection)


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Stands for a scorer of which only the records are there."""

    identity: str

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        """Satisfies `Scorer`, and is never asked: only its records are there."""
        raise NotImplementedError(tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """Gold that was read, and a store that is open."""

    found: Settings
    scorer: Scorer
    """Who is measured."""
    taxonomy: Taxonomy
    gold: Gold
    records: Records
    corpus: Corpus
    judge: bool
    """Whether what a scorer that costs something has not judged is paid for."""
    quiet: bool
    troubles: list[str] = field(default_factory=list)
    """Identities of scorers for which something could not be read or judged."""

    def side(self, scorer: Scorer, found: Settings) -> Predictions:
        """Judge what is missing, as far as that is free or wanted, and look all of it up."""
        policy = composition.make_policy(found, self.taxonomy, scorer)
        if not self.quiet:
            self._flattered(scorer, policy)
        corpus, store = self.corpus, self.records.store
        with display.looking(quiet=self.quiet) as seen:
            scan = corpus.scan(self.gold.paths, scorer=scorer.identity, on_progress=seen)
        progress = progress_of(scan)
        if scan.pending and not isinstance(scorer, OnRecord) and self.may_judge(scorer):
            watched = composition.with_cache(scorer, store)
            judge_due(
                corpus, scan, scorer=watched, store=store, progress=progress, quiet=self.quiet
            )
            scan = corpus.scan(self.gold.paths, scorer=scorer.identity)
        for path, failure in scan.unread.items():
            progress.fail(path, [failure])
        summary.failures(progress)
        if progress.stopping:
            log(f"interrupted with {count(scan.pending_pairs, 'pair')} left: run it again to go on")
            raise KeyboardInterrupt
        if progress.over_budget:
            log(
                f"the budget is used up, {count(scan.pending_pairs, 'pair')} left: raise --max-cost"
            )
        if progress.failed or progress.over_budget:
            self.troubles.append(scorer.identity)
        pairs = load(self.gold, self.taxonomy, scan=scan, store=store)
        if not pairs.judged.any():
            raise UsageError(self._nothing(scorer))
        return Predictions(scorer=scorer.identity, pairs=pairs, policy=policy)

    def _flattered(self, scorer: Scorer, policy: LabelPolicy) -> None:
        """Say where a scorer has seen the labels that it is measured by."""
        if policy.calibration is not None and policy.calibration.gold == self.gold.source:
            log("warning: it was calibrated on these labels, so these figures flatter it")
        if composition.has_learned(scorer):
            log("warning: it has learned from labels; figures on those same labels flatter it")

    def may_judge(self, scorer: Scorer) -> bool:
        """Whether it is free to ask, or wanted."""
        return self.judge or not paid(scorer)

    def _nothing(self, scorer: Scorer) -> str:
        none = f"nothing that {self.gold.source!r} knows is on record of {who(scorer.identity)}"
        return none if self.may_judge(scorer) else f"{none}: add --judge to have it judged"


@contextmanager
def measuring(
    source: Source, overrides: Mapping[str, Any], *, judge: bool = False, quiet: bool = False
) -> Iterator[Measuring]:
    """Read the settings, the definitions and the gold, warn about them, and open the store."""
    found = settings.load(**overrides)
    check_options(found, overrides)
    everything = composition.load_taxonomy(found)
    chosen = taxonomy.select(
        everything, kinds=source.names.kinds, categories=source.names.categories
    )
    if not quiet:
        remark_on_default(found)
    scorer = composition.make_scorer(found)
    with opened(found, "write") as records:
        gold = _gold(source, everything, records)
        for warning in () if quiet else gold.warnings:
            log(f"warning: {warning}")
        said = {name for known in gold.labels.values() for name in known}
        kinds = {category.kind for category in chosen.categories if category.id in said}
        categories = [category for category in chosen.categories if category.kind in kinds]
        if not categories:
            raise UsageError(
                f"{gold.source!r} says nothing about the categories that --kind and --category "
                "leave"
            )
        yield Measuring(
            found=found,
            scorer=scorer,
            taxonomy=chosen,
            gold=gold,
            records=records,
            corpus=Corpus(categories, records.store, home=records.home),
            judge=judge,
            quiet=quiet,
        )


def _gold(source: Source, taxonomy: Taxonomy, records: Records) -> Gold:
    if source.gold == VERDICTS and not source.gold.exists():
        return labels.from_verdicts(records.store.verdicts(), taxonomy, home=records.home)
    return labels.read(
        source.gold,
        taxonomy,
        fields=source.fields,
        content=source.content,
        selection=source.files,
    )
