"""Blank what is in a body besides CommonMark: templating, comments, hidden elements, directives.

Site generators, MDX, Obsidian and browsers read these; a CommonMark parser knows little of them.
What is in code stays as it is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property

from classifier.content import hidden, tags
from classifier.content.code import Code
from classifier.content.prose import DROP, HARD, LINE, Place, blank, blank_hard, shielded

_Match = re.Match[str]


def without_templating(text: str, code: Iterable[Code]) -> tuple[str, list[Place]]:
    """Blank templating, comments, tags and blocks of `code`; return the headings of HTML, too."""
    text = _Opaque(text).blanked(code)
    if "import " in text or "export " in text:
        text = _MODULE.sub(blank_hard, text)
    text, headings = tags.without_tags(text)
    if ":::" in text:
        text = _DIRECTIVE.sub(_replace_directive, text)
    if "[!" in text:
        text = _CALLOUT.sub(_replace_callout, text)
    if "[[" in text:
        text = _WIKI_LINK.sub(_replace_wiki_link, _EMBED.sub(blank, text))
    return text, headings


# --- what opens, is not for reading, and closes --------------------------------------------------

_OPENING = re.compile(
    r"""
    [<{%](?<!\\.)(?:
      (?P<comment>(?<=<)!--|(?<=\{)/\*|(?<=%)%(?<![^\n]%%)(?=[ \t\r]*+$))
    | (?<=%)(?P<remark>(?<![\w%]%)%(?!%)[^%\n]*+(?>(?:%(?!%)[^%\n]*+)*)%%)
    | (?<=<)(?P<element>script|style|pre|svg|math|textarea|template)(?=[\s/>])[^<>]*+>
    | (?<=<)(?P<hidden>(?:UNSEEN)(?=[\s/>])|[a-z][\w.-]*+(?=(?:[^<>"']|"[^"<]*+"|'[^'<]*+')*?\s(?:
          hidden(?=[\s/>=])
        | (?:aria-hidden|style|color)\s*+=
      )))
      (?>
        (?>(?:[^<>"'{]|"[^"<]*+"|'[^'<]*+'|\{[^{}<]*+(?>(?:\{[^{}<]*+\}[^{}<]*+)*)\})*)>
        | [^<>]*+>
      )
    | (?<=\{)\{(?P<shortcode>[^{}]*+(?>(?:\{[^{}]*+\}[^{}]*+)*))\}\}
    | (?<=\{)%-?[ \t]*+(?P<liquid>[^{}%]*+(?>(?:%(?!\})[^{}%]*+)*))%\}
    )
    """.replace("UNSEEN", "|".join(sorted(hidden.UNSEEN_ELEMENTS))),
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_WITH_BACKGROUND = re.compile(
    r"<[a-z][\w.-]*+(?=[^<>]*?(?:background|bgcolor))[^<>]*+>", re.IGNORECASE
)
_NEAR = 50
"""How many elements with a background are looked at, so that a hostile text takes no longer."""
_COMMENT_ENDS = {"!--": "-->", "/*": r"\*/\}", "%": "\n%%"}
_CODE_SHORTCODE = re.compile(r"[<%]\s*+(highlight|mermaid|code|gist)\b(?!.*/\s*[>%]\Z)", re.DOTALL)
_CODE_BLOCK = re.compile(r"(highlight|mermaid|code|comment)\b")
_MODULE = re.compile(
    r"""
    ^(?:
      import[ \t]++(?:\{[^{}]*+\}[ \t]*+from[ \t]*+|[^\n'"]*?[ \t]from[ \t]++)?['"][^'"\n]++['"]
      [ \t]*+;?[ \t\r]*+$
    | export[ \t]++(?:default|const|let|var|async|function|class|\*|\{)[^\n]*+
      (?>(?:\n(?![ \t\r]*+$)[^\n]*+)*)
    )
    """,
    re.VERBOSE | re.MULTILINE,
)


class _Opaque:
    """Blanks comments, templating and blocks of code, whichever opens first; shields other code.

    An ending that was not there once is not there further on: remembering that keeps it linear.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._parts: list[str] = []
        self._at = 0
        self._absent: set[str] = set()
        self._blankers: dict[str, Callable[[_Match], str]] = {
            "comment": self._comment,
            "remark": blank,
            "element": self._element,
            "hidden": self._hidden,
            "shortcode": self._shortcode,
            "liquid": self._liquid,
        }

    def blanked(self, code: Iterable[Code]) -> str:
        opening = _OPENING.search(self._text)
        for start, end, is_block in code:
            while opening and opening.start() < start:
                opening = self._blank(opening)
            if start < self._at:  # blank already
                continue
            inside = self._text[start:end]
            self._put(start, HARD + DROP * (end - start - 1) if is_block else _shielded(inside))
            if opening and opening.start() < end:
                opening = _OPENING.search(self._text, end)
        while opening:
            opening = self._blank(opening)
        return "".join(self._parts) + self._text[self._at :]

    def _blank(self, opening: _Match) -> _Match | None:
        self._put(opening.start(), self._blankers[opening.lastgroup or ""](opening))
        return _OPENING.search(self._text, self._at)

    def _put(self, start: int, text: str) -> None:
        self._parts += self._text[self._at : start], text
        self._at = start + len(text)

    def _through(self, opening: _Match, ending: str) -> str:
        """Blank to the end of `ending`; where there is none, only the opening."""
        closing = None
        if ending not in self._absent:
            closing = re.compile(ending, re.IGNORECASE).search(self._text, opening.end())
            if not closing:
                self._absent.add(ending)
        return HARD + DROP * ((closing or opening).end() - opening.start() - 1)

    def _comment(self, opening: _Match) -> str:
        return DROP * len(self._through(opening, _COMMENT_ENDS[opening["comment"]]))

    def _element(self, opening: _Match) -> str:
        if opening[0].endswith("/>"):
            return blank_hard(opening)
        return self._through(opening, rf"</{opening['element'].lower()}\s*+>")

    def _hidden(self, opening: _Match) -> str:
        tag = hidden.look(opening[0])
        if not tag.hidden and (
            not tag.colour
            or not hidden.same(tag.colour, self._background(opening.start(), tag.background))
        ):
            return opening[0][0]
        end = self._ends.get(opening.start(), opening.end())
        return HARD + DROP * (end - opening.start() - 1)

    @cached_property
    def _ends(self) -> dict[int, int]:
        return tags.ends(self._text)

    def _background(self, place: int, own: hidden.Colour | None) -> hidden.Colour:
        """Return what is behind an element: its own background, or of what it is in."""
        if own is not None:
            return own
        before = bisect_right(self._backgrounds, (place,))
        for start, colour in reversed(self._backgrounds[max(0, before - _NEAR) : before]):
            if self._ends[start] > place:
                return colour
        return hidden.WHITE

    @cached_property
    def _backgrounds(self) -> list[tuple[int, hidden.Colour]]:
        """Where elements with a background begin, and which."""
        looks = (
            (tag.start(), hidden.look(tag[0]).background)
            for tag in _WITH_BACKGROUND.finditer(self._text)
            if tag.start() in self._ends
        )
        return [(start, colour) for start, colour in looks if colour is not None]

    def _shortcode(self, opening: _Match) -> str:
        code = _CODE_SHORTCODE.match(opening["shortcode"])
        if not code:
            return blank(opening)
        return self._through(opening, rf"\{{\{{[<%]\s*+/\s*+{code[1].lower()}\s*+[>%]\}}\}}")

    def _liquid(self, opening: _Match) -> str:
        code = _CODE_BLOCK.match(opening["liquid"])
        if not code:
            return blank(opening)
        return self._through(opening, rf"\{{%-?[ \t]*+end{code[1].lower()}\b[^{{}}]*+\}}")


def _shielded(code: str) -> str:
    """Shield what is between backticks."""
    inside = code.lstrip("`")
    start = len(code) - len(inside)
    inside = inside.rstrip("`")
    return code[:start] + shielded(inside) + code[start + len(inside) :]


# --- directives, callouts and wiki links ----------------------------------------------------------

_ADMONITION = re.compile(
    r"^(?P<indent>[ \t]*+)(?:(?:!!!|\?\?\?\+?)[ \t]++[\w-]++[ \t]*+|===[!+]?[ \t]++(?=\"))"
    r"(?P<title>[^\n]*+)",
    re.MULTILINE,
)
_DIRECTIVE = re.compile(
    r"^[ \t]*+:::++[ \t]*+[\w-]*+[ \t]*+(?>(?:\{[^{}\n]*+\})?)(?P<title>[^\n]*+)", re.MULTILINE
)
_CALLOUT = re.compile(r"^(?P<quote>[ \t]*+>[ \t>]*+)\[!\w++\][+-]?", re.MULTILINE)
_EMBED = re.compile(r"!\[\[[^\[\]\n]*+\]\]")
_WIKI_LINK = re.compile(r"(?P<target>\[\[(?:[^\[\]|\n]*+\|)?)(?P<text>[^\[\]|\n]++)\]\](?!\()")
_TITLE_BRACKETS = str.maketrans("[]", DROP * 2)


def with_admonitions_as_items(text: str) -> str:
    """Make items of a list of Python-Markdown's admonitions and tabs.

    What belongs to one is indented by four, and so is what belongs to an item; else it is code.
    """
    if not any(sign in text for sign in ("!!!", "???", "===")):
        return text
    return _ADMONITION.sub(_replace_admonition, text)


def _replace_admonition(match: _Match) -> str:
    title = match["title"]
    item = match["indent"] + "-   " + LINE
    filler = len(match[0]) - len(item) - len(title)
    if filler < 0:  # the title of a tab, in quotes
        return item + title[1:].replace('"', DROP)
    return item + DROP * filler + title


def _replace_directive(match: _Match) -> str:
    title = match["title"].translate(_TITLE_BRACKETS)
    return LINE + DROP * (len(match[0]) - len(title) - 1) + title


def _replace_callout(match: _Match) -> str:
    return match["quote"] + HARD + DROP * (len(match[0]) - len(match["quote"]) - 1)


def _replace_wiki_link(match: _Match) -> str:
    return DROP * len(match["target"]) + match["text"] + DROP * 2
