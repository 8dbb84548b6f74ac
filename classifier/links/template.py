"""How a link to the page of a category is written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from classifier.models import Category

DEFAULT: Final = "[{text}](/{id}/)"
_FIELD: Final = re.compile(r"\{(text|id|kind|path|slug)\}")
_BREAKS_OUT: Final = re.compile(r"[\s\x00-\x1f\x7f<>()\[\]{}\"'`|\\]")
"""In a name of a strangers' definition, what could end the address that it is put into."""


@dataclass(frozen=True, slots=True)
class Affixes:
    """What stands before and after the words of a link."""

    before: str
    after: str

    def around(self, text: str) -> str:
        return f"{self.before}{text}{self.after}"

    def are_in(self, body: str) -> bool:
        """Tell whether a body has a link that is written so."""
        return max(self.before, self.after, key=len) in body


def problem(template: str) -> str:
    """Return why a text cannot be a template; empty if it can."""
    fields = [match[1] for match in _FIELD.finditer(template)]
    if fields.count("text") != 1:
        return "expected {text} once, which is what the article says"
    if not {"id", "path", "slug"} & set(fields):
        return "expected {id}, {path} or {slug}, which say where the page of a category is"
    if "\n" in template or "\r" in template:
        return "expected a single line"
    return ""


def affixes(template: str, category: Category) -> Affixes:
    """Return what is written around a mention of a category.

    Raises:
        ValueError: The category's id has a character that would break the link.
    """
    if found := _BREAKS_OUT.search(category.id):
        raise ValueError(f"{found[0]!r} in the id {category.id!r} would break a link")
    path = category.id.partition("/")[2]
    values = {
        "id": category.id,
        "kind": category.kind,
        "path": path,
        "slug": path.rpartition("/")[2],
        "text": "{text}",
    }
    before, _, after = _FIELD.sub(lambda match: values[match[1]], template).partition("{text}")
    return Affixes(before, after)


def is_linked(category: Category, body: str) -> bool:
    """Tell whether a body has a link to the page of a category, however it is written."""
    pattern = rf"[(\"'/\s<]{re.escape(category.id)}(?:\.mdx?|/_?index\.md|/)?[)\"'#?>]"
    return category.id in body and re.search(pattern, body) is not None
