from __future__ import annotations

import json

import pytest

from classifier.scorers.openai import api_errors
from classifier.scorers.openai.requests import Features
from classifier.scorers.openai.servers import NO_KEY

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
        # A gateway may pass the limit on by its other name.
        ("Invalid max_tokens value, the valid range is [1, 8192]", "max_completion_tokens"),
        ('Unrecognized field "maxCompletionTokens"', "max_completion_tokens"),
        ("the maximum tokens you requested exceeds the model limit", "max_completion_tokens"),
        ("reasoning_effort is not supported", None),  # it was not sent
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
        {"Message": WORDS, "__type": "AccessDeniedException"},
        WORDS,
    ],
    ids=range(15),
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


def test_a_model_that_is_not_there_says_nothing_about_the_form():
    missing = error(404, "The model `x` does not exist or you do not have access to it.")
    assert api_errors.suspected_features(missing, SENT, set()) == frozenset()
    assert api_errors.suspected_features(error(404, ""), SENT, set()) == {"json_schema"}


def test_an_answer_that_could_not_be_kept_to_the_schema_is_tried_without():
    body = {"error": {"code": "json_validate_failed", "message": "Failed to generate JSON."}}
    failed = api_errors.from_response("http://localhost/v1", 400, json.dumps(body))
    proven = {"json_schema"}
    assert api_errors.suspected_features(failed, SENT, proven) == {"json_schema", "json_object"}


def test_an_error_without_words_in_a_200_says_nothing_about_the_form():
    empty = api_errors.from_body("http://localhost/v1", 200, {"error": {"message": None}})
    assert not api_errors.suspected_features(empty, SENT, set())


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Content Exists Risk"),
        (400, "Output blocked by content filtering policy"),
        (400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy."),
        (400, "the prompt triggering Azure OpenAI's content management policy"),
        (403, "Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_BIO"),
        (424, "Prompt blocked due to security configurations"),
        (200, "input new_sensitive"),
    ],
)
def test_a_content_filter_without_a_code_is_told_by_its_words(status, said):
    assert api_errors.explain(error(status, said), secret="").reason == "content_filter"
    assert api_errors.explain(error(401, said), secret="").reason == "rejected"


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (429, "余额不足或无可用资源包,请充值。"),
        (400, "Your credit balance is too low to access the API."),
        (403, "Your newly created team doesn't have any credits yet."),
        (402, "Insufficient Balance"),
        (429, "Request too large for m on tokens per min (TPM): Limit 30000, Requested 50000."),
    ],
)
def test_what_no_waiting_cures_is_not_tried_again(status, said):
    found = error(status, said)
    assert not api_errors.is_transient(found)
    assert api_errors.explain(found, secret="").reason == "rejected"
    assert api_errors.is_transient(error(429, "You exceeded your current quota: see billing."))


@pytest.mark.parametrize("status", [408, 409, 425, 429, 498, 500, 503, 529])
def test_a_server_that_is_busy_is_asked_again(status):
    assert api_errors.is_transient(error(status, "busy"))


KEY = "sk-proj-" + "AbCdEf0123456789" * 4


def test_not_even_a_part_of_a_key_is_shown():
    for before in (0, 100, 140, 155):
        found = api_errors.explain(error(403, f"{'x' * before} {KEY} is wrong"), secret=KEY)
        assert KEY[:12] not in found.message
    headers = [("location", f"https://elsewhere.example/{'a' * 70}?key={KEY}")]
    moved = api_errors.from_response("http://localhost/v1", 302, "", headers=headers)
    assert KEY[:12] not in api_errors.explain(moved, secret=KEY).message


def test_a_key_that_is_refused_is_named_by_its_variable_with_the_words_of_the_server():
    refused = error(401, "Your account has been deactivated.")
    told = api_errors.explain(refused, secret=KEY, key_variable="GEMINI_API_KEY").message
    assert "check GEMINI_API_KEY (Your account has been deactivated.)" in told
    assert "none was sent; set OPENAI_API_KEY" in api_errors.explain(refused, secret=NO_KEY).message


def test_a_proxy_that_asks_for_a_password_is_named():
    assert "HTTP_PROXY" in api_errors.explain(error(407, ""), secret="").message
