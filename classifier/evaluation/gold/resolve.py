"""Resolve the labels that people wrote down to categories."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from classifier.errors import UsageError
from classifier.models import Category, Taxonomy
from classifier.taxonomy.labels import LabelIndex, label_key, least_uses
from classifier.wording import count

_SHOWN: Final = 5
"""Labels listed in one warning, at most."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A written label: that a category belongs to an article, or does not."""

    label: str
    belongs: bool | None
    """None: nobody knows, whatever else the article lists."""
    where: str
    """Where it is written, for messages, such as `row 7`."""
    note: str = ""
    """The person's reason."""

    @property
    def origin(self) -> str:
        return f"{self.where}: {self.note}" if self.note else self.where


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimColumn:
    """The claims of one column of a table, or of one front matter field."""

    name: str
    kinds: frozenset[str] | None
    """The kinds it is about; None for the kinds its labels turn out to have."""
    complete: bool
    """Whether a category of these kinds that is not listed for an article does not belong."""
    claims: Mapping[str, Sequence[Claim]]
    """Claims by article, including articles without any."""


@dataclass(slots=True)
class ResolvedLabels:
    """The labels of all columns, resolved to categories."""

    taxonomy: Taxonomy
    known: dict[str, dict[str, bool]] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)
    unmatched: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)
    """By label key, the most articles of one column that an unmatched label is on."""
    ambiguous: dict[str, tuple[Category, ...]] = field(default_factory=dict)
    rare: frozenset[str] = frozenset()
    """The unmatched labels that are on too few articles to miss a category for them."""

    @classmethod
    def of(
        cls, columns: Iterable[ClaimColumn], taxonomy: Taxonomy, *, of_editors: bool = False
    ) -> ResolvedLabels:
        """Resolve the claims of all columns.

        `of_editors`: whether they are the labels of a site, some of which are on too few articles
        to become a category.

        Raises:
            UsageError: Two claims contradict each other.
        """
        labels = cls(taxonomy)
        names = LabelIndex(taxonomy.categories)
        absent: list[tuple[ClaimColumn, dict[str, set[str]], set[str]]] = []
        for column in columns:
            doubtful, kinds = labels._take(column, names)
            if column.complete:
                absent.append((column, doubtful, kinds))
        # After all columns are read: what one column leaves out, another may list.
        for column, doubtful, kinds in absent:
            labels._close(column, doubtful, kinds)
        if of_editors:
            labels.rare = labels._rare()
        return labels

    def notes(self, source: str) -> list[str]:
        if not self.rare:
            return []
        labels = {label_key(label) for label in self.rare}
        return [
            f"{source!r}: left out {count(len(labels), 'label')} without a category, each on "
            f"fewer than {count(least_uses(len(self.known)), 'article')}"
        ]

    def warnings(self, source: str) -> list[str]:
        lines: list[str] = []
        missed = Counter({name: n for name, n in self.unmatched.items() if name not in self.rare})
        if missed:
            shown = [f"{name!r} ({n:,}x)" for name, n in missed.most_common(_SHOWN)]
            lines.append(
                f"{source!r}: left out {count(len(missed), 'label')} that no category "
                f"matches, {count(missed.total(), 'time')} in all: {_some(shown, len(missed))}"
            )
        if self.ambiguous:
            shown = [
                f"{name!r} ({' or '.join(c.id for c in them[:_SHOWN])})"
                for name, them in list(self.ambiguous.items())[:_SHOWN]
            ]
            lines.append(
                f"{source!r}: left out {count(len(self.ambiguous), 'label')} that several "
                f"categories match: {_some(shown, len(self.ambiguous))}; use the id"
            )
        return lines

    def _rare(self) -> frozenset[str]:
        least = least_uses(len(self.known))
        return frozenset(label for label in self.unmatched if self.most[label_key(label)] < least)

    def _take(self, column: ClaimColumn, names: LabelIndex) -> tuple[dict[str, set[str]], set[str]]:
        """Return the categories that an article may have (ambiguous labels), and the kinds."""
        doubtful: defaultdict[str, set[str]] = defaultdict(set)
        kinds: set[str] = set()
        missed: Counter[str] = Counter()
        for article, claims in column.claims.items():
            known = self.known.setdefault(article, {})
            for claim in claims:
                matches = names.find(claim.label, column.kinds)
                if claim.belongs is None:
                    doubtful[article] |= {category.id for category in matches}
                elif len(matches) == 1:
                    kinds.add(matches[0].kind)
                    self._claim(article, known, matches[0].id, claim, claim.belongs)
                elif matches:
                    self.ambiguous[claim.label] = matches
                    doubtful[article] |= {category.id for category in matches}
                else:
                    self.unmatched[claim.label] += 1
                    missed[label_key(claim.label)] += 1
        self.most |= missed  # a category is of one kind, so the uses of two fields do not add up
        return doubtful, kinds

    def _claim(
        self, article: str, known: dict[str, bool], category: str, claim: Claim, belongs: bool
    ) -> None:
        if known.setdefault(category, belongs) is not belongs:
            before = self.origins[article, category]
            raise UsageError(
                f"{claim.where} contradicts {before} about {article!r} and {category!r}: keep one "
                "of them"
            )
        self.origins.setdefault((article, category), claim.origin)

    def _close(
        self, column: ClaimColumn, doubtful: Mapping[str, set[str]], kinds: set[str]
    ) -> None:
        about = kinds if column.kinds is None else column.kinds
        every = [category.id for category in self.taxonomy.categories if category.kind in about]
        for article in column.claims:
            known, unclear = self.known[article], doubtful.get(article, ())
            for category in every:
                if category not in unclear:
                    known.setdefault(category, False)


def quoted_list(what: Sequence[str]) -> str:
    """Return the first few, quoted, and the number of others."""
    return _some([repr(one) for one in what[:_SHOWN]], len(what))


def _some(shown: Sequence[str], total: int) -> str:
    more = f" and {total - len(shown):,} more" if total > len(shown) else ""
    return ", ".join(shown) + more
