from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.sidecars import ARTICLE, BREAD, record

from classifier.sidecars.stored import StoredChecks, VerdictTimes
from classifier.store import JudgementSet, Store, VerdictRecord


def verdict(at: float, accepted: bool | None = True) -> VerdictRecord:
    return VerdictRecord(
        path="a.md",
        article=ARTICLE,
        category=BREAD.id,
        definition=BREAD.digest,
        accepted=accepted,
        at=at,
    )


def test_the_last_verdict_counts_withdrawn_or_not_by_path_or_by_text() -> None:
    times = VerdictTimes([verdict(5), verdict(9, accepted=None), verdict(7)])
    for path, article in (("a.md", "other"), ("moved.md", ARTICLE)):
        assert times.last(path=path, article=article, category=BREAD.id) == 9
    assert times.last(path="b.md", article="other", category=BREAD.id) == -1


@pytest.mark.parametrize(("later", "known"), [(0, True), (60, True), (-60, False)])
def test_a_judgement_is_known_by_itself_or_by_a_later_one(
    tmp_path: Path, later: float, known: bool
) -> None:
    asked = record(BREAD)
    with Store.open(tmp_path / "records.sqlite3") as store:
        store.add(
            JudgementSet(
                scorer=asked.scorer,
                article=ARTICLE,
                judgements={BREAD.digest: asked.judgement},
                judged_at=asked.judged_at + later,
            )
        )
        checks = StoredChecks(store, "a.md", VerdictTimes([]))
        assert checks.record(asked) is known
        assert not checks.record(replace(asked, scorer="another"))
