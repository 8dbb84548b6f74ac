from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from classifier.wording import count, refusal, shown


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 pairs"), (1, "1 pair"), (1234, "1,234 pairs")]
)
def test_one_of_a_thing_is_not_several(number: int, shown: str) -> None:
    assert count(number, "pair") == shown


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")
    on: bool


class Model(BaseModel):
    whole: Annotated[int, Field(ge=1, lt=1000)] = 1
    share: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)] = 1.0
    text: Annotated[str, Field(min_length=2, max_length=3, pattern="^a")] = "ab"
    items: Annotated[list[str], Field(min_length=1, max_length=2000)] = Field(default=["a"])
    one: Literal["mean", "least"] = "mean"
    inner: Inner = Inner(on=True)


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ({"whole": "x"}, "expected a whole number"),
        ({"whole": 1.5}, "expected a whole number"),
        ({"whole": 0}, "expected at least 1"),
        ({"whole": 1000}, "expected less than 1000"),
        ({"share": 0}, "expected more than 0"),
        ({"share": 1.5}, "expected at most 1"),
        ({"share": "x"}, "expected a number"),
        ({"share": float("nan")}, "expected a finite number"),
        ({"text": 1}, "expected text"),
        ({"text": "a"}, "expected at least 2 characters"),
        ({"text": "abcd"}, "expected at most 3 characters"),
        ({"text": "bb"}, "expected text that matches ^a"),
        ({"items": 1}, "expected a list"),
        ({"items": []}, "expected at least 1 item"),
        ({"items": ["a"] * 2001}, "expected at most 2,000 items"),
        ({"one": "x"}, "expected 'mean' or 'least'"),
        ({"inner": 1}, "expected a table"),
        ({"inner": {}}, "is missing"),
        ({"inner": {"on": 3}}, "expected true or false"),
        ({"inner": {"on": True, "off": 1}}, "is not a known field"),
    ],
)
def test_a_refusal_says_what_is_expected_and_quotes_nothing(
    value: dict[str, object], why: str
) -> None:
    with pytest.raises(ValidationError) as error:
        Model.model_validate(value)
    assert refusal(error.value.errors()[0], table="a table") == why


def test_what_a_check_of_ours_says_stays() -> None:
    error = {"type": "value_error", "msg": "Value error, Pass either", "loc": ()}
    assert refusal(error) == "pass either"
    assert refusal({"type": "new in pydantic", "msg": "Odd", "loc": ()}) == "odd"


def test_a_long_value_is_shown_in_part() -> None:
    assert shown("ab") == "'ab'"
    assert len(shown("a" * 500)) == 80
    assert shown("a" * 500).endswith("...")
