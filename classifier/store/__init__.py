"""The store: one SQLite file that holds every judgement ever made. The only SQL of the project.

Start with `store.Store`, of which `files` and `judgements` have a part; `records` has the values it
takes and returns, `schema` the tables.

A judgement is keyed by article digest, category digest and scorer identity. Judging a pair again
adds a judgement beside the old one; the latest stored is current. The table `pairs` has one small
row per judgement, clustered by scorer and article; the bulk is in `sheets`, one compressed row per
`JudgementSet`.
"""

from classifier.store.batches import Batch, Batches, SentArticle, SettledArticle
from classifier.store.records import (
    FailureRecord,
    FileRecord,
    HeldBack,
    JudgementRecord,
    JudgementSet,
    held_back,
)
from classifier.store.store import Store
from classifier.store.verdicts import VerdictRecord

__all__ = [
    "Batch",
    "Batches",
    "FailureRecord",
    "FileRecord",
    "HeldBack",
    "JudgementRecord",
    "JudgementSet",
    "SentArticle",
    "SettledArticle",
    "Store",
    "VerdictRecord",
    "held_back",
]
