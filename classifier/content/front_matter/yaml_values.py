"""YAML from strangers, read as plain values: no objects, no merging, no deep nesting."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from yaml import BaseLoader as _Base
    from yaml import SafeLoader as _Safe
else:
    _Safe = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

if not TYPE_CHECKING:
    _Base = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_NULLS = {"null", "Null", "NULL", "~"}


class NullText(str):
    """A word for null as it is written, without quotes."""

    __slots__ = ()


class TextLoader(_Base):
    """Makes texts, lists and mappings of anything."""

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        null = not node.style and node.value in _NULLS
        return NullText(node.value) if null else node.value

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                key.style = key.style or "'"  # a key is the word that it is
        return super().construct_mapping(node, deep)


class Loader(_Safe):
    """A safe loader that reads what it does not know as plain values.

    An unknown tag (`!include`, `!!python/object`) is ignored and its value kept, a number or date
    that does not exist (`2021-02-30`) stays text, and `<<` is a key like any other: merging is
    what lets a few lines of aliases grow to gigabytes, while plain aliases are shared, not copied.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge nothing."""


def _plain(loader: Loader, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


def _or_text(construct: Callable[[Any, Any], object]) -> Callable[[Loader, yaml.Node], object]:
    def attempt(loader: Loader, node: yaml.Node) -> object:
        try:
            return construct(loader, node)
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            yaml.YAMLError,
        ):
            return _plain(loader, node)

    return attempt


for _tag in ("int", "float", "bool", "timestamp", "binary"):
    _name = f"tag:yaml.org,2002:{_tag}"
    Loader.add_constructor(_name, _or_text(Loader.yaml_constructors[_name]))
Loader.add_constructor(None, _plain)


class YamlError(ValueError):
    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.line = line


_SHALLOW = 2000
"""Characters in which nothing dangerous can be nested; nearly all front matter is shorter."""
_DEEPEST = 100
_LARGE = 100_000
"""Characters."""
_LEAD = re.compile(r"^[ \t?:-]*+", re.MULTILINE)


def check_depth(block: str) -> None:
    """Raise ValueError for deep nesting, before a C loader recurses into it and crashes."""
    if len(block) <= _SHALLOW or _is_surely_shallow(block):
        return
    depth = 0
    for event in yaml.parse(block, Loader=Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            mark = event.start_mark
            raise YamlError("nested too deeply", mark.line if mark else None)


def _is_surely_shallow(block: str) -> bool:
    """Whether there are too few signs to nest with; much faster than to count levels."""
    if "&" in block or "!" in block:
        return False
    # Each of these opens a level, and its first key may open another.
    opened = block.count("[") + block.count("{")
    return opened + 2 * max(map(len, _LEAD.findall(block))) + 2 <= _DEEPEST


@contextmanager
def _without_collecting(block: str) -> Iterator[None]:
    """Look for no garbage among the nodes of a large block: it takes longer than to read it."""
    if len(block) < _LARGE or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def load(block: str, *, as_text: bool = False) -> Mapping[Any, Any] | None:
    """Return the mapping; None where the block is anything else.

    Args:
        block: YAML without its fences.
        as_text: Keep every scalar as the text that its author wrote (a title `No` or `1.10`).

    Raises:
        YamlError: The block is broken.
    """
    try:
        check_depth(block)
        with _without_collecting(block):
            loaded = yaml.load(block, Loader=TextLoader if as_text else Loader)  # noqa: S506 - both safe
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be read"
        raise YamlError(problem, mark.line if mark else None) from None
    except yaml.YAMLError as error:
        raise YamlError(str(error).split("\n")[0], None) from None
    except RecursionError:
        raise YamlError("nested too deeply", None) from None
    return loaded if isinstance(loaded, dict) else None
