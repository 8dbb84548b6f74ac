from __future__ import annotations

from classifier.history import changes, latest
from classifier.models import ConfidenceKind, Judgement
from classifier.store import JudgementRecord


def record(
    confidence: float,
    *,
    at: float,
    scorer: str = "embedded:mini:1",
    article: str = "a1",
    category: str = "c1",
    id_: str = "tags/bread",
) -> JudgementRecord:
    judgement = Judgement(
        category=id_, confidence=confidence, kind=ConfidenceKind.SIMILARITY, scorer=scorer
    )
    return JudgementRecord(
        judgement=judgement, scorer=scorer, article=article, category=category, judged_at=at
    )


def test_what_changed_is_named() -> None:
    made = [
        record(0.1, at=1),
        record(0.2, at=2, article="a2"),
        record(0.3, at=3, article="a2", category="c2"),
        record(0.4, at=4, article="a3", category="c3", scorer="embedded:mini:2"),
        record(0.4, at=5, article="a3", category="c3", scorer="embedded:mini:2"),
    ]
    found = list(changes(made))
    assert [change.why for change in found] == [
        ("article",),
        ("definition",),
        ("article", "definition", "scorer"),
        (),
    ]


def test_another_kind_of_scorer_has_an_opinion_of_its_own() -> None:
    made = [record(0.1, at=1), record(0.9, at=2, scorer="openai:gpt:1"), record(0.2, at=3)]
    (change,) = changes(made)
    assert (change.before.judgement.confidence, change.after.judgement.confidence) == (0.1, 0.2)


def test_the_latest_are_sorted_by_scorer_and_confidence() -> None:
    made = [
        record(0.5, at=1),
        record(0.9, at=1, id_="tags/wine", category="c9"),
        record(0.3, at=2, scorer="openai:gpt:1"),
        record(0.6, at=3),
    ]
    assert [(r.scorer[:6], r.judgement.confidence) for r in latest(made)] == [
        ("embedd", 0.9),
        ("embedd", 0.6),
        ("openai", 0.3),
    ]
