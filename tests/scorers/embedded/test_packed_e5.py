from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from support.embedded import LOAF, SCALING, SERVERS, judge

from classifier.errors import ModelError
from classifier.models import Article, Category, Task
from classifier.scorers.embedded import reference_topics
from classifier.scorers.embedded.model_files import ModelChoice, ModelFiles
from classifier.scorers.embedded.packed_e5 import PackedE5, unpacked
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.embedded.sentence_model import SentenceModel

pytestmark = pytest.mark.slow

TEXTS = {
    "bread": (
        "The baker bakes bread.",
        "Le boulanger cuit le pain.",
        "Der Bäcker backt Brot.",
        "El panadero hornea pan.",
    ),
    "rockets": (
        "A rocket flew to the moon.",
        "Une fusée est partie vers la lune.",
        "Eine Rakete flog zum Mond.",
        "Un cohete voló a la luna.",
    ),
}


@pytest.fixture(scope="module")
def files() -> ModelFiles:
    return ModelFiles.find("multilingual")


@pytest.fixture(scope="module")
def model(files: ModelFiles) -> SentenceModel:
    return SentenceModel.open(files)


def test_a_block_is_a_scale_and_the_lower_halves_before_the_upper_ones() -> None:
    scale = np.array([0.5], "<f2").view(np.uint8)
    halves = np.arange(16, dtype=np.uint8) | (8 << 4)
    numbers = unpacked(np.concatenate([scale, halves])[None])
    assert numbers[0].tolist() == [*(0.5 * (i - 8) for i in range(16)), *([0.0] * 16)]


@pytest.mark.parametrize(
    ("text", "role", "every_32nd"),
    [
        (
            "Le boulanger nourrit son levain chaque matin.",
            "passage",
            [
                0.0005,
                0.0174,
                0.0594,
                -0.0537,
                -0.0188,
                -0.0532,
                -0.0521,
                -0.0309,
                0.0541,
                -0.0607,
                -0.0371,
                0.0233,
            ],
        ),
        (
            "Bäckerei",
            "query",
            [
                0.0483,
                0.0534,
                0.0588,
                -0.0347,
                -0.0102,
                -0.0672,
                -0.0727,
                -0.0507,
                0.0283,
                -0.0637,
                -0.0391,
                0.0507,
            ],
        ),
    ],
)
def test_vectors_are_those_of_the_engine_that_comes_with_the_file(
    model: SentenceModel, text: str, role: str, every_32nd: list[float]
) -> None:
    (vector,) = model.encode([text], role="query" if role == "query" else "passage")
    # That engine computes in whole numbers.
    assert np.allclose(vector[::32], every_32nd, atol=4e-3)


def test_a_text_is_closer_to_its_translations_than_to_those_of_another(
    model: SentenceModel,
) -> None:
    bread, rockets = (model.encode(texts) for texts in TEXTS.values())
    own = ((bread @ bread.T).sum(axis=1) - 1) / (len(bread) - 1)  # without itself
    assert (own > (bread @ rockets.T).mean(axis=1) + 0.02).all()


def test_a_text_gets_the_same_vector_alone_and_in_company(model: SentenceModel) -> None:
    texts = [
        *TEXTS["bread"],
        "",
        "村のパン屋 " * 300,
        "x" * 3000,
        "two\tlines\nof\u200btext \ufb01",
    ]
    together = model.encode(texts)
    alone = np.concatenate([model.encode([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-3)


def test_characters_that_are_written_in_two_ways_are_the_same_tokens(files: ModelFiles) -> None:
    tokenizer = PackedE5(files.weights).tokenizer()
    assert tokenizer.encode("ﬁn\u200bde  mois\x07").ids == tokenizer.encode("fin de mois").ids
    assert tokenizer.encode("pain").tokens == ["<s>", "▁pain", "</s>"]


def test_vectors_of_the_topics_are_those_that_are_shipped(model: SentenceModel) -> None:
    shipped, made = reference_topics.load(model), reference_topics.embed(model)
    assert (shipped.texts * made.texts).sum(axis=1).min() > 0.999
    assert (shipped.titles * made.titles).sum(axis=1).min() > 0.999


def test_an_article_is_judged_by_definitions_in_another_language() -> None:
    categories = tuple(
        Category(id=f"tags/{title.lower()}", kind="tags", title=title, description=about)
        for title, about in (
            ("Boulangerie", "Le pain et les viennoiseries."),
            ("Espace", "Les fusées, la lune et les planètes."),
        )
    )
    scorer = EmbeddedScorer(model="multilingual")
    task = Task(Article(id="a", title="Brot", body=TEXTS["bread"][2] * 5), categories)
    (outcome,) = scorer.score([task])
    bread, space = outcome.judgements
    assert bread.confidence > 2 * space.confidence
    assert scorer.identity.startswith("embedded:multilingual-e5-small:")
    assert scorer.languages is None


@pytest.mark.parametrize("choice", [None, "multilingual"])
def test_a_difference_of_cosines_is_measured_by_how_much_they_vary(choice: ModelChoice) -> None:
    model = SentenceModel.open(ModelFiles.find(choice))
    assert reference_topics.load(model).spread == (1.0 if choice is None else 0.2)


def test_exclusion_rules_fire_although_all_cosines_are_high() -> None:
    excluded = judge(EmbeddedScorer(model="multilingual"), SERVERS, SCALING)[0]
    assert excluded.exclusion == SCALING.instructions.exclusions[0]
    assert judge(EmbeddedScorer(model="multilingual"), LOAF, SCALING)[0].exclusion is None


def test_a_file_of_another_format_is_one_line_naming_it(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"GGUF")
    with pytest.raises(ModelError, match=r"model\.bin: not a packed e5 model"):
        PackedE5(tmp_path / "model.bin")


def test_without_onnx_the_extra_is_named(
    files: ModelFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModelError, match=r"needs onnx: pip install 'category-classifier\[multi"):
        SentenceModel.open(files)
