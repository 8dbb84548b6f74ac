"""The rules by name, and what breaking one looks like; docs/lint.md has the reasons."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from classifier.models import Category

Basis: TypeAlias = Literal["texts", "meaning", "labels"]
"""What a rule looks at: the definitions' words, their vectors, or the labels of stored articles."""


class Severity(StrEnum):
    """Highest first."""

    ERROR = "error"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Rule:
    severity: Severity
    basis: Basis


RULES: Final[Mapping[str, Rule]] = {
    "duplicate-title": Rule(Severity.ERROR, "texts"),
    "contradictory-exclusion": Rule(Severity.ERROR, "texts"),
    "duplicate-name": Rule(Severity.WARNING, "texts"),
    "loading": Rule(Severity.WARNING, "texts"),
    "reference-cycle": Rule(Severity.WARNING, "texts"),
    "thin-definition": Rule(Severity.WARNING, "texts"),
    "unknown-reference": Rule(Severity.WARNING, "texts"),
    "long-instructions": Rule(Severity.ADVICE, "texts"),
    "exclusion-like-topic": Rule(Severity.WARNING, "meaning"),
    "overlapping-definitions": Rule(Severity.WARNING, "meaning"),
    "shared-topic": Rule(Severity.WARNING, "meaning"),
    "missing-exclusion": Rule(Severity.ADVICE, "meaning"),
    "always-assigned": Rule(Severity.WARNING, "labels"),
    "overlapping-labels": Rule(Severity.WARNING, "labels"),
    "never-assigned": Rule(Severity.ADVICE, "labels"),
    "nested-labels": Rule(Severity.ADVICE, "labels"),
}


def based_on(basis: Basis, among: Collection[str] = RULES.keys()) -> list[str]:
    """Return the names of those rules that look at `basis`."""
    return [name for name, rule in RULES.items() if rule.basis == basis and name in among]


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    message: str
    """What is wrong and how to fix it, in one line, without the file."""
    categories: tuple[Category, ...] = ()
    """It is about these; reported in the file of the first."""
    quote: str = ""
    """Words of the file that it is about; empty: the title of the category."""

    @property
    def severity(self) -> Severity:
        return RULES[self.rule].severity


def named(category: Category) -> str:
    return f"{category.title!r} ({category.id})"


def shortened(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:77]}...")
