from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from classifier.web.service.bodies import ClassifyRequest, InlineDefinition, VerdictRequest

BODIES = [ClassifyRequest, InlineDefinition, VerdictRequest]


@pytest.mark.parametrize("body", BODIES)
def test_every_text_and_list_is_bounded(body: type[ClassifyRequest]) -> None:
    def unbounded(schema: object, path: str) -> list[str]:
        if isinstance(schema, list):
            return [each for part in schema for each in unbounded(part, path)]
        if not isinstance(schema, dict):
            return []
        bound = {"string": "maxLength", "array": "maxItems"}.get(str(schema.get("type")))
        here = [path] if bound and bound not in schema else []
        return here + [e for key, part in schema.items() for e in unbounded(part, f"{path}/{key}")]

    assert unbounded(body.model_json_schema(), "") == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)
KEYS = st.sampled_from([*ClassifyRequest.model_fields]) | st.text(max_size=5)


@given(st.dictionaries(KEYS, VALUES))
def test_anything_is_accepted_or_refused(value: object) -> None:
    try:
        found = ClassifyRequest.model_validate_json(json.dumps(value))
    except ValidationError:
        return
    assert bool(found.text) != bool(found.document)


def test_exactly_one_content_is_needed() -> None:
    assert ClassifyRequest(text="a").document == ""
    for wrong in ({}, {"text": "a", "document": "b"}, {"text": ""}):
        with pytest.raises(ValidationError):
            ClassifyRequest.model_validate(wrong)
