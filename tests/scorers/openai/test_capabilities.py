from __future__ import annotations

import pytest

from classifier.scorers.openai.capabilities import model_family


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
    known = model_family(model)
    assert known.accepts_temperature is takes_temperature
    assert bool(known.reasoning_budget) is thinks
