"""The records: one SQLite file that holds every judgement ever made. The only SQL of the project.

A judgement is keyed by article digest x category digest x scorer identity. Judging a pair again
adds a record beside the old one, and the latest stored is current. `pairs` has one small row per
judgement, clustered so that all pairs of an article and scorer lie together; the bulk is in
`sheets`, one compressed row for what was judged in one go.
"""

from classifier.store.batches import Batch, Batches, SentArticle, SettledArticle
from classifier.store.records import FailureRecord, FileRecord, JudgementRecord, JudgementSet
from classifier.store.store import Store
from classifier.store.verdicts import VerdictRecord

__all__ = [
    "Batch",
    "Batches",
    "FailureRecord",
    "FileRecord",
    "JudgementRecord",
    "JudgementSet",
    "SentArticle",
    "SettledArticle",
    "Store",
    "VerdictRecord",
]
