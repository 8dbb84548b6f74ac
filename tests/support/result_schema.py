"""The JSON Schema file of `classify/1`, made strict: no key that it does not name."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

from classifier.outputs.json import result_schema

SCHEMA = result_schema()
Draft202012Validator.check_schema(SCHEMA)


def errors(value: object) -> list[str]:
    """Return what the schema has against a value."""
    found = Draft202012Validator(_strict(SCHEMA)).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def _strict(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {key: _strict(part) for key, part in schema.items()}
    return {"additionalProperties": False, **parts} if "required" in schema else parts
