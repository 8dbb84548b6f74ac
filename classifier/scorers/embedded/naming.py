"""What a category is called in articles, and where an article calls it so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from classifier.scorers.embedded.abbreviations import meaning, short_for
from classifier.scorers.embedded.lexical import Text, beginnings, stem, word_spans, words

_JOINING: Final = frozenset(("and", "of", "for", "the", "in", "to", "a"))
_SHORTEST: Final = 4
"""Letters of a name that is also found written as one word, or as several."""
_AMBIGUOUS: Final = 2
"""Letters of initials that stand for too much to be taken for the title alone: OS, US, IT."""
_MOST: Final = 8
"""Names that a title with slashes is read as, at most."""
_SLASH: Final = re.compile(r"\s*/\s*")
_AND: Final = re.compile(r"\s*[/&]\s*")


@dataclass(frozen=True, slots=True)
class Name:
    """A title, alias or abbreviation a category goes by."""

    text: str
    phrase: tuple[str, ...]
    """Its stems."""
    capitals: bool = False
    """An abbreviation: only counted where it is written in capitals."""
    joined: str = ""
    """The name as one word, as tags are written; empty if it is too short for that."""
    needs: tuple[str, ...] = ()
    """Stems that the article must have as well, wherever they are."""
    starts: frozenset[str] = field(init=False, repr=False, compare=False)
    """Stems and words of which a text has one (`Text.known`) if it has the name."""

    def __post_init__(self) -> None:
        joined = (stem(self.joined), *beginnings(self.joined)) if self.joined else ()
        object.__setattr__(self, "starts", frozenset((self.phrase[0], *joined)))

    def find(self, text: Text) -> list[tuple[int, int]]:
        """Return the places, in words and half-open, where the text uses the name."""
        if text.known.isdisjoint(self.starts):
            return []
        if self.capitals and self.text not in text.capitals:
            return []
        found = [(i, i + len(self.phrase)) for i in text.find(self.phrase)]
        if self.joined:
            found += text.find_joined(self.joined)
            if len(self.phrase) > 1:
                found += [(i, i + 1) for i in text.find((stem(self.joined),))]
        return found


def starts(names: Sequence[Name]) -> frozenset[str]:
    """Return stems and words of which a text has one (`Text.known`) if it has one of the names."""
    return frozenset().union(*(name.starts for name in names))


def known_names(title: str, aliases: Sequence[str]) -> tuple[str, ...]:
    """Return title, aliases, and what those of them stand for that are known abbreviations."""
    given = (title, *aliases)
    return tuple(dict.fromkeys((*given, *filter(None, map(meaning, given)))))


def names(titles: Sequence[str]) -> tuple[Name, ...]:
    """Return the names a category is mentioned by.

    Its titles; each part or reading of one with slashes; the initials and the usual abbreviation of
    a long one. Of initials with two letters the article must also have the title's words, unless
    they are in general use for it (AI).
    """
    by_phrase: dict[tuple[str, ...], Name] = {}
    for title in titles:
        for reading in _readings(title):
            phrase = _phrase(reading)
            joined = "".join(words(reading)).lower()
            if phrase:
                name = Name(title, phrase, joined=joined if len(joined) >= _SHORTEST else "")
                by_phrase.setdefault(phrase, name)
        for name in _short(title):
            by_phrase.setdefault(name.phrase, name)
    return tuple(by_phrase.values())


def _phrase(text: str) -> tuple[str, ...]:
    return tuple(stem(word) for word in words(text))


def _readings(title: str) -> Iterator[str]:
    """Yield the title, then with `and` for its signs, then what its slashes separate."""
    yield title
    if _AND.search(title):
        yield _AND.sub(" and ", title)
    yield from alternatives(title)


def alternatives(title: str) -> tuple[str, ...]:
    """Return what a title with slashes may be short for, without the title itself.

    `Mergers/Acquisitions` names either; `Danish Krone/Crown` is a Danish Krone or Crown; of
    `Heating Oil/Gas Oil`, both halves are names of their own.
    """
    if "/" not in title:
        return ()
    halves = [half.split() for half in _SLASH.split(title.strip())]
    whole = len({len(half) for half in halves}) == 1 and all(halves)
    found = [" ".join(half) for half in halves] if whole else []
    slots = [part.split("/") for part in _SLASH.sub("/", title).split()]
    if not whole or len(halves[0]) > 1:
        found += [" ".join(choice) for choice in product(*slots)][:_MOST]
    return tuple(dict.fromkeys(it for it in found[:_MOST] if words(it)))


def _short(title: str) -> Iterator[Name]:
    """Yield the abbreviations of a title."""
    written = words(title)
    usual = short_for(title)
    initials = "".join(w[0] for w in written if w.lower() not in _JOINING)
    if usual and usual != initials.lower():
        capitals = usual.isalpha()  # numeronyms such as k8s are written small
        text = usual.upper() if capitals else usual
        yield Name(text, (stem(usual),), capitals=capitals)
    if 2 <= len(initials) <= 5 and len(initials) >= len(written) - 1:
        doubtful = len(initials) <= _AMBIGUOUS and usual != initials.lower()
        needs = tuple(stem(w) for w in written if w.lower() not in _JOINING) if doubtful else ()
        text = initials.upper()
        yield Name(text, (stem(text),), capitals=True, needs=needs)


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


def unmentioned(names: Sequence[Name]) -> Mentions:
    """Return what `mentions` does where no text has any of the names."""
    return Mentions(names[0].text if names else "", title=0, headings=0, body=0, first=1.0)


def mentions(names: Sequence[Name], *, title: Text, headings: Text, body: Text) -> Mentions:
    """Count every name of a category; a place where two names match counts once."""
    texts = (title, headings, body)
    fit = [it for it in names if all(any(s in text for text in texts) for s in it.needs)]
    places = [name.find(body) for name in fit]
    starts = {start for found in places for start, _ in found}
    most = max(range(len(fit)), key=lambda i: len(places[i]), default=None)
    return Mentions(
        name="" if most is None else fit[most].text,
        title=_count(fit, title),
        headings=_count(fit, headings),
        body=len(starts),
        first=min(starts) / len(body) if starts else 1.0,
    )


def _count(names: Sequence[Name], text: Text) -> int:
    return len({start for name in names for start, _ in name.find(text)})


def spans(names: Sequence[Name], text: str) -> list[tuple[int, int]]:
    """Return where the names of a category are in `text`, in characters, half-open."""
    words_at = word_spans(text)
    found = Text(text)
    return sorted(
        {
            (words_at[first][0], words_at[end - 1][1])
            for name in names
            if all(stem in found for stem in name.needs)
            for first, end in name.find(found)
        }
    )
