from __future__ import annotations

from support.keyword_scorer import KeywordScorer

from classifier import Panel
from classifier.models import Task
from classifier.scorers import members
from classifier.scorers.cascade.deferral import Shortlist
from classifier.scorers.cascade.scorer import Cascade
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.imported_first import ImportedFirst
from classifier.scorers.openai.costs import UsageEstimate


def test_judging_is_free_where_the_embedded_scorer_is_all_that_is_asked() -> None:
    embedded = EmbeddedScorer()
    assert members.is_free(embedded)
    assert members.is_free(ImportedFirst(embedded))
    assert not members.is_free(KeywordScorer())
    assert not members.is_free(ImportedFirst(KeywordScorer()))


class Priced(KeywordScorer):
    @property
    def identity(self) -> str:
        return "priced:counting:0123456789"

    def estimate(self, task: Task) -> UsageEstimate:
        return UsageEstimate(calls=len(task.categories))


def test_only_a_scorer_that_knows_its_price_or_asks_one_is_paid() -> None:
    assert not members.is_paid(KeywordScorer())
    assert members.is_paid(Priced())
    assert not members.is_paid(Panel([KeywordScorer(), EmbeddedScorer()]))
    assert members.is_paid(ImportedFirst(Panel([KeywordScorer(), Priced()])))
    assert members.is_paid(Cascade(KeywordScorer(), KeywordScorer(), Shortlist(size=1)))


def test_every_embedded_scorer_reports_the_definitions_that_it_embeds() -> None:
    def report(done: int, total: int) -> None:
        pass

    scorers = [EmbeddedScorer() for _ in range(3)]
    members.watch_definitions(Panel([scorers[0], ImportedFirst(scorers[1])]), report)
    members.watch_definitions(scorers[2], report)
    assert all(it.on_definitions is report for it in scorers)


def test_a_scorer_and_those_that_it_asks_are_all_judges() -> None:
    first, second = KeywordScorer(), EmbeddedScorer()
    panel = Panel([first, second])
    assert list(members.judges(panel)) == [panel.identity, first.identity, second.identity]
    around = ImportedFirst(panel)
    assert list(members.judges(around)) == [around.identity, *members.judges(panel)]
