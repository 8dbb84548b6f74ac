"""TOML front matter. tomlkit says where a value stands; its characters are edited here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import tomlkit
from tomlkit.container import OutOfOrderTableProxy
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable, AoT, Array, InlineTable, String

from classifier.content.front_matter import brackets
from classifier.content.front_matter.model import (
    EditError,
    Entry,
    Item,
    Listing,
    Patch,
    Scalar,
    line_break,
    line_end,
    line_start,
    without_lines,
)
from classifier.sanitize import one_line

_MARK: Final = "put-here-by-the-editor"
_TOKEN: Final = re.compile(
    r'''
      """(?:[^\\]|\\.)*?"""(?:"{1,2}(?!"))?
    | \'\'\'.*?\'\'\'(?:'{1,2}(?!'))?
    | "(?:[^"\\\n]|\\.)*"
    | '[^'\n]*'
    | \#[^\n]*
    | [\[\]{}]
    | [^\s,\[\]{}\#"']+
    ''',
    re.VERBOSE | re.DOTALL,
)
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")


class Toml:
    """Raises EditError for the little that tomllib reads and tomlkit does not."""

    def __init__(self, block: str, newline: str) -> None:
        self._block = block
        self._newline = newline
        try:
            self._document = tomlkit.parse(block)
        except TOMLKitError as error:
            problem = one_line(str(error))
            raise EditError(f"its TOML cannot be parsed: {problem}") from None

    @property
    def keys(self) -> list[str]:
        return list(self._document)

    def field(self, key: str) -> Listing | Scalar | None:
        value = _at(self._document, self._path(key))
        if value is None:
            return None
        if isinstance(value, AbstractTable | AoT | OutOfOrderTableProxy):
            raise EditError(f"the value of {key!r} is not a list of labels but a table")
        start, end = self._place(key)
        if isinstance(value, Array):
            items = tuple(self._items(key, start, end, value))
            return Listing(items=items, start=start, end=end)
        raw = self._block[start:end]
        return Scalar(text=str(value) if isinstance(value, str) else raw, start=start, end=end)

    def inner_keys(self) -> list[str]:
        return [".".join(path) for path in _paths(self._document) if len(path) > 1]

    def _path(self, key: str) -> tuple[str, ...]:
        if key in self._document or "." not in key:
            return (key,)
        return next((path for path in _paths(self._document) if ".".join(path) == key), (key,))

    def quoted(self, label: str, beside: Sequence[str] = (), *, alone: bool = False) -> str:  # noqa: ARG002 - YAML's
        if beside and beside[-1].startswith("'") and "'" not in label:
            return f"'{label}'"
        return json.dumps(label, ensure_ascii=False)

    def relist(self, listing: Listing, entries: Sequence[Entry]) -> list[Patch]:
        return brackets.relisted(self._block, listing, entries, self._style)

    def fill(self, field: Listing | Scalar, labels: Sequence[str]) -> list[Patch]:
        return [Patch(field.start, field.end, self._written(labels))]

    def add(self, new: Mapping[str, Sequence[str] | str]) -> list[Patch]:
        at = self._end_of_values()
        newline = line_break(self._block, at, otherwise=self._newline)
        lines = (
            f"{key if _BARE.fullmatch(key) else self.quoted(key)} = "
            f"{value if isinstance(value, str) else self._written(value)}{newline}"
            for key, value in new.items()
        )
        return [Patch(at, at, "".join(lines))]

    def _end_of_values(self) -> int:
        """Return where a key of no table goes: behind the others, and before all tables."""
        items = list(self._document.items())
        if not any(map(_is_table, self._document.values())):
            return len(self._block.rstrip()) and line_end(self._block, len(self._block.rstrip()))
        named = (name for name, item in reversed(items) if not _is_table(item))
        last = next(named, None)
        return 0 if last is None else line_end(self._block, self._place(last)[1])

    def add_inner(self, outer: str, inner: str, written: str) -> list[Patch]:
        text = f"{inner if _BARE.fullmatch(inner) else self.quoted(inner)} = {written}"
        table = self._document.get(outer)
        if table is None:
            return self.add({outer: f"{{ {text} }}"})
        if not isinstance(table, AbstractTable) or not table:
            raise EditError(f"the value of {outer!r} holds no keys, so none can be added")
        if isinstance(table, InlineTable):
            end = self._place(f"{outer}.{list(table)[-1]}")[1]
            return [Patch(end, end, f", {text}")]
        at = line_start(self._block, self._place(f"{outer}.{next(iter(table))}")[0])
        newline = line_break(self._block, at, otherwise=self._newline)
        return [Patch(at, at, f"{text}{newline}")]

    def drop(self, key: str) -> list[Patch]:
        start, end = self._place(key)
        block = self._block
        return without_lines(block, line_start(block, start), line_end(block, end))

    def _place(self, key: str) -> tuple[int, int]:
        """Return where a value stands: where another one would, in what tomlkit writes."""
        document = tomlkit.parse(self._block)
        *parents, last = self._path(key)
        _at(document, parents)[last] = _MARK
        before, _, after = document.as_string().partition(f'"{_MARK}"')
        start, end = len(before), len(self._block) - len(after)
        if start > end or before + self._block[start:end] + after != self._block:
            raise EditError(f"the value of {key!r} cannot be separated from the rest")
        return start, end

    def _items(self, key: str, start: int, end: int, value: Array) -> Iterator[Item]:
        tokens = [
            token
            for token in _TOKEN.finditer(self._block, start + 1, end - 1)
            if not token[0].startswith("#")
        ]
        if len(tokens) != len(value) or any(token[0] in "[]{}" for token in tokens):
            raise EditError(f"a label of {key!r} is neither a text nor a number")
        for token, one in zip(tokens, value, strict=True):
            label = str(one) if isinstance(one, String) else token[0]
            yield Item(label, *token.span())

    def _written(self, labels: Sequence[str]) -> str:
        raws = [self._block[i.start : i.end] for other in self._others for i in other.items]
        return self._style.written([self.quoted(label, raws) for label in labels])

    @property
    def _style(self) -> brackets.BracketStyle:
        return brackets.BracketStyle.among(self._block, self._others)

    @cached_property
    def _others(self) -> tuple[Listing, ...]:
        """The lists of this file that can be taken after."""
        return tuple(filter(None, map(self._model, self._document)))

    def _model(self, key: str) -> Listing | None:
        try:
            found = self.field(key)
        except EditError:
            return None
        return found if isinstance(found, Listing) and found.items else None


def _is_table(item: object) -> bool:
    """Whether a value has, or may have, a line of its own with its name in brackets."""
    return isinstance(item, AbstractTable | AoT | OutOfOrderTableProxy) and not isinstance(
        item, InlineTable
    )


def _paths(table: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Yield the keys that lead to every value."""
    for key, value in table.items():
        yield (*above, key)
        if isinstance(value, AbstractTable | OutOfOrderTableProxy):
            yield from _paths(value, (*above, key))


def _at(table: Any, path: Iterable[str]) -> Any:
    for key in path:
        table = table.get(key)
    return table
