from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.embedded import BAKING, CATEGORIES, LOAF, MIXED, SERVERS, SPACE, Kept, judge

from classifier.models import (
    Task,
)
from classifier.pipeline import Classifier
from classifier.scorers.embedded import scorer as embedded
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.store import Store


def test_a_changed_definition_embeds_no_article_again(
    scorer: EmbeddedScorer, embedded_texts: list[str]
) -> None:
    kept = Kept()
    list(scorer.with_cache(kept).score([Task(LOAF, CATEGORIES), Task(MIXED, CATEGORIES)]))
    changed = replace(SPACE, description="Rockets, probes and the people who ride them.")
    del embedded_texts[:]
    kept.hits = 0
    list(scorer.with_cache(kept).score([Task(LOAF, (changed,)), Task(MIXED, (changed,))]))
    assert kept.hits == 2
    assert all("space" in text.lower() for text in embedded_texts)


@pytest.mark.parametrize("harm", [b"", b"\0", b"\xff" * 100_000])
def test_damaged_vectors_are_made_again(harm: bytes) -> None:
    kept = Kept()
    (right,) = EmbeddedScorer(vectors=kept).score([Task(LOAF, CATEGORIES)])
    whole = dict(kept.known)
    kept.known = dict.fromkeys(whole, harm)
    (again,) = EmbeddedScorer(vectors=kept).score([Task(LOAF, CATEGORIES)])
    assert again == right
    assert kept.known == whole


def test_where_a_store_is_in_use_the_vectors_are_kept_in_it(
    tmp_path: Path, embedded_texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, open_ = list[Store](), Store.open
    monkeypatch.setattr(
        Store, "open", lambda at, **kw: opened.append(open_(at, **kw)) or opened[-1]
    )
    definitions, path = tmp_path / "tags.yml", tmp_path / "records.sqlite3"
    definitions.write_text("space:\n  label: Space flight\n", encoding="utf-8")
    Classifier.from_settings(categories=definitions, store=path).classify(LOAF)
    assert LOAF.title in embedded_texts
    del embedded_texts[:]
    definitions.write_text("sea:\n  label: Seafaring\n", encoding="utf-8")
    result = Classifier.from_settings(categories=definitions, store=path).classify(LOAF)
    assert embedded_texts == ["Seafaring", "an article about Seafaring"]
    with Store.open(path, read_only=True) as store:
        assert store.stats()["vectors"] == 3
    assert (
        result.judgements
        == Classifier.from_settings(categories=definitions).classify(LOAF).judgements
    )
    for store in opened:  # a classifier leaves that to the end of the process
        store.close()


def test_categories_are_embedded_once_and_those_of_the_past_are_forgotten(
    monkeypatch: pytest.MonkeyPatch, embedded_texts: list[str]
) -> None:
    monkeypatch.setattr(embedded, "KNOWN_CATEGORIES", 2)
    scorer = EmbeddedScorer()
    for article in (LOAF, SERVERS, MIXED):
        judge(scorer, article, *CATEGORIES)  # more than are held, but all in use
    assert embedded_texts.count(SPACE.title) == 1
    for number in range(2):
        judge(scorer, LOAF, replace(BAKING, title=f"Baking {number}"))
    judge(scorer, LOAF, SPACE)
    assert embedded_texts.count(SPACE.title) == 2


@pytest.mark.slow
def test_vectors_of_another_model_or_text_are_not_taken(tmp_path: Path) -> None:
    files, kept = ModelFiles.find(), Kept()
    shutil.copy(files.tokenizer, tmp_path / "tokenizer.json")
    shutil.copy(files.weights, tmp_path / "model.onnx")
    (tmp_path / "model.json").write_text('{"pooling": "cls"}')
    judge(EmbeddedScorer(vectors=kept), LOAF, SPACE)
    judge(EmbeddedScorer(vectors=kept), replace(LOAF, body=f"{LOAF.body}."), BAKING)
    judge(EmbeddedScorer(vectors=kept, model=tmp_path), LOAF, SPACE)
    assert kept.hits == 0
