"""Judge again what was judged long ago, by scorers whose answers drift."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from classifier.corpus import Corpus, Scan
from classifier.errors import UsageError
from classifier.models import Category
from classifier.scorers.base import Scorer, display_name
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.imported_first import ImportedFirst
from classifier.scorers.members import is_paid
from classifier.scorers.panel import Panel, categories_for
from classifier.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewOptions:
    """Which stored judgements are made again."""

    older_than: timedelta
    at_most: int | None = None
    """Articles, those with the oldest judgements first; None: all."""


def renewed(
    corpus: Corpus, scan: Scan, scorer: Scorer, store: Store, options: RenewOptions | None
) -> Scan:
    """Return the scan with old judgements pending as well, those of a language model alone.

    Without options, the scan as it is.

    Raises:
        UsageError: The scorer judges alike at any time.
    """
    if options is None:
        return scan
    parts = tuple(_drifting(scorer))
    if not parts:
        raise UsageError(
            f"{display_name(scorer.identity)} does not drift: it judges anew only what has "
            "changed, so there is nothing to renew by age"
        )
    now = time.time()
    before = now - options.older_than.total_seconds()
    oldest, due = _old(corpus, scan, parts, store, before)
    chosen = sorted(due, key=lambda digest: (oldest[digest], digest))[: options.at_most]
    return scan.renewing(corpus.categories, now, {digest: due[digest] for digest in chosen})


def not_renewed(corpus: Corpus, before: Scan, after: Scan, scorer: Scorer, store: Store) -> Scan:
    """Return the scan after a run, with what the run has left of its renewal pending as well."""
    if before.renewal is None:
        return after
    since, pairs = before.renewal.before, before.renewal.pairs
    _, due = _old(corpus, after, tuple(_drifting(scorer)), store, since)
    left = {
        article: [category for category in due[article] if category.digest in pairs[article]]
        for article in pairs
        if article in due
    }
    return after.renewing(corpus.categories, since, left)


def _drifting(scorer: Scorer) -> Iterator[Scorer]:
    """Yield the language models in a scorer: what judges anew may judge otherwise."""
    if isinstance(scorer, Panel):
        for member in scorer.members:
            yield from _drifting(member)
    elif isinstance(scorer, Cascade | ImportedFirst):
        yield from _drifting(scorer.second)
    elif is_paid(scorer):
        yield scorer


def _old(
    corpus: Corpus, scan: Scan, parts: Iterable[Scorer], store: Store, before: float
) -> tuple[dict[str, float], dict[str, list[Category]]]:
    """Return, by article digest, the time of the oldest judgement, and the old pairs."""
    digests = [entry.digest for entry in scan.entries]
    oldest: dict[str, float] = {}
    due: defaultdict[str, dict[str, Category]] = defaultdict(dict)
    for part in parts:
        seen = categories_for(part, corpus.categories)
        own = {seen_as.digest: it for seen_as, it in zip(seen, corpus.categories, strict=True)}
        held = store.held(part.identity, judged=True)
        for article, times in store.judged_at(part.identity, digests, own).items():
            kept = held.get(article, {})  # asked again only on request
            old = {name: at for name, at in times.items() if at < before and name not in kept}
            if old:
                oldest[article] = min(oldest.get(article, before), *old.values())
                due[article] |= {own[name].id: own[name] for name in old}
    return oldest, {article: list(pairs.values()) for article, pairs in due.items()}
