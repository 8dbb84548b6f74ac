"""Words that messages are put together from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_WIDTH: Final = 80

_EXPECTED: Final = {
    **dict.fromkeys(("string_type", "string_unicode"), "text"),
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size"), "a whole number"
    ),
    **dict.fromkeys(("float_type", "float_parsing"), "a number"),
    "finite_number": "a finite number",
    **dict.fromkeys(("bool_type", "bool_parsing"), "true or false"),
    **dict.fromkeys(("list_type", "tuple_type"), "a list"),
    "path_type": "a path",
}
_OBJECT: Final = frozenset({"dict_type", "mapping_type", "model_type", "model_attributes_type"})
_BOUNDS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "greater_than": lambda it: f"more than {it['gt']:g}",
    "greater_than_equal": lambda it: f"at least {it['ge']:g}",
    "less_than": lambda it: f"less than {it['lt']:g}",
    "less_than_equal": lambda it: f"at most {it['le']:g}",
    "string_too_short": lambda it: f"at least {count(it['min_length'], 'character')}",
    "string_too_long": lambda it: f"at most {count(it['max_length'], 'character')}",
    "too_short": lambda it: f"at least {count(it['min_length'], 'item')}",
    "too_long": lambda it: f"at most {count(it['max_length'], 'item')}",
    "literal_error": lambda it: str(it["expected"]),
    "enum": lambda it: str(it["expected"]),
    "string_pattern_mismatch": lambda it: f"text that matches {it['pattern']}",
}
_SAID: Final = {"missing": "is missing", "extra_forbidden": "is not a known field"}


def count(number: int, noun: str) -> str:
    """Return `1 article` or `1,200 articles`."""
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def refusal(error: Mapping[str, Any], *, table: str = "an object") -> str:
    """Return why pydantic refuses a value, such as `expected a whole number`; quotes nothing of it.

    Args:
        error: One of `ValidationError.errors()`.
        table: What the file format calls a value with keys.
    """
    kind, context = error["type"], error.get("ctx", {})
    if kind in _SAID:
        return _SAID[kind]
    if kind in _BOUNDS:
        return f"expected {_BOUNDS[kind](context)}"
    if kind in _OBJECT:
        return f"expected {table}"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}"
    said = str(error["msg"]).removeprefix("Value error, ")
    return said[:1].lower() + said[1:]


def shown(value: object) -> str:
    """Return a value for a message: the beginning, if it is long."""
    text = repr(value)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
