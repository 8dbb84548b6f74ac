from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from support.embedded import BAKING, LOAF, SERVERS, SPACE

from classifier.evaluation.gold import Gold
from classifier.models import Article
from classifier.scorers.embedded import corrections
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.store import VerdictRecord
from classifier.training.dataset import (
    LabelledArticle,
    build_dataset,
    read_labelled,
    shared_words,
    word_share_matrix,
)
from classifier.verdicts import WHOLE_ARTICLE, Verdicts


def labelled(article: Article, **known: bool) -> LabelledArticle:
    return LabelledArticle(
        article=article, known={f"tags/{name}": its for name, its in known.items()}, notes={}
    )


def test_only_words_that_several_articles_have_can_be_learned_from() -> None:
    counts = [Counter(dough=2, oven=1), Counter(dough=1, traffic=1), Counter(oven=5)]
    assert shared_words(counts) == ("dough", "oven")


def test_a_row_has_the_share_of_each_word_and_leaves_out_unknown_ones() -> None:
    counts = [Counter(dough=2, rare=1), Counter(oven=1)]
    table = word_share_matrix(counts, ("dough", "oven"))
    shares = corrections.word_shares(counts[0])
    assert table[0].tolist() == [pytest.approx(shares["dough"]), 0.0]
    assert table[1, 1] == pytest.approx(1.0)


def test_unknown_pairs_are_not_taken_for_rejections() -> None:
    articles = [labelled(LOAF, baking=True), labelled(SERVERS, baking=False, space=False)]
    dataset = build_dataset(articles, (BAKING, SPACE), EmbeddedScorer())
    assert dataset is not None
    assert dataset.examples.truth.tolist() == [[True, False], [False, False]]
    assert dataset.examples.known.tolist() == [[True, False], [True, True]]
    assert dataset.examples.logits[0, 0] > dataset.examples.logits[1, 0]
    assert dataset.examples.words.shape == (2, len(dataset.words))
    assert dataset.examples.features.shape == (2, 2, len(dataset.features))


def test_an_article_confirmed_as_a_whole_has_no_other_label_of_the_kind() -> None:
    whole = replace(labelled(LOAF, baking=True), settled=frozenset({"tags/baking"}))
    other = labelled(SERVERS, baking=False)
    dataset = build_dataset([whole, other], (BAKING, SPACE), EmbeddedScorer())
    assert dataset is not None
    assert dataset.examples.known.tolist() == [[True, True], [True, False]]
    assert dataset.examples.truth.tolist() == [[True, False], [False, False]]
    elsewhere = replace(whole, settled=frozenset({"topics/other"}))
    dataset = build_dataset([elsewhere, other], (BAKING, SPACE), EmbeddedScorer())
    assert dataset is not None
    assert dataset.examples.known.tolist() == [[True, False], [True, False]]


def test_a_rejection_is_a_verdict_and_no_missing_label() -> None:
    articles = [
        labelled(LOAF, baking=True, space=False),
        replace(labelled(SERVERS, baking=False), rejected=frozenset({"tags/baking"})),
    ]
    dataset = build_dataset(articles, (BAKING, SPACE), EmbeddedScorer())
    assert dataset is not None
    assert dataset.rejected.tolist() == [[False, False], [True, False]]


def test_articles_without_text_and_no_categories_give_no_data() -> None:
    empty = labelled(Article(id="-", body=""), baking=True)
    assert build_dataset([empty], (BAKING,), EmbeddedScorer()) is None
    assert build_dataset([labelled(LOAF, baking=True)], (), EmbeddedScorer()) is None


def test_verdicts_win_and_copies_of_a_text_are_one_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.md", "copy.md"):
        Path(name).write_text("---\ntitle: Loaf\n---\nDough and an oven.\n")
    verdict = VerdictRecord(
        path="a.md",
        article="",
        category="tags/baking",
        definition="",
        accepted=False,
        note="no",
        source=WHOLE_ARTICLE,
        at=0,
    )
    gold = Gold(
        labels={"a.md": {"tags/baking": True}, "copy.md": {"tags/space": False}, "c.md": {}},
        source="gold.csv",
    )
    Path("c.md").write_bytes(b"\xff")
    (article,), (failure,) = read_labelled(gold, Verdicts([verdict], [BAKING], home=tmp_path))
    assert article.known == {"tags/baking": False, "tags/space": False}
    assert article.settled == {"tags/baking"}
    assert article.rejected == {"tags/baking"}
    assert "c.md" in failure.message
