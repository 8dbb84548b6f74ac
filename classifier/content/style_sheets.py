"""What the style sheets inside an article say of an element: selectors of one element alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Final, NamedTuple

_ELEMENT: Final = re.compile(r"<style\b[^<>]*+>([^<]*+(?>(?:<(?!/style\b)[^<]*+)*))", re.IGNORECASE)
_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|([^\n]))")
_IMPORTANT: Final = re.compile(r"\s*!\s*important$")
_PIECE: Final = re.compile(r"([^{};]*+)([{};])")
_SELECTOR: Final = re.compile(r"(|\*|[a-z][\w-]*+)(?>((?:[.#][\w-]++)*))", re.IGNORECASE)
_ON_SCREENS: Final = re.compile(
    r"@media\s*+(?:(?:only\s++)?(?:screen|all))?\s*+|@(?:layer|supports)\b.*", re.I | re.DOTALL
)
_NOT_KEPT: Final = frozenset({"color", "background", "background-color"})
"""What is behind an element is often said elsewhere, for all of the page."""
_MOVED: Final = frozenset({"opacity", "visibility", "transform", "left", "top", "right", "bottom"})
"""Where something moves, they are how it begins."""
_MOST_RULES: Final = 1_000
_LONGEST: Final = 200_000
"""Characters of all sheets of an article."""


class Style(NamedTuple):
    """Values by property, both in small letters."""

    ordinary: dict[str, str]
    important: dict[str, str]


class _Rule(NamedTuple):
    precedence: tuple[int, int, int, int]
    """How many ids, classes and names its selector has, and its place."""
    name: str
    """Empty for any element."""
    ids: frozenset[str]
    classes: frozenset[str]
    style: Style


class StyleSheet:
    """The rules of an article. False without any."""

    def __init__(self, text: str) -> None:
        """Read the `<style>` elements of a text, in which code is blank."""
        self._rules: defaultdict[str, list[_Rule]] = defaultdict(list)
        """By one of the things that their selector asks for."""
        sheets = "\n".join(found[1] for found in _ELEMENT.finditer(text))[:_LONGEST]
        for rule in islice(_rules(_COMMENT.sub(" ", sheets)), _MOST_RULES):
            asked = [f"#{each}" for each in rule.ids] + [f".{each}" for each in rule.classes]
            self._rules[min(asked, default=rule.name)].append(rule)

    def __bool__(self) -> bool:
        return bool(self._rules)

    def of(self, name: str, *, id_: str, classes: frozenset[str]) -> Style:
        """Return what is said of an element: more specific rules win, then later ones."""
        asked = ("", name, f"#{id_}", *(f".{each}" for each in classes))
        found = [
            rule
            for key in asked
            for rule in self._rules.get(key, ())
            if rule.name in ("", name) and rule.classes <= classes and rule.ids <= {id_}
        ]
        style = Style({}, {})
        for rule in sorted(found, key=lambda rule: rule.precedence):
            style.ordinary.update(rule.style.ordinary)
            style.important.update(rule.style.important)
        return style


def declarations(text: str, *, separator: str = ";") -> Style:
    """Read what is in the braces of a rule, or in a `style` attribute."""
    text = _ESCAPE.sub(_unescaped, _COMMENT.sub("", text))
    style = Style({}, {})
    for declaration in text.split(separator):
        name, colon, value = declaration.partition(":")
        if colon:
            value = value.strip(" \t\r\n'\"`").lower()
            plain = _IMPORTANT.sub("", value)
            said = style.ordinary if plain == value else style.important
            said[name.strip(" \t\r\n'\"").lower()] = plain
    return style


def _unescaped(match: re.Match[str]) -> str:
    return chr(min(int(match[1], 16), 0xFFFF)) if match[1] else match[2]


def _rules(sheet: str) -> Iterator[_Rule]:
    """Yield the rules that hold on every screen; no rules inside of others."""
    around: list[str] = []
    """What stands before each brace that is open."""
    said: list[str] = []
    for piece in _PIECE.finditer(sheet):
        text, sign = piece[1].strip(), piece[2]
        if sign == "{":
            around.append(text)
            said = []
            continue
        said.append(text)
        if sign == "}" and around:
            selectors = around.pop()
            if all(_ON_SCREENS.fullmatch(each) for each in around):
                style = _kept(declarations(";".join(said)))
                for selector in selectors.split(","):
                    yield from _rule(selector.strip(), style, piece.start())
            said = []


def _kept(style: Style) -> Style:
    """Leave out what does not tell whether an element is seen."""
    both = {**style.ordinary, **style.important}
    moves = any(
        name.startswith(("animation", "transition")) and value != "none"
        for name, value in both.items()
    )
    dropped = _NOT_KEPT | _MOVED if moves else _NOT_KEPT
    return Style(*({n: v for n, v in said.items() if n not in dropped} for said in style))


def _rule(selector: str, style: Style, place: int) -> Iterator[_Rule]:
    match = _SELECTOR.fullmatch(selector)
    if not match or not selector:
        return
    name = match[1].lower().strip("*")
    parts = re.findall(r"[.#][\w-]+", match[2])
    ids = frozenset(part[1:] for part in parts if part[0] == "#")
    classes = frozenset(part[1:] for part in parts if part[0] == ".")
    precedence = (len(ids), len(classes), bool(name), place)
    yield _Rule(precedence, name, ids, classes, style)
