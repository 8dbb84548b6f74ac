"""Prose: the text of a body that people read, with the place of each character in the body.

Every step from a body to its prose keeps the length of the text: what is dropped turns into filler,
so an index into any step is an index into the body. Filler is made of control characters, which no
prose needs; those of the body itself are dropped first.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

PROSE_VERSION: Final = 2
"""Part of a scorer's identity: raised when the prose of a body changes."""

DROP = "\x00"  # nothing here
HARD = "\x01"  # a block ends or begins here
LINE = "\x02"  # a block begins here and ends with the line
WIDE = "\x03"  # belongs to the character before it: the rest of an entity

_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
# U+0085 is white space to `re`, so it cannot stand for anything.
_SHIELDS = [chr(code) for code in range(0x80, 0xA0) if code != 0x85] + ["\x0e"]
_SHIELD = str.maketrans(_PUNCTUATION, "".join(_SHIELDS))
_SHIELDED = re.compile(r"[\x0e\x80-\x9f]")
_UNSHIELD = dict(zip(_SHIELDS, _PUNCTUATION, strict=True))

_Match = re.Match[str]


class Place(NamedTuple):
    """Where a heading stands in the body, half-open, and its level."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: int
    start: int
    """Offsets into `Prose.text`, half-open."""
    end: int


@dataclass(frozen=True, slots=True)
class Prose:
    """The text of a body without markup; one line for each block, single spaces inside."""

    text: str
    headings: tuple[Heading, ...] = ()
    _starts: array[int] = field(default_factory=lambda: array("I"), repr=False)
    """Where each run begins in `text`. Characters of a run are neighbours in the body, too."""
    _origins: array[int] = field(default_factory=lambda: array("I"), repr=False)
    """Where each run begins in the body."""
    _ends: array[int] = field(default_factory=lambda: array("I"), repr=False)
    """Where each run ends in the body."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the offsets into the body of `text[start:end]`, markup in between included."""
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"no prose at {start}:{end}")
        first = bisect_right(self._starts, start) - 1
        last = bisect_right(self._starts, end - 1) - 1
        run_end = self._starts[last + 1] if last + 1 < len(self._starts) else len(self.text)
        body_end = self._ends[last] if end == run_end else self._origin(last, end)
        return self._origin(first, start), body_end

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the offsets into the body, half-open, of what is in `text`, in order."""
        return zip(self._origins, self._ends, strict=True)

    def at_or_after(self, origin: int) -> int:
        """Return the offset of the first character made from the body at `origin` or later."""
        run = bisect_right(self._ends, origin)
        if run == len(self._starts):
            return len(self.text)
        return self._starts[run] + max(0, origin - self._origins[run])

    def _origin(self, run: int, offset: int) -> int:
        return self._origins[run] + offset - self._starts[run]


# --- characters ----------------------------------------------------------------------------------

# Zero-width space, word joiner, byte order mark and soft hyphen hide inside words; whole sentences
# can be written in tag characters and variation selectors, which nobody sees. Bidirectional marks
# reorder what is seen. C1 controls are Windows-1252 punctuation read by the wrong table.
# Half a surrogate pair is no text.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad"
    "\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def without_controls(text: str) -> str:
    """Turn what cannot be read into filler, so that nothing else in `text` looks like filler."""
    return _CONTROLS.sub(_replace_control, text)


def visible(text: str) -> str:
    """Return `text` without the characters that nobody sees."""
    return without_controls(text).replace(DROP, "")


def _replace_control(match: _Match) -> str:
    character = match[0]
    if character in "\x0b\x0c\x85":
        return " "
    if "\x80" <= character <= "\x9f":
        return character.encode("latin-1").decode("cp1252", "replace").replace("\ufffd", DROP)
    return DROP


def blank(match: _Match) -> str:
    """Replace a match by filler; for `re.sub`."""
    return DROP * (match.end() - match.start())


def blank_hard(match: _Match) -> str:
    """Replace a match by filler that parts blocks."""
    return HARD + DROP * (match.end() - match.start() - 1)


def shielded(text: str) -> str:
    """Replace punctuation by stand-ins that no pattern takes for markup."""
    return text.translate(_SHIELD)


def unshielded(text: str) -> str:
    if text.isascii() and _SHIELDS[-1] not in text:
        return text
    return _SHIELDED.sub(lambda match: _UNSHIELD[match[0]], text)


# --- putting it together -------------------------------------------------------------------------

_LINE_BLOCK = re.compile(r"\x02[^\n\x01]*+\n?+")
_OTHER_SPACE = re.compile(r"[^\S ]")
_GAP = re.compile(r"[ \x00\x01]{2,}")
_RUN = re.compile(r"[^\x00\x03]++\x03*+")


def assemble(text: str, places: Iterable[Place]) -> Prose:
    """Leave the filler out of `text`, and put the headings at `places`."""
    text = _white_space(text)
    starts, origins, ends = array("I"), array("I"), array("I")
    length = 0
    for run in _RUN.finditer(text):
        starts.append(length)
        origins.append(run.start())
        ends.append(run.end())
        length += len(run[0].rstrip(WIDE))
    text = text.replace(DROP, "").replace(WIDE, "").replace(HARD, "\n")
    prose = Prose(unshielded(text), (), starts, origins, ends)
    headings = tuple(_headings(prose, sorted(places)))
    return Prose(prose.text, headings, starts, origins, ends)


def _white_space(text: str) -> str:
    """Leave a line break between blocks, one space between words, nothing at the ends."""
    text = _OTHER_SPACE.sub(" ", _LINE_BLOCK.sub(_replace_line_block, text))
    text = _GAP.sub(_replace_gap, text)
    inner = text.lstrip(" \x00\x01")
    text = DROP * (len(text) - len(inner)) + inner
    inner = text.rstrip(" \x00\x01")
    return inner + DROP * (len(text) - len(inner))


def _replace_line_block(match: _Match) -> str:
    line = match[0].replace(LINE, HARD)
    return line[:-1] + HARD if line.endswith("\n") else line


def _replace_gap(match: _Match) -> str:
    gap = match[0]
    kept = HARD if HARD in gap else " " if " " in gap else DROP
    return kept + DROP * (len(gap) - 1)


def _headings(prose: Prose, places: Iterable[Place]) -> Iterator[Heading]:
    for start, end, level in places:
        first = prose.at_or_after(start)
        last = prose.at_or_after(end)
        title = prose.text[first:last].split("\n")[0].strip() if first < last else ""
        if title:
            first = prose.text.index(title, first)
            yield Heading(title, level, first, first + len(title))
