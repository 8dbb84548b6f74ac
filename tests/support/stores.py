"""Values that tests of the store put into it."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hypothesis import strategies as st

from classifier.models import ConfidenceKind, Evidence, Judgement, digest
from classifier.store import FileRecord, JudgementSet

SCORERS = ("embedded:mini:1", "openai:large:2")
ARTICLES = tuple(digest("article", n) for n in range(3))
CATEGORIES = tuple(digest("category", n) for n in range(3))

# Lone surrogates too: a file name that is not UTF-8 brings them, and so does broken JSON.
any_text = st.text(st.characters(exclude_categories=()), max_size=30)
unit = st.floats(0, 1)
places = st.none() | st.integers(0, 10**9)
judgements = st.builds(
    Judgement,
    category=any_text,
    confidence=unit,
    kind=st.sampled_from(ConfidenceKind),
    scorer=any_text,
    aspects=st.dictionaries(any_text, unit, max_size=3),
    exclusion=st.none() | any_text,
    reasoning=any_text,
    evidence=st.lists(st.builds(Evidence, any_text, places, places), max_size=2).map(tuple),
    pack=st.lists(any_text, max_size=3).map(tuple),
)


def judgement(confidence: float = 0.5, **fields: object) -> Judgement:
    made = Judgement(
        category="tags/a", confidence=confidence, kind=ConfidenceKind.STATED, scorer=SCORERS[0]
    )
    return replace(made, **fields)  # type: ignore[arg-type]


def sheet(article: str = ARTICLES[0], at: float = 1.0, confidence: float = 0.5) -> JudgementSet:
    made = {category: judgement(confidence) for category in CATEGORIES[:2]}
    return JudgementSet(scorer=SCORERS[0], article=article, judgements=made, judged_at=at)


def file(article: str = ARTICLES[0]) -> FileRecord:
    return FileRecord(digest=article, size=3, mtime_ns=1_700_000_000_123_456_789)


def tamper(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql)


PRELUDE = """
import os, signal, sys
from pathlib import Path
from classifier.models import ConfidenceKind, Judgement
from classifier.store import JudgementSet, Store, schema
path = Path(sys.argv[1])

def sheet(article, scorer="s"):
    made = Judgement(category="a", confidence=0.5, kind=ConfidenceKind.STATED, scorer=scorer)
    return JudgementSet(scorer=scorer, article=article, judgements={"c": made}, judged_at=1.0)

"""


def start(code: str, path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + code, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(code: str, path: Path) -> str:
    with start(code, path) as process:
        out, _ = process.communicate(timeout=60)
    return out.strip()
