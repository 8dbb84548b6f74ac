from __future__ import annotations

from classifier.review import log
from classifier.store import VerdictRecord
from classifier.verdicts import WHOLE_ARTICLE


def record(
    path: str, *, at: float, accepted: bool | None, source: str = log.SOURCE
) -> VerdictRecord:
    return VerdictRecord(
        path=path,
        article="",
        category="tags/bread",
        definition="",
        accepted=accepted,
        note="",
        source=source,
        at=at,
    )


def test_verdicts_that_were_given_at_once_are_the_last_together() -> None:
    earlier = record("a.md", at=1, accepted=True)
    both = [record("a.md", at=2, accepted=False), record("b.md", at=2, accepted=False)]
    assert log.last_given([earlier, *both]) == [1, 2]
    assert log.last_given([]) == []


def test_a_whole_article_is_taken_back_as_other_verdicts_are() -> None:
    given = [record("a.md", at=1, accepted=True, source=WHOLE_ARTICLE)]
    assert log.last_given(given) == [0]
    undone = record("a.md", at=2, accepted=None, source=log.UNDONE)
    assert log.last_given([*given, undone]) == []


def test_what_was_taken_back_or_given_elsewhere_is_not_the_last() -> None:
    given = [record("a.md", at=1, accepted=True), record("b.md", at=2, accepted=True)]
    undone = record("b.md", at=3, accepted=None, source=log.UNDONE)
    assert log.last_given([*given, undone]) == [0]
    assert log.last_given([given[0], record("b.md", at=2, accepted=True, source="")]) == [0]
    assert log.last_given([given[0], record("a.md", at=2, accepted=None, source=log.UNDONE)]) == []


def test_the_verdict_before_is_of_the_same_pair() -> None:
    given = [record("a.md", at=n, accepted=True) for n in (1, 2)]
    given.insert(1, record("b.md", at=1.5, accepted=False))
    assert log.earlier(given, 2) is given[0]
    assert log.earlier(given, 1) is None
