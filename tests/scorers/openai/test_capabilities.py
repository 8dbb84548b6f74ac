from __future__ import annotations

import pytest

from classifier.scorers.openai import capabilities


def features(model="m", refused=(), *, categories=10):
    return capabilities.features(
        model, set(refused), categories=categories, temperature=0.0, effort=None
    )


@pytest.mark.parametrize(
    ("model", "takes_temperature", "thinks"),
    [
        ("gpt-4o-mini", True, False),
        ("gpt-4.1", True, False),
        ("gpt-5", False, True),
        ("gpt-5.2-mini", False, True),
        ("gpt-5-chat-latest", True, False),
        ("o4-mini", False, True),
        ("openai/o3", False, True),
        ("openai/gpt-oss-120b", True, True),
        ("llama-3.1-8b-instruct", True, False),
        ("ollama3", True, False),
        ("Qwen3-4B-Thinking", True, True),
    ],
)
def test_models_are_known_by_name(model, takes_temperature, thinks):
    known = capabilities.of(model)
    assert known.temperature is takes_temperature
    assert bool(known.thinks) is thinks


def test_room_for_the_answer_grows_with_the_pack():
    small, large = (features(categories=n).parameters["max_completion_tokens"] for n in (1, 10))
    assert large - small == 9 * 700


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
    assert capabilities.refusal(400, said, features()) == feature


def test_errors_that_say_nothing_about_a_request_teach_nothing():
    for status in (401, 403, 408, 429, 502, 503):
        assert capabilities.refusal(status, "temperature", features()) is None
        assert capabilities.suspect(status, features(), set()) is None


def test_refusals_end():
    refused: set[str] = set()
    while names := features(refused=refused).names:
        refused |= {max(names)}
    assert refused == {
        "json_schema",
        "json_object",
        "maxitems",
        "temperature",
        "max_completion_tokens",
        "max_tokens",
    }
