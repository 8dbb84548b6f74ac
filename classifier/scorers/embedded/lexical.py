"""Words: where a category is mentioned, and how much of its vocabulary an article shares."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Rarities = Callable[[Sequence[str]], Sequence[float]]
"""How rare lower-case words are: 0 for `the`, 1 for a word outside the vocabulary."""

_WORD = re.compile(r"[^\W_]+[+#]*")
_VOWEL = re.compile(r"[aeiouy]")
_FLOOR = 0.4
"""Words more common than this carry no topic: `about`, `when`, `their`."""
_SATURATION = 1.5
"""As k1 of BM25: the second mention counts less than the first."""


def words(text: str) -> list[str]:
    """Return the words of `text` as they are written."""
    return _WORD.findall(text)


def stem(word: str) -> str:
    """Return what is left of a word without plural, `-ing`, `-ed` and a final `e`.

    A light stemmer on purpose: it must never make two subjects one (`policy` and `police`).
    """
    word = _singular(word.lower())
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3 and _VOWEL.search(rest):
            word = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return word.removesuffix("e") if len(word) > 3 else word


def _singular(word: str) -> str:
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "news")):
        return word
    if word.endswith("is") and len(word) > 4:  # analysis, but APIs
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


_JOINT = re.compile(r"[,;/&]|\b(?:and|or)\b", re.IGNORECASE)


def joins(title: str) -> bool:
    """Return whether a title names more than one subject: it then fits more articles."""
    return len([part for part in _JOINT.split(title) if part.strip()]) > 1


class Text:
    """The words of one text, findable by stem."""

    def __init__(self, text: str) -> None:
        written = words(text)
        self.stems = [stem(word) for word in written]
        self.capitals = frozenset(w for w in written if len(w) > 1 and w.isupper())
        self._at: dict[str, list[int]] = {}
        for i, s in enumerate(self.stems):
            self._at.setdefault(s, []).append(i)

    def __len__(self) -> int:
        return len(self.stems)

    def __contains__(self, stem: str) -> bool:
        return stem in self._at

    def frequency(self, stem: str) -> int:
        return len(self._at.get(stem, ()))

    def find(self, phrase: Sequence[str]) -> list[int]:
        """Return the places (in words) where the stems of `phrase` follow each other."""
        if not phrase:
            return []
        n = len(phrase)
        starts = self._at.get(phrase[0], [])
        return [i for i in starts if n == 1 or self.stems[i : i + n] == list(phrase)]


def weigh(text: str, rarities: Rarities) -> dict[str, float]:
    """Return the stems of `text` that carry a topic, with weights in 0-1 that grow with rarity."""
    weights: dict[str, float] = {}
    written = words(text)
    for word, rarity in zip(written, rarities([w.lower() for w in written]), strict=True):
        weight = (rarity - _FLOOR) / (1 - _FLOOR)
        if weight > 0:
            weights[stem(word)] = max(weight, weights.get(stem(word), 0.0))
    return weights


@dataclass(frozen=True, slots=True)
class Name:
    """A title, alias or abbreviation a category goes by."""

    text: str
    phrase: tuple[str, ...]
    capitals: bool = False
    """An abbreviation: only counted where it is written in capitals."""

    def find(self, text: Text) -> list[int]:
        if self.capitals and self.text not in text.capitals:
            return []
        return text.find(self.phrase)


def names(titles: Sequence[str]) -> tuple[Name, ...]:
    """Return the names a category is mentioned by: its titles, and the initials of long ones."""
    by_phrase: dict[tuple[str, ...], Name] = {}
    for title in titles:
        written = words(title)
        phrase = tuple(stem(word) for word in written)
        if phrase:
            by_phrase.setdefault(phrase, Name(title, phrase))
        initials = "".join(w[0] for w in written if w.lower() not in _JOINING).upper()
        if 2 <= len(initials) <= 5 and len(initials) >= len(written) - 1:
            by_phrase.setdefault(
                (stem(initials),), Name(initials, (stem(initials),), capitals=True)
            )
    return tuple(by_phrase.values())


_JOINING = frozenset(("and", "of", "for", "the", "in", "to", "a"))


@dataclass(frozen=True, slots=True)
class Mentions:
    """How often, and where, an article uses the name of a category."""

    name: str
    """The name that is used most; the title where none is."""
    title: int
    headings: int
    body: int
    first: float
    """Where in the body it appears first: 0 at the start, 1 where it does not appear."""


def mentions(names: Sequence[Name], *, title: Text, headings: Text, body: Text) -> Mentions:
    """Count every name of a category; a place where two names match counts once."""
    places = {name: name.find(body) for name in names}
    body_places = {i for hits in places.values() for i in hits}
    title_places = {i for name in names for i in name.find(title)}
    heading_places = {i for name in names for i in name.find(headings)}
    used = max(names, key=lambda name: len(places[name]), default=None)
    return Mentions(
        name=used.text if used else "",
        title=len(title_places),
        headings=len(heading_places),
        body=len(body_places),
        first=min(body_places) / len(body) if body_places else 1.0,
    )


def spans(names: Sequence[Name], text: str) -> list[tuple[int, int]]:
    """Return where the names of a category are in `text`, in characters, half-open."""
    places = [match.span() for match in _WORD.finditer(text)]
    found = Text(text)
    return sorted(
        {
            (places[first][0], places[first + len(name.phrase) - 1][1])
            for name in names
            for first in name.find(found)
        }
    )


def coverage(weights: Mapping[str, float], *texts: Text) -> float:
    """Return the share (0-1, by weight) of the stems that appear in any of `texts`."""
    total = sum(weights.values())
    if not total:
        return 0.0
    return sum(w for s, w in weights.items() if any(s in text for text in texts)) / total


def shared(weights: Mapping[str, float], others: Mapping[str, float]) -> float:
    """Return the share (0-1, by weight) of the stems in `weights` that `others` has too."""
    total = sum(weights.values())
    return sum(w for s, w in weights.items() if s in others) / total if total else 0.0


def overlap(weights: Mapping[str, float], text: Text) -> float:
    """Return a BM25-like match (0-1) of weighted stems with a text of any length."""
    total = sum(weights.values())
    if not total or not len(text):
        return 0.0
    flat = _SATURATION * (0.5 + 0.5 * len(text) / 600)
    matched = 0.0
    for s, weight in weights.items():
        frequency = text.frequency(s)
        matched += weight * frequency / (frequency + flat)
    return matched / total


def density(count: int, length: int) -> float:
    """Return occurrences per hundred words on a logarithmic scale."""
    return math.log1p(100 * count / max(length, 50))
