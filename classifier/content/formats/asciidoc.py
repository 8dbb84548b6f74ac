"""AsciiDoc into Markdown of the same length, so that an offset into the body is one into the file.

Our own reader: those that exist run or include what a document names. It knows what prose needs:
titles, blocks that are not for reading, lists, links and attributes of the header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from classifier.content.formats.extract import (
    Extract,
    UnreadableError,
    decoded,
    front_matter,
)

_LARGEST: Final = 4_000_000
"""Bytes."""
_NOTHING: Final = "\u200b"
"""What prose leaves out."""
_UNREAD: Final = re.compile(r"(?:-{4,}|\.{4,}|\+{4,}|/{4,}|`{3,}.*)")
"""The line that opens, and closes, a block that is not for reading."""
_BORDER: Final = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--|[|,:!]={3,}|<{3,}|'{3,}|\+)")
_TITLE: Final = re.compile(r"={1,6}(?=[ \t])")
_ATTRIBUTE: Final = re.compile(r":!?(?P<name>[\w-]+)!?:(?:[ \t]+(?P<value>.*))?")
_LEFT_OUT: Final = re.compile(r"//(?!/).*|\[[^\]]*\]+|[a-z]++::[^\s\[]*+\[.*\]|\[\[.*\]\]")
_ITEM: Final = re.compile(r"[ \t]*(?:\*{1,5}|\.{1,5}|-)(?=[ \t]+\S)")
_BLOCK_TITLE: Final = re.compile(r"\.(?=[^\s.])")
_LINK: Final = re.compile(
    r"""(?:\b(?:link|xref|mailto|kbd|btn|menu|footnote|stem|image|icon|anchor)
        :[^\s\[\]]{0,300}
        |\bhttps?://[^\s\[\]]{1,300})\[(?P<text>[^\[\]\n]{0,300})\]""",
    re.VERBOSE,
)
_REFERENCE: Final = re.compile(r"<<[^<>,\n]*(?:,(?P<text>[^<>\n]*))?>>")
_CELL: Final = re.compile(
    r"(?:^|(?<=[ \t]))(?:\d{0,3}[.+*]?\d{0,3}[<^>]?[aehlmsd]?)?\|(?=[ \t]*\S)"
)
_KEYS: Final = {"page-tags": "tags", "page-lang": "lang"}


def read(data: bytes) -> Extract:
    """Read a document, front matter and all.

    Raises:
        UnreadableError: It is not UTF-8, too large, or its front matter is broken.
    """
    if len(data) > _LARGEST:
        raise UnreadableError(f"is larger than {_LARGEST // 10**6} MB; split it, or leave it out")
    text = decoded(data)
    front = front_matter(text)
    meta: dict[str, object] = {}
    body = "".join(_lines(front.body, meta))
    return Extract(body=body, meta=meta | dict(front.meta), text=text, body_start=front.body_start)


def _lines(text: str, meta: dict[str, object]) -> Iterator[str]:
    """Yield Markdown for each line, and take the attributes of the header."""
    closing = ""
    in_header = False
    in_table = False
    lines = re.findall(r"[^\n]*\n|[^\n]+\Z", text)
    last = {line.rstrip(): number for number, line in enumerate(lines)}
    for number, line in enumerate(lines):
        shown = line.rstrip()
        in_header = (in_header or (shown.startswith("= ") and not meta.get(""))) and bool(shown)
        if closing:
            yield _blank(line)
            closing = "" if shown == closing else closing
        elif _UNREAD.fullmatch(shown):
            mark = "```" if shown.startswith("```") else shown
            closing = mark if last.get(mark, -1) > number else ""
            yield _blank(line)
        elif attribute := _ATTRIBUTE.fullmatch(shown):
            key = attribute["name"].lower()
            meta.setdefault(_KEYS.get(key, key), attribute["value"] or "")
            yield _blank(line)
        elif in_header and not shown.startswith("= "):
            yield _blank(line)  # author and revision
        else:
            in_table ^= shown == "|==="
            yield _blank(line) if _BORDER.fullmatch(shown) else _line(line, in_table=in_table)


def _line(line: str, *, in_table: bool) -> str:
    if title := _TITLE.match(line):
        return "#" * title.end() + _inline(line[title.end() :])
    if _LEFT_OUT.fullmatch(line.rstrip()):
        return _blank(line)
    if item := _ITEM.match(line):
        return "\n" * (item.end() - 1) + "-" + _inline(line[item.end() :])
    if _BLOCK_TITLE.match(line):
        return "\n" + _inline(line[1:])
    if in_table:
        line = _CELL.sub(_parted, line)
    lead = len(line) - len(line.lstrip(" \t"))
    return "\n" * lead + _inline(line[lead:])


def _parted(cell: re.Match[str]) -> str:
    return "\n" * len(cell[0])


def _inline(text: str) -> str:
    return _REFERENCE.sub(_text_alone, _LINK.sub(_text_alone, text))


def _text_alone(match: re.Match[str]) -> str:
    """Leave the text of a link, and nothing of the rest."""
    if match["text"] is None:
        return _NOTHING * len(match[0])
    before = match.start("text") - match.start()
    after = match.end() - match.end("text")
    return _NOTHING * before + match["text"] + _NOTHING * after


def _blank(line: str) -> str:
    return "\n" * len(line)
