from __future__ import annotations

import json

import pytest

from classifier.scorers.openai import api_errors
from classifier.scorers.openai.requests import Features

SENT = Features(
    mode="json_schema",
    bounded=True,
    parameters={"temperature": 0.0, "max_completion_tokens": 8000},
)


def error(status, message):
    body = json.dumps({"error": {"message": message}})
    return api_errors.from_response("http://localhost/v1", status, body)


@pytest.mark.parametrize(
    ("said", "feature"),
    [
        ("Unsupported value: 'temperature' does not support 0", "temperature"),
        ("Unrecognized request argument supplied: max_completion_tokens", "max_completion_tokens"),
        (
            "maximum context length is 4096 tokens, you requested 6000 "
            "(2000 in the messages, 4000 in the completion)",
            "max_completion_tokens",
        ),
        ("response_format type is unavailable now", "json_schema"),
        ("Failed to parse grammar", "json_schema"),
        ("Invalid schema for response_format: 'maxItems' is not permitted", "maxitems"),
        ("the prompt is too long", None),
        ("max_tokens is too large", None),  # it was not sent
    ],
)
def test_what_an_error_names_is_what_is_left_out(said, feature):
    assert api_errors.refused_feature(error(400, said), SENT) == feature


def test_errors_that_say_nothing_about_a_request_teach_nothing():
    for status in (401, 403, 408, 429, 502, 503):
        assert api_errors.refused_feature(error(status, "temperature"), SENT) is None
        assert not api_errors.suspected_features(error(status, "temperature"), SENT, set())


# --- the words and codes of every shape of body ---------------------------------------------------

WORDS = "quota of the team is used up"


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": WORDS}},
        {"error": {"message": [WORDS]}},
        {"error": WORDS},
        {"error": "Forbidden", "message": WORDS, "statusCode": 403},
        {"error": {"message": "Provider returned error", "metadata": {"raw": WORDS}}},
        {"error": {"metadata": {"raw": json.dumps({"error": {"message": WORDS}})}}},
        [{"error": {"message": WORDS}}],
        {"message": {"detail": [{"msg": WORDS, "loc": []}]}},
        {"detail": [{"msg": WORDS, "loc": ["body", "x"], "input": "the article"}]},
        {"errors": [{"message": WORDS}]},
        {"error": {"details": WORDS}},
        {"msg": WORDS},
        {"error_description": WORDS},
        WORDS,
    ],
    ids=range(14),
)
def test_the_words_of_an_error_are_kept_whatever_its_shape(body):
    text = body if isinstance(body, str) else json.dumps(body)
    failure = api_errors.explain(
        api_errors.from_response("http://localhost/v1", 403, text), secret=""
    )
    assert WORDS in failure.message
    assert "article" not in failure.message


@pytest.mark.parametrize(
    "body",
    ["", "<html>no</html>", "[]", "{}", "null", "7", '{"error": {"message": 7}}'],
)
def test_an_error_without_words_is_its_status(body):
    failure = api_errors.explain(
        api_errors.from_response("http://localhost/v1", 403, body), secret="k"
    )
    assert failure.message == "the server rejected the request (HTTP 403)"


@pytest.mark.parametrize("status", [400, 403, 429, 500])
@pytest.mark.parametrize(
    "body",
    [
        {"error": {"code": "content_filter", "message": "No."}},
        {"error": {"code": "400", "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
        {"error": {"code": "data_inspection_failed", "message": "No."}},
        {"error": {"code": 403, "metadata": {"reasons": ["violence"], "flagged_input": "..."}}},
    ],
)
def test_a_content_filter_is_told_by_its_code_whatever_the_status(status, body):
    found = api_errors.from_response("http://localhost/v1", status, json.dumps(body))
    assert api_errors.explain(found, secret="").reason == "content_filter"
    assert not api_errors.is_transient(found)
    assert api_errors.refused_feature(found, SENT) is None
    assert not api_errors.suspected_features(found, SENT, set())


@pytest.mark.parametrize(
    "said",
    [
        "'response_format.type' must be 'text'",
        "This model does not support response format of that type.",
        "Structured outputs are not supported by this deployment.",
        "Failed to initialize samplers: failed to parse grammar",
        "JSON mode is not enabled",
        "guided_json is not available",
        'Unknown name "response_format": Cannot find field.',
    ],
)
def test_a_mode_is_refused_in_many_words(said):
    assert api_errors.refused_feature(error(400, said), SENT) == "json_schema"


def test_a_bare_400_is_tried_once_without_any_mode():
    bare = error(400, "Request contains an invalid argument.")
    assert api_errors.suspected_features(bare, SENT, set()) == {"json_schema", "json_object"}
    assert not api_errors.suspected_features(bare, SENT, {"json_schema"})
    for said in ("maximum context length is 9", "the prompt is too long", "no such model 'm'"):
        assert not api_errors.suspected_features(error(400, said), SENT, set())
