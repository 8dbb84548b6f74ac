"""HTML into Markdown of the same length, so that an offset into the body is one into the file.

Tags of blocks, and elements that are not for reading, become line breaks; tags inside lines stay,
as Markdown may have such. What is hidden inside lines is left to the reader of Markdown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from classifier.content import hidden, nesting
from classifier.content.formats.extract import (
    LARGEST,
    Extract,
    UnreadableError,
    bounded,
    decoded,
    front_matter,
    named,
)
from classifier.content.style_sheets import StyleSheet

# Nothing in a tag may be "<": so one that does not end stops the search at the next one.
_TAG: Final = re.compile(
    r"""<(?:
        (?P<comment>!--)
      | (?P<closes>/?)(?P<name>[A-Za-z][\w:.-]*+)
        (?P<rest>(?>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+'|["'])*))>
      | [!?][^<>]*+>
    )""",
    re.VERBOSE,
)
_HEADING: Final = re.compile(r"h[1-6]")
_TITLE: Final = re.compile(r"<title\b[^<>]*+>([^<]*+)</title", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"""<html\b[^<>]*?\blang\s*=\s*["']?([A-Za-z][\w-]*)""", re.I)
_META: Final = re.compile(r"""<meta\b((?>(?:[^<>"']++|"[^"]*+"|'[^']*+')*))>""", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"""([\w:-]++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'>]++))""")
_MAIN: Final = re.compile(
    r"""<(main)\b[^<>]*+>|<(div|section|article)\b[^<>]*?\brole\s*=\s*["']?main\b[^<>]*+>""", re.I
)
_ARTICLE: Final = re.compile(r"<(article)\b[^<>]*+>", re.IGNORECASE)
_FENCE: Final = re.compile(r"[`~]{3,}")
_LEAD: Final = re.compile(r"\s*")
_HEAD: Final = 200_000
"""Characters in which title and description are looked for."""

_INLINE: Final = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em"}
    | {"font", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong"}
    | {"sub", "sup", "time", "tt", "u", "var", "wbr"}
)
_UNREAD: Final = hidden.UNSEEN_ELEMENTS | {
    *("head", "script", "style", "template", "svg", "math", "pre", "textarea", "select", "button"),
    *("nav", "aside", "footer", "form", "map"),
}
_RAW: Final = frozenset({"script", "style", "textarea", "title", "noscript", "iframe"})
"""What looks like a tag in them is none."""
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track"}
)


def read(data: bytes) -> Extract:
    """Read a page: its main part, without navigation, code and what is hidden.

    Raises:
        UnreadableError: It is not UTF-8, or too large.
    """
    if len(data) > LARGEST:
        raise UnreadableError(f"is larger than {LARGEST // 10**6} MB; split it, or leave it out")
    text = decoded(data)
    front = front_matter(text)
    said = meta(front.body) | dict(front.meta)
    return Extract(body=markdown(front.body), meta=said, text=text, body_start=front.body_start)


def fragment(text: str) -> str:
    """Return Markdown of HTML that another file holds, or was turned into."""
    return bounded(markdown(text)).strip("\n")


def meta(text: str) -> dict[str, str]:
    """Return title, description and language of a page.

    A heading of level 1 is left to be the title: that of the page often ends with the site's name.
    """
    head = text[:_HEAD]
    said: dict[str, str] = {}
    for found in _META.finditer(head):
        its = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _ATTRIBUTE.finditer(found[1])}
        key = (its.get("name") or its.get("property") or "").lower()
        said.setdefault(key, html.unescape(its.get("content", "")))
    title = _TITLE.search(head)
    language = _LANGUAGE.search(head)
    whole = re.search(r"<h1\b", text, re.IGNORECASE)
    return named(
        title=said.get("og:title") or ("" if whole or not title else html.unescape(title[1])),
        description=said.get("description") or said.get("og:description"),
        lang=language and language[1],
    )


def markdown(text: str) -> str:
    """Return Markdown with a character for each of the text."""
    page = _Page(text)
    for region in (_MAIN.search(text), _only(text)):
        if region:
            name = region[region.lastindex or 0].lower()
            end = _closing(text, name, region.end())
            inside = _Converter(page, region.end(), end, in_article=True).converted()
            if inside.strip():
                return "\n" * region.end() + inside + "\n" * (len(text) - end)
    return _Converter(page, 0, len(text), in_article=False).converted()


def _only(text: str) -> re.Match[str] | None:
    """Return the tag of the only article of a page."""
    found = _ARTICLE.search(text)
    return None if found and _ARTICLE.search(text, found.end()) else found


@dataclass(slots=True)
class _Token:
    start: int
    end: int
    name: str
    """In lower case; empty for comments and declarations."""
    closes: bool


def _tokens(text: str, start: int, end: int) -> Iterator[_Token]:
    at = start
    while found := _TAG.search(text, at, end):
        at = found.end()
        if found["comment"]:
            closing = text.find("-->", at, end)
            at = end if closing < 0 else closing + 3
        name = (found["name"] or "").lower()
        closes = bool(found["closes"])
        yield _Token(found.start(), at, name, closes)
        if name in _RAW and not closes:
            closing_tag = re.compile(rf"</{name}\b", re.IGNORECASE).search(text, at, end)
            at = closing_tag.start() if closing_tag else end


def _closing(text: str, name: str, start: int) -> int:
    """Return where the element that is open at `start` ends, before its end tag."""
    depth = 1
    for found in re.compile(rf"<(/?){name}\b[^<>]*+>", re.IGNORECASE).finditer(text, start):
        depth += -1 if found[1] else 1
        if not depth:
            return found.start()
    return len(text)


class _Page:
    """A page, and what is found out about all of it once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sheet = StyleSheet(text)

    @cached_property
    def _ends(self) -> nesting.Ends:
        return nesting.ends(nesting.tags(self.text), len(self.text))

    def end(self, token: _Token) -> int:
        """Return where an element ends that is closed; 0 for another."""
        return self._ends.closed.get(token.start, 0)

    def end_of_hidden(self, token: _Token) -> int:
        """Return where an element ends that its tag hides; 0 for one that is seen."""
        has_attributes = token.end - token.start > len(token.name) + 2
        if not has_attributes and not self.sheet:
            return 0
        if not hidden.look(self.text[token.start : token.end], self.sheet).hidden:
            return 0
        around = self._ends.unclosed.get(token.start, 0) if has_attributes else 0
        return self.end(token) or around


class _Converter:
    def __init__(self, page: _Page, start: int, end: int, *, in_article: bool) -> None:
        self._page = page
        self._text, self._start, self._end = page.text, start, end
        self._parts: list[str] = []
        self._at_line_start = True
        self._heading = False
        self._articles = int(in_article)

    def converted(self) -> str:
        at = self._start
        for token in _tokens(self._text, self._start, self._end):
            if token.start < at:
                continue
            self._keep(at, token.start)
            at = token.end
            end = min(self._end_of_unread(token), self._end)
            if end > at:
                self._leave_out(token, end)
                at = end
            else:
                self._tag(token)
        self._keep(at, self._end)
        return "".join(self._parts)

    def _put(self, part: str) -> None:
        if part:
            self._parts.append(part)
            self._at_line_start = part.endswith("\n")

    def _keep(self, start: int, end: int) -> None:
        piece = self._text[start:end]
        if "\n" in piece or "\r" in piece or "\t" in piece:
            piece = piece.replace("\n", " ").replace("\r", " ").replace("\t", " ")
        if self._at_line_start:  # blanks there would make it code
            lead = _LEAD.match(piece)
            width = lead.end() if lead else 0
            piece = "\n" * width + piece[width:]
        self._put(_FENCE.sub(lambda fence: "'" * len(fence[0]), piece))

    def _leave_out(self, token: _Token, end: int) -> None:
        inside = token.name in _INLINE and not self._at_line_start
        self._heading = self._heading and inside
        self._put((" " if inside else "\n") * (end - token.start))

    def _tag(self, token: _Token) -> None:
        name, width = token.name, token.end - token.start
        if name in _INLINE:
            self._put(self._text[token.start : token.end].replace("\n", " ").replace("\r", " "))
        elif not name:
            self._put("\n" * width if self._at_line_start else " " * width)
        else:
            self._block(token, width)

    def _block(self, token: _Token, width: int) -> None:
        name = token.name
        if name == "article":
            self._articles += -1 if token.closes else 1
        if _HEADING.fullmatch(name):
            self._heading = not token.closes
            if self._heading:
                self._put(_opening(int(name[1]), width, alone=self._at_line_start))
                return
        elif self._heading and name in {"br", "div", "img", "p"}:
            self._put(" " * width)
            return
        self._put("\n" * width)

    def _end_of_unread(self, token: _Token) -> int:
        """Return where an element ends that is not for reading; 0 for any other tag."""
        name = token.name
        if not name or token.closes or name in _VOID or self._text[token.end - 2] == "/":
            return 0
        if name in _UNREAD or (name == "header" and not self._articles):
            return self._page.end(token) or self._page.end_of_hidden(token)
        return self._page.end_of_hidden(token)


def _opening(level: int, width: int, *, alone: bool) -> str:
    """Return the mark of a heading in the place of its tag."""
    gap = 0 if alone else 1
    level = min(level, width - gap - 1)
    return "\n" * (width - level - 1) + "#" * level + " "
