"""Descriptions drafted from the articles that carry a label: its terms, and typical sentences.

The terms are those whose share among the label's articles differs most from their share elsewhere,
by the log-odds ratio with an informative Dirichlet prior of Monroe, Colaresi & Quinn (2008),
"Fightin' Words", over articles instead of words. So neither rare words nor those of every article
win, in any language and without a list of stop words.
"""

from __future__ import annotations

import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from classifier.content import passages
from classifier.content.prose import Prose
from classifier.scorers.openai import orders

_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019]*(?:-[\w'\u2019]+)*")
_TERMS: Final = 8
_SENTENCES: Final = 2
_READ: Final = 12
"""Articles of a label that sentences are taken from, those with most of its terms."""
_LENGTHS: Final = range(50, 240)
"""Characters of a sentence that is quoted."""
_PRIOR: Final = 10.0
"""Articles that the prior stands for."""
_LEAST_Z: Final = 1.0
_USUAL: Final = 0.3
"""Of all articles: a word on more of them tells nothing of a label on fewer."""


@dataclass(frozen=True, slots=True)
class Draft:
    terms: tuple[str, ...]
    """The most distinctive first."""
    sentences: tuple[str, ...]


class Drafter:
    """Knows the words of a site's articles."""

    def __init__(self, texts: Mapping[str, Prose]) -> None:
        """`texts`: the prose of each article, by path."""
        self._texts = texts
        self._numbers: dict[str, int] = {}
        self._of: dict[str, array[int]] = {}
        self._spelled: Counter[str] = Counter()
        for path, text in texts.items():
            self._of[path] = self._numbered(text.text)
        self._everywhere = Counter(number for numbers in self._of.values() for number in numbers)
        self._words = list(self._numbers)

    def draft(self, articles: Iterable[str], without: Iterable[str]) -> Draft:
        """Draft from the articles that carry a label.

        Args:
            articles: Their paths.
            without: Names of the label: no term repeats them.
        """
        carriers = [path for path in articles if path in self._of]
        weights = self._weights(carriers)
        named = {word for name in without for word in _words(name)}
        terms = self._terms(weights, named)
        return Draft(tuple(terms), tuple(self._sentences(carriers, weights)))

    def _numbered(self, text: str) -> array[int]:
        numbers = self._numbers
        return array("I", {numbers.setdefault(t, len(numbers)) for t in _all_terms(text)})

    def _weights(self, carriers: Sequence[str]) -> dict[int, float]:
        """Return the z-score of each term, of those that are on more than one article."""
        inside = Counter(number for path in carriers for number in self._of[path])
        count, total = len(carriers), len(self._of)
        usual = max(_USUAL * total, count)
        weights = {}
        for number, here in inside.items():
            everywhere = self._everywhere[number]
            if everywhere < 2 or (here < 2 and count > 2) or everywhere > usual:
                continue
            prior = _PRIOR * everywhere / total
            ours = (here + prior) / (count - here + _PRIOR - prior + 1e-9)
            elsewhere = everywhere - here
            others = (elsewhere + prior) / (total - count - elsewhere + _PRIOR - prior + 1e-9)
            deviation = math.sqrt(1 / (here + prior) + 1 / (elsewhere + prior))
            rarity = math.log(total / everywhere)
            weights[number] = math.log(ours / others) / deviation * rarity
        return weights

    def _terms(self, weights: Mapping[int, float], named: set[str]) -> list[str]:
        """Return the best terms; a pair of words stands for its words."""
        taken: list[str] = []
        used: set[str] = set()
        best = sorted(weights, key=lambda n: (-weights[n], self._words[n]))
        for number in best[: 20 * _TERMS]:
            term = self._words[number]
            words = set(term.split())
            if weights[number] < _LEAST_Z or len(taken) == _TERMS:
                break
            if words <= named or words & used:
                continue
            used |= words
            taken.append(term)
        return taken

    def _sentences(self, carriers: Sequence[str], weights: Mapping[int, float]) -> list[str]:
        """Return sentences with many of the label's terms for their length, each of its article."""
        known = {self._words[n]: weight for n, weight in weights.items() if weight >= _LEAST_Z}

        def total(path: str) -> float:
            return sum(weights.get(number, 0.0) for number in self._of[path])

        best: dict[str, float] = {}
        for path in sorted(carriers, key=lambda path: (-total(path), path))[:_READ]:
            if found := self._best_sentence(self._texts[path], known):
                best[found[1]] = found[0]
        return sorted(best, key=lambda sentence: (-best[sentence], sentence))[:_SENTENCES]

    @staticmethod
    def _best_sentence(text: Prose, known: Mapping[str, float]) -> tuple[float, str] | None:
        best: tuple[float, str] | None = None
        for passage in passages.sentences(text):
            sentence = " ".join(passage.text.split())
            if len(sentence) not in _LENGTHS or sentence[-1] not in ".!?…。":
                continue
            terms = set(_all_terms(sentence))
            weight = sum(known.get(term, 0.0) for term in terms) / math.sqrt(len(sentence))
            if weight > 0 and (best is None or weight > best[0]) and _is_quotable(sentence):
                best = weight, sentence
        return best


def _is_quotable(sentence: str) -> bool:
    """Whether a sentence is prose, and says nothing to a model that reads the definition."""
    return "://" not in sentence and "{{" not in sentence and orders.without(sentence) == sentence


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _all_terms(text: str) -> Iterable[str]:
    """Yield words of three letters or more, and pairs of neighbours."""
    for line in text.splitlines():
        words = _words(line)
        yield from (word for word in words if len(word) > 2)
        for first, second in pairwise(words):
            if len(first) > 2 and len(second) > 2:
                yield f"{first} {second}"
