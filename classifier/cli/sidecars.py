"""`--sidecar`: what is on record, beside the articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from classifier import composition, sidecars
from classifier.cli.console import log
from classifier.cli.formatting import count
from classifier.cli.job import Job
from classifier.cli.records import Records
from classifier.corpus import Corpus
from classifier.decisions import LabelPolicy
from classifier.runs import recorded

_TOLD: Final = 5


def write_beside(job: Job, policy: LabelPolicy, records: Records, *, scorer: str) -> int:
    """Write the sidecars of the articles of a job; return the exit code.

    `policy` is for the whole taxonomy, also where some of it was judged: `scorer` (an identity)
    may have judged the rest before.
    """
    store, home = records.store, records.home
    policy = composition.with_verdicts(policy, store, home=home)
    corpus = Corpus(policy.taxonomy.categories, store, home=home)
    scan = corpus.scan(job.paths, scorer=scorer, selection=job.files)
    found = recorded(corpus, scan, policy=policy, store=store)
    states: Counter[bool] = Counter()
    troubles: list[str] = []
    for it in sidecars.write(found, taxonomy=policy.taxonomy, store=store, home=home):
        if it.trouble:
            troubles.append(it.trouble)
        else:
            states[it.changed] += 1
    tell(troubles)
    if not job.view.quiet:
        log(f"{count(states[True], 'sidecar')} written, {states[False]:,} unchanged")
    return 1 if troubles else 0


def tell(troubles: Sequence[str]) -> None:
    for trouble in troubles[:_TOLD]:
        log(trouble)
    if len(troubles) > _TOLD:
        log(f"and {len(troubles) - _TOLD:,} more files that could not be used")
