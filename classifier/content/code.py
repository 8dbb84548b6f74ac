"""Where code is in Markdown, as its author meant it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from classifier.content import commonmark
from classifier.content.tags import Elements


class Code(NamedTuple):
    """Offsets of code, half-open, with its marks."""

    start: int
    end: int
    is_block: bool


_SIGNS = ("`", "~~~", "    ", "\t")
_ITEM = re.compile(r"[ \t>]*+(?:[-+*]|\d{1,3}[.)])[ \t]")


def code(text: str) -> Iterator[Code]:
    """Yield code in the order of the text.

    What is indented is not always code: see `_is_text`.
    """
    if not any(sign in text for sign in _SIGNS):
        return
    elements = Elements(text)
    lists, after_list = 0, False
    for kind, value, details, start, end in commonmark.events(text):
        if kind == "Code" or (kind == "Start" and value == "CodeBlock"):
            elements.read_to(start)
            if details == "Indented" and (
                elements.inside or _is_text(text, start, in_list=lists > 0, after_list=after_list)
            ):
                continue
            elements.skip_to(end)
            yield Code(start, start + len(text[start:end].rstrip("\r\n")), kind == "Start")
        elif value == "List":
            lists += 1 if kind == "Start" else -1
        after_list = kind == "End" and value == "List"


def _is_text(text: str, start: int, *, in_list: bool, after_list: bool) -> bool:
    """Whether what is indented at `start` goes on with a list, or is HTML that is laid out.

    After a list, code is indented by eight, as Markdown had it before CommonMark: people who indent
    by less go on with the item above. In a list, indented items are items, however deep.
    """
    line = text.rfind("\n", 0, start) + 1
    first = start
    while text[first : first + 1] in (" ", "\t"):
        first += 1
    before = start
    while before and text[before - 1].isspace():
        before -= 1
    if text[before - 1 : before] == ">" and text[first : first + 1] == "<":
        return True
    if in_list:
        return bool(_ITEM.match(text, first))
    if after_list or _ITEM.match(text, text.rfind("\n", 0, before) + 1, before):
        return len(text[line:first].rpartition(">")[2].expandtabs(4)) < 8
    return False
