"""Check from outside that an edit of front matter changed one key and nothing else.

Knows nothing of the editor: it compares lines, and loads both files with PyYAML, tomllib or json.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import yaml

BASE = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
MISSING = object()


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Takes a value with an unknown tag for its characters."""


Loader.add_constructor(None, lambda _, node: yaml.serialize(node))


@dataclass(frozen=True)
class Split:
    """A file in two, at the first byte of the body."""

    load: Callable[[bytes], Any]
    opening: list[bytes]
    block: list[bytes]
    rest: bytes
    """The closing line and the body."""


def trouble(before: bytes, after: bytes, key: str, expected: object = MISSING) -> str | None:
    """Say what else than `key` is not as it was, or that its value is not the expected one."""
    old, new = split(before), split(after)
    if (old.opening, old.rest) != (new.opening, new.rest):
        return "bytes outside of the front matter changed"
    was, now = (part.load(b"".join(part.block)) or {} for part in (old, new))
    if repr(_without(was, key)) != repr(_without(now, key)):
        return "another key reads differently, or they are in another order"
    if expected is not MISSING and repr(now.get(key, MISSING)) != repr(expected):
        return f"{key!r} is {now.get(key)!r}, not {expected!r}"
    return _lines(old, new, key, was)


def split(data: bytes) -> Split:
    """Cut a file up by its fences; raises ValueError where there are none."""
    lines = data.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines) if line.strip())
    if lines[first].lstrip().startswith(b"{"):
        text = b"".join(lines[first:]).decode()
        end = len(text[: json.JSONDecoder().raw_decode(text)[1]].encode())
        start = data.index(b"{")
        block = data[start : start + end].splitlines(keepends=True)
        return Split(json.loads, lines[:first], block, data[start + end :])
    fence = lines[first].strip()
    start = first if fence not in (b"---", b"+++") else first + 1  # Statiq has no opening line
    closing = (b"+++",) if fence == b"+++" else (b"---", b"...")
    for number in range(start, len(lines)):
        if lines[number].rstrip() in closing:
            load = _toml if fence == b"+++" else _yaml
            return Split(load, lines[:start], lines[start:number], b"".join(lines[number:]))
    raise ValueError("no closing line")


def _toml(block: bytes) -> Any:
    return tomllib.loads(block.decode().replace("\r\n", "\n"))


def _yaml(block: bytes) -> Any:
    try:
        return yaml.load(block, Loader=Loader)
    except (yaml.YAMLError, ValueError):  # such as a date that does not exist
        return yaml.load(block, Loader=BASE)


def _without(meta: dict[Any, Any], key: str) -> list[tuple[Any, Any]]:
    return [(name, value) for name, value in meta.items() if name != key]


def _lines(old: Split, new: Split, key: str, was: dict[Any, Any]) -> str | None:
    steps = SequenceMatcher(None, old.block, new.block, autojunk=False).get_opcodes()
    changes = [(a, b, new.block[c:d]) for what, a, b, c, d in steps if what != "equal"]
    if key not in was:
        return None if _only_inserted(old, changes) else "more than one place changed"
    first, last = _place(old, key, was)
    if any(a < first or b > last for a, b, _ in changes):
        return f"lines changed outside of {key!r}, which is lines {first}-{last} of the block"
    comments = [line for line in old.block[first:last] if line.lstrip().startswith(b"#")]
    left = [line for line in new.block if line in comments]
    return None if left[: len(comments)] == comments else "a comment is lost"


def _only_inserted(old: Split, changes: list[tuple[int, int, list[bytes]]]) -> bool:
    if old.load is json.loads:  # the line above has a comma now, or all is one line
        return len(changes) == 1 and changes[0][1] - changes[0][0] <= 2
    return len(changes) == 1 and changes[0][0] == changes[0][1]


def _place(old: Split, key: str, was: dict[Any, Any]) -> tuple[int, int]:
    """Return the fewest lines without which the block reads as before, but without the key."""
    named = re.compile(
        rb"""\s*[{?]?\s*["']?""" + re.escape(key.encode()) + rb"""["']?\s*[:=\r\n]"""
    )
    if old.load is json.loads:
        return 0, len(old.block)
    rest = repr(_without(was, key))
    for first, line in enumerate(old.block):
        for last in range(first + 1, len(old.block) + 1) if named.match(line) else ():
            try:
                meta = old.load(b"".join(old.block[:first] + old.block[last:])) or {}
            except (yaml.YAMLError, ValueError):
                continue
            if isinstance(meta, dict) and repr(list(meta.items())) == rest:
                return first, last
    raise ValueError(f"no lines are those of {key!r}")
