"""Whether a reader sees what is in an element, by its tag and the style sheets of the article."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from classifier.content.style_sheets import StyleSheet, declarations

Colour = tuple[int, ...]
"""Red, green and blue, 0-255; empty where it is nothing that can be compared."""

WHITE: Final[Colour] = (255, 255, 255)
"""What a page is taken for."""

UNSEEN_ELEMENTS: Final = frozenset(
    {"noscript", "noembed", "noframes", "iframe", "object", "canvas", "audio", "video"}
    | {"datalist", "dialog", "title"}
)
"""What is in them is shown where a browser cannot do what they are for, or later. In lower case:
components of JSX have such names in upper case."""

_ATTRIBUTE = re.compile(
    r"""
    (?P<name>[^\s"'=<>/{}]++)
    (?>(?:\s*+=\s*+(?:
        "(?P<double>[^"]*+)"
      | '(?P<single>[^']*+)'
      | \{(?P<braces>[^{}]*+(?>(?:\{[^{}]*+\}[^{}]*+)*))\}
      | (?P<bare>[^\s"'=<>`{}]++)
    ))?)
    """,
    re.VERBOSE,
)
_NAME = re.compile(r"</?([A-Za-z][\w.:-]*+)")
_CAMEL = re.compile(r"(?<=[a-z])([A-Z])")
_LENGTH = re.compile(
    r"(-?(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9}))\s*(px|pt|r?em|ex|ch|vw|vh|cm|mm|in|%)?"
)
_PER_UNIT: Final[Mapping[str, float]] = {
    **{"": 1, "px": 1, "pt": 1.3, "cm": 38, "mm": 4, "in": 96},
    **{"%": 8, "vw": 10, "vh": 8},
}
"""Pixels, roughly; other units are heights of letters, 16."""

_LEAST_LETTER: Final = 2.5
_FAR_AWAY: Final = -400
"""Pixels."""
_LEAST_OPACITY: Final = 0.1
_SAME_COLOUR: Final = 24
"""How far apart two colours may be, in the channel that differs most, and still be one."""


class Look(NamedTuple):
    """How an element looks, as far as its tag says."""

    hidden: bool
    colour: Colour | None = None
    """Of its letters; None where it has that of what is around it."""
    background: Colour | None = None


def look(tag: str, sheet: StyleSheet | None = None) -> Look:
    """Read an opening tag of HTML or JSX, with the rules of the article's style sheets."""
    name = _NAME.match(tag)
    attributes = dict(_attributes(tag[name.end() if name else 1 :]))
    style = _style(attributes, name[1].lower() if name else "", sheet)
    background = (
        style.get("background-color") or style.get("background") or attributes.get("bgcolor")
    )
    colour = style.get("color") or attributes.get("color")
    unseen = name is not None and name[1] in UNSEEN_ELEMENTS and "open" not in attributes
    letters = None if colour is None else _colour(colour)
    return Look(
        unseen or letters == TRANSPARENT or _is_marked(attributes) or _is_styled(style),
        colour=letters,
        background=None if background is None else _colour(background),
    )


def same(colour: Colour, background: Colour) -> bool:
    """Tell whether letters of one colour cannot be read on the other."""
    return bool(colour and background) and (
        max(abs(a - b) for a, b in zip(colour, background, strict=True)) <= _SAME_COLOUR
    )


def _attributes(text: str) -> Iterable[tuple[str, str]]:
    for found in _ATTRIBUTE.finditer(text):
        braces = found["braces"]
        quoted = found["double"] or found["single"] or found["bare"] or ""
        yield found["name"].lower(), html.unescape(quoted) if braces is None else f"{{{braces}}}"


def _is_marked(attributes: Mapping[str, str]) -> bool:
    hidden = attributes.get("hidden")
    if hidden is not None and hidden.strip("{ }").lower() not in ("false", "until-found"):
        return not hidden.startswith("{") or hidden.strip("{ }") == "true"
    return attributes.get("aria-hidden", "").strip("{ }'\"").lower() == "true"


def _style(attributes: Mapping[str, str], name: str, sheet: StyleSheet | None) -> Mapping[str, str]:
    """Return values by property, in lower case with hyphens, also of JSX's object."""
    text, separator = attributes.get("style", ""), ";"
    if text.startswith("{"):
        separator, text = ",", _CAMEL.sub(r"-\1", text.strip("{} \n"))
    own = declarations(text, separator=separator)
    if not sheet:
        return {**own.ordinary, **own.important}
    classes = attributes.get("class") or attributes.get("classname") or ""
    id_, names = attributes.get("id", "").strip(), frozenset(classes.strip("{}'\"`").split())
    said = sheet.of(name, id_=id_, classes=names)
    return {**said.ordinary, **own.ordinary, **said.important, **own.important}


def _is_styled(style: Mapping[str, str]) -> bool:
    get = style.get
    clipped = get("overflow", "").startswith(("hidden", "clip"))
    sizes = ("width", "height", "max-width", "max-height")
    return (
        get("display") == "none"
        or get("visibility") in ("hidden", "collapse")
        or get("content-visibility") == "hidden"
        or get("mso-hide") == "all"
        or _below(get("opacity"), _LEAST_OPACITY, percent=0.01)
        or any(
            _below(value, _LEAST_OPACITY, percent=0.01)
            for value in _OPACITY.findall(get("filter", ""))
        )
        or _below(get("zoom"), 0.1)
        or _below(get("font-size"), _LEAST_LETTER, percent=0.16)
        or _below(_font_size(get("font", "")), _LEAST_LETTER, percent=0.16)
        or (clipped and any(_below(get(name), 2) for name in sizes))
        or any(_below(get(name), _FAR_AWAY) for name in _OFFSETS)
        or any(number < _FAR_AWAY for number in _numbers(get("transform", ""), after="translate"))
        or any(abs(number) < 0.05 for number in _numbers(get("transform", ""), after="scale"))
        or bool(_CLIPPED.match(get("clip", "")) or _CLIPPED.match(get("clip-path", "")))
    )


_OPACITY = re.compile(r"opacity\(\s*([\d.]{1,9}%?)\s*\)")
_OFFSETS: Final = (
    *("left", "right", "top", "bottom", "inset-inline-start", "inset-block-start"),
    *("text-indent", "margin-left", "margin-top", "margin-right", "margin-inline-start"),
)
_CLIPPED = re.compile(
    r"rect\(\s*[01](?:px)?(?:\s*,\s*|\s+)[01](?:px)?(?:\s*,\s*|\s+)[01](?:px)?(?:\s*,\s*|\s+)[01]"
    r"|inset\(\s*(?:[5-9]\d|100)%|(?:circle|ellipse)\(\s*0"
)


def _below(value: str | None, limit: float, *, percent: float | None = None) -> bool:
    """Tell whether a length is below a limit; `percent`: what a hundredth of it is."""
    match = _LENGTH.fullmatch(value or "")
    return match is not None and _pixels(match, percent) < limit


def _pixels(match: re.Match[str], percent: float | None = None) -> float:
    unit = match[2] or ""
    return float(match[1]) * (percent if unit == "%" and percent else _PER_UNIT.get(unit, 16))


def _font_size(shorthand: str) -> str | None:
    """Return the size in `font: italic 0/1 serif`."""
    sizes = (word.partition("/")[0] for word in shorthand.split())
    return next((size for size in sizes if _LENGTH.fullmatch(size)), None)


def _numbers(functions: str, *, after: str) -> Iterable[float]:
    for arguments in re.findall(rf"{after}[a-z0-9]*\(([^()]*)\)", functions):
        for argument in arguments.split(","):
            if match := _LENGTH.fullmatch(argument.strip()):
                yield _pixels(match)


# --- colours -------------------------------------------------------------------------------------

_NAMED: Final[Mapping[str, Colour]] = {
    "white": WHITE,
    "black": (0, 0, 0),
    "snow": (255, 250, 250),
    "ivory": (255, 255, 240),
    "ghostwhite": (248, 248, 255),
    "whitesmoke": (245, 245, 245),
    "floralwhite": (255, 250, 240),
    "mintcream": (245, 255, 250),
    "azure": (240, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
}
_HEX = re.compile(r"#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})\b")
_FUNCTION = re.compile(r"(rgb|hsl)a?\(([^()]{1,60})\)")

TRANSPARENT: Final[Colour] = (-1, -1, -1)


def _colour(value: str) -> Colour:
    value = value.strip().lower()
    if value in ("transparent", "{transparent}"):
        return TRANSPARENT
    if match := _HEX.match(value):
        digits = match[1] if len(match[1]) > 4 else "".join(digit * 2 for digit in match[1])
        channels = tuple(int(digits[n : n + 2], 16) for n in range(0, len(digits), 2))
        return TRANSPARENT if len(channels) == 4 and channels[3] < 26 else channels[:3]
    if match := _FUNCTION.match(value):
        return _of_function(match[1], re.split(r"[\s,/]+", match[2].strip()))
    return _NAMED.get(value.split(" ")[0] if value else "", ())


def _of_function(name: str, arguments: list[str]) -> Colour:
    numbers = [_LENGTH.fullmatch(argument.removesuffix("deg")) for argument in arguments]
    if len(numbers) not in (3, 4) or not all(numbers):
        return ()
    values = [(float(number[1]), number[2] == "%") for number in numbers if number]
    if len(values) == 4 and values[3][0] * (0.01 if values[3][1] else 1) < _LEAST_OPACITY:
        return TRANSPARENT
    if name == "hsl":
        lightness = values[2][0]
        return WHITE if lightness >= 97 else (0, 0, 0) if lightness <= 3 else ()
    return tuple(round(value * (2.55 if percent else 1)) for value, percent in values[:3])
