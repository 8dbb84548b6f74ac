"""Where the front matter of a file is, what it says, and where the body starts: exact offsets."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from classifier.content.front_matter import yaml_values

Format = Literal["yaml", "toml", "json", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
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

# What `parse` does not read, though other programs do or a person meant it.
_COMMENTS = re.compile(
    r"""(?:(?>
        <!--.*?--> | \{/\*.*?\*/\} | \{\#.*?\#\} | <%(?:\#|--).*?%>
      | \{%-?[ ]*comment[ ]*-?%\}.*?\{%-?[ ]*endcomment[ ]*-?%\}
    )\s*)+""",
    re.DOTALL | re.VERBOSE,
)
_STRANGE_START = re.compile(
    r"(?:[\ufeff\u200b\u2060\x00-\x08\x0e-\x1f]|#!.*+\n|%(?:YAML|TAG)\b.*+\n|[^\S\n]*+\n)+"
)
"""A mark that nobody sees, the line that names an interpreter, and directives of YAML."""
_OTHER_OPEN = re.compile(
    r"[^\S\n]*+(?:-{3,}|\+{3,}|;{3,})[^\S\n]*+(?:yaml|toml|json)?[^\S\n]*+(?:\#.*+)?(?:\n|\Z)"
)
_FENCED_KEY = re.compile(
    rf"""{_OTHER_OPEN.pattern}(?>(?:[ \t]*+(?:\#[^\n]*+)?\r?\n)*)[ \t]*+
    (?:\{{|["']?[^\W\d][\w\ .-]*+["']?[ \t]*+[:=])""",
    re.VERBOSE,
)
_METADATA = re.compile(
    r"""(?:
        title:[ \t]
      | (?:date|author|tags|category|description|slug|summary):[ \t][^\n]*+\n[A-Za-z_][\w-]*+:[ \t]
      | (?>(?:<!--\s*)?)\.\.[ ](?:title|slug|date|tags):        # Nikola
      | \#\+(?:title|filetags|tags|date|author|options):     # Org mode
      | %[ \t][^\n]*+\n(?>(?:[ \t][^\n]*+\n)*)%(?:[ \t]|\r?\n)   # Pandoc
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_OLD_BREAK = re.compile(r"\r+\n?")
_HEAD = 2000


_Load = Callable[[str], Mapping[Any, Any] | None]


def parse(text: str, *, as_text: bool = False) -> FrontMatter:
    """Read YAML (`---`), TOML (`+++`) or JSON (`{`) front matter, or none.

    Args:
        text: The whole file, decoded; a byte order mark and blank lines may come first.
        as_text: Keep each scalar of YAML as the text that is written, as definitions need it.

    Raises:
        FrontMatterError: A block that is clearly meant as front matter is broken.
    """
    start = _end(_PREAMBLE.match(text))
    load = partial(yaml_values.load, as_text=as_text)
    found = (
        _yaml(text, start, load)
        or _toml(text, start)
        or _json(text, start)
        or _bare_yaml(text, start, load)
    )
    if found:
        return found
    bom = int(text.startswith("\ufeff"))
    return FrontMatter(meta={}, format="none", body=text[bom:], body_start=bom)


def unread(text: str) -> str | None:
    """Tell what keeps `parse` from reading front matter that seems to be there.

    Returns:
        A predicate of "the front matter"; None where nothing looks like one.
    """
    start = _end(_PREAMBLE.match(text))
    if "\r" in text[:_HEAD].replace("\r\n", ""):
        text = _OLD_BREAK.sub("\n", text)
        return "has line ends of CR alone: save it with LF" if _there(text, start) else None
    if _METADATA.match(text, start):
        return "has no --- line above and below it"
    return _fence_problem(text, start) or _place_problem(text, start)


def _fence_problem(text: str, start: int) -> str | None:
    for opens, closes in ((_YAML_OPEN, _YAML_CLOSE), (_TOML_OPEN, _TOML_CLOSE)):
        if opening := opens.match(text, start):
            if closes.search(text, opening.end()):
                return "is not a list of `key: value` lines"
            return "is opened but never closed" if _FENCED_KEY.match(text, start) else None
    if opening := _OTHER_OPEN.match(text, start):
        return f"opens with {opening[0].rstrip()!r}: write --- above and below it"
    return None


def _place_problem(text: str, start: int) -> str | None:
    if (behind := _end(_COMMENTS.match(text, start))) and _there(text, behind):
        return "is behind a comment: put it first"
    if (behind := _end(_STRANGE_START.match(text, start))) and _there(text, behind):
        return "is not the first thing in the file: put it first"
    return None


def _there(text: str, at: int) -> bool:
    return bool(_FENCED_KEY.match(text, at) or _JSON_OPEN.match(text, at))


def _yaml(text: str, start: int, load: _Load) -> FrontMatter | None:
    opening = _YAML_OPEN.match(text, start)
    closing = opening and _YAML_CLOSE.search(text, opening.end())
    if not opening or not closing:
        return None  # a thematic break
    block = text[opening.end() : closing.start()]
    try:
        meta = load(block)
    except ValueError as error:
        if _KEY_LINE.match(_first_line(block)):
            raise _trouble("YAML", error, text, opening.end()) from None
        return None  # prose between two thematic breaks
    if meta is None and not _blank(block):
        return None
    span = opening.end(), closing.start()
    return _document(text, meta or {}, "yaml", span, closing.end())


def _toml(text: str, start: int) -> FrontMatter | None:
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


def _json(text: str, start: int) -> FrontMatter | None:
    if not _JSON_OPEN.match(text, start):
        return None
    try:
        meta, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError) as error:
        raise _trouble("JSON", error, text, start) from None
    rest = _LINE_REST.match(text, end)
    return _document(text, meta, "json", (start, end), rest.end() if rest else end)


def _bare_yaml(text: str, start: int, load: _Load) -> FrontMatter | None:
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
        meta = load(block)
    except ValueError:
        return None
    if meta is None:
        return None
    return _document(text, meta, "yaml", (start, closing.start()), closing.end())


def _document(
    text: str, meta: Mapping[Any, Any], kind: Format, block: tuple[int, int], end: int
) -> FrontMatter:
    named = {str(key): value for key, value in meta.items()}
    return FrontMatter(meta=named, format=kind, body=text[end:], body_start=end, block=block)


def _end(match: re.Match[str] | None) -> int:
    return match.end() if match else 0


def _first_line(block: str) -> str:
    lines = (line for line in block.split("\n") if not _blank(line))
    return next(lines, "")


def _blank(block: str) -> bool:
    """Nothing, or nothing but comments."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in block.split("\n"))


_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def _trouble(kind: str, error: Exception, text: str, start: int) -> FrontMatterError:
    problem, line = _problem(error)
    where = ""
    if line is not None:
        where = f" at line {text.count(chr(10), 0, start) + line + 1}"
    if problem.startswith("mapping values are not allowed"):
        problem += " (a value with a colon and a space in it needs quotes)"
    return FrontMatterError(f"the {kind} front matter is broken{where}: {problem}")


def _problem(error: Exception) -> tuple[str, int | None]:
    """Return what is wrong, in one line, and the line of the block (from 0) where that is known."""
    if isinstance(error, RecursionError):
        return "nested too deeply", None
    if isinstance(error, yaml_values.YamlError):
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
