"""`classify cascade`: find the cut that keeps a recall, by a sample of a model's answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from rich.text import Text

from classifier import artifacts, composition, settings
from classifier.cli import display
from classifier.cli.console import emit, log
from classifier.cli.formatting import between, count, who
from classifier.cli.judging import judge_due, progress_of
from classifier.cli.layout import Line, Page
from classifier.cli.measuring import Source, measuring
from classifier.cli.option_checks import check_options, remark_on_default
from classifier.cli.records import opened
from classifier.cli.render import run_summary as summary
from classifier.content.discovery import Selection
from classifier.corpus import Corpus, Scan
from classifier.errors import UsageError
from classifier.outputs.files import replacing
from classifier.progress import Estimating
from classifier.scorers.base import Scorer
from classifier.scorers.cached import Cached
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.deferral import CascadeFile, FittedThresholds, KindThreshold
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.openai.costs import UsageEstimate
from classifier.settings import Settings
from classifier.store import Store
from classifier.training.cascade_tuning import CascadeTuning, fit_by_gold
from classifier.training.threshold_sampling import RecallTarget

_INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    paths: Sequence[Path]
    files: Selection
    recall: float
    gold: Source | None
    """Where there are people's labels to measure by."""
    output: Path | None
    dry_run: bool
    quiet: bool


def tune(asked: Asked, *, overrides: Mapping[str, Any]) -> int:
    """Return the exit code. Raises a ClassifierError where no cut can be measured."""
    _check(asked)
    found = settings.load(**overrides, scorer="cascade")
    check_options(found, overrides)
    output = asked.output or _used(found)
    if output is None:
        raise UsageError(
            "these are the example categories: name your own with --categories PATH, or the file "
            "to write with --output FILE"
        )
    earlier = _earlier(output)  # what cannot be added to is told before anything is judged
    scorer = composition.cascade(found)
    look = _by_gold if asked.gold else _by_sample
    made, code = look(asked, found, scorer, overrides)
    if made is None:
        return code
    name = deferral.key_of(scorer.first.identity, scorer.second.identity)
    with replacing(output) as file:
        file.write(artifacts.dump(CascadeFile(cascades={**earlier.cascades, name: made})))
    emit(Page.for_stdout().lay_out(_told(made, scorer)))
    if not asked.quiet:
        log(f"written to {str(output)!r}")
        if output != _used(found):
            log("runs do not look there: name it with --cuts FILE")
    return code


def _check(asked: Asked) -> None:
    if not 0 < asked.recall < 1:
        raise UsageError(f"--recall {asked.recall!r}: expected a number between 0 and 1")
    if asked.gold is None and not asked.paths:
        raise UsageError("name the articles to measure on, or people's labels with --gold FILE")
    if asked.gold is not None and asked.paths:
        raise UsageError("--gold names the articles: leave out the paths")
    if asked.gold is not None and asked.dry_run:
        raise UsageError("--gold asks no model, so there is nothing for --dry-run")


_Found: TypeAlias = tuple[FittedThresholds | None, int]
"""None where there is nothing to write; the exit code."""


def _by_gold(
    asked: Asked, found: Settings, scorer: Cascade, overrides: Mapping[str, Any]
) -> _Found:
    assert asked.gold is not None
    with measuring(asked.gold, {**overrides, "scorer": "cascade"}, quiet=asked.quiet) as it:
        side = it.side(scorer.first, found.model_copy(update={"calibration": "off"}))
        aim = RecallTarget(recall=asked.recall)
        return fit_by_gold(side.pairs, it.taxonomy, aim, gold=it.gold.source), int(
            bool(it.troubles)
        )


def _by_sample(asked: Asked, found: Settings, scorer: Cascade, _: Mapping[str, Any]) -> _Found:
    if not asked.quiet:
        remark_on_default(found)
    taxonomy = composition.load_taxonomy(found)
    with opened(found, "read" if asked.dry_run else "write") as records:
        corpus = Corpus(
            taxonomy.categories, records.store, home=records.home, update_index=not asked.dry_run
        )
        run = _Run(asked, scorer, corpus, records.store)
        scan = run.scan()
        tuning = CascadeTuning.of(scan, taxonomy, RecallTarget(recall=asked.recall))
        if asked.dry_run:
            emit(Page.for_stdout().lay_out(run.forecast(scan, tuning)))
            return None, 0
        measured = run.measure(scan, tuning)
        return measured, run.code


def _used(found: Settings) -> Path | None:
    """Return the file that runs look for; None: there is none they would find by themselves."""
    if isinstance(found.cuts, Path):
        return found.cuts
    return None if found.categories is None else deferral.path_for(found.categories)


def _earlier(output: Path) -> CascadeFile:
    """Return what is in the file, which is kept for all other scorers."""
    # os.path: a name that no file can have is told when it is written
    return deferral.load(output) if os.path.exists(output) else CascadeFile()  # noqa: PTH110


@dataclass(slots=True)
class _Run:
    asked: Asked
    scorer: Cascade
    corpus: Corpus
    store: Store
    code: int = 0

    def scan(self) -> Scan:
        """Look at all articles, and at what the first scorer has on record of them."""
        with display.looking(quiet=self.asked.quiet) as seen:
            scan = self.corpus.scan(
                self.asked.paths,
                scorer=self.scorer.first.identity,
                selection=self.asked.files,
                on_progress=seen,
            )
        if not scan.entries:
            raise UsageError("there is no article to measure a cut on")
        return scan

    def measure(self, scan: Scan, tuning: CascadeTuning) -> FittedThresholds | None:
        """Return None where it was stopped, or the budget did not do."""
        first, second = composition.with_cache(self.scorer.first, self.store), self.scorer.second
        if scan.pending and not self._judge(scan, first):
            return None
        groups = tuning.groups(self.store, first.identity)
        for group in groups:
            group.draw_pilot()
        if not self._judge(tuning.pending(groups, self.store, second.identity), second):
            return None
        for group in groups:
            group.draw_sample(self.store, second.identity)
        if not self._judge(tuning.pending(groups, self.store, second.identity), second):
            return None
        return tuning.fitted(groups, self.store, second.identity)

    def _judge(self, scan: Scan, scorer: Scorer) -> bool:
        """Return whether all was judged that can be."""
        if not scan.pending:
            return True
        progress = progress_of(scan)
        if isinstance(scorer, Estimating) and not self.asked.quiet:
            cost = between(_cost(self.corpus, scan, scorer))
            log(f"asking {who(scorer.identity)} about {count(scan.pending_pairs, 'pair')}: {cost}")
        judge_due(
            self.corpus,
            scan,
            scorer=scorer,
            store=self.store,
            progress=progress,
            quiet=self.asked.quiet,
        )
        summary.failures(progress)
        if progress.failed:
            self.code = 1
        if progress.stopping:
            log("interrupted: run it again, and what is judged is not judged again")
            self.code = _INTERRUPTED
        elif progress.over_budget:
            log("the budget is used up: raise --max-cost or --max-calls, or run it again")
            self.code = 1
        return not (progress.stopping or progress.over_budget)

    def forecast(self, scan: Scan, tuning: CascadeTuning) -> Iterator[Line]:
        first, second = Cached(self.scorer.first, self.store, kept=False), self.scorer.second
        groups = tuning.groups(self.store, first.identity, first.score(self.corpus.tasks(scan)))
        for group in groups:
            group.draw_pilot()
        look = tuning.pending(groups, self.store, second.identity)
        for group in groups:
            group.request_all()
        every = tuning.pending(groups, self.store, second.identity)
        yield _row("articles", f"{len(tuning.entries):,}")
        yield _row("pairs", f"{sum(group.pairs for group in groups):,}")
        yield _row("judge", who(second.identity))
        for name, scan_ in (("first look", look), ("at most", every)):
            cost = (
                f", {between(_cost(self.corpus, scan_, second))}"
                if isinstance(second, Estimating)
                else ""
            )
            yield _row(name, f"{count(scan.pending_pairs, 'pair')}{cost}")
        yield Line("how large the sample is that comes then, the first look says", "dim")


def _cost(corpus: Corpus, scan: Scan, scorer: Estimating) -> UsageEstimate:
    return sum(map(scorer.estimate, corpus.tasks(scan)), UsageEstimate())


def _row(name: str, told: str) -> Line:
    return Line(Text(f"{name + ':':<12}{told}"))


# --- printing ------------------------------------------------------------------------------------


def _told(measured: FittedThresholds, scorer: Cascade) -> Iterator[Line]:
    for kinds in dict.fromkeys(it.together for it in measured.kinds.values()):
        yield Line(", ".join(kinds), "bold")
        yield from _group(measured.kinds[kinds[0]], measured)
        yield Line()
    yield Line(
        f"settled by {who(scorer.first.identity)}, else {who(scorer.second.identity)}", "dim"
    )


def _group(of: KindThreshold, measured: FittedThresholds) -> Iterator[Line]:
    known = "known" if measured.gold else "asked about"
    found = f"{count(of.labels, 'label')} in {count(of.pairs, 'pair')} {known}"
    if not of.settled:
        yield Line(f"no cut would save anything: all pairs are asked about ({found})", indent=2)
        return
    yield Line(
        f"{of.settled:.0%} of the pairs are settled, and recall is {measured.recall:g} at least "
        f"with {measured.confidence:.0%} confidence",
        indent=2,
    )
    if measured.gold:
        yield Line(
            f"it rests on {count(of.labels, 'label')} of {measured.gold!r}, {of.below:,} of them "
            "below the cut, and holds for articles like those",
            "dim",
            2,
        )
        return
    yield Line(
        f"it rests on {count(of.drawn, 'label')} in a random sample of {of.sample:.1%}, "
        f"{of.below:,} of them below the cut; {found}",
        "dim",
        2,
    )
