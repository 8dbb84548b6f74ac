"""Run a scorer over a corpus: judge what is pending, store it, and summarise the results."""

from __future__ import annotations

import heapq
import json
import time
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from threading import Event
from typing import Final, Literal

from classifier.content.document import notes
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy, Pair, block_reason
from classifier.language import NAMES
from classifier.models import (
    READ,
    Article,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Level,
    Outcome,
    Result,
    Task,
    Usage,
    digest,
    failures_by_reason,
)
from classifier.scorers.base import Scorer, display_name
from classifier.scorers.cached import Cached
from classifier.store import FailureRecord, JudgementRecord, Store, values
from classifier.tracing import Tracing, end

_LEAST_CERTAIN: Final = 10
_DOUBT: Final = 0.1
"""A confidence that is less than this above its minimum is doubtful."""


def judge(  # noqa: PLR0913 - all but two by name
    corpus: Corpus,
    scan: Scan,
    *,
    scorer: Scorer,
    store: Store,
    stop: Event,
    tracing: Tracing | None = None,
) -> Generator[Outcome]:
    """Judge what is pending and yield each outcome once it is stored, failures included.

    Once `stop` is set no other article is begun; what is under way is finished and yielded. A
    budget that is used up sets it, too. With `tracing`, each article has a span.
    """
    identity = scorer.identity
    run = store.begin(identity, at=time.time())
    state: Literal["done", "interrupted", "failed"] = "failed"
    try:
        tasks = _until(stop, corpus.tasks(scan, run=run))
        if tracing is not None:
            tasks = tracing.begin(tasks)
        with closing(
            Cached(scorer, store, run=run, stop=stop, renewal=scan.renewal).score(tasks)
        ) as outcomes:
            for outcome in outcomes:
                end(outcome)
                path = corpus.key(outcome.task.article.id)
                for miss in misses(outcome, path=path, scorer=identity, run=run):
                    store.fail(miss)
                if any(f.reason is FailureReason.OVER_BUDGET for f in outcome.failures):
                    stop.set()
                yield outcome
        for path, failure in scan.unread.items():
            store.fail(
                FailureRecord(failure=failure, path=corpus.key(path), scorer=identity, run=run)
            )
        state = "interrupted" if stop.is_set() else "done"
    finally:
        store.end(run, state, at=time.time())


def _until(stop: Event, tasks: Iterable[Task]) -> Iterator[Task]:
    for task in tasks:
        if stop.is_set():
            return
        yield task


def misses(
    result: Outcome | Result, *, path: str, scorer: str, run: int | None = None
) -> Iterator[FailureRecord]:
    """Yield what there is to store of an article's failures; `path` is its name in the store."""
    # What the calls cost is with the judgements they brought, where they brought any.
    usage = Usage() if result.judgements else result.usage
    article = result.digest if isinstance(result, Result) else result.task.article.digest
    for failure in result.failures:
        yield FailureRecord(
            failure=failure,
            path=path,
            scorer=scorer,
            article=article or None,
            usage=usage,
            run=run,
        )
        usage = Usage()


def results(
    corpus: Corpus, scan: Scan, *, policy: LabelPolicy, store: Store
) -> Iterator[tuple[Result, Mapping[str, float]]]:
    """Yield the stored results of every article, with labels decided now.

    With it, when each category was judged, by category id: seconds since the epoch. Categories
    without a record are in a failure of the result: the last one that is known, else `missing`.
    """
    for result, found in recorded(corpus, scan, policy=policy, store=store):
        yield result, {name: record.judged_at for name, record in found.items()}


def recorded(
    corpus: Corpus, scan: Scan, *, policy: LabelPolicy, store: Store
) -> Iterator[tuple[Result, Mapping[str, JudgementRecord]]]:
    """Yield the same with the records themselves, by category id."""
    kinds = tuple(dict.fromkeys(c.kind for c in policy.taxonomy.categories))
    for path, failure in scan.unread.items():
        yield Result(article=path, scorer=scan.scorer, failures=(failure,), kinds=kinds), {}
    every = {category.id: category.digest for category in policy.taxonomy.categories}
    languages = _languages(corpus, scan)
    for entry in scan.entries:
        article = corpus.article(entry.path)
        if isinstance(article, Failure):
            yield (
                Result(article=entry.path, scorer=scan.scorer, failures=(article,), kinds=kinds),
                {},
            )
            continue
        judging = {category.id for category in corpus.judging(entry.path)}
        digests = {id_: digest for id_, digest in every.items() if id_ in judging}
        records = store.load(scan.scorer, article.digest, digests.values())
        found = {name: records[d] for name, d in digests.items() if d in records}
        missing = {name: d for name, d in digests.items() if name not in found}
        failures = _unjudged(corpus, entry.path, scan.scorer, article.digest, missing, store)
        judged = [replace(record.judgement, category=name) for name, record in found.items()]
        yield (
            Result(
                article=entry.path,
                title=article.title,
                digest=article.digest,
                body_start=article.body_start,
                language=languages.get(entry.path, article.language),
                scorer=scan.scorer,
                model=next((record.model for record in found.values()), ""),
                decision=policy.decide(
                    judged, path=entry.path, article=article.digest, failures=failures
                ),
                failures=failures,
                notes=(
                    *notes_on(article, judged),
                    *language_note(languages.get(entry.path, ""), scan.reads, scan.scorer),
                ),
                stored=len(judged),
                kinds=kinds,
            ),
            found,
        )


def _languages(corpus: Corpus, scan: Scan) -> Mapping[str, str]:
    if scan.reads is None:
        return {}
    return corpus.languages(entry.path for entry in scan.entries)


def language_note(language: str, reads: frozenset[str] | None, scorer: str) -> tuple[str, ...]:
    """Return what there is to say about a language, by its code; nothing of one that is read.

    `reads` has the codes of what the scorer reads, None for all; `scorer` is its identity.
    """
    if reads is None or not language or language in reads:
        return ()
    named = NAMES.get(language, language)
    return (
        f"in {named}, which {display_name(scorer)} does not read: do not trust its confidences",
    )


WORTH_A_NOTE: Final = 0.1
"""Share (0-1) of an article below which it is noted how little of it was read."""


def notes_on(article: Article, judgements: Sequence[Judgement]) -> tuple[str, ...]:
    """Return what there is to say about how an article was read."""
    shares = [judgement.aspects[READ] for judgement in judgements if READ in judgement.aspects]
    if min(shares, default=1) >= WORTH_A_NOTE:
        return notes(article)
    share = f"{100 * min(shares):.2g} %"
    return (*notes(article), f"very long: the sentence model read {share} of it, spread evenly")


def _unjudged(  # noqa: PLR0913, PLR0917 - what finds the failures of one article
    corpus: Corpus,
    path: str,
    scorer: str,
    article: str,
    missing: Mapping[str, str],
    store: Store,
) -> tuple[Failure, ...]:
    """Return why categories, digests by id, are not judged."""
    if not missing:
        return ()
    known = store.held(scorer, [article]).get(article, {})
    held = failures_by_reason({name: known[d] for name, d in missing.items() if d in known})
    rest = tuple(name for name, d in missing.items() if d not in known)
    if not rest:
        return held
    last = next(iter(store.failed(scorer, [corpus.key(path)]).values()), None)
    last = last or Failure(FailureReason.MISSING, "not judged yet")
    return (*held, replace(last, categories=rest))


@dataclass(slots=True)
class Summary:
    """What is stored after a run, counted by the current rules."""

    articles: int = 0
    labelled: int = 0
    """Articles with at least one label."""
    labels: dict[str, int] = field(default_factory=dict)
    """Articles under each category, by id; categories without any are left out."""
    levels: dict[str, int] = field(default_factory=dict)
    """Pairs in each level."""
    uncertain: list[tuple[str, str, float, float]] = field(default_factory=list)
    """(path, category id, confidence, minimum): the decisions nearest to going the other way."""
    doubtful: int = 0
    """Labels less than 0.1 above their minimum, without those that people confirmed."""


def summarise(corpus: Corpus, scan: Scan, *, policy: LabelPolicy, store: Store) -> Summary:
    """Sum up the records. What was summed up before and has not changed is not looked at again."""
    entries = [(entry.path, entry.digest) for entry in scan.entries]
    held = [(entry.digest, asdict(it)) for entry in scan.entries for it in entry.held]
    rules = policy.rules_digest, policy.verdicts.digest
    key = digest("summary 3", scan.scorer, *rules, entries, held)
    known = None if scan.pending else _summary(store.summary(key), policy)
    if known and known.articles == len(entries):
        return known
    count = _Count(policy)
    for entry, pairs, blocked in looked_up(corpus, scan, policy, store):
        count.add(entry, pairs, blocked=blocked)
    summary = count.summary(articles=len(scan.entries))
    if not scan.pending:
        run = store.begin(scan.scorer, at=time.time())
        store.end(run, "done", at=time.time(), key=key, summary=json.dumps(asdict(summary)))
    return summary


def _summary(known: str | None, policy: LabelPolicy) -> Summary | None:
    """Return a stored summary; None if there is none, or a damaged one: it is made anew."""
    try:
        found = Summary(**values.loads(known))
        counts = (
            found.articles,
            found.labelled,
            found.doubtful,
            *found.labels.values(),
            *found.levels.values(),
        )
        for count in counts:
            values.whole(count)
        for level in found.levels:
            Level(level)
        found.uncertain = [
            (values.text(path), values.text(name), values.unit(confidence), values.unit(least))
            for path, name, confidence, least in found.uncertain
        ]
        ids = {category.id for category in policy.taxonomy.categories}
        if not ids.issuperset([*found.labels, *(name for _, name, *_ in found.uncertain)]):
            return None
    except values.DAMAGE:
        return None
    return found


def assigned(
    corpus: Corpus, scan: Scan, *, policy: LabelPolicy, store: Store
) -> Iterator[tuple[Entry, tuple[Label, ...]]]:
    """Yield the labels of every article, of judgements without their texts.

    The same labels as `results` has, at a small part of its time.
    """
    for entry, pairs, blocked in looked_up(corpus, scan, policy, store):
        yield entry, policy.labels(pairs, path=entry.path, article=entry.digest, blocked=blocked)


def looked_up(
    corpus: Corpus, scan: Scan, policy: LabelPolicy, store: Store
) -> Iterator[tuple[Entry, list[Pair], bool]]:
    """Yield each article's stored pairs, and whether a failure blocks its labels."""
    for entry, confidences, blocked in _confidences(corpus, scan, policy, store):
        yield entry, list(policy.at(entry.path).pairs(confidences)), blocked


def changed_labels(
    corpus: Corpus, scan: Scan, *, before: LabelPolicy, after: LabelPolicy, store: Store
) -> tuple[int, int]:
    """Return how many labels are added and removed by another policy for the same categories."""
    added = removed = 0
    for entry, confidences, blocked in _confidences(corpus, scan, before, store):
        old, new = (
            {
                label.category.id
                for label in policy.labels(
                    policy.at(entry.path).pairs(confidences),
                    path=entry.path,
                    article=entry.digest,
                    blocked=blocked,
                )
            }
            for policy in (before, after)
        )
        added += len(new - old)
        removed += len(old - new)
    return added, removed


def _confidences(
    corpus: Corpus, scan: Scan, policy: LabelPolicy, store: Store
) -> Iterator[tuple[Entry, Mapping[str, tuple[float, bool]], bool]]:
    """Yield what the store has of each article, by category digest, and whether it is blocked."""
    doubtful = [corpus.key(entry.path) for entry in scan.entries if entry.pending]
    failed = store.failed(scan.scorer, doubtful)
    blocked = {path for path, failure in failed.items() if block_reason([failure])}
    held = store.held(scan.scorer)
    digests = [entry.digest for entry in scan.entries]
    known = [category.digest for category in policy.taxonomy.categories]
    rows = store.confidences(scan.scorer, digests, known)
    for entry, (_, confidences) in zip(scan.entries, rows, strict=True):
        of_article = held.get(entry.digest, {})
        left = [of_article[d] for d in known if d in of_article and d not in confidences]
        unfit = bool(entry.pending) and corpus.key(entry.path) in blocked
        yield entry, confidences, unfit or block_reason(left) is not None


class _Count:
    def __init__(self, policy: LabelPolicy) -> None:
        self._decider = policy
        self._fallbacks = {it.category for it in policy.taxonomy.fallbacks.values()}
        self._labelled = 0
        self._doubtful = 0
        self._labels: Counter[str] = Counter()
        self._levels: Counter[str] = Counter()
        self._nearest: list[tuple[float, str, str, float, float]] = []
        """A heap of (-margin, path, category id, confidence, minimum): the farthest is first."""

    def add(self, entry: Entry, pairs: Sequence[Pair], *, blocked: bool) -> None:
        where = {"path": entry.path, "article": entry.digest}
        labels = self._decider.labels(pairs, **where, blocked=blocked)
        self._labelled += bool(labels)
        self._labels.update(label.category.id for label in labels)
        least = {category: minimum for category, _, minimum, _ in pairs}
        self._doubtful += sum(
            label.verdict is None
            and label.category.id not in self._fallbacks
            and label.judgement.confidence < least[label.category.id] + _DOUBT
            for label in labels
        )
        told = self._decider.verdicts.of(**where)
        for category, confidence, minimum, excluded in pairs:
            self._levels[Level.of(confidence)] += 1
            if not (excluded or blocked or category in told or category in self._fallbacks):
                self._compare(entry.path, category, confidence, minimum)

    def _compare(self, path: str, category: str, confidence: float, minimum: float) -> None:
        farness = -abs(confidence - minimum)
        if len(self._nearest) < _LEAST_CERTAIN:
            heapq.heappush(self._nearest, (farness, path, category, confidence, minimum))
        elif farness > self._nearest[0][0]:
            heapq.heapreplace(self._nearest, (farness, path, category, confidence, minimum))

    def summary(self, *, articles: int) -> Summary:
        nearest = sorted(self._nearest, key=lambda it: (-it[0], *it[1:]))
        return Summary(
            articles=articles,
            labelled=self._labelled,
            labels=dict(self._labels),
            levels={level: self._levels[level] for level in Level if self._levels[level]},
            uncertain=[(path, c, confidence, least) for _, path, c, confidence, least in nearest],
            doubtful=self._doubtful,
        )
