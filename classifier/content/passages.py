"""Cut an article into passages and sentences, and find quotes in it."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterator

from classifier.content.markdown import Heading, Prose, prose
from classifier.models import Passage

__all__ = ["Heading", "Locator", "Prose", "locate", "prose", "sentences", "split"]

_Cut = tuple[int, int]  # offsets into Prose.text, half-open


def split(body: str | Prose, *, limit: int = 900) -> tuple[Passage, ...]:
    """Cut the prose of a body into passages of at most `limit` characters; nothing is left out.

    A heading always begins a passage; its words are part of that passage, and `Passage.heading`
    names it for all passages below it. Paragraphs of a section are merged while they fit, longer
    ones are cut between sentences, those between words, and a longer word anywhere.
    """
    if limit < 1:
        raise ValueError(f"limit must be at least 1, not {limit}")
    text = body if isinstance(body, Prose) else prose(body)
    cuts = (
        (cut, heading)
        for section, heading in _sections(text)
        for cut in _merged(_paragraphs(text.text, section, limit), limit)
    )
    return tuple(_passage(text, cut, heading) for cut, heading in cuts)


def sentences(body: str | Prose, *, start: int = 0, end: int | None = None) -> tuple[Passage, ...]:
    """Cut the prose of a body into sentences, to quote from. Headings are not among them.

    With `start` and `end`, offsets into the prose, only blocks that are in part between them.

    A sentence never spans two blocks (paragraphs, list items, table rows). One of a few letters is
    merged with its neighbour in the block.
    """
    text = body if isinstance(body, Prose) else prose(body)
    cuts = (
        (sentence, heading)
        for section, heading in _sections(text)
        if section[1] > start and (end is None or section[0] < end)
        for block in _blocks(text.text, section)
        if block[1] > start and (end is None or block[0] < end)
        for sentence in _sentences(text.text, block)
    )
    starts = {heading.start for heading in text.headings}
    return tuple(_passage(text, cut, heading) for cut, heading in cuts if cut[0] not in starts)


def _passage(text: Prose, cut: _Cut, heading: str) -> Passage:
    start, end = text.span(*cut)
    return Passage(text=text.text[slice(*cut)], start=start, end=end, heading=heading)


def _sections(text: Prose) -> Iterator[tuple[_Cut, str]]:
    """Yield what lies between headings, each with the heading it begins with.

    Headings with nothing between them begin one section together, named by the last.
    """
    start, name, body = 0, "", 0
    for heading in text.headings:
        if heading.start > body:
            yield (start, heading.start - 1), name
            start = heading.start
        name, body = heading.text, heading.end + 1
    if start < len(text.text):
        yield (start, len(text.text)), name


def _blocks(text: str, section: _Cut) -> Iterator[_Cut]:
    start, stop = section
    while start < stop:
        end = text.find("\n", start, stop)
        end = stop if end < 0 else end
        yield start, end
        start = end + 1


def _paragraphs(text: str, section: _Cut, limit: int) -> Iterator[list[_Cut]]:
    """Yield each block as the pieces of at most `limit` characters it must be cut into."""
    for block in _blocks(text, section):
        if block[1] - block[0] <= limit:
            yield [block]
        else:
            pieces = (p for s in _sentences(text, block) for p in _short(text, s, limit))
            yield list(pieces)


def _short(text: str, cut: _Cut, limit: int) -> Iterator[_Cut]:
    """Cut between words, or anywhere in a word that is too long."""
    start, stop = cut
    while stop - start > limit:
        space = text.rfind(" ", start + 1, start + limit + 1)
        end = space if space > 0 else start + limit
        yield start, end
        start = end + (space > 0)
    if start < stop:
        yield start, stop


def _merged(blocks: Iterator[list[_Cut]], limit: int) -> Iterator[_Cut]:
    current: _Cut | None = None
    for pieces in blocks:
        for piece in pieces:
            if current and piece[1] - current[0] <= limit:
                current = current[0], piece[1]
                continue
            if current:
                yield current
            current = piece
    if current:
        yield current


# --- sentences -----------------------------------------------------------------------------------

# Closing quotes and brackets may follow the stop. CJK stops need no space after them.
_STOP = re.compile(
    r"(?<![.!?\u2026])[.!?\u2026]++[\"'\u201d\u2019)\]\u00bb]*+(?= )"
    r"|[\u3002\uff01\uff1f]++[\u300d\u300f\u201d\u2019\uff09]*+"
)
_OPENING_MARKS = "(\"'\u201c\u2018["
_ABBREVIATIONS = frozenset(
    {"mr", "mrs", "ms", "dr", "prof", "st", "sr", "jr", "gen", "gov", "sen", "rep", "rev", "lt"}
    | {"col", "sgt", "vs", "e.g", "i.e", "eg", "ie", "cf", "fig", "no", "vol", "approx", "est"}
    | {"inc", "ltd", "co", "corp", "dept"}
    | {"jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec"}
)
_FRAGMENT = 20
"""Characters below which a sentence is merged with its neighbour."""


def _sentences(text: str, block: _Cut) -> Iterator[_Cut]:
    start = block[0]
    pending: _Cut | None = None
    for end in _ends(text, block):
        if pending and min(pending[1] - pending[0], end - start) >= _FRAGMENT:
            yield pending
            pending = None
        pending = (pending[0] if pending else start), end
        start = end + (text[end : end + 1] == " ")
    if pending:
        yield pending


def _ends(text: str, block: _Cut) -> Iterator[int]:
    for match in _STOP.finditer(text, *block):
        if match.end() < block[1] and _is_end(text, match, block[0]):
            yield match.end()
    yield block[1]


def _is_end(text: str, match: re.Match[str], start: int) -> bool:
    following = text[match.end() + 1 : match.end() + 2]
    if following.islower():
        return False
    if match[0] != ".":
        return True
    before = text[max(start, match.start() - 12) : match.start()]
    word = before.rpartition(" ")[2].lstrip(_OPENING_MARKS)
    initial = len(word) == 1 and word.isalpha() and word.isupper() and word != "I"
    return not initial and word.lower() not in _ABBREVIATIONS


# --- quotes --------------------------------------------------------------------------------------

_SCRIPTS_WITHOUT_SPACES = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(
    rf"[{_SCRIPTS_WITHOUT_SPACES}]|(?>(?:[^\W_{_SCRIPTS_WITHOUT_SPACES}]|[\u0300-\u036f])+)(?>(?:\+\+|\#)?)|[$€£¥%]++"
)
_LETTERS_AT_LEAST = 8


class _Tokens:
    """Words of a text and where they stand, for comparing without regard to anything else."""

    def __init__(self, text: str) -> None:
        self._starts, self._ends = array("I"), array("I")
        self._places = array("I")
        words = []
        place = 1
        for match in _TOKEN.finditer(text):
            word = _folded(match[0])
            words.append(word)
            self._starts.append(match.start())
            self._ends.append(match.end())
            self._places.append(place)
            place += len(word) + 1
        self.joined = f" {' '.join(words)} "

    def find(self, joined: str) -> tuple[int, int] | None:
        at = self.joined.find(joined)
        if at < 0:
            return None
        first = bisect_right(self._places, at + 1) - 1
        last = bisect_right(self._places, at + len(joined) - 2) - 1
        return self._starts[first], self._ends[last]


def _copied(quote: str, text: str) -> tuple[int, int] | None:
    """Return where `text` has the quote letter by letter, if it begins and ends as its words do.

    Most quotes are copies, and this reads neither of the two word by word.
    """
    words = list(_TOKEN.finditer(quote))
    first, last = words[0].start(), words[-1]
    start = text.find(quote[first : last.end()])
    if start < 0:
        return None
    shift = start - first
    before = _TOKEN.match(text, start - 1) if start else None
    ending = _TOKEN.match(text, last.start() + shift)
    if (before and before.end() > start) or not ending or ending.end() != last.end() + shift:
        return None
    return start, ending.end()


def _folded(word: str) -> str:
    if word.isascii():
        return word.lower()
    return unicodedata.normalize("NFKC", word).casefold().replace(" ", "")


class Locator:
    """Finds quotes in one body; reading the body is done once, at the first quote.

    `read`: the body's prose, where it is at hand.
    """

    def __init__(self, body: str, *, read: Prose | None = None) -> None:
        self._body = body
        self._prose = read
        self._prose_tokens: _Tokens | None = None
        self._body_tokens: _Tokens | None = None

    def find(self, quote: str) -> tuple[int, int] | None:
        """Return the offsets into the body of the first place with the words of `quote`.

        A place where it stands letter by letter goes before others. Elsewhere white space,
        punctuation, letter case and markup do not count; the words, numbers, currency and percent
        signs do, all of them and in order. None where they are not in the body, or where the quote
        has fewer than 8 letters or digits, which could be anywhere.
        """
        if found := self._in_prose(quote):
            return self._read().span(*found)
        joined = _Tokens(quote).joined
        return self._in_body(joined) if _is_long(joined) else None

    def complete(self, quote: str, *, limit: int = 400) -> Passage | None:
        """Return `quote` with the rest of the sentence in which it ends.

        What follows the quote is left out beyond `limit` characters in all. None where the quote is
        not in the prose of the body.
        """
        found = self._in_prose(quote)
        if found is None:
            return None
        text, (start, end) = self._read(), found
        block = text.text.rfind("\n", 0, end) + 1, text.text.find("\n", end)
        block = block[0], block[1] if block[1] >= 0 else len(text.text)
        whole = next((stop for _, stop in _sentences(text.text, block) if stop >= end), end)
        if whole - start > limit:
            whole = max(end, text.text.rfind(" ", end, start + limit))
        return _passage(text, (start, whole), "")

    def _read(self) -> Prose:
        if self._prose is None:
            self._prose = prose(self._body)
        return self._prose

    def _in_prose(self, quote: str) -> _Cut | None:
        text = self._read().text
        if _is_long(quote) and (found := _copied(quote, text)):
            return found
        joined = _Tokens(quote).joined
        if not _is_long(joined):
            return None
        if self._prose_tokens is None:
            self._prose_tokens = _Tokens(text)
        return self._prose_tokens.find(joined)

    def _in_body(self, joined: str) -> tuple[int, int] | None:
        if self._body_tokens is None:
            self._body_tokens = _Tokens(self._body)
        return self._body_tokens.find(joined)


def _is_long(quote: str) -> bool:
    return sum(map(str.isalnum, quote)) >= _LETTERS_AT_LEAST


def has_words(text: str, quote: str) -> bool:
    """Tell whether `text` has the words of `quote` in order, however few they are."""
    joined = _Tokens(quote).joined
    return bool(joined.strip()) and joined in _Tokens(text).joined


def locate(quote: str, body: str) -> tuple[int, int] | None:
    """Find one quote; for several quotes of one body, use a Locator."""
    return Locator(body).find(quote)
