"""One file of category definitions: Markdown with front matter, or a `tags.yml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from classifier import language, small_files
from classifier.content.front_matter import reading, yaml_values
from classifier.content.front_matter.reading import FrontMatterError
from classifier.errors import TaxonomyError
from classifier.models import Category, Instructions
from classifier.taxonomy.instructions import parse_instructions, plain

_LIST = re.compile(r"(?:\s*(?:#[^\n]*)?\n)*(?:---[ \t]*\n)?(?=(?:\s*(?:#[^\n]*)?\n)*-[ \t])")
_KEYS = ("slug", "key", "id", "tag", "name", "title")
_DEFINING = ("instructions", "include", "exclude")
_SCOPE_LIMIT = 1000
"""Characters of the body that stand in for a missing description."""
_PARAGRAPH = re.compile(r"\n[ \t]*\n")
_NOT_PROSE = re.compile(r"\s*(?:#|```|~~~|\{\{|<|\||!\[|={3}|-{3}|import\s|export\s)")


@dataclass(frozen=True, slots=True)
class Definition:
    """A file as read. Keys are in lower case."""

    path: Path
    meta: Mapping[str, Any]
    body: str

    @property
    def kind(self) -> str:
        """`ClassificationType`, where the file says it."""
        return _name(self.meta.get("classificationtype"))

    @property
    def is_page(self) -> bool:
        """Nothing in it says that it is meant to define a category."""
        return not (self.kind or any(self.meta.get(key) for key in _DEFINING))


def read(path: Path) -> Definition:
    """Read a file.

    Every scalar of YAML stays the text its author wrote (a title `No` or `1.10`), no tag makes an
    object, and a key that nobody reads cannot break a file with a date that does not exist.

    Raises:
        TaxonomyError: It cannot be read, or has front matter in a form that is not read.
    """
    text = _text_of(path)
    try:
        front_matter = reading.parse(text, as_text=True)
    except FrontMatterError as error:
        raise TaxonomyError(f"{str(path)!r}: {_line(str(error))[:200]}") from None
    if front_matter.block is None and (problem := reading.unread(text)):
        raise TaxonomyError(f"{str(path)!r}: the front matter {problem}")
    meta = {key.strip().lower(): value for key, value in front_matter.meta.items()}
    return Definition(path, meta, front_matter.body.strip())


def category(definition: Definition, *, kind: str, slug: str) -> tuple[Category, list[str]]:
    """Return the category and what is odd about its file."""
    meta, odd = definition.meta, _Odd(definition.path)
    title = odd.text(meta, "title") or _readable(slug)
    if not re.search(r"\w", title):
        msg = f"{str(definition.path)!r}: no title, and none can be made from the file's name"
        raise TaxonomyError(msg)
    description = _description(meta, odd)
    return (
        Category(
            id=f"{kind}/{slug}",
            kind=kind,
            title=_line(title),
            description=description,
            instructions=_instructions(definition, description, odd),
            aliases=_aliases(meta, odd),
            related=_unique(
                name for key in ("concepts", "categories", "tags") for name in odd.names(meta, key)
            ),
            parents=odd.names(meta, "parent"),
            exact_matches=odd.names(meta, "exact_match"),
            source=str(definition.path),
        ),
        odd.lines,
    )


def read_tags(path: Path) -> dict[str, Mapping[str, Any]]:
    """Read a Docusaurus `tags.yml`, or a data file of Jekyll: by key, what is said of the tag.

    Entries of a list have their key as `slug`, `key`, `id`, `tag`, `name` or `title`.
    """
    try:
        text = _text_of(path)
        data = yaml_values.load(text, as_text=True)
        if data is None and (listed := _listed(text)):
            return listed
    except yaml_values.YamlError as error:
        where = "" if error.line is None else f" at line {error.line + 1}"
        raise TaxonomyError(f"{str(path)!r}: cannot be read as YAML{where}: {error}") from None
    if data is None:
        raise TaxonomyError(f"{str(path)!r}: expected `key: {{label, description}}` entries")
    node = yaml.compose(text, Loader=yaml_values.TextLoader)
    keys = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    if twice := sorted({str(key) for key in keys if keys.count(key) > 1}):
        raise TaxonomyError(f"{str(path)!r}: the tag {twice[0]!r} is defined twice")
    return {str(key): _tag(value) for key, value in data.items()}


def _listed(text: str) -> dict[str, Mapping[str, Any]]:
    """Read a list of mappings; empty where the text is something else."""
    start = _LIST.match(text)
    if start is None:
        return {}
    data = yaml_values.load(f"tags:\n{text[start.end() :]}", as_text=True)
    found: dict[str, Mapping[str, Any]] = {}
    for entry in (data or {}).get("tags") or ():
        if not isinstance(entry, dict):
            continue
        meta = dict(_tag(entry))
        names = [_text(meta[key]) for key in _KEYS if isinstance(meta.get(key), str)]
        if name := next(filter(None, names), ""):
            meta["title"] = meta.get("title") or _text(meta.get("name")) or name
            found.setdefault(name, meta)
    return found


def _tag(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        return {"title": value}
    meta = {str(k).strip().lower(): v for k, v in value.items()}
    meta["title"] = _unquoted(meta.get("label", meta.get("title", "")))
    meta["description"] = _unquoted(meta.get("description", ""))
    return meta


# --- values ---------------------------------------------------------------------------------------


class _Odd:
    """Takes values out of front matter and keeps a line for each that is not what it should be."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: list[str] = []

    def text(self, meta: Mapping[str, Any], key: str) -> str:
        value = meta.get(key)
        if isinstance(value, list | dict):
            self.say(key, "text")
            return ""
        return _text(value)

    def names(self, meta: Mapping[str, Any], key: str) -> tuple[str, ...]:
        value = meta.get(key)
        items = value if isinstance(value, list) else [value]
        if any(isinstance(item, list | dict) for item in items):
            self.say(key, "a list of texts")
        names = (_line(_text(i)) for i in items if not isinstance(i, list | dict))
        return _unique(name for name in names if name)

    def say(self, key: str, expected: str) -> None:
        self.lines.append(f"{str(self.path)!r}: {key!r} is not {expected}; ignored")


def _aliases(meta: Mapping[str, Any], odd: _Odd) -> tuple[str, ...]:
    """Return `aliases`, and the names in other languages (`title.fr`, `aliases.de`)."""
    found = list(odd.names(meta, "aliases"))
    for key in meta:
        stem, dot, tag = key.partition(".")
        if not dot or stem not in ("title", "aliases"):
            continue
        if language.code_of(tag):
            found += odd.names(meta, key)
        else:
            odd.say(key, "for a language, such as `title.fr`")
    return _unique(name for name in found if not name.startswith("/"))


def _description(meta: Mapping[str, Any], odd: _Odd) -> str:
    for key in ("description", "abstract"):
        if text := odd.text(meta, key):
            return text
    return "\n\n".join(text for key in ("deck", "summary") if (text := odd.text(meta, key)))


def _instructions(definition: Definition, description: str, odd: _Odd) -> Instructions:
    meta = definition.meta
    text = odd.text(meta, "instructions")
    parsed = parse_instructions(text) if text else Instructions()
    include, exclude = odd.names(meta, "include"), odd.names(meta, "exclude")
    return replace(
        parsed,
        scope=parsed.scope if text else description or _opening(definition.body),
        topics=_unique((*include, *parsed.topics)),
        exclusions=_unique((*exclude, *parsed.exclusions)),
    )


def _opening(body: str) -> str:
    """Return the first paragraphs of prose."""
    taken: list[str] = []
    length = 0
    for paragraph in _PARAGRAPH.split(body):
        if _NOT_PROSE.match(paragraph):
            continue
        text = plain(paragraph)
        if taken and length + len(text) > _SCOPE_LIMIT:
            break
        taken.append(text)
        length += len(text)
    return "\n\n".join(taken)


def _text(value: object) -> str:
    """Return a scalar as text; null, written or left out, is empty."""
    # JSON can hold half a character, which could not be printed.
    null = value is None or isinstance(value, yaml_values.NullText)
    return "" if null else str(value).encode("utf-8", "replace").decode().strip()


def _line(text: str) -> str:
    shown = "".join(" " if unicodedata.category(char) == "Cc" else char for char in text)
    return " ".join(shown.split())


def _name(value: object) -> str:
    return "" if isinstance(value, list | dict) else kind_name(_text(value))


def kind_name(text: str) -> str:
    """Return a kind as it stands in ids and rules: one line, lower case, no slash."""
    return _line(text).replace("/", "-").lower()


def _readable(slug: str) -> str:
    words = slug.rpartition("/")[2].replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _unquoted(value: object) -> object:
    """Drop quote characters left around a text by a folded block that needed none."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    paired = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return text[1:-1] if paired else text


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


# --- files ----------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    try:
        return small_files.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = f"{str(path)!r}: not UTF-8; save it with that encoding"
        raise TaxonomyError(msg) from None
    except OSError as error:
        msg = f"{str(path)!r}: cannot be read: {error.strerror or type(error).__name__}"
        raise TaxonomyError(msg) from None
