"""Prose for judging out of Markdown, with offsets back into the body.

No Markdown library we know gives exact offsets of inline text (markdown-it-py has line numbers
only), so markup is recognised here, after CommonMark where that matters, by regular expressions
that run in linear time.

Every stage keeps the length of the text: what is dropped turns into filler characters, so an index
into any stage is an index into the body. Controls, which no prose needs, serve as filler; those of
the body itself are dropped first.
"""

from __future__ import annotations

import html
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_DROP = "\x00"  # nothing here
_HARD = "\x01"  # a block ends or begins here
_LINE = "\x02"  # a block begins here and ends with the line
_WIDE = "\x03"  # belongs to the character before it: the rest of an entity
# Groups are repeated inside atomic ones and never possessively: before Python 3.11.5 that forgets
# to go back over a repetition that fails half way (python/cpython#106052).
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
# U+0085 is white space to `re`, so it cannot stand for anything.
_SHIELDS = [chr(code) for code in range(0x80, 0xA0) if code != 0x85] + ["\x0e"]
_SHIELD = str.maketrans(_PUNCTUATION, "".join(_SHIELDS))
_SHIELDED = re.compile(r"[\x0e\x80-\x9f]")
_UNSHIELD = dict(zip(_SHIELDS, _PUNCTUATION, strict=True))

_Match = re.Match[str]


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

    def at_or_after(self, origin: int) -> int:
        """Return the offset of the first character made from the body at `origin` or later."""
        run = bisect_right(self._ends, origin)
        if run == len(self._starts):
            return len(self.text)
        return self._starts[run] + max(0, origin - self._origins[run])

    def _origin(self, run: int, offset: int) -> int:
        return self._origins[run] + offset - self._starts[run]


def prose(body: str) -> Prose:
    """Drop everything that is not for reading.

    Kept: text inside HTML and shortcode tags, inline code, link texts and image descriptions.
    Dropped: code blocks, comments, scripts, styles, drawings, tags, shortcodes, link targets, bare
    addresses, footnote marks, reference definitions, MDX imports and exports, and all markers.
    Whatever is left open, except a code fence, loses only its opening mark.
    """
    text = _CONTROLS.sub(_replace_controls, body)
    text = _Opaque(text).blanked()
    places = _html_headings(text)
    text = _headings(_inline(text), places)
    text = _emphasis(_block_marks(text))
    text = _ENTITY.sub(_replace_entity, text)
    return _assemble(_white_space(text), places)


def _blank(match: _Match) -> str:
    return _DROP * (match.end() - match.start())


def _blank_hard(match: _Match) -> str:
    return _HARD + _DROP * (match.end() - match.start() - 1)


def _shield_escaped(match: _Match) -> str:
    return _DROP + match[0][1:].translate(_SHIELD)  # of a line break nothing stays


def _keep(match: _Match, group: int | str) -> str:
    """Keep one group of a match and blank the rest."""
    start, end = match.span(group)
    return _DROP * (start - match.start()) + match[group] + _DROP * (match.end() - end)


# --- controls ------------------------------------------------------------------------------------

# Zero-width space, word joiner, byte order mark and soft hyphen hide inside words. C1 controls are
# Windows-1252 punctuation read by the wrong table, as in HTML.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff]")


def _replace_controls(match: _Match) -> str:
    character = match[0]
    if character in "\x0b\x0c\x85":
        return " "
    if "\x80" <= character <= "\x9f":
        return character.encode("latin-1").decode("cp1252", "replace").replace("\ufffd", _DROP)
    return _DROP


# --- what is not prose at all --------------------------------------------------------------------

_OPENING = re.compile(
    r"""
    (?:^|(?=[\\`<{%]))(?:
      ^(?P<lead>[ \t]*+(?>(?:>[ \t]*+)*)(?>(?:(?:[-*+]|\d{1,9}[.)])[ \t]++)*))
        (?P<fence>`{3,}+(?![^`\n]*+`)|~{3,}+)[^\n]*+
    | ^(?P<module>
          import[ \t]++(?:\{[^{}]*+\}[ \t]*+from[ \t]*+|[^\n'"]*?[ \t]from[ \t]++)?['"][^'"\n]++['"]
          [ \t]*+;?[ \t\r]*+$
        | export[ \t]++(?:default|const|let|var|async|function|class|\*|\{)[^\n]*+
          (?>(?:\n(?![ \t\r]*+$)[^\n]*+)*)
      )
    | (?P<escape>\\(?:[!-/:-@\[-`{-~]|(?=\r?\n)))
    | (?P<ticks>`++)
    | (?P<comment><!--|\{/\*|^%%(?=[ \t\r]*+$))
    | (?P<remark>(?<![\w%])%%(?!%)[^%\n]*+(?>(?:%(?!%)[^%\n]*+)*)%%)
    | <(?P<element>script|style|pre|svg|math|textarea)(?=[\s/>])[^<>]*+>
    | \{\{(?P<shortcode>[^{}]*+(?>(?:\{[^{}]*+\}[^{}]*+)*))\}\}
    | \{%-?[ \t]*+(?P<liquid>[^{}%]*+(?>(?:%(?!\})[^{}%]*+)*))%\}
    )
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_COMMENT_ENDS = {"<!--": "-->", "{/*": r"\*/\}", "%%": "\n%%"}
_TICKS = re.compile("`++")
_BLANK_LINE = re.compile(r"\n[ \t\r]*+\n")
_CODE_SHORTCODE = re.compile(r"[<%]\s*+(highlight|mermaid|code|gist)\b(?!.*/\s*[>%]\Z)", re.DOTALL)
_CODE_BLOCK = re.compile(r"(highlight|mermaid|code|comment)\b")


class _Opaque:
    """Blanks code, comments and templating, whichever opens first, and shields inline code.

    An ending that was not found once is not there further on: remembering that keeps it linear.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._absent: set[str] = set()
        self._paragraph_end = -1
        self._last_ticks: dict[int, int] = {}
        self._blankers: dict[str, Callable[[_Match], str]] = {
            "fence": self._fence,
            "module": _blank_hard,
            "escape": _shield_escaped,
            "ticks": self._ticks,
            "comment": self._comment,
            "remark": _blank,
            "element": self._element,
            "shortcode": self._shortcode,
            "liquid": self._liquid,
        }

    def blanked(self) -> str:
        parts = []
        position = 0
        while match := _OPENING.search(self._text, position):
            parts.append(self._text[position : match.start()])
            replacement = self._blankers[match.lastgroup or ""](match)
            parts.append(replacement)
            position = match.start() + len(replacement)
        parts.append(self._text[position:])
        return "".join(parts)

    def _find(self, ending: str, start: int) -> int:
        """Where the first match of the pattern ends, -1 without one."""
        if ending in self._absent:
            return -1
        match = re.compile(ending, re.IGNORECASE).search(self._text, start)
        if match:
            return match.end()
        self._absent.add(ending)
        return -1

    def _through(self, match: _Match, ending: str) -> str:
        """Blank to the end of `ending`; where there is none, only the opening."""
        end = self._find(ending, match.end())
        return _HARD + _DROP * (max(end, match.end()) - match.start() - 1)

    def _fence(self, match: _Match) -> str:
        lead, mark = match["lead"], match["fence"]
        width = len(lead.expandtabs(4))
        ending = rf"(?>(?:[ \t]*+>)*)[ \t]{{0,{width + 3}}}{mark[0]}{{{len(mark)},}}+[ \t\r]*+$"
        if not lead.strip() and width < 4:
            closing = re.compile("^" + ending, re.MULTILINE).search(self._text, match.end())
            end = closing.end() if closing else len(self._text)
        else:
            end = self._end_in_container(match, re.compile(ending, re.MULTILINE))
        return _HARD + _DROP * (end - match.start() - 1)

    def _end_in_container(self, match: _Match, ending: re.Pattern[str]) -> int:
        """Where a fence in a quote or list item ends: at its closing, or with its container."""
        lead = match["lead"]
        width = len(lead.expandtabs(4)) if lead.strip() else 1
        inside = _QUOTED if ">" in lead else _indented(width)
        end = match.end()
        while line := inside.match(self._text, end + 1):
            end = line.end()
            if ending.match(self._text, line.start()):
                break
        return end

    def _ticks(self, match: _Match) -> str:
        size = len(match[0])
        if match.start() >= self._paragraph_end:
            self._enter_paragraph(match.start())
        if self._last_ticks[size] <= match.start():
            return _blank(match)
        runs = _TICKS.finditer(self._text, match.end())
        closing = next(run for run in runs if len(run[0]) == size)
        code = self._text[match.end() : closing.start()]
        return _blank(match) + code.translate(_SHIELD) + _blank(closing)

    def _enter_paragraph(self, start: int) -> None:
        blank = _BLANK_LINE.search(self._text, start)
        self._paragraph_end = blank.start() if blank else len(self._text)
        runs = _TICKS.finditer(self._text, start, self._paragraph_end)
        self._last_ticks = {len(run[0]): run.start() for run in runs}

    def _comment(self, match: _Match) -> str:
        return _DROP * len(self._through(match, _COMMENT_ENDS[match[0]]))

    def _element(self, match: _Match) -> str:
        if match[0].endswith("/>"):
            return _blank_hard(match)
        return self._through(match, rf"</{match['element'].lower()}\s*+>")

    def _shortcode(self, match: _Match) -> str:
        code = _CODE_SHORTCODE.match(match["shortcode"])
        if not code:
            return _blank(match)
        return self._through(match, rf"\{{\{{[<%]\s*+/\s*+{code[1].lower()}\s*+[>%]\}}\}}")

    def _liquid(self, match: _Match) -> str:
        code = _CODE_BLOCK.match(match["liquid"])
        if not code:
            return _blank(match)
        return self._through(match, rf"\{{%-?[ \t]*+end{code[1].lower()}\b[^{{}}]*+\}}")


# --- inline --------------------------------------------------------------------------------------

# Any other tag, a component's too, separates what stands before it from what comes after.
_INLINE_TAGS = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"}
    | {"font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong"}
    | {"sub", "sup", "time", "tt", "u", "var", "wbr"}
)
# Nothing in a tag may be "<": so a tag that does not end stops the search at the next one.
_TAG = re.compile(
    r"""
    <(?:
        /?(?P<name>[A-Za-z][\w.:-]*+)
        (?>(?:
            [\s/]*+
            (?:
                [A-Za-z_:@\x00][^\s"'=<>/{}]*+
                (?>(?:
                    \s*+=\s*+
                    (?:
                        "[^"<]*+"
                      | '[^'<]*+'
                      | \{[^{}<]*+(?>(?:\{[^{}<]*+(?>(?:\{[^{}<]*+\}[^{}<]*+)*)\}[^{}<]*+)*)\}
                      | [^\s"'=<>`{}]++
                    )
                )?)
              | \{[^{}<]*+\}
            )
        )*)
        [\s/]*+>
      | /?>                     # a fragment of JSX
      | ![A-Za-z][^<>]*+>
      | \?[^<>]*+>
    )
    """,
    re.VERBOSE,
)
_AUTOLINK = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*+|[\w.+-]++@[\w.-]++)>")
_DEFINITION = re.compile(
    r"""^[ ]{0,3}\[(?!\^)([^\[\]\n]++)\]:[ \t]*+(?:<[^<>\n]*+>|[^\s<]\S*+)"""
    r"""(?>(?:[ \t]++(?:"[^"\n]*+"|'[^'\n]*+'|\([^()\n]*+\)))?)[ \t\r]*+$""",
    re.MULTILINE,
)
_TARGET = (
    r"""\(\s*+(?:<[^<>\n]*+>|(?>(?:[^\s()<>]|\([^\s()]*+\))*))"""
    r"""(?>(?:\s++(?:"[^"]*+"|'[^']*+'|\([^()]*+\)))?)\s*+\)"""
)
_LINK = re.compile(
    rf"""!?\[(?P<text>[^\[\]]*+(?>(?:\[[^\[\]]*+\][^\[\]]*+)*))\](?:{_TARGET}|\[(?P<label>[^\[\]\n]*+)\])"""
)
_SHORTCUT = re.compile(r"!?\[(?P<text>[^\[\]\n]++)\]")
_EMBED = re.compile(r"!\[\[[^\[\]\n]*+\]\]")
_WIKI_LINK = re.compile(r"\[\[(?:[^\[\]|\n]*+\|)?(?P<text>[^\[\]|\n]++)\]\]")
_FOOTNOTE = re.compile(r"\[\^[^\[\]\s]++\]:?")
_ADDRESS = re.compile(
    r"\b(?:https?|ftp)://"
    r"[^\s<>\x00-\x03]*[^\s<>\x00-\x03.,;:!?'\"*_)\]}\u2019\u201d\u2026]",  # no stop at its end
    re.IGNORECASE,
)


def _inline(text: str) -> str:
    labels: set[str] = set()

    def note(match: _Match) -> str:
        labels.add(_label(match[1]))
        return _blank(match)

    def link(match: _Match) -> str:
        label = match["label"]
        if label is None or _label(label or match["text"]) in labels:
            return _keep(match, "text")
        return match[0]

    def shortcut(match: _Match) -> str:
        return _keep(match, "text") if _label(match["text"]) in labels else match[0]

    text = _DEFINITION.sub(note, text)
    text = _AUTOLINK.sub(_blank, text)
    for _ in range(2):  # a tag in an attribute of a tag
        text = _TAG.sub(_replace_tag, text)
    text = _EMBED.sub(_blank, text)
    text = _FOOTNOTE.sub(_blank, text)
    for _ in range(2):  # an image in a link
        text = _LINK.sub(link, text)
    text = _WIKI_LINK.sub(lambda match: _keep(match, "text"), text)
    if labels:
        text = _SHORTCUT.sub(shortcut, text)
    return _ADDRESS.sub(_blank, text)


def _label(text: str) -> str:
    return " ".join(text.casefold().split())


def _replace_tag(match: _Match) -> str:
    name = (match["name"] or "").lower()
    if name in _INLINE_TAGS or not name:
        return _blank(match)
    if name in ("br", "td", "th"):
        return " " + _DROP * (match.end() - match.start() - 1)
    return _blank_hard(match)


# --- blocks --------------------------------------------------------------------------------------

_QUOTE = r"[ \t]*+(?>(?:>[ \t]?)*)"
_QUOTED = re.compile(r"[ \t]*+>[^\n]*+")
_MARKS = re.compile(
    rf"^(?P<quote>{_QUOTE})(?>(?P<callout>\[!\w++\][+-]?)?)"
    r"(?P<items>(?>(?:(?:[-*+•]|\d{1,3}[.)]|:)[ \t]++(?>(?:\[[ xX]\](?=[ \t]))?)[ \t]*+)*))",
    re.MULTILINE,
)
_ATTRIBUTES = r"\{(?::|[ ]*+[#.][\w-])[^{}\n]*+\}"
_STRAY_ATTRIBUTES = re.compile(rf"\{{(?<![^\x00\s]\{{){_ATTRIBUTES[2:]}")
_ATX = re.compile(rf"^{_QUOTE}(?P<marks>\#{{1,6}})(?=[ \t\r]|$)(?P<text>[^\n]*+)", re.MULTILINE)
_ATX_ATTRIBUTES = re.compile(rf"{_ATTRIBUTES}\Z")
_SETEXT = re.compile(
    r"^(?:(?<=\n\n)|(?<=\n\r\n)|\A)(?P<text>[ ]{0,3}(?![-+*>|#][ \t])[^\s|][^\n]*+)"
    r"(?P<line>\n[ ]{0,3}(?:(?P<first>=++)|-++)[ \t\r]*+)$",
    re.MULTILINE,
)
_HTML_HEADING = re.compile(
    r"<h(?P<level>[1-6])\b[^<>]*+>(?P<text>[^<]*+(?>(?:<(?!/?h[1-6]\b)[^<]*+)*))</h[1-6]",
    re.IGNORECASE,
)
_RULE_LINE = re.compile(r"^(?=[^\n])[ \t\r\x00|=:~*_+-]++$", re.MULTILINE)
_ROW = re.compile(r"^[ \t]*+\|[^\n]*+", re.MULTILINE)
_BARE_TABLE = re.compile(
    r"^[^\n|]++\|[^\n]*+\n(?P<rule>[ \t]*+:?-++:?[ \t]*+\|[-:| \t\r]*+)$"
    r"(?>(?:\n(?=[^\n|]*+\|)[^\n]*+)*)",
    re.MULTILINE,
)
_TITLE_BRACKETS = str.maketrans("[]", _DROP * 2)
_PIPES = str.maketrans("|", " ")
_TABLE_CUTS = str.maketrans("|\n", f" {_HARD}")
_DIRECTIVE = re.compile(
    r"^[ \t]*+(?::::++[ \t]*+[\w-]*+|(?:!!!|\?\?\?\+?)[ \t]++[\w-]++)"
    r"[ \t]*+(?>(?:\{[^{}\n]*+\})?)(?P<title>[^\n]*+)",
    re.MULTILINE,
)
# A place in the text where a heading stands, and its level.
_Place = tuple[int, int, int]


def _indented(width: int) -> re.Pattern[str]:
    return re.compile(rf"[ \t\r]*+(?=\n)|(?:[ ]{{{width}}}|[ ]*+\t)[^\n]*+")


def _html_headings(text: str) -> list[_Place]:
    return [(*match.span("text"), int(match["level"])) for match in _HTML_HEADING.finditer(text)]


def _headings(text: str, places: list[_Place]) -> str:
    """Blank the marks of headings, set them apart from what surrounds them, add to `places`."""

    def atx(match: _Match) -> str:
        title = match["text"]
        kept = title.rstrip()
        if kept.endswith("}") and (attributes := _ATX_ATTRIBUTES.match(kept, kept.rfind("{"))):
            kept = kept[: attributes.start()].rstrip()
        if kept.endswith("#") and kept.rstrip("#")[-1:] in ("", " ", "\t"):
            kept = kept.rstrip("#")
        before = match.start("text") - match.start()
        after = match.end() - match.start("text") - len(kept)
        places.append((match.start("text"), match.end("text"), len(match["marks"])))
        return _LINE + _DROP * (before - 1) + kept + _DROP * after

    def setext(match: _Match) -> str:
        places.append((*match.span("text"), 1 if match["first"] else 2))
        return match["text"] + _HARD + _DROP * (len(match["line"]) - 1)

    return _SETEXT.sub(setext, _ATX.sub(atx, text))


def _block_marks(text: str) -> str:
    text = _STRAY_ATTRIBUTES.sub(_blank, text)
    text = _DIRECTIVE.sub(_replace_directive, text)
    text = _BARE_TABLE.sub(_replace_table, text)
    text = _RULE_LINE.sub(_blank, text)
    text = _ROW.sub(lambda match: _LINE + match[0][1:].translate(_PIPES), text)
    return _MARKS.sub(_replace_marks, text)


def _replace_table(match: _Match) -> str:
    start, end = (place - match.start() for place in match.span("rule"))
    rows = match[0].translate(_TABLE_CUTS)
    return rows[:start] + _DROP * (end - start) + rows[end:]


def _replace_directive(match: _Match) -> str:
    title = match["title"].translate(_TITLE_BRACKETS)
    before = match.start("title") - match.start()
    return _LINE + _DROP * (before - 1) + title


def _replace_marks(match: _Match) -> str:
    return _blank_hard(match) if match["items"] or match["callout"] else _blank(match)


# --- putting it together -------------------------------------------------------------------------

_STARS = re.compile(r"\*++")
_UNDERSCORES = re.compile(r"_++")
_STRUCK = re.compile(r"~~")
_HIGHLIGHTED = re.compile(r"==(?<![=\w]==)(?=[^\s=][^=\n]*+==(?![=\w]))|==(?<=[^\s=]==)(?![=\w])")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def _emphasis(text: str) -> str:
    text = _UNDERSCORES.sub(_replace_underscores, _STARS.sub(_replace_stars, text))
    return _HIGHLIGHTED.sub(_blank, _STRUCK.sub(_blank, text))


def _neighbours(match: _Match) -> tuple[str, str]:
    """Return the characters before and after, a space at either end of the text."""
    text, (start, end) = match.string, match.span()
    return text[start - 1 : start] or " ", text[end : end + 1] or " "


def _replace_stars(match: _Match) -> str:
    before, after = _neighbours(match)
    return match[0] if before.isspace() and after.isspace() else _blank(match)


def _replace_underscores(match: _Match) -> str:
    before, after = _neighbours(match)
    inside = (before.isalnum() and after.isalnum()) or (before.isspace() and after.isspace())
    return match[0] if inside else _blank(match)


def _replace_entity(match: _Match) -> str:
    character = html.unescape(match[0])
    if character == match[0]:
        return character
    character = _CONTROLS.sub(_DROP, character)
    if character.isspace() or not character.strip(_DROP):
        return " " + _DROP * (len(match[0]) - 1) if character.isspace() else _blank(match)
    return character + _WIDE * (len(match[0]) - len(character))


_LINE_BLOCK = re.compile(r"\x02[^\n]*+\n?+")
_BLANK_LINES = re.compile(r"\n(?=[ \t\r\x00]*+\n)")
_OTHER_SPACE = re.compile(r"[^\S ]")
_GAP = re.compile(r" *+[\x00\x01][ \x00\x01]*+|  +")
_RUN = re.compile(r"[^\x00\x03]++\x03*+")
_FILLER = re.compile(r"[\x00\x03]++")


def _white_space(text: str) -> str:
    """Leave a line break between blocks, one space between words, nothing at the ends."""
    text = _LINE_BLOCK.sub(_replace_line_block, _BLANK_LINES.sub(_HARD, text))
    text = _OTHER_SPACE.sub(" ", text)
    text = _GAP.sub(_replace_gap, text)
    inner = text.lstrip(" \x00\x01")
    text = _DROP * (len(text) - len(inner)) + inner
    inner = text.rstrip(" \x00\x01")
    return inner + _DROP * (len(text) - len(inner))


def _replace_line_block(match: _Match) -> str:
    line = match[0].replace(_LINE, _HARD)
    return line[:-1] + _HARD if line.endswith("\n") else line


def _replace_gap(match: _Match) -> str:
    gap = match[0]
    if _HARD in gap:
        return _HARD + _DROP * (len(gap) - 1)
    return " " + _DROP * (len(gap) - 1) if " " in gap else gap


def _assemble(text: str, places: list[_Place]) -> Prose:
    starts, origins, ends = array("I"), array("I"), array("I")
    length = 0
    for run in _RUN.finditer(text):
        starts.append(length)
        origins.append(run.start())
        ends.append(run.end())
        length += len(run[0].rstrip(_WIDE))
    text = _FILLER.sub("", text).replace(_HARD, "\n")
    text = _SHIELDED.sub(lambda match: _UNSHIELD[match[0]], text)
    found = Prose(text, (), starts, origins, ends)
    headings = tuple(_placed_headings(found, sorted(places)))
    return Prose(text, headings, starts, origins, ends)


def _placed_headings(found: Prose, places: list[_Place]) -> Iterator[Heading]:
    for start, end, level in places:
        first = found.at_or_after(start)
        last = found.at_or_after(end)
        title = found.text[first:last].split("\n")[0].strip() if first < last else ""
        if title:
            first = found.text.index(title, first)
            yield Heading(title, level, first, first + len(title))
