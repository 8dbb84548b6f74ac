from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.embedded.sentence_model import SentenceModel


@pytest.fixture(scope="module")
def scorer() -> EmbeddedScorer:
    return EmbeddedScorer()


@pytest.fixture
def embedded_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is given to a sentence model from now on."""
    texts: list[str] = []
    begin = SentenceModel.begin

    def noting(self: SentenceModel, given: Sequence[str], **role: Any) -> Any:
        texts.extend(given)
        return begin(self, given, **role)

    monkeypatch.setattr(SentenceModel, "begin", noting)
    return texts
