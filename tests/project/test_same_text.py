from __future__ import annotations

import pytest
from support.keyword_scorer import KeywordScorer

from classifier.content import document
from classifier.content.document import Document
from classifier.models import Article, Category, Task
from classifier.project.same_text import keep_judgements
from classifier.store import JudgementSet, Store

BREAD = Category(id="tags/bread", kind="tags", title="Bread")


def opened(body: str, title: str = "T") -> tuple[Document, Article]:
    it = document.from_text(f"---\ntitle: {title}\n---\n{body}\n", id="a.md")
    assert isinstance(it, Document)
    assert isinstance(it.article, Article)
    return it, it.article


def judge(store: Store, article: Article, at: float) -> None:
    scorer = KeywordScorer()
    (outcome,) = scorer.score([Task(article, (BREAD,))])
    judgements = {BREAD.digest: outcome.judgements[0]}
    store.add(
        JudgementSet(
            scorer=scorer.identity, article=article.digest, judgements=judgements, judged_at=at
        )
    )


def test_the_latest_judgements_are_kept_with_quotes_where_they_are(store: Store) -> None:
    old, before = opened("See bread.")
    new, after = opened("[See](/see) bread.")
    judge(store, before, 1.0)
    judge(store, before, 2.0)
    keep_judgements(store, old, new)
    (record,) = store.history(after.digest)
    assert (record.judged_at, record.category) == (2.0, BREAD.digest)
    (quote,) = record.judgement.evidence
    assert after.body[quote.start : quote.end] == quote.text == "bread"


def test_what_is_judged_already_stays(store: Store) -> None:
    old, before = opened("bread")
    new, after = opened("[bread](/x)")
    judge(store, before, 1.0)
    judge(store, after, 3.0)
    keep_judgements(store, old, new)
    assert [it.judged_at for it in store.history(after.digest)] == [3.0]


@pytest.mark.parametrize(("body", "title"), [("breads", "T"), ("bread", "U")])
def test_other_texts_keep_nothing(store: Store, body: str, title: str) -> None:
    old, before = opened("bread")
    new, after = opened(body, title)
    judge(store, before, 1.0)
    keep_judgements(store, old, new)
    assert store.history(after.digest) == []
