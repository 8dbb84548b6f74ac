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
from classifier.scorers.openai import injection

_WORD: Final = re.compile(r"[^\W\d_][\w'\u2019]*(?:[-.][^\W_][\w'\u2019]*)*[+#]{0,2}")
"""With the inner points and the signs of names such as `ASP.NET` and `C++`."""
_PARTICLE: Final = re.compile(r"^\w{1,2}['\u2019](?=\w{3})|['\u2019]s?$")
"""What a word may have before or after it: `l'` and `'s`."""
_TERMS: Final = 8
_SENTENCES: Final = 2
_READ: Final = 12
"""Articles of a label that sentences are taken from, those with most of its terms."""
_LENGTHS: Final = range(50, 240)
"""Characters of a sentence that is quoted."""
_PRIOR: Final = 10.0
"""Articles that the prior stands for."""
_LEAST_Z: Final = 1.0
_ENDING: Final = 4
"""Letters that another form of a word may have more."""
_USUAL: Final = 0.3
"""Of all articles: a word on more of them tells nothing of a label on fewer."""
_JOINING: Final = 0.15
"""Of all articles: a word on more of them begins and ends no phrase, as `for` and `and`."""


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
        self._uses: Counter[int] = Counter()
        for path, text in texts.items():
            self._of[path] = self._numbered(text.text)
        self._everywhere = Counter(number for numbers in self._of.values() for number in numbers)
        self._words = list(self._numbers)
        most = max(_JOINING * len(texts), 2)
        self._joining = {self._words[n] for n, here in self._everywhere.items() if here > most}

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
        uses = Counter(numbers.setdefault(term, len(numbers)) for term in _all_terms(text))
        self._uses.update(uses)
        return array("I", uses)

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
            topical = min(self._uses[number] / everywhere - 1, 1.0)
            weights[number] = math.log(ours / others) / deviation * rarity * topical
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
            if words <= named or not self._is_whole(term):
                continue
            if any(_are_forms(one, other) for one in words for other in used):
                continue
            used |= words
            taken.append(term)
        return taken

    def _is_whole(self, term: str) -> bool:
        """Whether a term is no part of a phrase: neither end of a pair is a joining word."""
        first, _, second = term.partition(" ")
        return not second or self._joining.isdisjoint((first, second))

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
    return (
        "://" not in sentence
        and "{{" not in sentence
        and injection.without_orders(sentence) == sentence
    )


def _words(text: str) -> list[str]:
    return [_PARTICLE.sub("", word).casefold() for word in _WORD.findall(text)]


def _all_terms(text: str) -> Iterable[str]:
    """Yield words of three letters or more, and pairs of neighbours; no contractions."""
    for line in text.splitlines():
        words = _words(line)
        yield from (word for word in words if _is_term(word))
        for first, second in pairwise(words):
            if _is_term(first) and _is_term(second):
                yield f"{first} {second}"


def _are_forms(one: str, other: str) -> bool:
    """Whether two words are one, or look like forms of one, such as `bid` and `bidding`."""
    short, long = sorted((one, other), key=len)
    return long.startswith(short) and len(long) - len(short) <= _ENDING


def _is_term(word: str) -> bool:
    return len(word) > 2 and "'" not in word and "\u2019" not in word
