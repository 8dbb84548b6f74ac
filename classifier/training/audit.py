"""The recall of a cascade after a run, estimated from its random sample of kept pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Final

from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.models import Article, Category, Failure, Task
from classifier.runs import looked_up
from classifier.scorers.base import languages_of
from classifier.scorers.cascade.deferral import Route
from classifier.scorers.cascade.scorer import Cascade
from classifier.store import Store
from classifier.training.binomial_bounds import upper_missed

RISK: Final = 0.05


@dataclass(slots=True)
class RecallAudit:
    """Counts of the pairs of kinds that have the same audit rate."""

    kinds: tuple[str, ...]
    rate: float
    """Share (0-1) of the kept pairs that is audited."""
    deferred: int = 0
    """Pairs deferred by the policy."""
    audited: int = 0
    """Pairs deferred as a random sample."""
    kept: int = 0
    """Pairs that have the first scorer's judgement."""
    labels: int = 0
    """Labels that the second scorer gave, in deferred and audited pairs."""
    below: int = 0
    """How many of these are among the audited pairs."""

    @property
    def estimate(self) -> float | None:
        """The share (0-1) of the second scorer's labels that is found, as the sample has it.

        None if it found none, or nothing was sampled.
        """
        if not self.labels or (self.kept and not self.rate):
            return None
        missed = self.below * (1 - self.rate) / self.rate if self.kept else 0.0
        return self.labels / (self.labels + missed)

    @property
    def recall(self) -> float | None:
        """Lower bound (0-1, 95 % confidence) on the share of the second scorer's labels found.

        None if it found none, or nothing was sampled. Exact if the policy was chosen without
        looking at this sample, or by `threshold_sampling`.
        """
        if not self.labels or (self.kept and not self.rate):
            return None
        if not self.kept:
            return 1.0
        missed = min(upper_missed(self.below, self.rate, RISK), self.kept)
        return self.labels / (self.labels + missed)


def recall_audits(
    corpus: Corpus, scan: Scan, cascade: Cascade, *, policy: LabelPolicy, store: Store
) -> list[RecallAudit]:
    """Count the stored pairs of a scan's articles, one audit for all kinds with the same rate.

    Copies of a text count once. Pairs that were not judged are left out.
    """
    categories = policy.taxonomy.categories
    by_kind = {
        kind: RecallAudit((), cascade.deferral.audit_rate(kind))
        for kind in {c.kind for c in categories}
    }
    groups: dict[float, RecallAudit] = {}
    for kind in sorted(by_kind):
        group = groups.setdefault(by_kind[kind].rate, by_kind[kind])
        group.kinds += (kind,)
        by_kind[kind] = group
    kinds = {category.id: category.kind for category in categories}
    seen: set[str] = set()
    routes = _routes(corpus, scan, cascade, store, categories)
    for (entry, pairs, _), of_article in zip(
        looked_up(corpus, scan, policy, store), routes, strict=True
    ):
        if entry.digest in seen:
            continue
        seen.add(entry.digest)
        for category, confidence, minimum, excluded in pairs:
            audit = by_kind[kinds[category]]
            match of_article.get(category, Route.DEFER):
                case Route.KEEP:
                    audit.kept += 1
                    continue
                case Route.AUDIT:
                    audit.audited += 1
                    audit.below += confidence >= minimum and not excluded
                case Route.DEFER:
                    audit.deferred += 1
            audit.labels += confidence >= minimum and not excluded
    return list(groups.values())


def _routes(
    corpus: Corpus, scan: Scan, cascade: Cascade, store: Store, categories: tuple[Category, ...]
) -> Iterator[dict[str, Route]]:
    """Yield the routes of every article's pairs, by category id."""
    digests = {category.digest for category in categories}
    articles = (entry.digest for entry in scan.entries)
    known = store.confidences(cascade.first.identity, articles, digests)
    readable = _readable(corpus, scan, cascade, categories)
    for (article, confidences), of_article in zip(known, readable, strict=True):
        judged = [(c, confidences[c.digest][0]) for c in categories if c.digest in confidences]
        routes = cascade.deferral.routes(article, judged)
        yield {name: route for name, route in routes.items() if name in of_article}


def _readable(
    corpus: Corpus, scan: Scan, cascade: Cascade, categories: tuple[Category, ...]
) -> Iterator[frozenset[str]]:
    """Yield, for every article, the ids of the categories that the first scorer can judge it by."""
    reads = languages_of(cascade.first)
    if reads is None:
        yield from repeat(frozenset(category.id for category in categories), len(scan.entries))
        return
    usual = cascade.readable(Task(Article(id="", body=""), categories))
    languages = corpus.languages(entry.path for entry in scan.entries)
    for entry in scan.entries:
        code = languages.get(entry.path)
        # Only an article that may be in another language is read again.
        article = corpus.article(entry.path) if code and code not in reads else None
        if article is None or isinstance(article, Failure):
            yield usual
        else:
            yield cascade.readable(Task(article, categories))
