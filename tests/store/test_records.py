"""The compressed form of judgements gives them back, and says so where it cannot."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.stores import CATEGORIES, any_text, judgements

from classifier.models import Judgement
from classifier.store import JudgementSet
from classifier.store.records import pack, unpack


@given(made=st.dictionaries(st.sampled_from(CATEGORIES), judgements), model=any_text)
def test_what_was_packed_is_unpacked_with_the_confidence_from_its_row(
    made: dict[str, Judgement], model: str
) -> None:
    packed = pack(
        JudgementSet(scorer="s", article="a", judgements=made, judged_at=1.0, model=model)
    )
    detail = unpack(packed)
    assert detail.model == model
    assert {c: detail.judgement(c, j.confidence) for c, j in made.items()} == made


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "decompress"),
        (b"no zlib", "decompress"),
        (zlib.compress(b"[]"), "indices"),
        (zlib.compress(b"{}"), "model"),
    ],
)
def test_other_bytes_are_an_error(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        unpack(data)


def test_a_judgement_that_is_not_in_the_set_is_an_error() -> None:
    detail = unpack(pack(JudgementSet(scorer="s", article="a", judgements={}, judged_at=1.0)))
    with pytest.raises(ValueError, match="no judgement of category"):
        detail.judgement("missing", 0.5)
