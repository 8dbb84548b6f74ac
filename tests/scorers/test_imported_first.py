from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.definitions import category
from support.keyword_scorer import KeywordScorer

from classifier.models import Article, Example, Task
from classifier.scorers.cached import Cached
from classifier.scorers.imported import IDENTITY, ImportedScorer
from classifier.scorers.imported_first import ImportedFirst, imported_for
from classifier.store import JudgementSet, Store

ARTICLE = Article(id="a.md", body="Bread, bread.")
BREAD, WINE = category("Bread"), category("Wine")


def test_what_was_imported_decides_and_the_rest_is_asked(tmp_path: Path) -> None:
    shown = replace(BREAD, examples=(Example(title="T", text="x", accepted=True),))
    with Store.open(tmp_path / "store.db") as store:
        (known,) = KeywordScorer().score([Task(ARTICLE, (BREAD,))])
        judgement = replace(known.judgements[0], confidence=0.25, scorer=IDENTITY)
        imported = JudgementSet(
            scorer=IDENTITY,
            article=ARTICLE.digest,
            judgements={imported_for(shown).digest: judgement},
            judged_at=1.0,
        )
        store.add(imported)
        scorer = ImportedFirst(KeywordScorer(), Cached(ImportedScorer(), store, kept=False))
        (outcome,) = scorer.score([Task(ARTICLE, (shown, WINE))])
    found = {it.category: (it.confidence, it.scorer) for it in outcome.judgements}
    assert found[BREAD.id] == (0.25, IDENTITY)
    assert found[WINE.id] == (0.1, KeywordScorer().identity)
    assert outcome.failures == ()


def test_without_a_store_the_other_scorer_judges_all() -> None:
    (outcome,) = ImportedFirst(KeywordScorer()).score([Task(ARTICLE, (BREAD, WINE))])
    assert {it.scorer for it in outcome.judgements} == {KeywordScorer().identity}


def test_the_identity_is_its_own() -> None:
    scorer = ImportedFirst(KeywordScorer())
    assert scorer.identity.startswith("imported+keywords:counting:")
    assert scorer.identity != ImportedFirst(ImportedScorer()).identity
