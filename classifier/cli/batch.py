"""A run over whole folders: what is due is judged while one can watch, then all is summed up."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from classifier import composition
from classifier.cli import display, summary
from classifier.cli.console import emit, log
from classifier.cli.formatting import calibrated, count, who
from classifier.cli.job import Job
from classifier.cli.judging import judge_due, progress_of
from classifier.cli.markdown import append, plain, table
from classifier.cli.page import Line, Page, two_digits
from classifier.cli.records import Purpose, Records, opened
from classifier.cli.written import write_out
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.models import Result
from classifier.outputs import rows, tables
from classifier.outputs.json import to_json
from classifier.pipeline import Classifier
from classifier.progress import Progress
from classifier.runs import results, summarise
from classifier.scorers.base import Scorer
from classifier.scorers.cascade.scorer import Cascade
from classifier.settings import Settings

_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class _Run:
    job: Job
    policy: LabelPolicy
    scorer: Scorer
    records: Records
    corpus: Corpus

    def scan(self) -> Scan:
        with display.looking(quiet=self.job.view.quiet) as seen:
            return self.corpus.scan(
                self.job.paths,
                scorer=self.scorer.identity,
                selection=self.job.files,
                on_progress=seen,
            )


def run(job: Job, classifier: Classifier, found: Settings, *, everything: LabelPolicy) -> int:
    """Return the exit code. `everything` decides on the whole taxonomy."""
    if job.output is not None:
        tables.check(job.output)
    with opened(found, _purpose(job)) as records:
        corpus = Corpus(
            classifier.taxonomy.categories,
            records.store,
            home=records.home,
            update_index=not job.dry_run,
            definitions=everything.taxonomy.categories,
        )
        scorer = composition.with_cache(classifier.scorer, records.store)
        policy = composition.with_verdicts(classifier.policy, records.store, home=records.home)
        whole = _Run(job, policy, scorer, records, corpus)
        scan = whole.scan()
        if not scan.entries and not scan.unread:
            raise UsageError(_nothing(job))
        if not job.view.quiet:
            _remark_on_batches(scan, records)
        if job.plan:
            from classifier.cli.plan import plan

            return plan(corpus, scan, classifier.scorer, records.store)
        if job.dry_run:
            from classifier.cli.forecast import forecast

            return forecast(corpus, scan, classifier.scorer, records.store)
        code = _judged(whole, scan)
        if code == _INTERRUPTED:
            return code
        return max(code, write_out(job, found, everything, records, scorer=scorer.identity))


def _purpose(job: Job) -> Purpose:
    if not job.keep:
        return "forget"
    return "read" if job.dry_run else "write"


def _remark_on_batches(scan: Scan, records: Records) -> None:
    pending = records.store.batches.pending(scan.scorer)
    asked = sum(
        category.digest in pending[entry.digest]
        for entry in scan.pending
        if entry.digest in pending
        for category in entry.pending
    )
    if asked:
        said = "is" if asked == 1 else "are"
        log(
            f"warning: {count(asked, 'pair')} {said} asked about in batches already and would be"
            " paid twice: see `classify batch collect`"
        )


def _nothing(job: Job) -> str:
    where = " or ".join(repr(str(path)) for path in job.paths[:3])
    left = " that --include and --exclude leave" if job.files.include or job.files.exclude else ""
    return f"no Markdown files in {where}{left}"


def _judged(run: _Run, scan: Scan) -> int:
    progress = progress_of(scan)
    if scan.pending:
        _judge(run, scan, progress)
        scan = run.scan()
    for path, failure in scan.unread.items():
        progress.fail(path, [failure])
    quiet = run.job.view.quiet
    if not progress.stopping:
        _write(run, scan)
    if not quiet:
        _sum_up(run, scan, progress)
    summary.failures(progress)
    if progress.stopping:
        log(_way_on(run, scan))
        return _INTERRUPTED
    if progress.over_budget:
        left = count(scan.pending_pairs, "pair")
        log(f"the budget is used up, {left} left: raise --max-cost or --max-calls, or run again")
    return 1 if progress.failed or progress.over_budget else 0


def _judge(run: _Run, scan: Scan, progress: Progress) -> None:
    try:
        judge_due(
            run.corpus,
            scan,
            scorer=run.scorer,
            store=run.records.store,
            progress=progress,
            quiet=run.job.view.quiet,
        )
    except KeyboardInterrupt:
        log(f"stopped at once after {count(progress.pairs, 'pair')}{_again(run)}")
        raise


def _write(run: _Run, scan: Scan) -> None:
    """Write what was asked for of what is on record."""
    store, policy, output = run.records.store, run.policy, run.job.output
    if run.job.view.json:
        for result, _ in results(run.corpus, scan, policy=policy, store=store):
            emit(to_json(result))
    if run.job.summary is not None:
        found = results(run.corpus, scan, policy=policy, store=store)
        append(run.job.summary, _markdown(run, (result for result, _ in found)))
    if output is None:
        return
    on_record = results(run.corpus, scan, policy=policy, store=store)
    if run.job.rows == "articles":
        made = (rows.article_row(result, judged_at=times) for result, times in on_record)
        tables.write(output, made, rows.ARTICLES)
    else:
        pairs = (rows.pair_rows(result, judged_at=times) for result, times in on_record)
        tables.write(output, chain.from_iterable(pairs), rows.PAIRS)


def _markdown(run: _Run, found: Iterable[Result]) -> Iterator[str]:
    yield "### classify: labels"
    yield ""
    kinds = list(dict.fromkeys(category.kind for category in run.policy.taxonomy.categories))
    heads = ("article", *map(plain, kinds))
    yield from table(heads, ((it.article, *(_labels(it, kind) for kind in kinds)) for it in found))
    yield ""
    yield f"judged by {plain(who(run.scorer.identity))}"
    yield ""


def _labels(result: Result, kind: str) -> str:
    labels = (label for label in result.decision.labels if label.category.kind == kind)
    told = (f"{it.category.title} {two_digits(it.judgement.confidence)}" for it in labels)
    return ", ".join(told) if result.ok else ", ".join([*told, "not judged in full"])


def _sum_up(run: _Run, scan: Scan, progress: Progress) -> None:
    page = Page.on(sys.stderr if run.job.view.json else sys.stdout)
    found = summarise(run.corpus, scan, policy=run.policy, store=run.records.store)
    text = page.lay_out(
        chain(summary.lines(found, scan, run.policy.taxonomy, page), _ended(run, scan, progress))
    )
    if run.job.view.json:
        sys.stderr.write(f"{text}\n")
    else:
        emit(text)


def _ended(run: _Run, scan: Scan, progress: Progress) -> Iterator[Line]:
    articles = count(len(scan.entries), "article")
    yield Line()
    if progress.due_pairs:
        for told in summary.spent(progress, run.scorer.identity):
            yield Line(told)
    else:
        number = len(run.policy.taxonomy.categories)
        yield Line(f"all {articles} x {number:,} categories are on record")
        yield Line(f"judged by {who(run.scorer.identity)}", "dim")
    categories = run.policy.taxonomy.categories
    those = {category.kind for category in categories if category.id in run.policy.curves}
    yield Line(calibrated({category.kind for category in categories}, those), "dim")
    if isinstance(run.scorer, Cascade):
        from classifier.cli.cascade import supported

        yield from supported(run.corpus, scan, run.scorer, run.policy, run.records.store)
    if run.job.output is not None and not progress.stopping:
        yield Line(f"written to {str(run.job.output)!r}")


def _way_on(run: _Run, scan: Scan) -> str:
    unwritten = "" if run.job.output is None else f"; {str(run.job.output)!r} is not written"
    return f"interrupted with {count(scan.pending_pairs, 'pair')} left{unwritten}{_again(run)}"


def _again(run: _Run) -> str:
    if run.records.path is None:
        return "; nothing is kept with --no-store"
    return ": run the same command again, and what is judged is not judged again"
