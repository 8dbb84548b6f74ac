"""What the sample of settled pairs says about the recall of a cascade that has judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.models import Category
from classifier.runs import looked_up
from classifier.scorers.cascade.deferral import Route
from classifier.scorers.cascade.scorer import Cascade
from classifier.store import Store
from classifier.training.binomial_bounds import upper_missed

RISK: Final = 0.05


@dataclass(slots=True)
class RecallAudit:
    """Pairs of kinds of which the same share is drawn, counted."""

    kinds: tuple[str, ...]
    rate: float
    deferred: int = 0
    """By the cut or the shortlist."""
    audited: int = 0
    """Settled, but asked about all the same."""
    kept: int = 0
    labels: int = 0
    """Of the second scorer, in all that it was asked about."""
    below: int = 0
    """Of these, among the drawn."""

    @property
    def recall(self) -> float | None:
        """The share of the second scorer's labels that was found at least, with 95 % confidence.

        None where it found none. Exact where the cut was chosen without a look at the sample, or as
        `classifier.training.threshold_sampling` does.
        """
        if not self.labels:
            return None
        if not self.kept or not self.rate:
            return self.labels / (self.labels + self.kept)
        missed = min(upper_missed(self.below, self.rate, RISK), self.kept)
        return self.labels / (self.labels + missed)


def recall_audits(
    corpus: Corpus, scan: Scan, cascade: Cascade, *, policy: LabelPolicy, store: Store
) -> list[RecallAudit]:
    """Count what is on record of a scan's articles, kinds apart where their rates differ.

    Copies of a text count once. A pair that was not judged is left out.
    """
    categories = policy.taxonomy.categories
    found = {
        kind: RecallAudit((), cascade.deferral.audit_rate(kind))
        for kind in {c.kind for c in categories}
    }
    groups: dict[float, RecallAudit] = {}
    for kind in sorted(found):
        group = groups.setdefault(found[kind].rate, found[kind])
        group.kinds += (kind,)
        found[kind] = group
    kinds = {category.id: category.kind for category in categories}
    seen: set[str] = set()
    routes = _fates(scan, cascade, categories, store)
    for (entry, pairs, _), fate in zip(looked_up(corpus, scan, policy, store), routes, strict=True):
        if entry.digest in seen:
            continue
        seen.add(entry.digest)
        for category, confidence, minimum, excluded in pairs:
            of = found[kinds[category]]
            match fate.get(category, Route.DEFER):
                case Route.KEEP:
                    of.kept += 1
                    continue
                case Route.AUDIT:
                    of.audited += 1
                    of.below += confidence >= minimum and not excluded
                case Route.DEFER:
                    of.deferred += 1
            of.labels += confidence >= minimum and not excluded
    return list(groups.values())


def _fates(
    scan: Scan, cascade: Cascade, categories: tuple[Category, ...], store: Store
) -> Iterator[dict[str, Route]]:
    """Yield what becomes of every article's pairs, by category id."""
    digests = {category.digest for category in categories}
    articles = (entry.digest for entry in scan.entries)
    for article, found in store.confidences(cascade.first.identity, articles, digests):
        judged = [(c, found[c.digest][0]) for c in categories if c.digest in found]
        yield cascade.deferral.routes(article, judged)
