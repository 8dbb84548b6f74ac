"""The rule about the language of definitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from classifier.language import NAMES
from classifier.lint.rules import LintFinding
from classifier.models import Category


@dataclass(frozen=True, slots=True)
class UnreadDefinition:
    """A definition in a language that a scorer does not read."""

    category: Category
    language: str
    """Its code (ISO 639-1)."""
    scorer: str
    """As it is shown to people."""


def check(unread: Iterable[UnreadDefinition]) -> Iterator[LintFinding]:
    for it in unread:
        message = (
            f"is in {NAMES.get(it.language, it.language)}, which {it.scorer} does not read, so "
            'confidences say little: set `embedding_model = "multilingual"`, or ask a language '
            "model"
        )
        yield LintFinding("unread-language", message, (it.category,))
