"""Which line answers which request: what is not clear is refused."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.models import Category, FailureReason, Usage
from classifier.scorers.batch.results import ResultFile, ResultReader, ended_without
from classifier.scorers.batch.snapshot import BatchSnapshot
from classifier.scorers.openai.requests import EncodedText, make_request

BREAD = Category(id="t/bread", kind="t", title="Bread")
ASKED = make_request(EncodedText("", 0), [BREAD], canaries=())
RUBRIC = BatchSnapshot(
    categories={}, canary=None, aspects={"depth": 1.0}, exclusion_cap=0.3, floors={}
)
READER = ResultReader(
    rubric=RUBRIC,
    base_url="http://localhost/v1",
    key="sk-secret",
    unanswered=ended_without("expired", ()),
)


def answers(*lines: object) -> ResultFile:
    text = "\n".join(it if isinstance(it, str) else json.dumps(it) for it in lines)
    return ResultFile(BytesIO(text.encode("utf-8", "surrogatepass")), {"a", "b"})


def test_lines_are_found_by_name_in_any_order() -> None:
    found = answers({"custom_id": "b", "n": 1}, "", {"custom_id": "a", "n": 2})
    assert (found.of("a"), found.of("b")) == (
        {"custom_id": "a", "n": 2},
        {"custom_id": "b", "n": 1},
    )
    assert (len(found), found.refused) == (2, 0)


def test_of_two_answers_to_one_request_neither_is_taken() -> None:
    found = answers({"custom_id": "a", "n": 1}, {"custom_id": "b"}, {"custom_id": "a", "n": 2})
    assert found.of("a") is None
    assert found.of("b") is not None
    assert (len(found), found.refused) == (2, 2)
    assert answers(*[{"custom_id": "a"}] * 4).refused == 4


@pytest.mark.parametrize(
    "line",
    [{"custom_id": "c"}, {"custom_id": ["a"]}, {}, [], "nonsense", "[" * 100_000, '{"custom_id":'],
    ids=["unknown", "no text", "none", "a list", "no JSON", "deep", "cut off"],
)
def test_a_line_that_answers_nothing_is_refused_and_counted(line: object) -> None:
    found = answers(line, {"custom_id": "a"})
    assert (len(found), found.refused) == (1, 1)


@given(st.lists(st.binary(max_size=60), max_size=8))
def test_whatever_a_file_holds_is_answers_or_refused(lines: list[bytes]) -> None:
    found = ResultFile(BytesIO(b"\n".join(lines)), {"a"})
    assert len(found) == 0
    assert found.of("a") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["code", "type", "message", "error", "choices"]), inner)
    ),
    max_leaves=6,
)
line = st.fixed_dictionaries(
    {
        "error": json_values,
        "response": json_values
        | st.fixed_dictionaries(
            {
                "status_code": st.sampled_from([200, 400, 429, 500]) | json_values,
                "body": json_values,
            }
        ),
    }
)


@settings(deadline=None, max_examples=300)
@given(line)
def test_whatever_a_line_says_becomes_a_reply_without_a_judgement(said: dict[str, object]) -> None:
    reply = READER.reply(said, ASKED)
    assert reply.answers == ()
    assert reply.failure is not None or reply.missing


@pytest.mark.parametrize(
    ("said", "reason", "calls"),
    [
        ({"error": {"code": "batch_expired"}}, FailureReason.EXPIRED, 0),
        ({"error": {"code": "batch_cancelled"}}, FailureReason.CANCELLED, 0),
        ({"error": {"code": "odd", "message": "hm"}}, FailureReason.REJECTED, 0),
        ({"response": None}, FailureReason.REJECTED, 0),
        ({"response": {"status_code": 400, "body": {}}}, FailureReason.REJECTED, 1),
        ({"response": {"status_code": 429, "body": {}}}, FailureReason.RATE_LIMITED, 1),
        ({"response": {"status_code": 500, "body": {}}}, FailureReason.UNAVAILABLE, 1),
        ({"response": {"body": {}}}, FailureReason.MALFORMED, 0),
        (None, FailureReason.EXPIRED, 0),
    ],
)
def test_what_was_not_answered_says_why(
    said: dict[str, object] | None, reason: FailureReason, calls: int
) -> None:
    reply = READER.reply(said, ASKED)
    assert reply.failure is not None
    assert reply.failure.reason is reason
    assert reply.usage == Usage(calls=calls)


def test_a_key_that_a_server_repeats_is_not_shown() -> None:
    body = {"error": {"message": "sk-secret is not known"}}
    reply = READER.reply({"response": {"status_code": 400, "body": body}}, ASKED)
    assert reply.failure is not None
    assert "sk-secret" not in reply.failure.message
    assert "*** is not known" in reply.failure.message
