"""An article's body as a tree of a few harmless elements, with places in the body marked.

Nothing of the body becomes markup: HTML, scripts and templating are left out or shown as text, so a
page can make elements of the tree whoever wrote the article. Links lead to web pages or nowhere;
images have an address only where the caller knows the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from classifier.content import commonmark, templating
from classifier.content.code import code
from classifier.content.prose import DROP, HARD, LINE, WIDE, unshielded, visible, without_controls

_ELEMENTS: Final = {
    "Paragraph": "p",
    "BlockQuote": "blockquote",
    "Item": "li",
    "Table": "table",
    "TableHead": "tr",
    "TableRow": "tr",
    "TableCell": "td",
    "Emphasis": "em",
    "Strong": "strong",
    "Strikethrough": "s",
    "Link": "u",
    "DefinitionList": "ul",
    "DefinitionListTitle": "li",
    "DefinitionListDefinition": "li",
    "FootnoteDefinition": "p",
}
"""Elements by the parser's name. Others have children that stand for themselves."""
_HEADINGS: Final = {"H1": "h3", "H2": "h3", "H3": "h4", "H4": "h5", "H5": "h6", "H6": "h6"}
"""Below the headings of the page that shows the article."""
NAMES: Final = frozenset(
    {*_ELEMENTS.values(), *_HEADINGS.values()}
    | {"a", "ol", "ul", "pre", "code", "hr", "br", "image"}
)
"""All names of elements in a tree."""
_FILLER: Final = str.maketrans("", "", DROP + HARD + LINE + WIDE)
_DEEPEST: Final = 40
"""Elements inside each other; deeper ones are left out, and their text stays."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the body, half-open, and what the page calls it."""

    start: int
    end: int
    name: str


@dataclass(frozen=True, slots=True)
class Marked:
    text: str
    names: tuple[str, ...]
    """Of the marks that cover it."""


@dataclass(frozen=True, slots=True)
class Element:
    name: str
    """One of `NAMES`."""
    children: tuple[Node, ...] = ()
    target: str = ""
    """Of `a`: an absolute http or https address. Of `image`: what the article names, if shown."""


Node: TypeAlias = str | Marked | Element


def rendered(
    body: str, marks: Sequence[Mark] = (), *, shows: Callable[[str], bool] = lambda _: False
) -> tuple[Node, ...]:
    """Return the body as a tree.

    Args:
        body: Markdown, as `Article.body`.
        marks: Places to mark, in offsets of `body`; they may overlap.
        shows: Says of the target of an image whether it can be shown; by default none is.
    """
    return _Builder(body, marks, shows).nodes()


@dataclass(slots=True)
class _Open:
    name: str
    """Empty: its children become those of the element around it."""
    children: list[Node] = field(default_factory=list)
    target: str = ""


_LEAVES: Final[dict[str, Node]] = {
    "SoftBreak": " ",
    "HardBreak": Element("br"),
    "Rule": Element("hr"),
}


class _Builder:
    def __init__(self, body: str, marks: Sequence[Mark], shows: Callable[[str], bool]) -> None:
        self._body = body
        self._shows = shows
        text = templating.with_admonitions_as_items(without_controls(body))
        places = list(code(text))
        self._code = iter([(it.start, it.end) for it in places if it.is_block])
        self._next_code = next(self._code, None)
        self._text, _ = templating.without_templating(text, places)
        self._marks = _Marks(marks)
        self._open = [_Open("")]
        self._deep = 0
        """How many elements are open that are too deep to be kept."""

    def nodes(self) -> tuple[Node, ...]:
        for kind, value, details, start, end in commonmark.events(self._text):
            if kind == "Start":
                self._start(value, details, start)
            elif kind == "End":
                self._end()
            elif kind in ("Text", "Code"):
                self._add_text(start, end, value, code=kind == "Code")
            elif kind in _LEAVES:
                self._add(_LEAVES[kind])
        while len(self._open) > 1:
            self._end()
        self._add_code(len(self._body))
        return tuple(_without_blank(self._open[0].children))

    def _start(self, name: str, details: Any, start: int) -> None:
        if len(self._open) >= _DEEPEST:
            self._deep += 1
            return
        if len(self._open) == 1:
            self._add_code(start)
        target = ""
        if name == "Heading":
            tag = _HEADINGS.get(str(_level(details)), "h6")
        elif name == "List":
            tag = "ul" if details is None else "ol"
        elif name == "CodeBlock":
            tag = "p" if details == "Indented" else "pre"
        elif name == "Image":
            tag, target = "image", self._image(details)
        elif name == "Link" and (target := _web_address(details)):
            tag = "a"
        else:
            tag = _ELEMENTS.get(name, "")
        self._open.append(_Open(tag, target=target))

    def _image(self, details: Any) -> str:
        target = _destination(details)
        return target if target and self._shows(target) else ""

    def _end(self) -> None:
        if self._deep:
            self._deep -= 1
            return
        done = self._open.pop()
        if not done.name:
            self._open[-1].children += done.children
        elif done.children or (done.name == "image" and done.target):
            self._add(Element(done.name, tuple(done.children), done.target))

    def _add(self, node: Node) -> None:
        self._open[-1].children.append(node)

    def _add_text(self, start: int, end: int, value: str, *, code: bool) -> None:
        text = self._text[start:end]
        if code:
            self._add(Element("code", (_clean(text.strip("`")).strip(),)))
            return
        if text != value and text.startswith("&"):
            self._add(visible(value))
            return
        for first, last, names in self._marks.cut(start, end):
            piece = _clean(self._text[first:last])
            if piece:
                self._add(Marked(piece, names) if names else piece)

    def _add_code(self, before: int) -> None:
        """Show blocks of code, which the parser does not see, as they are written."""
        while self._next_code is not None and self._next_code[0] < before:
            start, end = self._next_code
            text = _without_fence(self._body[start:end])
            if text.strip():
                self._add(Element("pre", (visible(text),)))
            self._next_code = next(self._code, None)


class _Marks:
    """Cuts text where marks begin and end."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks = sorted(
            (mark for mark in marks if mark.start < mark.end), key=lambda mark: mark.start
        )

    def cut(self, start: int, end: int) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        near = [mark for mark in self._marks if mark.start < end and mark.end > start]
        edges = {start, end, *(edge for m in near for edge in (m.start, m.end))}
        inside = sorted(edge for edge in edges if start <= edge <= end)
        for first, last in pairwise(inside):
            names = dict.fromkeys(m.name for m in near if m.start <= first and m.end >= last)
            yield first, last, tuple(names)


def _level(details: Any) -> Any:
    return details.get("level", "") if isinstance(details, dict) else details


def _destination(details: Any) -> str:
    target = details.get("dest_url", "") if isinstance(details, dict) else ""
    return visible(target).strip()


def _web_address(details: Any) -> str:
    """Return where a link leads if that is a page of the web; else nothing."""
    target = _destination(details)
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    return target if parts.scheme in ("http", "https") and parts.netloc else ""


def _clean(text: str) -> str:
    return unshielded(text.translate(_FILLER))


def _without_fence(text: str) -> str:
    lines = text.split("\n")
    if lines[0].lstrip(" >").startswith(("```", "~~~")):
        last = len(lines) - 1 if lines[-1].strip(" >").startswith(("```", "~~~")) else len(lines)
        lines = lines[1:last]
    return "\n".join(lines)


def _without_blank(nodes: Iterable[Node]) -> Iterator[Node]:
    """Leave out text between blocks that is nothing but white space."""
    return (node for node in nodes if not isinstance(node, str) or node.strip())
