"""Words: where a phrase stands in a text, and how much vocabulary two texts share."""

from __future__ import annotations

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import count
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
        numbers: dict[str, int] = defaultdict(count().__next__)
        self._words = array("I")
        for piece in _pieces(text):
            self._words.extend(map(numbers.__getitem__, _WORD.findall(piece)))
        self._stems = list(map(stem, numbers))
        self._small = list(map(str.lower, numbers))
        self.frequencies: Mapping[str, int] = Counter(map(self._stems.__getitem__, self._words))
        """How often each stem is used."""
        self._joinable = frozenset(self._small)
        self.known = self._joinable.union(self._stems)
        """The stems, and the words in small letters."""
        self.capitals = frozenset(word for word in numbers if len(word) > 1 and word.isupper())

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, stem: str) -> bool:
        return stem in self.frequencies

    def find(self, phrase: Sequence[str]) -> list[int]:
        """Return the places (in words) where the stems of `phrase` follow each other."""
        if not phrase or not all(stem in self.frequencies for stem in phrase):
            return []
        found = self._by_stem.of(phrase[0])
        for after, wanted in enumerate(phrase[1:], start=1):
            last = len(self) - after
            found = [i for i in found if i < last and self._stem(i + after) == wanted]
        return found

    def find_joined(self, word: str) -> list[tuple[int, int]]:
        """Return the places, half-open, where several words written together are `word`.

        As tags are written: `aspnetmvc` for ASP.NET MVC. A plural counts, common words do not: "is
        land" is no island.
        """
        starts = beginnings(word)
        return [
            (i, after)
            for beginning in starts
            if beginning in self._joinable
            for i in self._by_word.of(beginning)
            if (after := self._end(i + 1, starts[beginning]))
        ]

    def _stem(self, place: int) -> str:
        return self._stems[self._words[place]]

    @cached_property
    def _by_stem(self) -> _Places:
        return _Places(self._words, self._stems)

    @cached_property
    def _by_word(self) -> _Places:
        return _Places(self._words, self._small)

    def _end(self, start: int, rest: str) -> int:
        """Return where the words from `start` on that make up `rest` end; 0 if they do not."""
        for i, number in enumerate(self._words[start : start + _JOINED - 1], start=start + 1):
            word = self._small[number]
            if not rest.startswith(word):
                return i if word == f"{rest}s" and word not in COMMON else 0
            if word in COMMON:
                return 0
            if word == rest:
                return i
            rest = rest[len(word) :]
        return 0


_PIECE = 1 << 12
"""Characters of a text that are cut into words at once: the words themselves take many times what
is kept of them."""


def _pieces(text: str) -> Iterator[str]:
    """Yield the text in pieces that end between words."""
    start = 0
    while start < len(text):
        end = text.find(" ", start + _PIECE) + 1 or len(text)
        yield text[start:end]
        start = end


class _Places:
    """Where words stand in a text."""

    def __init__(self, words: array[int], forms: Sequence[str]) -> None:
        """Sort the places by form.

        Args:
            words: The number of each word.
            forms: The form of each number; several may have the same.
        """
        import numpy as np

        self._codes: dict[str, int] = defaultdict(count().__next__)
        codes = list(map(self._codes.__getitem__, forms))
        # Numbers of two bytes are sorted in linear time.
        kind = np.uint16 if len(codes) < 1 << 16 else np.uint32
        each = np.array(codes, kind)[np.frombuffer(words, np.uint32)]
        self._places = each.argsort(kind="stable")
        self._ends = np.bincount(each).cumsum().tolist()

    def of(self, form: str) -> list[int]:
        """Return the places of a form that the text has, in order."""
        code = self._codes[form]
        start = self._ends[code - 1] if code else 0
        places: list[int] = self._places[start : self._ends[code]].tolist()
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
