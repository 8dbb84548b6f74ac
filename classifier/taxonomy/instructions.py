"""Instructions as people write them in Markdown: what belongs, the key topics, what is excluded.

A section is opened by a lead ("Key topics:", "**Strictly exclude** ...", "Do not use this category
for ..."). The lead's own words go, and the joining words between two exclusions ("; ",
", as well as"); every other word ends up in exactly one of scope, topics and exclusions.

The patterns are anchored or bounded, so that the time taken grows with the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from classifier.models import Instructions
from classifier.taxonomy import leads

Section = Literal["scope", "topics", "exclusions"]

_NOT = r"(?:\s+not|n['\u2019]t)"
_THING = r"(?:category|tag|concept|topic|label|classification|type|page)"
_SUBJECT = rf"(?:(?:(?:this|the)\s+(?:\w+\s+){{0,3}}?{_THING}|it|this)\s+)?"
_OBJECT = rf"(?:\s+(?:(?:this|the)\s+{_THING}|it|this))?(?:\s+(?:for|when|if|on|with|to)\b)?"
_ACT = r"(?:use|include|apply|cover|assign|classify|add|tag)"

_EXCLUDE_PHRASE = rf"""(?:
    strictly\s+(?:exclud(?:e|es|ed|ing)|avoid)\b
  | {_SUBJECT}(?:strictly\s+|explicitly\s+)?exclud(?:e|es|ed|ing)\b
  | {_SUBJECT}(?:(?:do|does|should|must|may|can|is|are){_NOT}|cannot)\s+(?:strictly\s+)?
      (?:be\s+|to\s+be\s+)?(?:(?:used|included|applied|covered|assigned|{_ACT})\b{_OBJECT}|for\b)
  | (?:this|the)\s+(?:\w+\s+){{0,3}}?{_THING}\s+is\s+not\s+about\b
  | never\s+{_ACT}\b{_OBJECT}
  | not\s+(?:to\s+be\s+used\s+)?(?:for|included|covered|in\s+scope)\b
  | avoid\s+(?:using|assigning|applying)\b{_OBJECT}
  | {leads.EXCLUDE}
)"""
_EXCLUDE_TITLE = rf"""(?P<title>
    exclusions?\b(?:\s+rules?\b)?
  | out(?:\s+of|side(?:\s+the)?)[\s-]scope\b
  | (?:what|when|where)\s+(?:is\s+|to\s+)?not\b(?:\s+to)?(?:\s+{_ACT}\b{_OBJECT})?
  | what\s+(?:to\s+(?:exclude|avoid)|(?:does|do){_NOT}\s+belong)\b
  | (?:does|do){_NOT}\s+belong\b
  | avoid(?=\s*:)
  | {leads.EXCLUDE_TITLE}
)"""
_POLITE = r"(?:(?:please|note|important|but|and|however|also)\b[,:]?\s+)*"
_FLAGS = re.IGNORECASE | re.VERBOSE

_EXCLUDE = re.compile(f"{_POLITE}(?:{_EXCLUDE_PHRASE}|{_EXCLUDE_TITLE})", _FLAGS)
_EXCLUDE_LOUD = re.compile(
    rf"strictly\s+exclude\b|(?:do|does){_NOT}\s+use\s+this\s+{_THING}\b{_OBJECT}|{leads.LOUD}",
    _FLAGS,
)
"""What a bullet among the key topics must open with to be an exclusion all the same."""
_EXCLUDE_TAIL = re.compile(
    rf"""\b(?:(?:do|does|should|must){_NOT}\s+belong\b
      | (?:should|must|are|is)\s+(?:also\s+|strictly\s+)?(?:be\s+)?excluded\b
      | (?:are|is)\s+(?:out\s+of\s+scope|not\s+(?:included|covered|in\s+scope))\b
      | {leads.EXCLUDE_TAIL})""",
    _FLAGS,
)
"""A sentence that says so of its subject ("Job adverts do not belong here") is kept whole."""
_RETURN = re.compile(
    rf"""{_POLITE}(?:(?:only\s+)?use\b
      | (?:(?:this|the)\s+{_THING}|it)\s+(?:includes|covers|is\s+for)\b
      | .{{0,300}}\bbelongs?\s+here\b | {leads.RETURN})""",
    _FLAGS,
)
"""A sentence that speaks of what belongs again."""
_EXCLUDE_CLAUSE = re.compile(
    rf"""[;,\u2013\u2014]\s*(?:(?:but|and|so)\s+)?(?=
      strictly\s+exclude | exclud(?:es|ing)\b | (?:do|does){_NOT}\s+{_ACT}\b | not\s+for\b)""",
    _FLAGS,
)
_INCLUDE = re.compile(
    rf"""{_POLITE}(?:
      (?:the\s+)?(?:(?:key|main|core|relevant|suitable|important|typical)\s+)*
        (?:topics?|themes?|subjects?|areas?)\b
    | {_SUBJECT}(?:should\s+|must\s+|may\s+|can\s+)?(?:includ(?:e|es|ed|ing)|cover(?:s|ed)?)\b
    | (?:only\s+)?use\b{_OBJECT}(?:\s+only)?{_OBJECT}
    | in[\s-]scope\b
    | what\s+(?:to\s+include|belongs)\b
    | when\s+to\s+use\b{_OBJECT}
    | {leads.INCLUDE}
    )""",
    _FLAGS,
)
_FILLER = re.compile(
    r"(?:"
    r"a|about|also|and|any|anything|are|article|articles|as|be|belong|belongs|category"
    r"|concept|content|covered|describes|discuss|discussed|discussing|discussion|discussions"
    r"|following|for|from|here|if|in|include|included|includes|including|is|it|item|items"
    r"|label|list|not|of|on|or|page|pages|post|posts|related|rule|rules|should|such|tag|text"
    r"|texts|that|the|these|this|those|to|topic|topics|under|used|when|which|with|within"
    rf"{leads.FILLERS}"
    r")",
    re.I,
)

_BULLET = re.compile(r"(\s*)(?:[-*+\u2022]|\d{1,3}[.)])\s+(?=\S)")
_HEADING = re.compile(r"\s{0,3}#{1,6}\s+")
_BOLD_LINE = re.compile(r"\s*(\*\*|__)(?=\S)[^*_]+\1\s*:?\s*")
_MARKS = re.compile(r"\*\*|(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)|`")
_LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,2000}\)")
_WORD = re.compile(r"\w+")
_SENTENCE_END = re.compile(r"[.!?][\"')\]\u201d\u2019]{0,3}\s+(?=[^\s\w]{0,3}[^\W\d_a-z])")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|cf|ca|incl|approx|no|dr|mr|ms|st"
    r"|z\.\s?b|d\.\s?h|usw|bzw|p\.\s?ex|p\.\s?ej|ecc|bijv)\.$",
    re.I,
)
_JOINT = re.compile(r";\s+|,\s+as\s+well\s+as\s+", re.I)


@dataclass(slots=True)
class _Block:
    """A paragraph, a bullet with the lines it was wrapped to, or a heading."""

    kind: Literal["text", "bullet", "heading"]
    lines: list[str]
    indent: int = 0

    @property
    def text(self) -> str:
        return plain(" ".join(self.lines))


@dataclass(slots=True)
class _Reader:
    """Sorts blocks into sections, one after the other."""

    section: Section = "scope"
    lasting: bool = False
    """The section was opened by a heading, so paragraphs do not end it."""
    filled: bool = False
    found: dict[Section, list[str]] = field(
        default_factory=lambda: {"scope": [], "topics": [], "exclusions": []}
    )
    parent: tuple[int, list[str]] | None = None
    """Indent of a bullet that ends in a colon, and the list it went to: its children join it."""

    def open(self, section: Section, *, lasting: bool = False) -> None:
        self.section, self.lasting, self.filled = section, lasting, False

    def add(self, text: str, section: Section | None = None) -> None:
        if _WORD.search(text):
            self.found[section or self.section].append(text)
            self.filled = True

    def read(self, block: _Block) -> None:
        if block.kind == "heading":
            self._heading(block)
        elif block.kind == "bullet":
            self._bullet(block)
        else:
            self._paragraph(block)

    def _heading(self, block: _Block) -> None:
        self.parent = None
        text = block.text
        lead = _lead(text)
        if lead is None:
            self.open("scope")
            self.add(text)
            return
        section, end = lead
        self.open(section, lasting=True)
        if _is_filler(text[end:]):
            return
        phrase = _EXCLUDE.match(text)
        if phrase and not phrase["title"]:
            self.add(_trim(text[end:]))
        else:
            self.add(text, "scope")

    def _bullet(self, block: _Block) -> None:
        text = block.text
        lead = _lead(text)
        if lead and text.rstrip().endswith(":") and _is_filler(text[lead[1] :]):
            self.parent = None
            self.open(lead[0])
        elif self.parent and block.indent > self.parent[0]:
            items = self.parent[1]
            items[-1] += (" " if items[-1].endswith(":") else "; ") + text
        else:
            section = self._item(text)
            opens = text.endswith(":") and _WORD.search(text)
            self.parent = (block.indent, self.found[section]) if opens else None

    def _item(self, text: str) -> Section:
        """Add a bullet and return the section it went to."""
        pattern = {"scope": _EXCLUDE, "topics": _EXCLUDE_LOUD, "exclusions": None}[self.section]
        lead = pattern.match(text) if pattern else None
        if lead and not _is_filler(text[lead.end() :]):
            self.add(_trim(text[lead.end() :]), "exclusions")
            return "exclusions"
        self.add(text)
        return self.section

    def _paragraph(self, block: _Block) -> None:
        self.parent = None
        if self.filled and not self.lasting:
            self.open("scope")
        bold = len(block.lines) == 1 and _BOLD_LINE.fullmatch(block.lines[0]) is not None
        scope: list[str] = []
        for sentence in _sentences(block.text):
            if not self._opens(sentence, bold=bold):
                self._sentence(sentence, scope)
        if scope:
            self.found["scope"].append(" ".join(scope))

    def _opens(self, sentence: str, *, bold: bool) -> bool:
        """Open a section when the sentence does nothing else."""
        lead = _lead(sentence)
        if lead is None or (sentence.endswith((".", "!", "?")) and not bold):
            return False
        section, end = lead
        if _is_filler(sentence[end:]):
            self.open(section)
            return True
        if section == "topics" and sentence.endswith(":"):
            self.add(sentence, "scope")
            self.open("topics")
            return True
        return False

    def _sentence(self, sentence: str, scope: list[str]) -> None:
        if lead := _EXCLUDE.match(sentence):
            self.open("exclusions", lasting=self.lasting)
            sentence = _trim(sentence[lead.end() :])
        elif (lead := _colon_lead(sentence)) is not None:
            self.open("topics", lasting=self.lasting)
            sentence = _trim(sentence[lead.end() :])
        elif self.section == "exclusions" and _speaks_of_scope(sentence):
            self.open("scope")
        if self.section != "scope":
            for part in _JOINT.split(sentence):
                self.add(part)
        else:
            self._prose(sentence, scope)

    def _prose(self, sentence: str, scope: list[str]) -> None:
        if _EXCLUDE_TAIL.search(sentence):
            self.add(sentence, "exclusions")
        elif clause := _EXCLUDE_CLAUSE.search(sentence):
            scope.append(sentence[: clause.start()])
            self._sentence(sentence[clause.end() :], scope)
            if not sentence.endswith(":"):
                self.open("scope", lasting=self.lasting)
        else:
            scope.append(sentence)


def parse_instructions(text: str) -> Instructions:
    """Read Markdown into scope, key topics and exclusion rules; `text` itself is kept too."""
    reader = _Reader()
    for block in _blocks(text):
        reader.read(block)
    found = reader.found
    return Instructions(
        text=text,
        scope="\n\n".join(found["scope"]),
        topics=tuple(found["topics"]),
        exclusions=tuple(found["exclusions"]),
    )


def plain(markdown: str) -> str:
    """Return one line of Markdown without emphasis, code marks and link targets."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", markdown)).split())


def _blocks(text: str) -> Iterator[_Block]:
    block: _Block | None = None
    blank = False
    for line in text.splitlines():
        if not line.strip():
            blank = True
            continue
        new = _start(line)
        continues = block is not None and new is None and _continues(block, line, blank=blank)
        if block is not None and continues:
            block.lines.append(line)
        else:
            if block is not None:
                yield block
            block = new or _Block("text", [line])
        blank = False
    if block is not None:
        yield block


def _start(line: str) -> _Block | None:
    """Return the block that this line opens whatever stands above it."""
    if heading := _HEADING.match(line):
        return _Block("heading", [line[heading.end() :].rstrip("# \t")])
    if bullet := _BULLET.match(line):
        return _Block("bullet", [line[bullet.end() :]], indent=len(bullet[1].expandtabs(4)))
    text = plain(line)
    lead = _lead(text)
    marked = line.lstrip().startswith(("**", "__")) or text.endswith(":")
    alone = lead is not None and line[:1].isupper() and _is_filler(text[lead[1] :])
    return _Block("text", [line]) if lead and (marked or alone) else None


def _continues(block: _Block, line: str, *, blank: bool) -> bool:
    if block.kind == "heading":
        return False
    if not blank:
        return True
    indent = len(line) - len(line.lstrip())
    return block.kind == "bullet" and indent > block.indent + 1


def _lead(text: str) -> tuple[Section, int] | None:
    """Return the section that this text opens, and where the opening words end."""
    if match := _EXCLUDE.match(text):
        return "exclusions", match.end()
    if match := _INCLUDE.match(text):
        return "topics", match.end()
    return None


def _colon_lead(sentence: str) -> re.Match[str] | None:
    """Match "Covers: this and that", where the topics stand in the same line."""
    match = _INCLUDE.match(sentence)
    return match if match and sentence[match.end() :].lstrip().startswith(":") else None


def _speaks_of_scope(sentence: str) -> bool:
    return bool(_RETURN.match(sentence)) and not _EXCLUDE_TAIL.search(sentence)


def _is_filler(rest: str) -> bool:
    return all(_FILLER.fullmatch(word) for word in _WORD.findall(rest))


def _trim(text: str) -> str:
    return text.lstrip(" :,;-\u2013\u2014")


def _sentences(text: str) -> Iterator[str]:
    start = 0
    for end in _SENTENCE_END.finditer(text):
        if not _ABBREVIATION.search(text, max(start, end.start() - 8), end.start() + 1):
            yield text[start : end.end()].strip()
            start = end.end()
    if text[start:]:
        yield text[start:].strip()
