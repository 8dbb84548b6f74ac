"""Tags of HTML and JSX, and where elements end, nearly as a browser has it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# A value may hold what looks like a tag, but no blank line: that ends HTML in Markdown. What is no
# tag in the end is passed over whole, so that a hostile text costs linear work.
_TAG: Final = re.compile(
    r"""
    <(?:
        (?P<comment>!--)
      | (?P<closes>/?)(?P<name>[A-Za-z][\w.-]*+)(?![\w:@])
        (?P<rest>(?>(?:
            [^<>=]++
          | =\s*+(?>
                "[^"\n]*+(?>(?:\n(?![ \t\r]*+\n)[^"\n]*+)*)"
              | '[^'\n]*+(?>(?:\n(?![ \t\r]*+\n)[^'\n]*+)*)'
              | \{[^{}]*+(?>(?:\{[^{}]*+\}[^{}]*+)*)\}
            )?
        )*))
        (?P<whole>>?)
    )
    """,
    re.VERBOSE,
)
_SWALLOWING: Final = frozenset({"iframe", "noembed", "noframes", "noscript", "title"})
"""Without an end they take in all that follows."""
_RAW: Final = _SWALLOWING | {"script", "style", "textarea"}
"""What looks like a tag in them is none."""
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source"}
    | {"track", "wbr"}
)
_SPECIAL: Final = _RAW | {
    *("address", "applet", "article", "aside", "blockquote", "body", "button", "caption", "center"),
    *("colgroup", "dd", "details", "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption"),
    *("figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup"),
    *("html", "li", "listing", "main", "marquee", "math", "menu", "nav", "object", "ol", "p"),
    *("pre", "search", "section", "select", "summary", "svg", "table", "tbody", "td", "template"),
    *("tfoot", "th", "thead", "tr", "ul", "xmp"),
}
"""The end of another element does not close them."""
_FORMATTING: Final = frozenset(
    {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt"}
    | {"u"}
)
"""They end where they are closed, whatever is open inside, and go on in the next paragraph."""
_DEEPEST: Final = 100_000
"""Elements that are open at once; a text with more is hostile."""
_BLANK_LINE: Final = re.compile(r"\n[ \t\r]*+\n")
_REST_OF_LINE: Final = re.compile(r"[ \t\r]*+(?:\n|\Z)")


class Tag(NamedTuple):
    """A tag of an element that holds something; offsets half-open."""

    start: int
    end: int
    name: str
    """In lower case."""
    closes: bool


class Ends(NamedTuple):
    """Where elements end, by where they begin."""

    closed: dict[int, int]
    """Those with a tag that ends them: after it."""
    unclosed: dict[int, int]
    """The others: where the element around them ends, or the text."""


@dataclass(slots=True)
class _Stack:
    """The elements that are open."""

    opened: list[tuple[str, int] | None] = field(default_factory=list)
    """Name and place; None for one that was closed while others inside it were open."""
    places: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Where in `opened` elements of a name are."""
    special: list[int] = field(default_factory=list)
    """Where in `opened` elements of `_SPECIAL` are."""

    def push(self, name: str, start: int) -> None:
        if len(self.opened) == _DEEPEST:
            return
        self.places[name].append(len(self.opened))
        if name in _SPECIAL:
            self.special.append(len(self.opened))
        self.opened.append((name, start))

    def pop_to(self, place: int) -> Iterator[int]:
        """Close all from a place on; yield where they begin, the innermost first."""
        while self.special and self.special[-1] >= place:
            self.special.pop()
        while len(self.opened) > place:
            if (last := self.opened.pop()) is not None:
                self.places[last[0]].pop()
                yield last[1]

    def take(self, name: str) -> int:
        """Close the last element of a name alone; return where it begins."""
        place = self.places[name].pop()
        found = self.opened[place]
        assert found is not None
        self.opened[place] = None
        return found[1]


def tag_at(text: str, start: int) -> Tag | None:
    """Return the tag that begins at a place, if it is one of an element that holds something."""
    found = _TAG.match(text, start)
    return _read(found) if found else None


def tags(text: str) -> Iterator[Tag]:
    """Yield the tags of a text, in which code is blank, but for those inside of comments."""
    at = 0
    absent: set[str] = set()
    while found := _TAG.search(text, at):
        at = found.end()
        ending = "-->" if found["comment"] else ""
        if tag := _read(found):
            yield tag
            if tag.name in _RAW and not tag.closes:
                ending = rf"</{tag.name}\b"
        if ending and ending not in absent:
            if closing := re.compile(ending, re.IGNORECASE).search(text, at):
                at = closing.start()
            else:  # nor is it further on
                absent.add(ending)


def _read(found: re.Match[str]) -> Tag | None:
    _, closes, name, rest, whole = found.groups()
    if not whole or rest.endswith("/") or (name := name.lower()) in _VOID:
        return None
    return Tag(found.start(), found.end(), name, bool(closes))


def ends(found: Iterable[Tag], length: int) -> Ends:
    """Return where elements end. `length`: of the text that the tags are of."""
    result = Ends({}, {})
    stack = _Stack()
    for tag in found:
        if not tag.closes:
            stack.push(tag.name, tag.start)
        elif not (places := stack.places[tag.name]):
            continue
        elif tag.name in _FORMATTING:
            result.closed[stack.take(tag.name)] = tag.end
        elif tag.name in _SPECIAL or not stack.special or places[-1] > stack.special[-1]:
            *inside, start = stack.pop_to(places[-1])
            result.unclosed.update(dict.fromkeys(inside, tag.start))
            result.closed[start] = tag.end
    result.unclosed.update(dict.fromkeys(stack.pop_to(0), length))
    return result


def unclosed_end(text: str, tag: Tag, around: int) -> int:
    """Return where an element without an end tag ends in Markdown.

    Args:
        text: The Markdown.
        tag: Where the element begins.
        around: Where the element around it ends, or the text.
    """
    if tag.name in _SWALLOWING:
        return len(text)
    before = tag.start
    while before and text[before - 1] in " \t":
        before -= 1
    begins_line = not before or text[before - 1] == "\n"
    alone = begins_line and _REST_OF_LINE.match(text, tag.end)
    if tag.name != "p" and (alone or tag.name in _SPECIAL or tag.name in _FORMATTING):
        return around
    blank = _BLANK_LINE.search(text, tag.end, around)
    return blank.start() if blank else around
