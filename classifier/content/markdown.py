"""Turn Markdown into prose, with the place of each character in the body.

The parser says which characters of the body are text. What it does not know is blanked before
(`templating`, `tags`), and what is left of it after.
"""

from __future__ import annotations

import re
from typing import Any

from classifier.content import commonmark, templating
from classifier.content.code import code
from classifier.content.prose import (
    DROP,
    HARD,
    WIDE,
    Heading,
    Place,
    Prose,
    assemble,
    blank,
    shielded,
    unshielded,
    without_controls,
)

__all__ = ["Heading", "Prose", "prose"]


def prose(body: str) -> Prose:
    """Drop everything that is not for reading.

    Kept: text inside HTML and shortcode tags, inline code, link texts and image descriptions.
    Dropped: code blocks, comments, scripts, styles, drawings, hidden elements, tags, shortcodes,
    link targets, bare addresses, footnote marks, reference definitions, MDX imports and exports,
    and all markers. Whatever is left open, except a code fence, loses only its opening mark.
    """
    text = templating.with_admonitions_as_items(without_controls(body))
    text, headings = templating.without_templating(text, code(text))
    reader = _Reader(text)
    if reader.indented:
        reader = _Reader(_dedented(text, reader.indented))
    return assemble(_without_rest(reader.text), headings + reader.headings)


_INDENT = re.compile(r"\n([ \t]++)")


def _dedented(text: str, regions: list[tuple[int, int]]) -> str:
    """Move blanks from the beginnings of lines to the ends of the lines before.

    All code is blank by now, so what is indented was text, or became so when its tags went.
    """
    parts: list[str] = []
    at = 0
    for start, end in regions:
        start = max(text.rfind("\n", 0, start), at)
        parts += text[at:start], _INDENT.sub(r"\1\n", text[start:end])
        at = end
    return "".join(parts) + text[at:]


# --- what the parser takes for text --------------------------------------------------------------

_INLINE = frozenset(
    {"Emphasis", "Strong", "Strikethrough", "Link", "Image"}
    | {"InlineHtml", "FootnoteReference", "TaskListMarker"}
)
_TAG = re.compile(r"<(?<!\]\(<)(?=[A-Za-z/!?])")
_CODE_LINE = re.compile(r"(?<=\n)[ \t]*+(?>(?:>[ \t]?)*)|\\(?=\|)")


class _Reader:
    """Blanks all that is not text, and puts a sign where blocks, lines and cells are parted."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.headings: list[Place] = []
        self.indented: list[tuple[int, int]] = []
        """What the parser takes for code because it is indented."""
        self._parts: list[str] = []
        self._at = 0
        self._gap = ""
        self._heading = -1
        """Where the heading that is open begins."""
        self._silent = 0
        """How many elements are open whose text is not for reading."""
        self._read()

    def _read(self) -> None:
        # What is no tag for us is none for the parser.
        for kind, value, details, start, end in commonmark.events(_TAG.sub(",", self.text)):
            if kind == "Text":
                if not self._silent:
                    self._keep(start, end, value)
            elif kind == "Start":
                self._start(value, details, start, end)
            elif kind == "End":
                self._end(value, details)
            elif kind == "Code":
                self._keep_code(start, end)
            else:
                self._part(kind)
        self._put(len(self.text), len(self.text), "")
        self.text = "".join(self._parts)

    def _start(self, name: str, details: Any, start: int, end: int) -> None:
        if self._silent or _is_silent(name, details):
            self._silent += 1
        if name == "Heading":
            self._heading = start
        elif details == "Indented":
            self.indented.append((start, end))
        self._part(name)

    def _end(self, name: str, details: Any) -> None:
        if self._silent:
            self._silent -= 1
        if name == "Heading" and self._heading >= 0:
            self.headings.append(Place(self._heading, self._at, int(details[1])))
        self._part(name)

    def _part(self, name: str) -> None:
        if name in ("SoftBreak", "HardBreak"):
            self._gap = self._gap or "\n"
            self._heading = -1  # of several lines: a paragraph with a rule below it
        elif name == "TableCell":
            self._gap = self._gap or " "
        elif name not in _INLINE:
            self._gap = HARD

    def _put(self, start: int, end: int, text: str) -> None:
        if start > self._at:
            self._parts.append((self._gap or DROP) + DROP * (start - self._at - 1))
        self._parts.append(text)
        self._gap = ""
        self._at = end

    def _keep(self, start: int, end: int, shown: str) -> None:
        text = self.text[start:end]
        if text != shown and text.startswith("&"):
            text = _entity(shown, end - start)
        elif start and self.text[start - 1] == "\\":
            text = shielded(text[:1]) + text[1:]
        self._put(start, end, text)

    def _keep_code(self, start: int, end: int) -> None:
        if self._silent:
            return
        text = self.text[start:end].lstrip("`")
        start = end - len(text)
        text = text.rstrip("`")
        self._put(start, start + len(text), shielded(_CODE_LINE.sub(blank, unshielded(text))))


def _is_silent(name: str, details: Any) -> bool:
    if name == "Link":
        return details["link_type"] in ("Autolink", "Email")
    return name == "CodeBlock" and details != "Indented"


def _entity(character: str, length: int) -> str:
    character = without_controls(character)
    if character.isspace() or not character.strip(DROP):
        return (" " if character.isspace() else DROP) + DROP * (length - 1)
    return character + WIDE * (length - len(character))


# --- what is left of other markup ----------------------------------------------------------------

_REST = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in {
        # bare addresses, with no stop at the end; one may be escaped
        "://": r"[hHfF](?:(?<=[hH])[tT][tT][pP][sS]?|(?<=[fF])[tT][pP])://"
        r"(?:[^\s<>\x00-\x02]|\x00(?=[\x0e\x80-\x9f]))*"
        r"[^\s<>\x00-\x03.,;:!?'\"*_)\]}\u2019\u201d\u2026]\x03*+",
        "[^": r"\[\^[^\[\]\s]++\]:?",  # footnotes without a definition
        "{": r"\{(?<![^\x00\s]\{)(?::|[ ]*+[#.][\w-])[^{}\n]*+\}",  # attributes
        "==": r"==(?<![=\w]==)(?=[^\s=][^=\n]*+==(?![=\w]))|==(?<=[^\s=]==)(?![=\w])",
        # emphasis and code that are left open
        "*": r"\*(?<!\s\*)\**+|\*++(?=\S)",
        "_": r"_(?<!__)(?<![^\W_]_)_*+(?=\S)|_(?<!__)(?<!\s_)_*+(?![^\W_])",
        "`": r"`",
    }.items()
)
_RULE = re.compile(r"[\n\x01]([ \t\r\x00|=:~*_+-]++)(?=[\n\x01]|\Z)")


def _without_rest(text: str) -> str:
    text = _RULE.sub(lambda match: match[0][0] + DROP * len(match[1]), text)
    for sign, pattern in _REST:
        if sign in text:
            text = pattern.sub(blank, text)
    return text
