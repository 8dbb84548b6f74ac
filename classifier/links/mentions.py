"""Where an article mentions categories by their names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from classifier.content.plain_text import Span
from classifier.models import Category

_WORD: Final = re.compile(r"\w+")
_BEFORE: Final = r"(?<![\w\-/@#&\\.!\]^~$+])"
_AFTER: Final = r"(?![\w/@#+{(\\~^$]|(?!['\u2019]s\b)[-.'\u2019&]\w)"
_SHORT: Final = 2
"""Letters of names that are other words when they are written small: Go, IT."""
_SHORT_CAPITALS: Final = 5
"""Letters of abbreviations: AIDS, NASA."""


class Mention(NamedTuple):
    start: int
    """Offsets into the body, half-open."""
    end: int
    category: Category


class _Name(NamedTuple):
    pattern: re.Pattern[str]
    lead: int
    """Characters before the first word, as in `.NET`."""
    length: int
    category: Category


class Names:
    """Titles and aliases of categories, to be found in texts."""

    def __init__(self, categories: Iterable[Category]) -> None:
        """Take the names of categories; of those that share a name, the first has it."""
        self._by_word: defaultdict[str, list[_Name]] = defaultdict(list)
        taken: set[str] = set()
        for category in categories:
            for name in (category.title, *category.aliases):
                words = " ".join(name.split())
                first = _WORD.search(words)
                if first and words.casefold() not in taken:
                    taken.add(words.casefold())
                    entry = _Name(_pattern(words), first.start(), len(words), category)
                    self._by_word[first[0].casefold()].append(entry)
        for entries in self._by_word.values():
            entries.sort(key=lambda entry: -entry.length)

    def first_mentions(self, body: str, spans: Sequence[Span]) -> Iterator[Mention]:
        """Yield the first mention of each category within spans of a body, in order.

        Whole words only, in any letter case but for short names and abbreviations. Where names
        overlap, the one that begins first is meant, and of those the longest.
        """
        found: set[str] = set()
        for start, end in spans:
            at = start
            for word in _WORD.finditer(body, start, end):
                if word.start() < at:
                    continue
                for name in self._by_word.get(word[0].casefold(), ()):
                    begins = word.start() - name.lead
                    match = name.pattern.match(body, begins) if begins >= at else None
                    if match and match.end() <= end:
                        at = match.end()
                        if name.category.id not in found:
                            found.add(name.category.id)
                            yield Mention(match.start(), match.end(), name.category)
                        break


def _pattern(name: str) -> re.Pattern[str]:
    letters = [character for character in name if character.isalpha()]
    capitals = len(letters) <= _SHORT_CAPITALS and name.upper() == name
    exact = len(letters) <= _SHORT or capitals
    text = r"[ \t]*\r?\n?[ \t]*(?<=\s)".join(map(re.escape, name.split()))
    return re.compile(f"{_BEFORE}{text}{_AFTER}", re.NOFLAG if exact else re.IGNORECASE)
