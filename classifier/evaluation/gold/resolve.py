"""What people claim about articles, as they wrote it down, made into labels of categories."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from classifier.errors import UsageError
from classifier.models import Category, Taxonomy
from classifier.taxonomy.labels import LabelIndex

_SHOWN: Final = 5
"""Names that one warning lists at most."""


@dataclass(frozen=True, slots=True)
class Claim:
    """That a category, by whatever name, belongs to an article or not."""

    label: str
    belongs: bool
    where: str
    """Where it is written, for messages: `row 7`."""
    note: str = ""
    """Why, in the person's words."""

    @property
    def origin(self) -> str:
        return f"{self.where}: {self.note}" if self.note else self.where


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimColumn:
    """All that one column of a table, or one field of the front matter, claims."""

    name: str
    kinds: frozenset[str] | None
    """The kinds it is about; None: those that its labels are found to be of."""
    complete: bool
    """Whether every category of these kinds that an article is not given does not belong."""
    claims: Mapping[str, Sequence[Claim]]
    """By article; one without any claim is in here too."""


@dataclass(slots=True)
class ResolvedLabels:
    """What the columns come to."""

    taxonomy: Taxonomy
    known: dict[str, dict[str, bool]] = field(default_factory=dict)
    origins: dict[tuple[str, str], str] = field(default_factory=dict)
    unmatched: Counter[str] = field(default_factory=Counter)
    ambiguous: dict[str, tuple[Category, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Iterable[ClaimColumn], taxonomy: Taxonomy) -> ResolvedLabels:
        """Raise UsageError where two claims contradict each other."""
        labels = cls(taxonomy)
        names = LabelIndex(taxonomy.categories)
        absent: list[tuple[ClaimColumn, dict[str, set[str]], set[str]]] = []
        for column in columns:
            doubtful, kinds = labels._take(column, names)
            if column.complete:
                absent.append((column, doubtful, kinds))
        # Afterwards: what one column leaves out, another may have.
        for column, doubtful, kinds in absent:
            labels._close(column, doubtful, kinds)
        return labels

    def warnings(self, source: str) -> list[str]:
        found: list[str] = []
        if self.unmatched:
            shown = [f"{name!r} ({n:,}x)" for name, n in self.unmatched.most_common(_SHOWN)]
            found.append(
                f"{source!r}: left out {count_noun(len(self.unmatched), 'label')} that no category "
                f"matches, {count_noun(self.unmatched.total(), 'time')} in all: "
                f"{_some(shown, len(self.unmatched))}"
            )
        if self.ambiguous:
            shown = [
                f"{name!r} ({' or '.join(c.id for c in them[:_SHOWN])})"
                for name, them in list(self.ambiguous.items())[:_SHOWN]
            ]
            found.append(
                f"{source!r}: left out {count_noun(len(self.ambiguous), 'label')} that several "
                f"categories match: {_some(shown, len(self.ambiguous))}; use the id"
            )
        return found

    def _take(self, column: ClaimColumn, names: LabelIndex) -> tuple[dict[str, set[str]], set[str]]:
        """Return categories that an article may have, though it is unclear, and the kinds found."""
        doubtful: defaultdict[str, set[str]] = defaultdict(set)
        kinds: set[str] = set()
        for article, claims in column.claims.items():
            known = self.known.setdefault(article, {})
            for claim in claims:
                found = names.find(claim.label, column.kinds)
                if len(found) == 1:
                    kinds.add(found[0].kind)
                    self._claim(article, known, found[0].id, claim)
                elif found:
                    self.ambiguous[claim.label] = found
                    doubtful[article] |= {category.id for category in found}
                else:
                    self.unmatched[claim.label] += 1
        return doubtful, kinds

    def _claim(self, article: str, known: dict[str, bool], category: str, claim: Claim) -> None:
        if known.setdefault(category, claim.belongs) is not claim.belongs:
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


def count_noun(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def quoted_list(what: Sequence[str]) -> str:
    """Return the first few, quoted, and how many more there are."""
    return _some([repr(one) for one in what[:_SHOWN]], len(what))


def _some(shown: Sequence[str], total: int) -> str:
    more = f" and {total - len(shown):,} more" if total > len(shown) else ""
    return ", ".join(shown) + more
