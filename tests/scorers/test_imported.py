from __future__ import annotations

from support.definitions import category

from classifier.models import Article, FailureReason, Task
from classifier.scorers.imported import ImportedScorer


def test_what_was_not_imported_is_missing_and_nothing_is_judged() -> None:
    bread, wine = category("Bread"), category("Wine")
    (outcome,) = ImportedScorer().score([Task(Article(id="a.md", body="Bread."), (bread, wine))])
    (failure,) = outcome.failures
    assert outcome.judgements == ()
    assert (failure.reason, failure.categories) == (FailureReason.MISSING, (bread.id, wine.id))
