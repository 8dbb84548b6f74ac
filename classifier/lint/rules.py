"""The lint rules by name, and their findings; docs/lint.md has the reasons."""

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
class LintRule:
    severity: Severity
    basis: Basis


RULES: Final[Mapping[str, LintRule]] = {
    "duplicate-title": LintRule(Severity.ERROR, "texts"),
    "contradictory-exclusion": LintRule(Severity.ERROR, "texts"),
    "duplicate-name": LintRule(Severity.WARNING, "texts"),
    "loading": LintRule(Severity.WARNING, "texts"),
    "reference-cycle": LintRule(Severity.WARNING, "texts"),
    "thin-definition": LintRule(Severity.WARNING, "texts"),
    "unknown-reference": LintRule(Severity.WARNING, "texts"),
    "unread-language": LintRule(Severity.WARNING, "texts"),
    "long-instructions": LintRule(Severity.ADVICE, "texts"),
    "unweighed-exclusion": LintRule(Severity.ADVICE, "texts"),
    "exclusion-like-topic": LintRule(Severity.WARNING, "meaning"),
    "overlapping-definitions": LintRule(Severity.WARNING, "meaning"),
    "shared-topic": LintRule(Severity.WARNING, "meaning"),
    "missing-exclusion": LintRule(Severity.ADVICE, "meaning"),
    "always-assigned": LintRule(Severity.WARNING, "labels"),
    "everyday-alias": LintRule(Severity.WARNING, "labels"),
    "overlapping-labels": LintRule(Severity.WARNING, "labels"),
    "never-assigned": LintRule(Severity.ADVICE, "labels"),
    "nested-labels": LintRule(Severity.ADVICE, "labels"),
}


def based_on(basis: Basis, among: Collection[str] = RULES.keys()) -> list[str]:
    """Return the names of those rules that look at `basis`."""
    return [name for name, rule in RULES.items() if rule.basis == basis and name in among]


@dataclass(frozen=True, slots=True)
class LintFinding:
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
