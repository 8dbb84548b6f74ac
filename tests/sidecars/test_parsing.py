from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.results import texts
from support.sidecars import (
    OLDER,
    broken,
    earlier,
)

from classifier.models import (
    ConfidenceKind,
    Judgement,
)
from classifier.sidecars import parsing
from classifier.sidecars.parsing import LEGACY_SCORER, LegacyEntry, NativeEntry, SidecarError


def test_an_entry_of_an_earlier_layout_is_a_stated_confidence_of_nobody_in_particular() -> None:
    entry = earlier()
    assert entry.judgement == Judgement(
        category="",
        confidence=0.66,
        kind=ConfidenceKind.STATED,
        scorer=LEGACY_SCORER,
        aspects={"mentions": 0.4},
        reasoning="It bakes.",
    )
    assert entry.judged_at == 1714979289


@pytest.mark.parametrize(
    ("changes", "confidence"),
    [
        ({"ai_confidence": 0}, 0.66),
        ({"final_score": None}, 0.7),
        ({"final_score": None, "ai_confidence": None}, None),
        ({"level": "Quaternary", "non_ai_confidence": 30, "more": {"x": []}}, 0.66),
        ({"category": None, "calculated_at": None, "reasoning": None}, 0.66),
    ],
)
def test_what_an_earlier_entry_lacks_is_done_without(
    changes: dict[str, object], confidence: float | None
) -> None:
    judgement = earlier(**changes).judgement
    assert (judgement and judgement.confidence) == confidence


def test_aspects_on_another_scale_are_clamped_and_counted() -> None:
    entry = earlier(ai_depth=-3, ai_alignment=10**400, ai_model="gpt")
    assert entry.judgement
    assert entry.judgement.aspects == {"mentions": 0.4, "depth": 0.0, "alignment": 1.0}
    assert entry.clamped == 2


_SPRING = {"non_ai_confidence": 30, "ai_mentions": 7, "ai_depth": 65.5}
_AUGUST = {
    "resourceId": "AbCdEfGhIjK",
    "ai_mentions": 0.7,
    "ai_depth": 6.55,
    "ai_intent": 10,
    "ai_penalties_applied": True,
    "ai_penalty_points": 12,
    "ai_penalty_details": "An advert.",
    "reasoning_summary": "Loaves.",
}


@pytest.mark.parametrize("newest", [{}, {"itemId": "AbCdEfGhIjK"}])
def test_each_generation_has_its_own_scale_in_one_file(newest: dict[str, object]) -> None:
    text = json.dumps({"Bread": OLDER | _SPRING, "Wine": OLDER | _AUGUST | newest})
    spring, august = (entry for entry in parsing.parse(text).values())
    assert isinstance(spring, LegacyEntry)
    assert isinstance(august, LegacyEntry)
    assert spring.judgement
    assert august.judgement
    assert spring.judgement.aspects == {"mentions": 0.07, "depth": 0.655}
    assert august.judgement.aspects == {
        "mentions": 0.07,
        "depth": 0.655,
        "intent": 1.0,
        "penalty": 0.12,
    }
    assert (august.judgement.summary, august.judgement.penalty) == ("Loaves.", "An advert.")
    assert (spring.clamped, august.clamped) == (0, 0)


def test_a_penalty_of_nothing_is_none() -> None:
    nothing = {"ai_penalties_applied": False, "ai_penalty_points": 0, "ai_penalty_details": "none"}
    judgement = earlier(**nothing).judgement
    assert judgement
    assert ("penalty" in judgement.aspects, judgement.penalty) == (False, "")


@pytest.mark.parametrize(
    ("time", "seconds"),
    [
        ("2024-05-06T07:08:09Z", 1714979289),
        ("2024-05-06 09:08:09.5+02:00", 1714979289.5),
        ("1970-01-01T00:00:00+05:00", 0),
    ],
)
def test_a_time_without_a_zone_is_utc_and_others_are_read_too(time: str, seconds: float) -> None:
    assert earlier(calculated_at=time).judged_at == seconds


def test_the_documented_entries_are_what_is_read() -> None:
    page = Path(__file__).parents[2] / "docs" / "sidecars.md"
    examples = re.findall(r"```json\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    ours, theirs = (parsing.parse(example)["Bread"] for example in examples)
    assert isinstance(ours, NativeEntry)
    assert ours.record
    assert ours.verdict
    assert isinstance(theirs, LegacyEntry)
    documented = set(re.findall(r"`(\w+)`", page.read_text(encoding="utf-8")))
    assert documented >= {key for key in ours.raw if not key.startswith("ai_")}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not usable JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "expected an object with an entry"),
        ('{"a": 1}', "'a': expected an object, not int"),
        ('{"a": {}, "a": {}}', "'a' occurs twice"),
        ('{"a": {"final_score": NaN}}', "NaN is not a number"),
        (f'{{"a": {{"final_score": {"9" * 5000}}}}}', "not usable JSON"),
        ('{"a": {"final_score": 1e999}}', "final_score = inf"),
        ('{"a": {"final_score": 101}}', "'a': final_score = 101: "),
        ('{"a": {"final_score": "high"}}', "final_score = 'high'"),
        ('{"a": {"ai_confidence": true}}', "ai_confidence = True"),
        ('{"a": {"calculated_at": "lately"}}', "expected a time such as"),
        ('{"a": {"calculated_at": "2024-13-01T00:00:00"}}', "expected a time such as"),
        ('{"a": {"version": 1}}', "'a': id: is missing"),
        (broken(version=2), "written by a newer classify: upgrade"),
        (broken(version="1"), "version = '1'"),
        (broken(article_digest="../../etc"), "expected a digest of 32 hex digits"),
        (broken(ai_confidence=-1), "ai_confidence = -1"),
        (broken(ai_mentions=[]), "mentions = []"),
        (broken(confidence_kind="felt"), "confidence_kind = 'felt'"),
        (broken(evidence=[{"text": "x", "start": -1, "end": 1}]), "evidence.0.start = -1"),
        (broken(verdict={"accepted": "yes"}), "verdict.accepted = 'yes'"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(SidecarError) as error:
        parsing.parse(text)
    assert told in str(error.value)
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 300


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | texts,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*OLDER, "version", "id", "label", "scorer", "verdict"]), inner
            )
        ),
        max_leaves=20,
    )
)
def test_no_file_whatever_does_anything_but_be_read_or_refused(value: object) -> None:
    try:
        entries = parsing.parse(json.dumps({"Bread": value}))
    except SidecarError:
        return
    (entry,) = entries.values()
    if isinstance(entry, LegacyEntry) and entry.judgement:
        assert 0 <= entry.judgement.confidence <= 1
