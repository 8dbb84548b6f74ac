"""Where a body is plain text: nothing but words of a paragraph, in which a link may be put."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

from classifier.content import commonmark, nesting
from classifier.content.prose import Prose, without_controls

Span: TypeAlias = tuple[int, int]
"""Offsets, half-open."""

_NOT_PLAIN: Final = frozenset(
    {"Heading", "Link", "Image", "CodeBlock", "HtmlBlock", "MetadataBlock", "Table"}
    | {"DefinitionListTitle"}
)
_MARKUP: Final = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        r"\[[^\[\]]*+\]",  # also what is no link: a link inside could make it one
        r"\{[^{}]*+\}",
        r"<[^<>]*+>",
        r"\$\$[^$]*+\$\$",
        r"\$(?=\S)[^$\n]*+(?<=\S)\$(?![0-9])",
        r"\\\((?s:.){0,2000}?\\\)|\\\[(?s:.){0,2000}?\\\]",
        r"^[ \t>]*+(?:!!!|\?\?\?|===|:::|\[!)[^\n]*+",
    )
)
_SHORTCODE: Final = re.compile(
    r"\{\{[<%]-?\s*+(?P<closes>/?)\s*+(?P<name>[\w./-]++)[^{}]*+(?<=[>%])(?<!/.)\}\}"
    r"|\{%-?\s*+(?P<ends>end)?(?P<block>\w++)[^{}]*+(?<=%)\}"
)
_GAP: Final = re.compile(r"[ \t\r]*+\n?[ \t\r]*+")


def plain_spans(body: str, prose: Prose) -> list[Span]:
    """Return the runs of plain text in a body, in order; a run may go over a line break.

    Left out is all that is no text for reading, and: headings, links, images, code, tables, HTML
    elements, what shortcodes and template blocks enclose, brackets and braces, formulas, titles of
    admonitions.
    """
    text = without_controls(body)
    shown = _without(list(_paragraphs(text)), _marked(text))
    return _joined(_both(shown, list(prose.runs())), body)


def _paragraphs(text: str) -> Iterator[Span]:
    inside = 0
    for kind, name, _, start, end in commonmark.events(text):
        if kind == "Start":
            inside += name in _NOT_PLAIN
        elif kind == "End":
            inside -= name in _NOT_PLAIN
        elif kind == "Text" and not inside:
            yield start, end


def _marked(text: str) -> list[Span]:
    """Return what is markup, or inside an element or a shortcode."""
    found = [match.span() for pattern in _MARKUP for match in pattern.finditer(text)]
    elements = nesting.ends(nesting.tags(text), len(text)).closed
    return sorted([*found, *elements.items(), *_enclosed(text)])


def _enclosed(text: str) -> Iterator[Span]:
    opened: dict[str, list[int]] = defaultdict(list)
    for tag in _SHORTCODE.finditer(text):
        name = tag["name"] or tag["block"]
        if not (tag["closes"] or tag["ends"]):
            opened[name].append(tag.start())
        elif opened[name]:
            yield opened[name].pop(), tag.end()


def _without(spans: Sequence[Span], holes: Iterable[Span]) -> Iterator[Span]:
    """Yield what is left of spans in order, without holes sorted by where they begin."""
    rest = iter(holes)
    hole = next(rest, None)
    reach = 0
    """Where the holes so far end."""
    for start, end in spans:
        at = max(start, reach)
        while hole is not None and hole[0] < end:
            if hole[0] > at:
                yield at, hole[0]
            reach = max(reach, hole[1])
            at = max(at, reach)
            hole = next(rest, None)
        if at < end:
            yield at, end


def _both(ones: Iterable[Span], others: Sequence[Span]) -> Iterator[Span]:
    """Yield what two lists of spans in order have in common."""
    i = 0
    for start, end in ones:
        while i < len(others) and others[i][1] <= start:
            i += 1
        j = i
        while j < len(others) and others[j][0] < end:
            yield max(start, others[j][0]), min(end, others[j][1])
            j += 1


def _joined(spans: Iterable[Span], body: str) -> list[Span]:
    """Join spans with nothing but white space between, and no blank line."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and _GAP.fullmatch(body, joined[-1][1], start):
            joined[-1] = joined[-1][0], end
        else:
            joined.append((start, end))
    return joined
