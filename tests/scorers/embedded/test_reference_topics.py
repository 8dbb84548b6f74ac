from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.sentence_model import SentenceModel


@pytest.fixture(scope="module")
def model() -> SentenceModel:
    return SentenceModel.open(ModelFiles.find())


class Fixed:
    """Another encoder, whose vectors say only which text came when."""

    digest = "another"

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts, *, role: str = "passage"):
        self.encoded += texts
        rows = np.random.default_rng(len(texts)).normal(size=(len(texts), 384))
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_every_topic_has_a_title_and_a_description_and_titles_are_different() -> None:
    topics = reference_topics.topics()
    assert all(title and about for title, about in topics)
    assert len({title for title, _ in topics}) == len(topics)


def test_the_shipped_vectors_are_of_the_default_model(
    model: SentenceModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference_topics, "embed", None)  # nothing is computed
    loaded = reference_topics.load(model)
    assert len(loaded.titles) == len(loaded.texts) == len(reference_topics.topics())
    assert np.linalg.norm(loaded.titles, axis=1) == pytest.approx(1, abs=1e-5)


def test_vectors_are_computed_for_any_other_model() -> None:
    encoder = Fixed()
    reference_topics.load(encoder)
    title, about = reference_topics.topics()[0]
    assert {title, f"an article about {title}", f"{title}: {about}"} <= set(encoder.encoded)


def test_what_is_saved_is_what_was_computed(tmp_path: Path, monkeypatch) -> None:
    encoder = Fixed()
    made = reference_topics.embed(encoder)
    reference_topics.save(made, encoder, tmp_path / "topics.npz")
    with np.load(tmp_path / "topics.npz") as saved:
        assert saved["titles"].astype(np.float32) == pytest.approx(made.titles, abs=1e-3)
        assert str(saved["key"]).startswith("another ")
