from __future__ import annotations

import json
import re
from pathlib import Path, PurePath
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.definitions import category
from support.results import texts

from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Judgement,
    Label,
    Rejection,
    Result,
    Verdict,
)
from classifier.sidecars import naming, parsing, serializing
from classifier.sidecars.parsing import LEGACY_SCORER, LegacyEntry, NativeEntry, SidecarError
from classifier.store import JudgementRecord

BREAD, WINE = category("Bread"), category("Wine")
ARTICLE = "0123456789abcdef0123456789abcdef"

OLDER = {
    "category": "Bread",
    "calculated_at": "2024-05-06T07:08:09",
    "ai_confidence": 70.0,
    "ai_mentions": 40,
    "final_score": 66.0,
    "reasoning": "It bakes.",
    "level": "Secondary",
}


def record(category: Category, **changes: Any) -> JudgementRecord:
    judgement = Judgement(
        category=category.id,
        confidence=0.8734,
        kind=ConfidenceKind.STATED,
        scorer="openai:gpt:0123",
        aspects={"mentions": 0.9, "depth": 0.07},
        exclusion="no rolls",
        reasoning="It is about loaves.",
        evidence=(Evidence("a loaf", 3, 9), Evidence("never said")),
        pack=(category.id, "tags/other"),
    )
    return JudgementRecord(
        judgement=judgement,
        scorer="openai:gpt:0123",
        article=ARTICLE,
        category=category.digest,
        judged_at=1741361518.1234567,
        model="gpt-2099",
        **changes,
    )


def result(*judged: Label | Rejection) -> Result:
    return Result(
        article="a.md",
        digest=ARTICLE,
        scorer="openai:gpt:0123",
        decision=Decision(
            labels=tuple(it for it in judged if isinstance(it, Label)),
            rejections=tuple(it for it in judged if isinstance(it, Rejection)),
        ),
    )


def written(result: Result, *records: JudgementRecord) -> str:
    by_id = {record.judgement.category: record for record in records}
    return serializing.to_text(serializing.entries(result, by_id))


def own(text: str) -> NativeEntry:
    (entry,) = parsing.parse(text).values()
    assert isinstance(entry, NativeEntry)
    return entry


def earlier(**changes: Any) -> LegacyEntry:
    (entry,) = parsing.parse(json.dumps({"Bread": OLDER | changes})).values()
    assert isinstance(entry, LegacyEntry)
    return entry


# --- what is written -----------------------------------------------------------------------------


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


def test_the_file_is_called_after_the_article() -> None:
    assert naming.file_name(PurePath("a/index.md")) == "data.index.classifications.json"
    assert naming.file_name(PurePath("a/index.en.md")) == "data.index.en.classifications.json"
    assert naming.article_stem("data.index.en.tags.json") == "index.en"
    assert naming.article_stem("index.md") is None


def test_a_title_is_the_key_unless_another_category_has_it() -> None:
    craft = category("Craft", name="concepts/craft"), category("craft", name="tags/craft")
    twins = category("Rye", name="tags/rye"), category("Rye", name="tags/rye-2")
    assert naming.entry_keys([BREAD, *craft, *twins]) == {
        "tags/bread": "Bread",
        "concepts/craft": "Craft (concepts)",
        "tags/craft": "craft (tags)",
        "tags/rye": "Rye (tags/rye)",
        "tags/rye-2": "Rye (tags/rye-2)",
    }


_titles = st.sampled_from(["A", "a", "A (tags)", "A (tags/1)", "tags/1", "A (tags) (tags)"])


@given(st.lists(_titles, max_size=6))
def test_no_two_categories_ever_have_the_same_key(titles: list[str]) -> None:
    categories = [category(title, name=f"tags/{n}") for n, title in enumerate(titles)]
    keys = naming.entry_keys(categories).values()
    assert len({key.casefold() for key in keys}) == len(categories)


# --- what others have written --------------------------------------------------------------------


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


# --- strangers -----------------------------------------------------------------------------------


def broken(**changes: Any) -> str:
    was = record(BREAD)
    (entry,) = json.loads(written(result(Label(BREAD, was.judgement)), was)).values()
    return json.dumps({"Bread": entry | changes})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "not usable JSON"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "expected an object with an entry"),
        ('{"a": 1}', "'a': expected an object, not int"),
        ('{"a": {}, "a": {}}', "'a' is there twice"),
        ('{"a": {"final_score": NaN}}', "NaN is no number"),
        (f'{{"a": {{"final_score": {"9" * 5000}}}}}', "not usable JSON"),
        ('{"a": {"final_score": 1e999}}', "final_score = inf"),
        ('{"a": {"final_score": 101}}', "'a': final_score = 101: "),
        ('{"a": {"final_score": "high"}}', "final_score = 'high'"),
        ('{"a": {"ai_confidence": true}}', "ai_confidence = True"),
        ('{"a": {"calculated_at": "lately"}}', "expected a time such as"),
        ('{"a": {"calculated_at": "2024-13-01T00:00:00"}}', "expected a time such as"),
        ('{"a": {"version": 1}}', "'a': id: Field required"),
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
