"""Words: where a phrase stands in a text, and how much vocabulary two texts share."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

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


def word_spans(text: str) -> list[tuple[int, int]]:
    """Return where the words of `text` are, in characters, half-open."""
    return [match.span() for match in _WORD.finditer(text)]


@lru_cache(maxsize=10_000)
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


_JOINED = 4
"""Words that make one, at most."""
COMMON = frozenset(
    words(
        "a all am an and any are as at be but by can do for go had has have he her his i if in is"
        " it its me my no not of off on one or our out she so some than that the their them then"
        " there they this to under up us was we were what when who will with you your"
    )
)
"""Words that are no name, and in none that is written as one word."""

_JOINT = re.compile(r"[,;/&]|\b(?:and|or)\b", re.IGNORECASE)


def joins(title: str) -> bool:
    """Return whether a title names more than one subject: it then fits more articles."""
    return len([part for part in _JOINT.split(title) if part.strip()]) > 1


@lru_cache(maxsize=10_000)
def beginnings(word: str) -> Mapping[str, str]:
    """Return what a word may begin with that is no common word, and what is left of it then."""
    return {word[:end]: word[end:] for end in range(1, len(word)) if word[:end] not in COMMON}


class Text:
    """The words of one text, findable by stem."""

    def __init__(self, text: str) -> None:
        # Each word is kept once: a text may have millions, and few thousand different ones.
        forms: dict[str, tuple[str, str]] = {}
        self.stems: list[str] = []
        self._small: list[str] = []
        for match in _WORD.finditer(text):
            word = match[0]
            form = forms.get(word)
            if form is None:
                form = forms[word] = stem(word), word.lower()
            self.stems.append(form[0])
            self._small.append(form[1])
        self.capitals = frozenset(w for w in forms if len(w) > 1 and w.isupper())
        self._at = _places(self.stems)

    @cached_property
    def known(self) -> frozenset[str]:
        """The stems, and the words in small letters."""
        return frozenset(self.stems).union(self._small)

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
        starts = self._at.get(phrase[0], ())
        return [i for i in starts if n == 1 or self.stems[i : i + n] == list(phrase)]

    def find_joined(self, word: str) -> list[tuple[int, int]]:
        """Return the places, half-open, where several words written together are `word`.

        As tags are written: `aspnetmvc` for ASP.NET MVC. A plural counts, common words do not: "is
        land" is no island.
        """
        starts = beginnings(word)
        if starts.keys().isdisjoint(self._places.keys()):
            return []
        return [
            (i, after)
            for beginning, rest in starts.items()
            for i in self._places.get(beginning, ())
            if (after := self._end(i + 1, rest))
        ]

    @cached_property
    def _places(self) -> Mapping[str, Sequence[int]]:
        return _places(self._small)

    def _end(self, start: int, rest: str) -> int:
        """Return where the words from `start` on that make up `rest` end; 0 if they do not."""
        for i in range(start, min(start + _JOINED - 1, len(self._small))):
            word = self._small[i]
            if word in COMMON:
                return 0
            if word in (rest, f"{rest}s"):
                return i + 1
            if not rest.startswith(word):
                return 0
            rest = rest[len(word) :]
        return 0


def _places(words: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Return where each word stands."""
    places: dict[str, array[int]] = {}
    for i, word in enumerate(words):
        if word in places:
            places[word].append(i)
        else:
            places[word] = array("I", (i,))
    return places


def weigh(text: str, rarities: Rarities) -> dict[str, float]:
    """Return the stems of `text` that carry a topic, with weights in 0-1 that grow with rarity."""
    weights: dict[str, float] = {}
    written = words(text)
    for word, rarity in zip(written, rarities([w.lower() for w in written]), strict=True):
        weight = (rarity - _FLOOR) / (1 - _FLOOR)
        if weight > 0:
            weights[stem(word)] = max(weight, weights.get(stem(word), 0.0))
    return weights


def saturated(counts: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return how well stems match (0-1, as in BM25) a text of some words that has them so often."""
    if not length:
        return counts * 0.0
    flat = _SATURATION * (0.5 + 0.5 * length / 600)
    return counts / (counts + flat)
