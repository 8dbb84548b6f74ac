"""Tags of HTML and JSX, wherever they stand in Markdown."""

from __future__ import annotations

import re

from classifier.content.prose import DROP, Place, blank, blank_hard

# Any other tag, a component's too, parts what stands before it from what comes after.
_INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"}
    | {"font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong"}
    | {"sub", "sup", "time", "tt", "u", "var", "wbr"}
)
# Their ends are seldom written, or they have none.
_WITHOUT_END = frozenset(
    {"area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta"}
    | {"p", "param", "source", "track"}
)
_NO_BLOCK = _INLINE | _WITHOUT_END
# Groups are repeated inside atomic ones and never possessively: before Python 3.11.5 that forgets
# to go back over a repetition that fails half way (python/cpython#106052).
# Nothing in a tag may be "<": so a tag that does not end stops the search at the next one.
_TAG = re.compile(
    r"""
    <(?<!\\<)(?:
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
_HEADING = re.compile(
    r"<h(?P<level>[1-6])\b[^<>]*+>(?P<text>[^<]*+(?>(?:<(?!/?h[1-6]\b)[^<]*+)*))</h[1-6]",
    re.IGNORECASE,
)
_ELEMENT_TAG = re.compile(r"<(?P<closes>/?)(?P<name>[A-Za-z][\w.-]*+)(?![\w:@])[^<>]*+(?<!/)>")


def without_tags(text: str) -> tuple[str, list[Place]]:
    """Blank tags, and the links that look like one; return where headings stood, too."""
    headings = [
        Place(*match.span("text"), int(match["level"])) for match in _HEADING.finditer(text)
    ]
    text = _AUTOLINK.sub(blank, text)
    for _ in range(2):  # a tag in an attribute of a tag
        text = _TAG.sub(_replace, text)
    return text, headings


def _replace(match: re.Match[str]) -> str:
    name = (match["name"] or "").lower()
    if name in _INLINE or not name:
        return blank(match)
    if name in ("br", "td", "th"):
        return " " + DROP * (match.end() - match.start() - 1)
    return blank_hard(match)


class Elements:
    """Tells, along a text, whether the last tag of a block opened it or closed it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self.inside = False

    def read_to(self, end: int) -> None:
        for tag in _ELEMENT_TAG.finditer(self._text, self._at, end):
            if tag["name"].lower() not in _NO_BLOCK:
                self.inside = not tag["closes"]
        self._at = max(self._at, end)

    def skip_to(self, end: int) -> None:
        """Leave out code, whose tags are none."""
        self._at = max(self._at, end)
