"""Finds the answers in what a model wrote: JSON, and whatever surrounds it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, Final

Items = list[Any]
"""The answers of one JSON value, one for each category; nothing in them is checked."""

_LISTS: Final = ("judgements", "judgments", "touched")
"""Full answers come first, in either spelling."""
OUT: Final = "out"
"""The last list, and the field of an item that stands for a number or a range of them in it."""
_NAMED: Final = r"[a-z_]{2,24}[\s:=]{1,2}\d{1,2}"
_SCORES: Final = re.compile(
    rf"(?<![\w.,-])(?:\d{{1,2}}(?:[\s,/;|]{{1,3}}\d{{1,2}})*|{_NAMED}(?:[\s,/;|]{{1,3}}{_NAMED})+)"
    r"[\s)\].]{0,3}\Z"
)
"""Scores at the end of a line about what is touched, which some models name."""
_LONGEST_SCORES: Final = 100
"""Characters."""
_AROUND: Final = " \t\r\n:([|\u2013\u2014-"
_DEPTH: Final = 4
"""How deep in a JSON value its answers may be."""
_WORK: Final = 50
"""Characters read in vain for each character of the text: bounds what a hostile one costs."""

_DECODER: Final = json.JSONDecoder(strict=False)  # small models break lines inside of strings

_THOUGHT: Final = (
    r"[\w.:-]{0,24}(?:think|thought|reason|reflect|ponder|deliberat|scratch_?pad|monolog)"
    r"[\w.:-]{0,24}"
)
_TAG: Final = rf"(?:{_THOUGHT}|(?:seed:)?(?:analysis|draft|plan|cot))"
# What a model writes before its answer, in tags or channels. `closed` is the end of such a part.
_MARK: Final = re.compile(
    rf"""
      (?P<closed> <\s?/\s?{_TAG}\s?> | \[/{_THOUGHT}\] | ◁/think▷ | <unused95>
        | <\|(?:/|end_(?:of_)?){_THOUGHT}\|> | <\|inner_suffix\|> | <\|content\|> | <channel\|>
        | <\|channel\|>\s*(?:final|commentary\s+to=)(?:[^<]|<\|constrain\|>){{0,80}}<\|message\|>
        # What is left of a channel where its special tokens were taken out, and Granite's words.
        | \bassistant\s?final(?=\s*(?:json)?\s*[`{{\[]) | ^Here\ is\ my\ response: )
    | (?P<opened> <\s?{_TAG}(?:\s[^<>]{{0,80}})?> | \[{_THOUGHT}\] | ◁think▷ | <unused94>
        | <\|(?:start_|begin_(?:of_)?)?{_THOUGHT}\|> | <\|inner_prefix\|>
        | <\|channel\|?>\s*(?:analysis|commentary|thought)\b )
    | (?P<stop> </(?P<end_tag>[a-z][\w:.-]{{0,40}})> | \[/(?P<end_block>[a-z_]{{3,30}})\]
        | <\|(?:/|end_(?:of_)?)(?P<end_token>[a-z]\w{{2,30}})\|> )
    | (?P<start> <(?P<tag>[a-z][\w:.-]{{0,40}})(?:\s[^<>]{{0,80}})?> | \[(?P<block>[a-z_]{{3,30}})\]
        | <\|(?:start_|begin_(?:of_)?)?(?P<token>[a-z]\w{{2,30}})\|> )
    | (?P<value> [\[{{] )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)

_ANSWERS: Final = frozenset(
    {"answer", "final_answer", "final", "response", "result", "output", "json", "judgements"}
    | {"tool_call", "function_call", "function", "code"}
)
"""Elements that what is meant may be in."""


def decoded(value: object) -> list[Items]:
    """Return the answers in JSON that is decoded already, in its order."""
    return list(_groups(value, _DEPTH))


def find(text: str) -> list[Items]:
    """Return the answers in `text`, in its order: none of those inside of the model's thinking.

    Text that is JSON as a whole is read as it is: a tag in it belongs to a quote.
    """
    try:
        return decoded(_DECODER.decode(text.strip("\ufeff \t\r\n")))
    except (ValueError, RecursionError):
        return list(_scan(text))


def ends_with_json(text: str) -> bool:
    """Whether nothing follows the last JSON value: then it is no draft."""
    return text.rstrip("`~ \t\r\n")[-1:] in ("}", "]")


def _scan(text: str) -> Iterator[Items]:
    answers = _Answers()
    place, work = 0, _WORK * len(text)
    while mark := _MARK.search(text, place):
        place = mark.end()
        answers.pass_by(mark)
        # A list may look like a mark in brackets.
        if answers.thinking or work <= 0 or not (mark["value"] or mark["block"]):
            continue
        place = mark.start() + 1
        try:
            value, place = _DECODER.raw_decode(text, mark.start())
            answers.add(_groups(value, _DEPTH))
        except json.JSONDecodeError as error:
            # An error counts lines from the start of the text. That of a string without an
            # end names where it starts, and has read everything.
            work -= len(text) if "Unterminated" in error.msg else error.pos
        except (ValueError, RecursionError):
            work -= len(text)
    return answers.best()


class _Answers:
    """Answers outside of all elements, and those inside of some: drafts, if there are others."""

    def __init__(self) -> None:
        self.thinking = False
        self._found: list[Items] = []
        self._kept: list[int] = []
        """Places in the list of all; the others are drafts."""
        self._open: dict[str, int] = {}
        """How many were found before an element, by its name."""

    def add(self, found: Iterable[Items]) -> None:
        for items in found:
            self._kept.append(len(self._found))
            self._found.append(items)

    def pass_by(self, mark: re.Match[str]) -> None:
        """Take notice of what starts or ends at a mark."""
        if mark["closed"]:
            if not self.thinking:  # its start was left out: all that came before was thinking
                self._found.clear()
            self._kept.clear()
            self._open.clear()
            self.thinking = False
        elif mark["opened"]:
            self.thinking = True
        elif self.thinking or mark["value"]:
            pass
        elif name := mark["tag"] or mark["block"] or mark["token"]:
            self._open[name.casefold()] = len(self._found)
        else:
            self._leave((mark["end_tag"] or mark["end_block"] or mark["end_token"]).casefold())

    def _leave(self, name: str) -> None:
        first = self._open.pop(name, len(self._found))
        while name not in _ANSWERS and self._kept and self._kept[-1] >= first:
            self._kept.pop()

    def best(self) -> Iterator[Items]:
        return iter([self._found[place] for place in self._kept] or self._found)


def _groups(value: object, depth: int) -> Iterator[Items]:
    items = _items(value)
    if items is not None:
        yield items
    elif depth:
        for part in _parts(value):
            yield from _groups(part, depth - 1)


def _items(value: object) -> Items | None:
    """Return the answers if this value has them, and not something in it."""
    if isinstance(value, list):
        return value if any(_is_item(item) for item in value) else None
    if not isinstance(value, dict):
        return None
    named = {folded(name): inner for name, inner in value.items()}
    lists = [named[name] for name in _LISTS if isinstance(named.get(name), list)]
    lists = [[_line(it) if isinstance(it, str) else it for it in found] for found in lists]
    out = named.get(OUT)
    if isinstance(out, list):
        lists.append([_out(item, named.get("about")) for item in out])
    if lists:
        return list(chain.from_iterable(lists))
    return [value] if _is_item(value) else None


def _line(text: str) -> object:
    """Return the answer in a line such as `4: what is missing: 2 3 1`, or the line as it is."""
    scores = _SCORES.search(text[-_LONGEST_SCORES:])
    if scores is None:
        return text
    name, *why = re.split(r"\s*[:|]", text[: -len(scores[0])].strip(_AROUND), maxsplit=1)
    numbers = [int(number) for number in re.findall(r"\d+", scores[0])]
    return {"id": name, "why": " ".join(why).strip(_AROUND), "scores": numbers}


def _out(item: object, about: object) -> object:
    """Return an item as it is, or a bare number, range or name with what the article is about."""
    if isinstance(item, dict) and set(item) == {"id"}:
        item = item["id"]
    plain = isinstance(item, str | int) and not isinstance(item, bool)
    return {OUT: item, "about": about} if plain else item


def _parts(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return value.values()
    if isinstance(value, list):
        return value
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return (_DECODER.decode(value),)  # JSON in JSON
        except (ValueError, RecursionError):
            return ()
    return ()


def _is_item(value: object) -> bool:
    return isinstance(value, dict) and len(value) > 1 and "id" in map(folded, value)


def folded(name: object) -> str:
    """Return the name of a field as it was asked for: models capitalise some."""
    return str(name).strip().casefold()
