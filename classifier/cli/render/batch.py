"""`classify batch` for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from classifier.cli.formatting import between, date, iso, money, spent, who
from classifier.cli.layout import Line, row
from classifier.models import Usage
from classifier.project.batch import BatchEstimate, BatchStatus, Cancellation, Submission
from classifier.sanitize import one_line
from classifier.store import Batch
from classifier.wording import count

SCHEMA: Final = "classify-batch/1"


def estimate(found: BatchEstimate) -> Iterator[Line]:
    scan, usage = found.scan, found.usage
    others = f"{scan.stored_pairs:,} stored, {found.in_progress:,} in other batches"
    left = f", {found.over_budget:,} over budget" if found.over_budget else ""
    yield row("articles", f"{len(scan.entries):,}")
    yield row("pairs", f"{scan.pairs:,}: {others}")
    yield row("to ask", f"{count(found.pairs, 'pair')}{left}")
    yield row("judge", who(found.scorer))
    yield row("requests", f"{found.requests:,} in {count(found.files, 'file')}")
    yield row("tokens in", f"{usage.input_tokens:,}, at most {found.largest:,} in a file")
    yield row("tokens out", f"{usage.output_tokens:,}")
    yield row("cost", f"{between(usage)} at batch prices")


def submission(found: Submission) -> Iterator[Line]:
    if found.in_progress:
        yield Line(f"{count(found.in_progress, 'pair')} already in other batches")
    if not found.batches:
        yield Line("nothing to submit")
        return
    requests = count(sum(batch.requests for batch in found.batches), "request")
    articles = count(sum(batch.articles for batch in found.batches), "article")
    yield Line(f"submitted {requests} about {articles} in {_batches(len(found.batches))}")
    if waiting := sum(batch.state == "uploaded" for batch in found.batches):
        room = "waiting for the queue: `classify batch collect` starts"
        yield Line(f"{_batches(waiting)} {room} {'it' if waiting == 1 else 'them'}")
    cost = sum((Usage(cost=batch.cost) for batch in found.batches), Usage()).cost
    yield Line(f"estimated cost: {money(cost)} at batch prices")
    yield Line("run `classify batch collect --wait` to store the answers", "dim")


def statuses(found: Sequence[BatchStatus]) -> Iterator[Line]:
    for status in found:
        batch = status.batch
        yield Line(f"{_short(batch)} {_state(status)}", "bold")
        asked = f"{count(batch.requests, 'request')} about {count(batch.articles, 'article')}"
        yield Line(f"{asked} to {batch.model}; estimated cost: {money(batch.cost)}", indent=2)
        if batch.state == "collected":
            yield Line(f"{batch.judged:,} of {count(batch.pairs, 'pair')} judged", indent=2)
            yield Line(spent(batch.usage), indent=2)


def _state(status: BatchStatus) -> str:
    batch, remote = status.batch, status.remote
    match batch.state:
        case "planned" | "starting":
            return "interrupted while sending: `classify batch collect` resumes it"
        case "uploaded":
            return f"waiting for the queue since {date(batch.planned_at)}"
        case "started":
            word = remote.status if remote else batch.status
            done = f", {remote.completed:,} of {remote.total:,} answered" if remote else ""
            return f"{word.replace('_', ' ')}{done}, started {date(batch.started_at or 0.0)}"
        case "collected":
            return f"{batch.status}, collected {date(batch.collected_at or 0.0)}"


def collected(batch: Batch) -> str:
    dropped = f"; {count(batch.refused, 'line')} dropped" if batch.refused else ""
    judged = f"{batch.judged:,} of {count(batch.pairs, 'pair')} judged"
    return one_line(f"{_short(batch)} {batch.status}: {judged}; {spent(batch.usage)}{dropped}")


def still_open(batches: Sequence[Batch]) -> str:
    waiting = sum(batch.state != "started" for batch in batches)
    rest = f", {waiting:,} waiting for the queue" if waiting else ""
    return f"{_batches(len(batches) - waiting)} in progress{rest}"


def cancelled(found: Cancellation) -> str:
    rest = "" if found.dropped else "; `classify batch collect` stores what was answered"
    requests = count(found.batch.requests, "request")
    return one_line(f"{_short(found.batch)} {requests} cancelled{rest}")


def _short(batch: Batch) -> str:
    return batch.name[:8]


def _batches(number: int) -> str:
    return "1 batch" if number == 1 else f"{number:,} batches"


# --- JSON ----------------------------------------------------------------------------------------


def statuses_to_dict(found: Sequence[BatchStatus]) -> dict[str, Any]:
    return {"schema": SCHEMA, "batches": [_to_dict(status) for status in found]}


def _to_dict(status: BatchStatus) -> dict[str, Any]:
    batch, remote = status.batch, status.remote
    return {
        "batch": batch.name,
        "state": batch.state,
        "server_batch": batch.batch_id or None,
        "server_status": (remote.status if remote else batch.status) or None,
        "model": batch.model,
        "base_url": batch.base_url,
        "scorer": batch.scorer,
        "articles": batch.articles,
        "pairs": batch.pairs,
        "requests": batch.requests,
        "answered": remote.completed if remote else None,
        "failed": remote.failed if remote else None,
        "tokens": batch.tokens,
        "expected_cost_usd": batch.cost,
        "planned_at": iso(batch.planned_at),
        "started_at": _time(batch.started_at),
        "collected_at": _time(batch.collected_at),
        **(_results(batch) if batch.state == "collected" else {}),
    }


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else iso(seconds)


def _results(batch: Batch) -> dict[str, Any]:
    return {
        "pairs_judged": batch.judged,
        "lines_refused": batch.refused,
        "calls": batch.usage.calls,
        "input_tokens": batch.usage.input_tokens,
        "cached_tokens": batch.usage.cached_tokens,
        "output_tokens": batch.usage.output_tokens,
        "cost_usd": batch.usage.cost,
    }
