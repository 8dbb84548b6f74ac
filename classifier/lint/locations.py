"""Where findings stand in the files, and which of them a file ignores."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from classifier.errors import TaxonomyError
from classifier.lint.rules import RULES, LintFinding
from classifier.taxonomy import definitions
from classifier.taxonomy.instructions import plain

_WORD = re.compile(r"\w+")
KEY = "lint_ignore"
"""Front matter key of a definition: rules that it ignores."""


@dataclass(frozen=True, slots=True)
class LocatedFinding:
    finding: LintFinding
    file: str
    """Empty if it is about no file."""
    line: int | None
    """From 1; None if the quote is not in the file."""


class _File:
    def __init__(self, path: str) -> None:
        self.path = path
        self._known: dict[str, int | None] = {}

    @cached_property
    def _lines(self) -> list[str]:
        text = Path(self.path).read_bytes().decode("utf-8-sig", "replace")
        return [_plain(line) for line in text.splitlines()]

    @cached_property
    def _text(self) -> str:
        return "\n".join(self._lines)

    @cached_property
    def _starts(self) -> list[int]:
        """Where each line starts in the text."""
        return list(accumulate((len(line) + 1 for line in self._lines), initial=0))

    @cached_property
    def _with_word(self) -> dict[str, list[int]]:
        """The lines, from 1, that have a word."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(self._lines, 1):
            for word in set(_WORD.findall(line)):
                found[word].append(number)
        return dict(found)

    @cached_property
    def _whole(self) -> dict[str, int]:
        """The first line, from 1, that is this text."""
        numbered = list(enumerate(self._lines, 1))
        return {line.lstrip("-*+ "): n for n, line in reversed(numbered)}

    @cached_property
    def ignored(self) -> frozenset[str]:
        """The rules. Raises TaxonomyError for one that does not exist."""
        if Path(self.path).suffix.lower() in {".yml", ".yaml"}:
            return frozenset()
        value = definitions.read(Path(self.path)).meta.get(KEY) or []
        values = [str(name) for name in (value if isinstance(value, list) else [value])]
        if unknown := [name for name in values if name not in RULES]:
            raise TaxonomyError(
                f"{self.path!r}: unknown rule {unknown[0]!r} in {KEY!r}: expected "
                f"{', '.join(sorted(RULES))}"
            )
        return frozenset(values)

    def line(self, quote: str) -> int | None:
        """Return the first line that is the quote, holds it, or at least its first words."""
        if quote not in self._known:
            self._known[quote] = self._line(_plain(quote))
        return self._known[quote]

    def _line(self, wanted: str) -> int | None:
        first_words = " ".join(wanted.split()[:5])
        if not wanted:
            return None
        found = self._whole.get(wanted) or self._holding(wanted)
        return found if found or first_words == wanted else self._holding(first_words)

    def _holding(self, wanted: str) -> int | None:
        words = _WORD.findall(wanted) if wanted.isascii() else ()
        if words:
            # Not by a search in the text: a vocabulary of 10,000 categories is one file.
            fewest = min((self._with_word.get(word, []) for word in words), key=len)
            return next((n for n in fewest if wanted in self._lines[n - 1]), None)
        at = -1 if "\n" in wanted else self._text.find(wanted)
        return bisect_right(self._starts, at) if at >= 0 else None


def locate(findings: Iterable[LintFinding]) -> tuple[list[LocatedFinding], int]:
    """Return the findings that are not ignored, worst first, and the number of those that are.

    Raises:
        TaxonomyError: A definition ignores a rule that does not exist.
    """
    files: dict[str, _File] = {}
    placed, ignored = [], 0
    for finding in findings:
        sources = [
            files.setdefault(category.source, _File(category.source))
            for category in finding.categories
            if category.source
        ]
        if any(finding.rule in file.ignored for file in sources):
            ignored += 1
        else:
            placed.append(_placed(finding, sources))
    return sorted(placed, key=_order), ignored


def _placed(finding: LintFinding, files: list[_File]) -> LocatedFinding:
    if not files:
        return LocatedFinding(finding, "", None)
    line = next((n for quote in _quotes(finding) if (n := files[0].line(quote))), None)
    return LocatedFinding(finding, files[0].path, line)


def _quotes(finding: LintFinding) -> Iterator[str]:
    if finding.quote:
        yield finding.quote
    title = finding.categories[0].title
    yield f"title: {title}"
    yield title


def _order(placed: LocatedFinding) -> tuple[int, str, int, str]:
    rank = RULES[placed.finding.rule].severity
    order = list(type(rank)).index(rank)
    return order, placed.file, placed.line or 0, placed.finding.rule


def _plain(line: str) -> str:
    return plain(line).casefold().replace('"', "").replace("'", "")
