from __future__ import annotations

import json

import pytest
from support.chat_server import completion

from classifier.models import FailureReason
from classifier.scorers.openai import completions
from classifier.scorers.openai.completions import CallFailure

ITEMS = [{"id": "a", "x": 1}]
TEXT = json.dumps({"judgements": ITEMS})
DRAFT = json.dumps({"judgements": [{"id": "a", "x": 9}]})


def answers(message, *, finish="stop", **choice):
    return completions.answers(
        {"choices": [{"finish_reason": finish, "message": message, **choice}]}
    )


def text(words):
    return {"type": "text", "text": words}


@pytest.mark.parametrize(
    "message",
    [
        {"content": [text(TEXT)]},
        {"content": [text(TEXT[:9]), text(TEXT[9:])]},
        {"content": [{"type": "thinking", "thinking": [text(DRAFT)]}, text(TEXT)]},
        {"content": [{"type": "reference", "reference_ids": [1]}, text(TEXT)]},
        {"content": [{"type": "output_text", "text": {"value": TEXT}}]},
        {"content": [text(TEXT) | {"id": "part-1"}]},
        {"content": [text(DRAFT) | {"thought": True}, text(TEXT)]},
        {"content": text(TEXT)},
        {"content": json.loads(TEXT)},
        {"content": ITEMS},
        {"content": TEXT, "reasoning_content": DRAFT},
        {"content": "Here.", "tool_calls": [{"function": {"arguments": TEXT}}]},
        {"content": None, "tool_calls": [{"function": {"arguments": json.loads(TEXT)}}]},
        {"content": None, "function_call": {"arguments": TEXT}},
        {"content": None, "reasoning_content": TEXT},
        {"content": "", "reasoning": f"I compare.\n```json\n{TEXT}\n```"},
    ],
    ids=range(16),
)
def test_the_answer_is_where_the_server_put_it(message):
    assert answers(message) == [ITEMS]


def test_a_draft_in_the_middle_of_the_reasoning_is_no_answer():
    failure = answers({"content": None, "reasoning_content": f"First {DRAFT}, but on second"})
    assert failure.reason is FailureReason.MALFORMED
    assert "reasoning" in failure.message
    assert isinstance(answers({"content": "See above.", "reasoning": TEXT}), CallFailure)


@pytest.mark.parametrize(
    ("message", "finish", "reason"),
    [
        ({"content": [{"type": "refusal", "refusal": "No."}]}, "stop", FailureReason.REFUSED),
        ({"content": None, "refusal": "No."}, "stop", FailureReason.REFUSED),
        ({"content": "I cannot."}, "refusal", FailureReason.REFUSED),
        ({"content": TEXT}, "SAFETY", FailureReason.CONTENT_FILTER),
        ({"content": None}, "content_filter", FailureReason.CONTENT_FILTER),
        ({"content": TEXT}, "MAX_TOKENS", FailureReason.TRUNCATED),
    ],
)
def test_why_there_is_no_answer_is_told_by_the_server(message, finish, reason):
    assert answers(message, finish=finish).reason is reason


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"error": {"code": 429, "message": "slow"}}, 429),
        ({"error": {"code": "503", "message": "busy"}, "choices": None}, 503),
        ({"error": {"type": "rate_limit_error", "message": "slow"}}, 429),
        ({"error": {"code": "insufficient_quota", "message": "broke"}}, 402),
        ({"error": {"type": "overloaded_error", "message": "busy"}}, 503),
        ({"error": "odd"}, 200),
        ({"choices": [{"finish_reason": "error", "error": {"code": 502}}]}, 502),
        ({"choices": [{"finish_reason": "error", "message": {"content": ""}}]}, 502),
        ({"choices": [{"finish_reason": "abort", "message": {"content": TEXT[:9]}}]}, 502),
        ({"error": {"code": 429}, "choices": [{"message": {"role": "assistant"}}]}, 429),
        ({"error": {"message": "Too many requests"}}, 429),
        ({"error": True, "message": "Temporarily closed", "status": 503}, 503),
        ({"object": "error", "message": "busy", "code": 503}, 503),
        ({"success": False, "errors": [{"code": 3040, "message": "Capacity exceeded"}]}, 503),
        ({"code": 503, "msg": "x", "data": None}, 503),
        ({"detail": "Model is loading"}, 503),
        ({"choices": None, "base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, 429),
    ],
    ids=range(17),
)
def test_an_error_in_a_200_has_the_status_it_names(body, status):
    assert completions.error_within(body)[0] == status


def test_what_is_no_chat_is_no_error():
    for body in (
        {"message": "Welcome", "status": "ok"},
        {"choices": []},
        {"code": 200, "msg": "k"},
    ):
        assert completions.error_within(body) is None


def test_words_in_place_of_an_answer_are_kept():
    failure = completions.answers({"detail": "Model is loading"})
    assert "no choices: Model is loading" in failure.message


def test_an_answer_is_no_error():
    for more in ({}, {"error": None}, {"error": {}}, {"error": {"code": 429}}, {"code": 503}):
        assert completions.error_within(completion(TEXT) | more) is None


def stream(*parts, finish="stop"):
    chunks = [{"choices": [{"delta": {"content": part}}], "model": "m"} for part in parts]
    chunks.append({"choices": [{"delta": {}, "finish_reason": finish}]})
    chunks.append({"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


@pytest.mark.parametrize(
    "before", ["", "\ufeff", "\r\n \n", ": PROCESSING\n\n: PROCESSING\n\n", "event: x\n"]
)
def test_a_stream_nobody_asked_for_is_joined(before):
    body = completions.decode(before + stream(TEXT[:5], TEXT[5:12], TEXT[12:]))
    assert completions.answers(body) == [ITEMS]
    assert completions.usage(body).input_tokens == 7
    assert body["model"] == "m"


def test_a_string_in_a_stream_may_hold_other_line_ends():
    words = json.dumps({"judgements": [{"id": "a", "x": 1, "q": "a\u2028b\x85c\x0bd"}]})
    raw = json.dumps({"choices": [{"delta": {"content": words}}]}).replace("\\\\u2028", "\u2028")
    assert "\u2028" in raw
    for end in ("\n", "\r\n", "\r"):
        body = completions.decode(f"data: {raw}{end}{end}data: [DONE]{end}")
        assert completions.answers(body)[0][0]["x"] == 1


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"input_tokens": 7, "output_tokens": 3}, (7, 0, 3)),
        ({"prompt_tokens": 7, "completion_tokens": 3, "prompt_cache_hit_tokens": 5}, (7, 5, 3)),
    ],
)
def test_tokens_are_counted_under_other_names(usage, counts):
    found = completions.usage({"usage": usage})
    assert (found.input_tokens, found.cached_tokens, found.output_tokens) == counts


def test_a_stream_tells_of_errors_and_ends():
    error = f"data: {json.dumps({'error': {'code': 502, 'message': 'gone'}})}\n\n"
    assert completions.error_within(completions.decode(error))[0] == 502
    broken = completions.decode(stream(TEXT)[:-130])
    assert completions.error_within(broken)[0] == 502
    cut = completions.answers(completions.decode(stream(TEXT[:9], finish="length")))
    assert cut.reason is FailureReason.TRUNCATED


@pytest.mark.parametrize("before", ["\ufeff", "\n\n", ": PROCESSING\n\n"])
def test_marks_and_comments_may_stand_before_json(before):
    assert completions.decode(f'{before}{{"a": 1}}') == {"a": 1}


@pytest.mark.parametrize(
    "count", [10**400, -1, None, "7", True, float("nan"), float("inf"), 1e300, [], {}]
)
def test_a_count_that_cannot_be_one_is_none(count):
    usage = completions.usage({"usage": {"prompt_tokens": count, "completion_tokens": 5}})
    assert (usage.input_tokens, usage.output_tokens) == (0, 5)


def test_the_answer_is_in_any_of_several_tool_calls():
    calls = [
        {"function": {"name": "think", "arguments": '{"thought": "hm"}'}},
        None,
        {"function": {"name": "answer", "arguments": TEXT}},
    ]
    assert answers({"content": None, "tool_calls": calls}, finish="tool_calls") == [ITEMS]


def test_a_choice_is_read_wherever_its_message_is():
    choice = {"finish_reason": "stop", "delta": {"content": TEXT}}
    assert completions.answers({"choices": [None, choice]}) == [ITEMS]


@pytest.mark.parametrize(
    ("finish", "reason"),
    [
        ("ContentFilter", FailureReason.CONTENT_FILTER),
        ("content_filter: SAFETY", FailureReason.CONTENT_FILTER),
        ("content-filter", FailureReason.CONTENT_FILTER),
        ("FinishReason.SAFETY", FailureReason.CONTENT_FILTER),
        ("guardrails", FailureReason.CONTENT_FILTER),
        ("FinishReason.MAX_TOKENS", FailureReason.TRUNCATED),
        ("MaxTokens", FailureReason.TRUNCATED),
        ("model_context_window_exceeded", FailureReason.TRUNCATED),
    ],
)
def test_a_finish_reason_is_known_in_the_spelling_of_each_server(finish, reason):
    failure = answers({"content": TEXT[:9]}, finish=finish)
    assert failure.reason is reason


@pytest.mark.parametrize("finish", ["FinishReason.STOP", "eos", "end_turn", None, 7, ["stop"], ""])
def test_a_finish_reason_that_is_not_known_is_none(finish):
    assert answers({"content": TEXT}, finish=finish) == [ITEMS]


@pytest.mark.parametrize(
    ("error", "status"),
    [("Rate limit exceeded", 429), ("Model is overloaded", 503), ("something else", 200)],
)
def test_an_error_that_is_words_alone_stands_for_a_status(error, status):
    assert completions.error_within({"error": error}) == (status, {"error": error})
