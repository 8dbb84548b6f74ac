"""YAML front matter, edited where its nodes say they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

import yaml

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
    line_margin,
    line_start,
    without_lines,
)

if TYPE_CHECKING:
    from yaml import SafeLoader as _Loader
else:
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_STRING: Final = "tag:yaml.org,2002:str"
_NULL: Final = "tag:yaml.org,2002:null"
_KEPT_BLANKS: Final = re.compile(r"[|>]\d?\+")
# What other readers of YAML take for a number or a boolean, though PyYAML does not.
_NO_TEXT: Final = re.compile(r"\d[\d_,.:+-]*(?:e[+-]?\d+)?|0[box][\da-f_]+|[yn]", re.IGNORECASE)
# Breaks of lines in YAML 1.1 alone: what follows is a key to some readers, and text to others.
_DISPUTED_BREAKS: Final = ("\x85", "\u2028", "\u2029")
_PLAIN_START: Final = re.compile(r"[^\W_]|\.[^\W\d_]")
_ESCAPES: Final = str.maketrans({'"': r"\"", "\\": r"\\"})


class Yaml:
    """Reads the block once; raises EditError where it holds anything but keys and their values."""

    def __init__(self, block: str, newline: str) -> None:
        self._block = block
        self._newline = newline
        root = yaml.compose(block, Loader=_Loader)
        if root is not None and not isinstance(root, yaml.MappingNode):
            raise EditError("its front matter is not a list of keys")
        self._root = root
        self._pairs: list[tuple[yaml.Node, yaml.Node]] = root.value if root else []
        for key, _ in self._pairs:
            before = block[: key.start_mark.index].rstrip(" \t")
            if before.endswith(_DISPUTED_BREAKS):
                raise EditError(
                    f"the key {key.value!r} follows a U+{ord(before[-1]):04X}, which ends a line "
                    "for some readers of YAML only"
                )

    @property
    def keys(self) -> list[str]:
        return [key.value for key, _ in self._pairs if isinstance(key, yaml.ScalarNode)]

    def field(self, key: str) -> Listing | Scalar | None:
        found = self._pair(key)
        return self._value(*found) if found else None

    def inner_keys(self) -> list[str]:
        return [name for name, *_ in self._inner]

    def _pair(self, key: str) -> tuple[yaml.Node, yaml.Node] | None:
        found = next((pair for pair in self._pairs if pair[0].value == key), None)
        if found is None and "." in key:
            found = next(((k, v) for name, k, v in self._inner if name == key), None)
        return found

    @cached_property
    def _inner(self) -> list[tuple[str, yaml.Node, yaml.Node]]:
        return [it for key, value in self._pairs for it in _within(str(key.value), key, value)]

    def quoted(self, label: str, beside: Sequence[str] = (), *, alone: bool = False) -> str:
        marks = [raw[0] for raw in beside if raw[:1] in ('"', "'")]
        plain = len(marks) < len(beside) or not beside
        if plain and _reads_back_plain(label if alone else f"[{label}]", label):
            return label
        if marks and marks[-1] == "'":
            return "'" + label.replace("'", "''") + "'"
        return '"' + label.translate(_ESCAPES) + '"'

    def relist(self, listing: Listing, entries: Sequence[Entry]) -> list[Patch]:
        if listing.block:
            return self._relisted(listing, entries)
        return brackets.relisted(self._block, listing, entries, self._bracket_style)

    def fill(self, field: Listing | Scalar, labels: Sequence[str]) -> list[Patch]:
        indented = line_margin(self._block, field.start) > len(self._margin)
        if not self._takes_lines or indented or (field.start < field.end and not self._others):
            gap = "" if field.start < field.end else " "
            return [Patch(field.start, field.end, gap + self._in_brackets(labels))]
        start = len(self._block[: field.start].rstrip(" \t"))
        at = line_end(self._block, field.end)
        return [Patch(start, field.end, ""), Patch(at, at, self._on_lines(labels))]

    def add(self, new: Mapping[str, Sequence[str] | str]) -> list[Patch]:
        if self._root is not None and self._root.flow_style:
            raise EditError("its front matter is in braces, so no key can be added")
        if any(k.value == "<<" for k, _ in self._pairs):
            names = ", ".join(map(repr, new))
            raise EditError(f"{names} may come from elsewhere: it merges keys with '<<'")
        at = len(self._block)
        if not _KEPT_BLANKS.search(self._block):  # which would be part of a text
            written = self._block.rstrip()
            at = line_end(self._block, len(written)) if written else at
        newline = line_break(self._block, at, otherwise=self._newline)
        return [Patch(at, at, "".join(self._added(*item, newline) for item in new.items()))]

    def add_inner(self, outer: str, inner: str, written: str) -> list[Patch]:
        pair = self._pair(outer)
        line = f"{self.quoted(inner)}: {written}"
        if pair is None:
            newline = self._newline
            return self.add({outer: f"{newline}{self._margin}  {line}"})
        key, value = pair
        start, end = _span(value)
        if not isinstance(value, yaml.MappingNode) or start < key.end_mark.index:
            raise EditError(f"the value of {outer!r} holds no keys, so none can be added")
        if not value.value:
            return [Patch(start + 1, end - 1, line)]
        if value.flow_style:
            at = value.value[-1][1].end_mark.index
            return [Patch(at, at, f", {line}")]
        at = line_start(self._block, value.value[0][0].start_mark.index)
        margin = " " * value.value[0][0].start_mark.column
        newline = line_break(self._block, at, otherwise=self._newline)
        return [Patch(at, at, f"{margin}{line}{newline}")]

    def _added(self, key: str, value: Sequence[str] | str, newline: str) -> str:
        start = f"{self._margin}{self.quoted(key)}:"
        if isinstance(value, str):
            gap = "" if value[:1] in "\r\n" else " "
            return f"{start}{gap}{value}{newline}"
        if self._takes_lines:
            return f"{start}{newline}{self._on_lines(value)}"
        return f"{start} {self._in_brackets(value)}{newline}"

    def drop(self, key: str) -> list[Patch]:
        """Remove the lines of a key; what stands above it stays."""
        pair = self._pair(key)
        if pair is None:
            return []
        start = line_start(self._block, pair[0].start_mark.index)
        field = self._value(*pair)
        last = field.items[-1] if isinstance(field, Listing) and field.block else field
        return without_lines(self._block, start, line_end(self._block, last.end))

    @property
    def _margin(self) -> str:
        """What stands before every key."""
        return " " * (self._pairs[0][0].start_mark.column if self._pairs else 0)

    # --- what is there ---------------------------------------------------------------------------

    def _value(self, key: yaml.Node, value: yaml.Node) -> Listing | Scalar:
        start, end = _span(value)
        if start < key.end_mark.index:
            raise EditError(f"the value of {key.value!r} is an alias of another value")
        if self._block.startswith(("&", "!"), start) and start < end:
            raise EditError(f"the value of {key.value!r} has an anchor or a tag")
        if isinstance(value, yaml.SequenceNode):
            items = tuple(self._items(key, value))
            head = self._block.index(":", key.end_mark.index) + 1
            return Listing(items=items, start=start, end=end, block=not value.flow_style, head=head)
        if not isinstance(value, yaml.ScalarNode):
            raise EditError(f"the value of {key.value!r} is not a list of labels but a mapping")
        if value.style in ("|", ">"):
            raise EditError(f"the value of {key.value!r} is a block of text")
        return Scalar(text="" if value.tag == _NULL else value.value, start=start, end=end)

    def _items(self, key: yaml.Node, value: yaml.SequenceNode) -> Iterator[Item]:
        at = value.start_mark.index
        for node in value.value:
            start, end = _span(node)
            if start < at:
                raise EditError(f"a label of {key.value!r} is an alias of another value")
            if not isinstance(node, yaml.ScalarNode):
                raise EditError(f"a label of {key.value!r} is itself a list or a mapping")
            if node.style in ("|", ">"):
                raise EditError(f"a label of {key.value!r} is a block of text")
            yield Item(node.value, start, end)
            at = end

    # --- block lists -----------------------------------------------------------------------------

    def _relisted(self, listing: Listing, entries: Sequence[Entry]) -> list[Patch]:
        lines = [self._lines(listing, item) for item in listing.items]
        stay = set(entries)
        patches = [Patch(*span, "") for number, span in enumerate(lines) if number not in stay]
        if not entries:
            return [Patch(listing.head, listing.head, " []"), *patches]
        bullet = self._bullet(*lines[-1], listing.items[-1])
        newline = line_break(self._block, lines[-1][1], otherwise=self._newline)
        at = lines[0][0]
        for entry in entries:
            if isinstance(entry, int):
                at = lines[entry][1]
            else:
                patches.append(Patch(at, at, f"{bullet}{entry}{newline}"))
        return patches

    def _lines(self, listing: Listing, item: Item) -> tuple[int, int]:
        """Return where the lines of an item start and end."""
        column = listing.start - line_start(self._block, listing.start)
        start = line_start(self._block, item.start)
        while start > listing.head:
            before_dash, found, _ = self._block[start : start + column + 1].partition("-")
            if found and before_dash == " " * column:
                return start, line_end(self._block, item.end)
            start = line_start(self._block, start - 1)  # its text begins below its dash
        raise EditError("its list begins on the line of its key")

    def _bullet(self, start: int, end: int, item: Item) -> str:
        """Return what stands before the text of an item."""
        before = self._block[start : min(item.start, end)]
        dash = before.index("-") + 1
        gap = before[dash:]
        return before[:dash] + (gap if gap and not gap.strip(" ") else " ")

    # --- lists to be -----------------------------------------------------------------------------

    @property
    def _takes_lines(self) -> bool:
        return not self._others or self._others[0].block

    def _on_lines(self, labels: Sequence[str]) -> str:
        bullet = f"{self._margin}  - "
        if self._others:
            last = self._others[0].items[-1]
            bullet = self._bullet(*self._lines(self._others[0], last), last)
        texts = [self.quoted(label, self._neighbours, alone=True) for label in labels]
        return "".join(f"{bullet}{text}{self._newline}" for text in texts)

    def _in_brackets(self, labels: Sequence[str]) -> str:
        texts = [self.quoted(label, self._neighbours) for label in labels]
        return self._bracket_style.written(texts)

    @property
    def _bracket_style(self) -> brackets.BracketStyle:
        return brackets.BracketStyle.among(self._block, self._others)

    @property
    def _neighbours(self) -> list[str]:
        return [self._block[i.start : i.end] for other in self._others for i in other.items]

    @cached_property
    def _others(self) -> tuple[Listing, ...]:
        """The lists of labels in this file, in order, that can be taken after."""
        return tuple(filter(None, (self._model(*pair) for pair in self._pairs)))

    def _model(self, key: yaml.Node, value: yaml.Node) -> Listing | None:
        try:
            found = self._value(key, value)
            if not isinstance(found, Listing) or not found.items:
                return None
            if found.block:
                self._lines(found, found.items[-1])
        except EditError:
            return None
        return found


def _within(
    name: str, key: yaml.Node, value: yaml.Node
) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
    """Yield the keys within the value of another one, by their dotted names."""
    if not isinstance(value, yaml.MappingNode) or value.start_mark.index < key.end_mark.index:
        return  # no mapping, or an alias of one
    for inner, its in value.value:
        if isinstance(inner, yaml.ScalarNode):
            yield f"{name}.{inner.value}", inner, its
            yield from _within(f"{name}.{inner.value}", inner, its)


def _span(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.index, node.end_mark.index


def _reads_back_plain(written: str, label: str) -> bool:
    """Tell whether a text means itself without quotes, in what is written."""
    if not _PLAIN_START.match(label) or _NO_TEXT.fullmatch(label):
        return False
    try:
        nodes = [yaml.compose(f"- {written}", Loader=_Loader)]
    except yaml.YAMLError:
        return False
    while len(nodes) == 1 and isinstance(nodes[0], yaml.SequenceNode):
        nodes = nodes[0].value
    return [(node.tag, node.value) for node in nodes if node] == [(_STRING, label)]
