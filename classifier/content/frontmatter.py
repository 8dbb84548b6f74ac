"""Split a content file into its front matter and its body, with exact offsets.

python-frontmatter is not used for articles: it strips the text and the body, so offsets are lost,
takes TOML for body where no handler is registered, and gives up on byte order marks, files without
an opening line and JSON followed by text.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import yaml

if TYPE_CHECKING:
    from yaml import SafeLoader as _Base
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Format = Literal["yaml", "toml", "json", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    meta: Mapping[str, Any]
    """Empty when there is no front matter. Of duplicate keys, the last one wins."""
    format: Format
    body: str
    """Verbatim: `text[body_start:]`."""
    body_start: int
    """Characters before the body in the decoded text, a byte order mark included."""
    block: tuple[int, int] | None = None
    """Offsets of the front matter in the decoded text, half-open: what is between the fences, or a
    JSON object with its braces. None where there is no front matter."""


class FrontMatterError(ValueError):
    """The block is there but cannot be read. One line, without the file's name."""


_PREAMBLE = re.compile(r"\ufeff?(?>(?:[ \t]*+\r?\n)*)")
_YAML_OPEN = re.compile(r"---[ \t]*+\r?(?:\n|\Z)")
_YAML_CLOSE = re.compile(r"^(?:---|\.\.\.)[ \t]*+\r?(?:\n|\Z)", re.MULTILINE)
_TOML_OPEN = re.compile(r"\+\+\+[ \t]*+\r?(?:\n|\Z)")
_TOML_CLOSE = re.compile(rf"^{_TOML_OPEN.pattern}", re.MULTILINE)
_JSON_OPEN = re.compile(r'\{\s*+(?:\}|"(?>(?:[^"\\\n]|\\.)*)"\s*+:)')
_LINE_REST = re.compile(r"[ \t]*+\r?(?:\n|\Z)")

_KEY_LINE = re.compile(r"""["']?[^\W\d][\w .-]*+["']?[ \t]*+:(?:\s|\Z)""")
_BARE_KEY = re.compile(r"[A-Za-z_][\w-]*+:(?:[ \t\r]|\Z)")
_BARE_MORE = re.compile(r"[ \t]|#|-[ \t]|\r?\Z")


def parse(text: str) -> Document:
    """Read YAML (`---`), TOML (`+++`) or JSON (`{`) front matter, or none.

    Raises FrontMatterError for a block that is clearly meant as front matter and is broken.
    """
    start = _end(_PREAMBLE.match(text))
    for reader in (_yaml, _toml, _json, _bare_yaml):
        document = reader(text, start)
        if document is not None:
            return document
    bom = int(text.startswith("\ufeff"))
    return Document(meta={}, format="none", body=text[bom:], body_start=bom)


def _yaml(text: str, start: int) -> Document | None:
    opening = _YAML_OPEN.match(text, start)
    closing = opening and _YAML_CLOSE.search(text, opening.end())
    if not opening or not closing:
        return None  # a thematic break
    block = text[opening.end() : closing.start()]
    try:
        meta = _load_yaml(block)
    except ValueError as error:
        if _KEY_LINE.match(_first_line(block)):
            raise _trouble("YAML", error, text, opening.end()) from None
        return None  # prose between two thematic breaks
    if meta is None and not _blank(block):
        return None
    span = opening.end(), closing.start()
    return _document(text, meta or {}, "yaml", span, closing.end())


def _toml(text: str, start: int) -> Document | None:
    opening = _TOML_OPEN.match(text, start)
    if not opening:
        return None
    closing = _TOML_CLOSE.search(text, opening.end())
    if not closing:
        return None
    try:
        meta = tomllib.loads(text[opening.end() : closing.start()].replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        raise _trouble("TOML", error, text, opening.end()) from None
    return _document(text, meta, "toml", (opening.end(), closing.start()), closing.end())


def _json(text: str, start: int) -> Document | None:
    if not _JSON_OPEN.match(text, start):
        return None
    try:
        meta, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise _trouble("JSON", error, text, start) from None
    rest = _LINE_REST.match(text, end)
    return _document(text, meta, "json", (start, end), rest.end() if rest else end)


def _bare_yaml(text: str, start: int) -> Document | None:
    """Statiq's way: YAML from the first line on, ended by a `---` line."""
    if not _BARE_KEY.match(text, start):
        return None
    closing = _YAML_CLOSE.search(text, start)
    if not closing:
        return None
    block = text[start : closing.start()]
    lines = block.split("\n")
    if not all(_BARE_KEY.match(line) or _BARE_MORE.match(line) for line in lines):
        return None  # a paragraph over a thematic break
    try:
        meta = _load_yaml(block)
    except ValueError:
        return None
    if meta is None:
        return None
    return _document(text, meta, "yaml", (start, closing.start()), closing.end())


def _document(
    text: str, meta: Mapping[Any, Any], kind: Format, block: tuple[int, int], end: int
) -> Document:
    named = {str(key): value for key, value in meta.items()}
    return Document(meta=named, format=kind, body=text[end:], body_start=end, block=block)


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _first_line(block: str) -> str:
    lines = (line for line in block.split("\n") if not _blank(line))
    return next(lines, "")


def _blank(block: str) -> bool:
    """Nothing, or nothing but comments."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in block.split("\n"))


# --- YAML from strangers -------------------------------------------------------------------------


class _Loader(_Base):
    """A safe loader that reads what it does not know as plain values.

    An unknown tag (`!include`, `!!python/object`) is ignored and its value kept, a number or date
    that does not exist (`2021-02-30`) stays text, and `<<` is a key like any other: merging is
    what lets a few lines of aliases grow to gigabytes, while plain aliases are shared, not copied.
    """

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Merge nothing."""


def _plain(loader: _Loader, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


def _or_text(construct: Callable[[Any, Any], object]) -> Callable[[_Loader, yaml.Node], object]:
    def attempt(loader: _Loader, node: yaml.Node) -> object:
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
    _Loader.add_constructor(_name, _or_text(_Loader.yaml_constructors[_name]))
_Loader.add_constructor(None, _plain)


class _YamlError(ValueError):
    def __init__(self, problem: str, line: int | None) -> None:
        super().__init__(problem)
        self.line = line


_SHALLOW = 2000
"""Characters in which nothing dangerous can be nested; nearly all front matter is shorter."""
_DEEPEST = 100


def check_depth(block: str) -> None:
    """Raise ValueError for deep nesting, before a C loader recurses into it and crashes."""
    if len(block) <= _SHALLOW:
        return
    depth = 0
    for event in yaml.parse(block, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            mark = event.start_mark
            raise _YamlError("nested too deeply", mark.line if mark else None)


def _load_yaml(block: str) -> Mapping[Any, Any] | None:
    """Return the mapping, None where the block is anything else; ValueError where it is broken."""
    try:
        check_depth(block)
        loaded = yaml.load(block, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "cannot be read"
        raise _YamlError(problem, mark.line if mark else None) from None
    except yaml.YAMLError as error:
        raise _YamlError(str(error).split("\n")[0], None) from None
    except RecursionError:
        raise _YamlError("nested too deeply", None) from None
    return loaded if isinstance(loaded, dict) else None


_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def _trouble(kind: str, error: Exception, text: str, start: int) -> FrontMatterError:
    problem, line = _problem(error)
    where = ""
    if line is not None:
        where = f" at line {text.count(chr(10), 0, start) + line + 1}"
    return FrontMatterError(f"the {kind} front matter is broken{where}: {problem}")


def _problem(error: Exception) -> tuple[str, int | None]:
    """Return what is wrong, in one line, and the line of the block (from 0) where that is known."""
    if isinstance(error, RecursionError):
        return "nested too deeply", None
    if isinstance(error, _YamlError):
        return str(error), error.line
    if isinstance(error, json.JSONDecodeError):
        # The decoder was given the whole text: its line counts from the top of the file.
        return error.msg, error.lineno - 1 - error.doc.count("\n", 0, _json_start(error.doc))
    problem = str(error)
    place = _TOML_PLACE.search(problem)
    if not place:
        return problem, None
    return problem[: place.start()], int(place[1]) - 1 if place[1] else None


def _json_start(text: str) -> int:
    return _end(_PREAMBLE.match(text))
