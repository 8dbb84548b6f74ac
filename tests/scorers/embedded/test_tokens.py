from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer

from classifier.scorers.embedded import tokens
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.tokens import TextTokens, WordTokens

MOST = 16


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    made = Tokenizer.from_file(str(ModelFiles.find().tokenizer))
    made.no_padding()
    made.enable_truncation(MOST)
    return made


@pytest.fixture(scope="module")
def by_word(tokenizer: Tokenizer) -> WordTokens:
    found = tokens.tokens(tokenizer)
    assert isinstance(found, WordTokens)
    return found


ODD = [
    "",
    " ",
    "Bread",
    "\u201cDon\u2019t panic\u201d \u2014 naïve café\u2026 e\u0301 \u0301x",
    "two  blanks\nand\n\nlines \t tab\u00a0joined\u3000wide\x1cfs\x85nel\u2028ls",
    "[CLS] a [SEP]b [MASK]] [ PAD ] ##ing [UNK]",
    "a\u200bb \ufeffc \x00d",
    "中文字 mixed 中文 text。",
    "x" * 150,
    "antidisestablishmentarianism " * 12,
    "!" * 40,
    "word " * 13 + "word",
    "word " * 14,
    "word " * 200,
    "\U0001f600 \u0130stanbul ΣΑΣ",
]


@pytest.mark.parametrize("text", ODD)
def test_windows_and_places_are_those_of_the_tokenizer(
    text: str, tokenizer: Tokenizer, by_word: WordTokens
) -> None:
    plain = TextTokens(tokenizer)
    assert list(by_word.windows([text])) == list(plain.windows([text]))
    assert by_word.offsets(text) == plain.offsets(text)


@given(st.lists(st.text(st.sampled_from("ab \n.\u2019#[]é\u0301中\tCLS")), max_size=5))
def test_any_texts_have_the_same_tokens_word_by_word(
    tokenizer: Tokenizer, by_word: WordTokens, texts: list[str]
) -> None:
    plain = TextTokens(tokenizer)
    assert list(by_word.windows(texts)) == list(plain.windows(texts))
    assert [by_word.offsets(text) for text in texts] == [plain.offsets(text) for text in texts]


def test_no_window_is_longer_than_the_model_reads(by_word: WordTokens) -> None:
    (windows,) = by_word.windows(["bread and salt " * 30])
    assert len(windows) > 1
    assert all(len(window) <= MOST for window in windows)


def test_words_are_forgotten_before_they_take_much_memory(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "_REMEMBERED", 100)
    few, plain = WordTokens(tokenizer), TextTokens(tokenizer)
    texts = [f"number {n} of many words" for n in range(50)]
    for text in texts:
        assert list(few.windows([text])) == list(plain.windows([text]))
        assert few._words.characters <= 100


def test_a_tokenizer_that_looks_beyond_words_is_asked_for_whole_texts(
    tokenizer: Tokenizer,
) -> None:
    own = Tokenizer.from_str(tokenizer.to_str())
    own.add_tokens([AddedToken("New York")])
    assert isinstance(tokens.tokens(own), TextTokens)
    (windows,) = tokens.tokens(own).windows(["in New York"])
    assert own.token_to_id("New York") in windows[0]
