"""Judgements that were imported since the articles were judged with them."""

from __future__ import annotations

import time

from classifier.corpus import Corpus, Scan
from classifier.models import Category
from classifier.scorers.imported import IDENTITY
from classifier.scorers.imported_first import imported_for


def with_imported(corpus: Corpus, scan: Scan) -> Scan:
    """Return the scan with the pairs pending that are stored otherwise than they were imported."""
    digests = list(dict.fromkeys(entry.digest for entry in scan.entries))
    plain = {imported_for(category).digest: category for category in corpus.categories}
    own = [category.digest for category in corpus.categories]
    imported = corpus.store.confidences(IDENTITY, digests, plain)
    stored = corpus.store.confidences(scan.scorer, digests, own)
    due: dict[str, list[Category]] = {}
    for (article, found), (_, known) in zip(imported, stored, strict=True):
        changed = [
            plain[name]
            for name, value in found.items()
            if known.get(plain[name].digest, value) != value
        ]
        if changed:
            due[article] = changed
    return scan.renewing(corpus.categories, time.time(), due) if due else scan
