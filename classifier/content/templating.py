"""Blank what is in a body besides CommonMark: templating, comments, hidden elements, directives.

Site generators, MDX, Obsidian and browsers read these; a CommonMark parser knows little of them.
What is in code stays as it is shown.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import cached_property

from classifier.content import hidden, nesting, tags
from classifier.content.code import Code
from classifier.content.prose import DROP, HARD, LINE, Place, blank, blank_hard, shielded
from classifier.content.style_sheets import StyleSheet

_Match = re.Match[str]


def without_templating(text: str, code: Iterable[Code]) -> tuple[str, list[Place]]:
    """Blank templating, comments, tags and blocks of `code`; return the headings of HTML, too."""
    text = _Opaque(text, code).blanked()
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

_TAG = r"| (?<=<)(?P<tag>[a-z][\w.-]*+)(?=[\s/>])"
_OPENING = r"""
    [<{%](?<!\\.)(?:
      (?P<comment>(?<=<)!--|(?<=\{)/\*|(?<=%)%(?<![^\n]%%)(?=[ \t\r]*+$))
    | (?<=%)(?P<remark>(?<![\w%]%)%(?!%)[^%\n]*+(?>(?:%(?!%)[^%\n]*+)*)%%)
    | (?<=<)(?P<element>script|style|pre|svg|math|textarea|template)(?=[\s/>])[^<>]*+>
    TAG
    | (?<=\{)\{(?P<shortcode>[^{}]*+(?>(?:\{[^{}]*+\}[^{}]*+)*))\}\}
    | (?<=\{)%-?[ \t]*+(?P<liquid>[^{}%]*+(?>(?:%(?!\})[^{}%]*+)*))%\}
    )
    """
_FLAGS = re.VERBOSE | re.MULTILINE | re.IGNORECASE
_WITH_TAGS = re.compile(_OPENING.replace("TAG", _TAG), _FLAGS)
_WITHOUT_TAGS = re.compile(_OPENING.replace("TAG", ""), _FLAGS)
"""For a text in which no tag hides anything: ten million tags are not looked at one by one."""
_MARK = re.compile(
    r"""
    <(?:UNSEEN|style)[\s/>]
    | ["'\s/](?:hidden(?=[\s/>=])|(?:aria-hidden|style|color)\s*+=)
    """.replace("UNSEEN", "|".join(sorted(hidden.UNSEEN_ELEMENTS))),
    re.VERBOSE | re.IGNORECASE,
)
"""What a tag has that may hide its element; with a style sheet, any tag may."""
_MOST_STYLED = 50_000
"""Tags that are held against the style sheets of an article."""
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

    def __init__(self, text: str, code: Iterable[Code]) -> None:
        self._text = text
        self._code = list(code)
        self._parts: list[str] = []
        self._at = 0
        self._absent: set[str] = set()
        self._styled = 0
        hides = "<" in text and _MARK.search(text)
        self._opening = _WITH_TAGS if hides else _WITHOUT_TAGS
        self._blankers: dict[str, Callable[[_Match], str]] = {
            "comment": self._comment,
            "remark": blank,
            "element": self._element,
            "tag": self._tag,
            "shortcode": self._shortcode,
            "liquid": self._liquid,
        }

    def blanked(self) -> str:
        opening = self._opening.search(self._text)
        for start, end, is_block in self._code:
            while opening and opening.start() < start:
                opening = self._blank(opening)
            if start < self._at:  # blank already
                continue
            inside = self._text[start:end]
            self._put(start, HARD + DROP * (end - start - 1) if is_block else _shielded(inside))
            if opening and opening.start() < end:
                opening = self._opening.search(self._text, end)
        while opening:
            opening = self._blank(opening)
        return "".join(self._parts) + self._text[self._at :]

    def _blank(self, opening: _Match) -> _Match | None:
        self._put(opening.start(), self._blankers[opening.lastgroup or ""](opening))
        return self._opening.search(self._text, self._at)

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

    def _tag(self, opening: _Match) -> str:
        is_bare = self._text[opening.end()] == ">"
        unseen = opening["tag"].lower() in hidden.UNSEEN_ELEMENTS
        may_hide = not is_bare or self._sheet or unseen
        end = self._unseen_end(opening.start()) if may_hide else None
        return opening[0][0] if end is None else HARD + DROP * (end - opening.start() - 1)

    def _unseen_end(self, start: int) -> int | None:
        """Return where an element ends that no reader sees; None for another."""
        tag = nesting.tag_at(self._shown, start)
        if tag is None or tag.closes:
            return None
        if not _MARK.search(self._shown, tag.start, tag.end):
            self._styled += bool(self._sheet)
            if not self._sheet or self._styled > _MOST_STYLED:
                return None
        look = hidden.look(self._shown[tag.start : tag.end], self._sheet)
        if not look.hidden and (
            not look.colour or not hidden.same(look.colour, self._background(start, look))
        ):
            return None
        if start in self._ends.closed:
            return self._ends.closed[start]
        if tag.end - start == len(tag.name) + 2 or start not in self._ends.unclosed:
            return tag.end  # it may be no tag: "git commit -m <title>"
        return nesting.unclosed_end(self._shown, tag, self._ends.unclosed[start])

    @cached_property
    def _shown(self) -> str:
        """The text with blanks in the place of code."""
        parts: list[str] = []
        at = 0
        for start, end, _ in self._code:
            if start >= at:
                parts += self._text[at:start], DROP * (end - start)
                at = end
        return "".join([*parts, self._text[at:]])

    @cached_property
    def _sheet(self) -> StyleSheet:
        return StyleSheet(self._shown)

    @cached_property
    def _ends(self) -> nesting.Ends:
        return nesting.ends(nesting.tags(self._shown), len(self._shown))

    def _background(self, place: int, look: hidden.Look) -> hidden.Colour:
        """Return what is behind an element: its own background, or of what it is in."""
        if look.background is not None:
            return look.background
        before = bisect_right(self._backgrounds, (place,))
        for start, colour in reversed(self._backgrounds[max(0, before - _NEAR) : before]):
            if self._ends.closed.get(start, self._ends.unclosed.get(start, 0)) > place:
                return colour
        return hidden.WHITE

    @cached_property
    def _backgrounds(self) -> list[tuple[int, hidden.Colour]]:
        """Where elements with a background begin, and which."""
        looks = (
            (tag.start(), hidden.look(tag[0]).background)
            for tag in _WITH_BACKGROUND.finditer(self._shown)
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
