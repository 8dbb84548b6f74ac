from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from support.results import texts
from support.sidecars import (
    ARTICLE,
    BREAD,
    own,
    record,
    result,
    written,
)

from classifier.models import (
    ConfidenceKind,
    Evidence,
    Judgement,
    Label,
    Rejection,
    Verdict,
)
from classifier.store import JudgementRecord


def test_an_entry_has_the_keys_that_sites_know_and_scores_from_0_to_100() -> None:
    was = record(BREAD)
    (entry,) = json.loads(written(result(Label(BREAD, was.judgement)), was)).values()
    assert list(entry)[:8] == [
        "category",
        "calculated_at",
        "ai_confidence",
        "ai_mentions",
        "ai_depth",
        "final_score",
        "reasoning",
        "level",
    ]
    assert entry["calculated_at"] == "2025-03-07T15:31:58.1234567Z"
    assert (entry["ai_confidence"], entry["ai_depth"], entry["final_score"]) == (87.34, 7.0, 87.34)
    assert entry["label"] is True


def test_a_calibrated_confidence_is_the_final_score_and_the_scorers_own_is_kept() -> None:
    was = record(BREAD)
    calibrated = Judgement(
        category=BREAD.id, confidence=0.5, kind=ConfidenceKind.CALIBRATED, scorer="x", raw=0.8734
    )
    text = written(result(Rejection(BREAD, calibrated, "")), was)
    assert '"final_score": 50.0' in text
    assert own(text).record == was


def test_every_value_has_a_line_of_its_own() -> None:
    was = record(BREAD)
    text = written(result(Label(BREAD, was.judgement)), was)
    assert text.count("\n") == 2 + 2 + len(json.loads(text)["tags/bread"])
    assert text.endswith("\n}\n")


_numbers = st.integers(0, 10**12).map(lambda n: n / 10**12)
_judgements = st.builds(
    Judgement,
    category=st.just(BREAD.id),
    confidence=_numbers,
    kind=st.sampled_from(ConfidenceKind),
    scorer=texts.filter(bool),
    aspects=st.dictionaries(
        st.sampled_from(["mentions", "confidence", "confidence_", "ai_x", ""]), _numbers
    ),
    exclusion=st.none() | texts,
    reasoning=texts,
    evidence=st.lists(
        st.builds(Evidence, texts) | st.builds(Evidence, texts, st.just(3), st.integers(3, 10**9)),
        max_size=2,
    ).map(tuple),
    pack=st.lists(texts, max_size=2).map(tuple),
)


@given(_judgements, texts.filter(bool), st.floats(1, 3e10), texts)
def test_what_is_written_is_read_back_as_the_very_same_record(
    judgement: Judgement, scorer: str, judged_at: float, model: str
) -> None:
    was = JudgementRecord(
        judgement=judgement,
        scorer=scorer,
        article=ARTICLE,
        category=BREAD.digest,
        judged_at=judged_at,
        model=model,
    )
    text = written(result(Label(BREAD, judgement)), was)
    assert text.isprintable() or "\n" in text
    assert own(text).record == was


@given(texts, texts, st.booleans(), st.floats(1, 3e10))
def test_a_persons_word_is_read_back_also_where_nothing_else_is_known(
    note: str, source: str, accepted: bool, at: float
) -> None:
    told = Verdict(category=BREAD.id, accepted=accepted, note=note, source=source, at=at)
    stand_in = Judgement(
        category=BREAD.id, confidence=1.0, kind=ConfidenceKind.VERDICT, scorer="human"
    )
    entry = own(written(result(Label(BREAD, stand_in, told))))
    assert (entry.record, entry.verdict) == (None, told)


# --- names ---------------------------------------------------------------------------------------
