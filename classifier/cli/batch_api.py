"""`classify batch`: submit, status, collect, cancel."""

from __future__ import annotations

import json as json_
import time
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import composition, settings, taxonomy
from classifier.cli import display
from classifier.cli.console import emit, log
from classifier.cli.formatting import between, count, date, iso, money, spent, who
from classifier.cli.job import Names
from classifier.cli.layout import Line, Page
from classifier.cli.option_checks import remark_on_default
from classifier.cli.records import existing, opened
from classifier.cli.render import run_summary as summary
from classifier.content.discovery import Selection, key_of
from classifier.corpus import Corpus, Scan
from classifier.errors import ServerError, UsageError
from classifier.models import Usage
from classifier.progress import Progress
from classifier.project.records import Records
from classifier.sanitize import escape_json, one_line
from classifier.scorers.batch.builder import BatchBuilder, BatchLimits
from classifier.scorers.batch.collect import collect as collect_answers
from classifier.scorers.batch.queue import BatchQueue
from classifier.scorers.batch.server import BatchServer, RemoteBatch
from classifier.scorers.openai.costs import UsageEstimate
from classifier.scorers.openai.options import normalize_url
from classifier.scorers.openai.scorer import OpenAIScorer
from classifier.settings import Settings
from classifier.store import Batch

SCHEMA: Final = "classify-batch/1"
_FIRST_WAIT, _LONGEST_WAIT = 5.0, 60.0
"""Seconds between two requests for a status."""
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    paths: Sequence[Path]
    names: Names
    files: Selection
    dry_run: bool
    quiet: bool


# --- submit --------------------------------------------------------------------------------------


def submit(asked: Asked, *, overrides: Mapping[str, Any]) -> int:
    """Return the exit code."""
    found = settings.load(**overrides, scorer="openai")
    scorer = composition.language_model(found)
    loaded = composition.load_taxonomy(found)
    some = taxonomy.select(loaded, kinds=asked.names.kinds, categories=asked.names.categories)
    if not asked.quiet:
        remark_on_default(found)
    with opened(found, "read" if asked.dry_run else "write") as records:
        corpus = Corpus(
            some.categories,
            records.store,
            home=records.home,
            update_index=not asked.dry_run,
            definitions=loaded.categories,
        )
        sending = _Sending(asked, found, scorer, corpus, records)
        if asked.dry_run:
            return sending.forecast()
        with records.store.batches.alone(), _queue(found, records) as queue:
            return sending.send(queue)


@dataclass(frozen=True, slots=True)
class _Sending:
    asked: Asked
    found: Settings
    scorer: OpenAIScorer
    corpus: Corpus
    records: Records

    def send(self, queue: BatchQueue) -> int:
        try:
            queue.recover()
            queue.start_waiting()
            scan, builder = self._prepared()
            sent = list(queue.submit(builder.drafts(self.corpus.tasks(scan)), self.scorer))
        except ServerError as error:
            raise _resumable(error) from error
        if not self.asked.quiet:
            waiting = {batch.name for batch in queue.open() if batch.state == "uploaded"}
            emit(Page.for_stdout().lay_out(_sent(sent, waiting, builder)))
        return _code(scan, builder)

    def forecast(self) -> int:
        scan, builder = self._prepared()
        files = requests = pairs = tokens = 0
        total = UsageEstimate()
        for draft in builder.drafts(self.corpus.tasks(scan)):
            files, requests, pairs = files + 1, requests + draft.requests, pairs + draft.pairs
            tokens, total = max(tokens, draft.tokens), total + draft.estimate
        left = scan.pending_pairs - builder.in_progress - pairs
        rows = {
            "articles": f"{len(scan.entries):,}",
            "pairs": f"{scan.pairs:,}: {scan.stored_pairs:,} stored,"
            f" {builder.in_progress:,} in other batches",
            "to ask": count(pairs, "pair") + (f", {left:,} over budget" if left else ""),
            "judge": who(self.scorer.identity),
            "requests": f"{requests:,} in {count(files, 'file')}",
            "tokens in": f"{total.input_tokens:,}, in one file at most {tokens:,}",
            "tokens out": f"{total.output_tokens:,}",
            "cost": f"{between(total)} at batch prices",
        }
        page = Page.for_stdout()
        emit(page.lay_out(Line(Text(f"{k + ':':<12}{one_line(v)}")) for k, v in rows.items()))
        return _code(scan, builder)

    def _prepared(self) -> tuple[Scan, BatchBuilder]:
        with display.looking(quiet=self.asked.quiet) as seen:
            scan = self.corpus.scan(
                self.asked.paths,
                scorer=self.scorer.identity,
                selection=self.asked.files,
                on_progress=seen,
            )
        if not scan.entries and not scan.unread:
            raise UsageError(f"no Markdown files in {str(self.asked.paths[0])!r}")
        builder = BatchBuilder(
            self.scorer,
            BatchLimits(
                size=int(self.found.batch_megabytes * _MEGABYTE), tokens=self.found.batch_tokens
            ),
            self.records.store.batches.pending(self.scorer.identity),
            self.corpus.key,
        )
        return scan, builder


def _code(scan: Scan, builder: BatchBuilder) -> int:
    for failure in scan.unread.values():
        log(failure.message)
    if builder.over_budget:
        log("the budget is used up; raise --max-cost or --max-calls, or submit again later")
    return 1 if scan.unread or builder.over_budget else 0


def _sent(sent: Sequence[Batch], waiting: Set[str], builder: BatchBuilder) -> Iterator[Line]:
    if builder.in_progress:
        yield Line(f"{count(builder.in_progress, 'pair')} already in other batches")
    if not sent:
        yield Line("nothing to submit")
        return
    requests = count(sum(batch.requests for batch in sent), "request")
    articles = count(sum(batch.articles for batch in sent), "article")
    yield Line(f"submitted {requests} about {articles} in {_batches(len(sent))}")
    if waits := sum(1 for batch in sent if batch.name in waiting):
        yield Line(f"{_batches(waits)} waiting for the queue: `classify batch collect` starts them")
    cost = sum((Usage(cost=batch.cost) for batch in sent), Usage()).cost
    yield Line(f"expected: {money(cost)} at batch prices")
    yield Line("`classify batch collect --wait` stores the answers", "dim")


# --- status --------------------------------------------------------------------------------------


def status(paths: Sequence[Path], *, overrides: Mapping[str, Any], json: bool) -> int:
    """Return the exit code."""
    found = settings.load(**overrides)
    with existing(found.store) as records, _queue(found, records) as queue:
        batches = _chosen(records.store.batches.all(), paths, records)
        seen = {batch.name: _look(queue, batch) for batch in batches}
    if json:
        plain = {"schema": SCHEMA, "batches": [_plain(b, seen[b.name]) for b in batches]}
        emit(escape_json(json_.dumps(plain, ensure_ascii=False)))
    else:
        page = Page.for_stdout()
        emit(page.lay_out(line for b in batches for line in _lines(b, seen[b.name])))
        if not batches:
            log("no batches are stored")
    return 0


def _look(queue: BatchQueue, batch: Batch) -> RemoteBatch | None:
    """Ask the server about a started batch of its own."""
    if batch.state != "started" or batch.base_url != queue.server.base_url:
        return None
    try:
        return queue.server.retrieve(batch.batch_id)
    except ServerError as error:
        log(str(error))
        return None


def _plain(batch: Batch, seen: RemoteBatch | None) -> dict[str, Any]:
    def at(seconds: float | None) -> str | None:
        return None if seconds is None else iso(seconds)

    return {
        "batch": batch.name,
        "state": batch.state,
        "server_batch": batch.batch_id or None,
        "server_status": (seen.status if seen else batch.status) or None,
        "model": batch.model,
        "base_url": batch.base_url,
        "scorer": batch.scorer,
        "articles": batch.articles,
        "pairs": batch.pairs,
        "requests": batch.requests,
        "answered": seen.completed if seen else None,
        "failed": seen.failed if seen else None,
        "tokens": batch.tokens,
        "expected_cost_usd": batch.cost,
        "planned_at": iso(batch.planned_at),
        "started_at": at(batch.started_at),
        "collected_at": at(batch.collected_at),
        **(_collected(batch) if batch.state == "collected" else {}),
    }


def _collected(batch: Batch) -> dict[str, Any]:
    return {
        "pairs_judged": batch.judged,
        "lines_refused": batch.refused,
        "calls": batch.usage.calls,
        "input_tokens": batch.usage.input_tokens,
        "cached_tokens": batch.usage.cached_tokens,
        "output_tokens": batch.usage.output_tokens,
        "cost_usd": batch.usage.cost,
    }


def _lines(batch: Batch, seen: RemoteBatch | None) -> Iterator[Line]:
    yield Line(f"{_short(batch)} {_standing(batch, seen)}", "bold")
    asked = f"{count(batch.requests, 'request')} about {count(batch.articles, 'article')}"
    yield Line(f"{asked} to {batch.model}; expected: {money(batch.cost)}", indent=2)
    if batch.state == "collected":
        yield Line(f"{batch.judged:,} of {count(batch.pairs, 'pair')} judged", indent=2)
        yield Line(spent(batch.usage), indent=2)


def _standing(batch: Batch, seen: RemoteBatch | None) -> str:
    match batch.state:
        case "planned" | "starting":
            return "interrupted while sending: `classify batch collect` resumes it"
        case "uploaded":
            return f"waiting for the queue since {date(batch.planned_at)}"
        case "started":
            status = seen.status if seen else batch.status
            done = f", {seen.completed:,} of {seen.total:,} answered" if seen else ""
            return f"{status.replace('_', ' ')}{done}, started {date(batch.started_at or 0.0)}"
        case "collected":
            return f"{batch.status}, collected {date(batch.collected_at or 0.0)}"


# --- collect and cancel --------------------------------------------------------------------------


def collect(paths: Sequence[Path], *, overrides: Mapping[str, Any], wait: bool, quiet: bool) -> int:
    """Return the exit code."""
    found = settings.load(**overrides)
    progress = Progress()
    pause = _FIRST_WAIT
    with existing(found.store, read_only=False) as records, _queue(found, records) as queue:
        while True:
            collected = _round(queue, paths, records, progress, patient=wait, quiet=quiet)
            left = _open(queue, paths, records)
            if not (wait and left):
                break
            pause = _FIRST_WAIT if collected else min(_LONGEST_WAIT, 1.5 * pause)
            time.sleep(pause)
    summary.failures(progress)
    if left and not quiet:
        log(_still_open(left))
    return 1 if progress.failed else 0


def _round(
    queue: BatchQueue,
    paths: Sequence[Path],
    records: Records,
    progress: Progress,
    *,
    patient: bool,
    quiet: bool,
) -> bool:
    """Do all that can be done now; return whether a batch was collected."""
    collected = False
    try:
        with records.store.batches.alone():
            for batch in queue.recover():
                log(f"{count(batch.requests, 'request')} were never sent; submit again")
            chosen = _open(queue, paths, records)
            for batch in collect_answers(queue, chosen, on_outcome=progress.add):
                collected = collected or batch.state == "collected"
                if batch.state == "collected" and not quiet:
                    _report(batch)
            queue.start_waiting()
    except ServerError as error:
        if not (patient and error.passing):
            raise _resumable(error) from error
        log(str(error))
    return collected


def _report(batch: Batch) -> None:
    refused = f"; {count(batch.refused, 'line')} dropped" if batch.refused else ""
    judged = f"{batch.judged:,} of {count(batch.pairs, 'pair')} judged"
    line = f"{_short(batch)} {batch.status}: {judged}; {spent(batch.usage)}{refused}"
    emit(one_line(line))


def _still_open(left: Sequence[Batch]) -> str:
    waiting = sum(1 for batch in left if batch.state != "started")
    line = f"{_batches(len(left) - waiting)} in progress"
    return line + (f", {waiting:,} waiting for the queue" if waiting else "")


def _short(batch: Batch) -> str:
    return batch.name[:8]


def _batches(number: int) -> str:
    return "1 batch" if number == 1 else f"{number:,} batches"


def cancel(paths: Sequence[Path], *, overrides: Mapping[str, Any], name: str = "") -> int:
    """Return the exit code. `name`: of one batch, or a prefix of it."""
    found = settings.load(**overrides)
    with (
        existing(found.store, read_only=False) as records,
        records.store.batches.alone(),
        _queue(found, records) as queue,
    ):
        queue.recover()
        chosen = [b for b in _open(queue, paths, records) if b.name.startswith(name)]
        for batch in chosen:
            result = "deleted" if queue.cancel(batch) else "collect the answers so far"
            emit(f"{_short(batch)} {count(batch.requests, 'request')}: {result}")
    if not chosen:
        log(f"no batch called {name!r} is open" if name else "no batch is open")
    return 0


# --- what they share -----------------------------------------------------------------------------


@contextmanager
def _queue(found: Settings, records: Records) -> Iterator[BatchQueue]:
    server = BatchServer(normalize_url(found.base_url))
    try:
        yield BatchQueue(records.store.batches, server, tokens=found.batch_tokens, warn=log)
    finally:
        server.close()


def _open(queue: BatchQueue, paths: Sequence[Path], records: Records) -> list[Batch]:
    return _chosen(queue.open(), paths, records)


def _chosen(batches: Sequence[Batch], paths: Sequence[Path], records: Records) -> list[Batch]:
    """Return those with articles below `paths`; all if there are none."""
    if not paths:
        return list(batches)
    keys = [key_of(path, home=records.home) for path in paths]
    names = records.store.batches.below(keys)
    return [batch for batch in batches if batch.name in names]


def _resumable(error: ServerError) -> ServerError:
    way_on = "; run the command again: nothing is sent twice" if error.passing else ""
    return ServerError(f"{error}{way_on}", status=error.status, passing=error.passing)
