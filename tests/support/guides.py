"""Guides as what they tell a reader to do: files to write, and commands with what they print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_FILE = r"<!-- file: (?P<name>\S+) -->\n```\w*\n(?P<text>.*?)^```$"
_CONSOLE = r"^```console\n(?P<console>.*?)^```$"
_FENCED = r"^```.*?^```$"
_LINE = r"^ {4,}(?P<line>(?:classify|git) [^\n]*)$"
_PARTS = re.compile(f"{_FILE}|{_CONSOLE}|{_FENCED}|{_LINE}", re.M | re.S)


@dataclass(frozen=True)
class Write:
    name: str
    text: str


@dataclass(frozen=True)
class Command:
    line: str
    printed: tuple[str, ...] = ()
    """Lines that its output has in this order, perhaps with others between them."""


def steps(page: Path) -> Iterator[Write | Command]:
    """Yield what a page has a reader do, in order.

    That is files under `<!-- file: NAME -->`, fenced `console` blocks, and indented lines that
    begin with `classify` or `git`.
    """
    for found in _PARTS.finditer(page.read_text(encoding="utf-8")):
        if found["name"]:
            yield Write(found["name"], found["text"])
        elif found["console"]:
            for part in re.split(r"^\$ ", found["console"], flags=re.M)[1:]:
                line, *printed = part.splitlines()
                yield Command(line, tuple(it.strip() for it in printed if it.strip()))
        elif found["line"]:
            yield Command(found["line"])
