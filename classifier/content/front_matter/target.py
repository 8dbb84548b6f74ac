"""One key of one file: where it stands, and the file with another value in its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from classifier.content import frontmatter
from classifier.content.front_matter.json import Json
from classifier.content.front_matter.model import EditError, Listing, Patch, Scalar, Source, patched
from classifier.content.front_matter.yaml import Yaml

_TOO_DEEP: Final = "its front matter is nested too deeply"
_MISREAD: Final = "edited, it would not read back as it should"
_BOM: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    text: str
    document: frontmatter.Document
    block: str
    """Its front matter."""
    source: Source
    key: str
    """As the file spells it."""
    field: Listing | Scalar | None

    @property
    def value(self) -> Any:
        return self.document.meta.get(self.key)

    def with_patches(self, patches: Sequence[Patch], value: object) -> bytes:
        """Return the file, edited. Raises EditError unless it reads as before, with this value."""
        return self._checked(patches, {self.key: value})

    def without(self, patches: Sequence[Patch]) -> bytes:
        """Return the file, edited. Raises EditError unless it reads as before, without the key."""
        return self._checked(patches, {})

    def _checked(self, patches: Sequence[Patch], expected: Mapping[str, object]) -> bytes:
        start, end = self.document.block or (0, 0)
        text = self.text[:start] + patched(self.block, patches) + self.text[end:]
        try:
            _check(self.document, text, self.key, expected)
        except RecursionError:
            raise EditError(_TOO_DEEP) from None
        return text.encode("utf-8")


def find(data: bytes, key: str) -> Target:
    """Raise EditError where the file cannot be read or the key cannot be edited safely."""
    try:
        text = data.decode("utf-8")
        document = frontmatter.parse(text)
    except UnicodeDecodeError:
        raise EditError("it is not UTF-8") from None
    except frontmatter.FrontMatterError as error:
        raise EditError(str(error)) from None
    if document.block is None:
        raise EditError("it has no front matter; --create gives it some")
    start, end = document.block
    block = text[start:end]
    try:
        source = _source(document.format, block, _newline(text))
        name = _spelled(key, source.keys)
        found = source.field(name)
    except RecursionError:
        raise EditError(_TOO_DEEP) from None
    return Target(text=text, document=document, block=block, source=source, key=name, field=found)


def with_block(data: bytes) -> bytes:
    """Return a file that has no front matter with an empty block; any other as it is.

    Raises EditError where its text would not be read as the same body.
    """
    try:
        text = data.decode("utf-8")
        if frontmatter.parse(text).block is not None:
            return data
        body = text.removeprefix(_BOM)
        fence = f"---{_newline(text)}"
        with_empty = f"{text[: len(text) - len(body)]}{fence}{fence}{body}"
        after = frontmatter.parse(with_empty)
    except UnicodeDecodeError:
        raise EditError("it is not UTF-8") from None
    except frontmatter.FrontMatterError as error:
        raise EditError(str(error)) from None
    if (after.format, after.body) != ("yaml", body):
        raise EditError(_MISREAD)
    return with_empty.encode("utf-8")


def _source(kind: frontmatter.Format, block: str, newline: str) -> Source:
    if kind == "yaml":
        return Yaml(block, newline)
    if kind == "json":
        return Json(block)
    from classifier.content.front_matter.toml import Toml

    return Toml(block, newline)


def _newline(text: str) -> str:
    return "\r\n" if text.partition("\n")[0].endswith("\r") else "\n"


def _spelled(key: str, keys: Sequence[str]) -> str:
    found = [one for one in keys if one.casefold() == key.casefold()]
    if len(found) > 1:
        raise EditError(f"{key!r} is there more than once")
    if not found and "." in key:
        raise EditError(f"{key!r} is not there, and a key within another cannot be added")
    return found[0] if found else key


# --- what must hold after an edit ----------------------------------------------------------------


def _check(
    before: frontmatter.Document, text: str, key: str, expected: Mapping[str, object]
) -> None:
    try:
        after = frontmatter.parse(text)
    except frontmatter.FrontMatterError:
        raise EditError(_MISREAD) from None
    if (after.format, after.body) != (before.format, before.body):
        raise EditError(_MISREAD)
    if not _same(_without(after.meta, key), _without(before.meta, key), set()):
        raise EditError(f"to edit {key!r} would change another key")
    found = {name: value for name, value in after.meta.items() if name == key}
    if not _same(found, dict(expected), set()):
        raise EditError(_MISREAD)


def _without(meta: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in meta.items() if name != key}


def _same(one: Any, other: Any, seen: set[tuple[int, int]]) -> bool:
    """Compare types, values and the order of keys.

    Aliases can make a few lines stand for a tree without end, so no two values meet twice: `seen`
    knows them by their ids, which nothing else can take while both trees are held.
    """
    if type(one) is not type(other):
        return False
    if not isinstance(one, dict | list):
        return bool(one == other) or repr(one) == repr(other) == "nan"
    if (id(one), id(other)) in seen:
        return True
    seen.add((id(one), id(other)))
    keys = list(one) if isinstance(one, dict) else range(len(one))
    if keys != (list(other) if isinstance(other, dict) else range(len(other))):
        return False
    return all(_same(one[key], other[key], seen) for key in keys)
