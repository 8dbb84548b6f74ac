"""Texts to tokens, as a model's tokenizer cuts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, islice
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Ids = list[int]
"""The tokens that the model reads at once, with those that stand at start and end."""
Offsets = list[tuple[int, int]]
"""Where the tokens of a window are in the text, without those, in characters and half-open."""

_TEXTS_AT_ONCE: Final = 512
"""Texts tokenised at once: the tokenizer's output is a hundred times what is kept of it."""
_REMEMBERED: Final = 200_000
"""Characters of words that are remembered: about 30,000 words, which take some 10 MB."""
_T = TypeVar("_T")


class Tokens(Protocol):
    """Cuts texts into tokens, and these into windows."""

    def windows(self, texts: Sequence[str]) -> Iterator[list[Ids]]:
        """Yield the windows of each text, at least one."""
        ...

    def offsets(self, text: str) -> list[Offsets]:
        """Return where the tokens of each window of a text are."""
        ...


def tokens(tokenizer: Tokenizer) -> Tokens:
    """Return what cuts texts as a tokenizer does that truncates them."""
    return WordTokens(tokenizer) if _cuts_words(tokenizer) else TextTokens(tokenizer)


def _cuts_words(tokenizer: Tokenizer) -> bool:
    """Tell whether what is between two spaces has the same tokens wherever it stands."""
    kinds = (tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.model)
    added = tokenizer.get_added_tokens_decoder().values()
    return (
        [type(it).__name__ for it in kinds] == ["BertNormalizer", "BertPreTokenizer", "WordPiece"]
        and not any(it.lstrip or it.rstrip or it.single_word or " " in it.content for it in added)
        and len(tokenizer.encode("").ids) == 2
    )


class TextTokens:
    """Any tokenizer: the tokens of a word may depend on what is beside it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def windows(self, texts: Sequence[str]) -> Iterator[list[Ids]]:
        for some in _batched(texts):
            for encoding in self._tokenizer.encode_batch_fast(some):
                yield [window.ids for window in (encoding, *encoding.overflowing)]

    def offsets(self, text: str) -> list[Offsets]:
        encoding = self._tokenizer.encode(text)
        return [window.offsets[1:-1] for window in (encoding, *encoding.overflowing)]


class WordTokens:
    """A tokenizer of BERT's kind, for which the tokens of words are remembered.

    Most words of a text were met before, so this takes a third of the time.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._start, self._end = tokenizer.encode("").ids
        self._most = int((tokenizer.truncation or {})["max_length"]) - 2
        self._words = _Words()

    def windows(self, texts: Sequence[str]) -> Iterator[list[Ids]]:
        for some in _batched(texts):
            split = [_split(text) for text in some]
            known = self._known(chain.from_iterable(split))
            for words in split:
                ids = list(chain.from_iterable(map(known.ids.__getitem__, words)))
                yield [[self._start, *inside, self._end] for inside in self._windows(ids)]

    def offsets(self, text: str) -> list[Offsets]:
        words = _split(text)
        known = self._known(words)
        starts = accumulate((len(word) + 1 for word in words), initial=0)
        return self._windows(
            [
                (start + first, start + last)
                for word, start in zip(words, starts, strict=False)
                for first, last in known.offsets[word]
            ]
        )

    def _windows(self, whole: list[_T]) -> list[list[_T]]:
        starts = range(0, max(len(whole), 1), self._most)
        return [whole[start : start + self._most] for start in starts]

    def _known(self, words: Iterable[str]) -> _Words:
        """Return the tokens of at least these words; threads may share it."""
        known = self._words
        new = [word for word in dict.fromkeys(words) if word not in known.offsets]
        encodings = self._tokenizer.encode_batch(new, add_special_tokens=False) if new else ()
        for word, encoding in zip(new, encodings, strict=True):
            windows = (encoding, *encoding.overflowing)
            known.ids[word] = tuple(chain.from_iterable(it.ids for it in windows))
            known.offsets[word] = tuple(chain.from_iterable(it.offsets for it in windows))
            known.characters += len(word)
        if known.characters > _REMEMBERED:
            self._words = _Words()
        return known


class _Words:
    """The tokens of words, and where they are in the word."""

    def __init__(self) -> None:
        self.ids: dict[str, tuple[int, ...]] = {}
        self.offsets: dict[str, tuple[tuple[int, int], ...]] = {}
        self.characters = 0


def _split(text: str) -> list[str]:
    return text.replace("\n", " ").split(" ")


def _batched(texts: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(texts)
    while some := list(islice(rest, _TEXTS_AT_ONCE)):
        yield some
