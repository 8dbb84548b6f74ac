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
        assert api_errors.suspected_feature(error(status, "temperature"), SENT, set()) is None
