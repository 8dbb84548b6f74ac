"""A sentence model without meaning, for tests of what is made of vectors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from classifier.scorers.embedded import features, token_spans


class LetterModel:
    """Vectors by the letters of a text: no meaning, but quick and the same every time."""

    digest = "letters"

    def encode(self, texts: Sequence[str], *, role: str = "passage") -> np.ndarray:
        rows = np.zeros((len(texts), 27), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[26] = 0.1
            for letter in text.lower():
                if "a" <= letter <= "z":
                    row[ord(letter) - 97] += 1
        return features.unit_rows(rows)

    def read(self, texts: Sequence[str], axes: np.ndarray) -> tuple[np.ndarray, list[np.ndarray]]:
        words = [self.encode(text.split()) for text in texts]
        return self.encode(texts), [token_spans.from_tokens(rows, axes) for rows in words]

    def rarities(self, words: Sequence[str]) -> list[float]:
        return [min(1.0, len(word) / 8) for word in words]
