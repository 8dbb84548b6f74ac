from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier.errors import UsageError
from classifier.models import (
    READ,
    Article,
    Category,
    ConfidenceKind,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Outcome,
    Task,
    Usage,
)
from classifier.scorers.cached import Cached
from classifier.scorers.cascade.deferral import hash_uniform
from classifier.scorers.panel import Panel, categories_for
from classifier.store import Store

CATEGORIES = tuple(Category(id=f"tags/{n}", kind="tags", title=f"Tag {n}") for n in range(4))


@dataclass
class Member:
    """Has an opinion of every pair, and a list of those it was asked about."""

    name: str
    model: str = "m"
    confidence: float | None = None
    """Of every pair; None: one that depends on the pair."""
    more: dict[str, object] = field(default_factory=dict)
    """Fields of its judgements."""
    fails: dict[str, FailureReason] = field(default_factory=dict)
    """By body of the article: why its first category, or the article, is not judged."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    backwards: bool = False
    """Whether it answers in another order than it is asked."""

    @property
    def identity(self) -> str:
        return f"{self.name}:{self.model}:0123"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        found = map(self._outcome, tasks)
        yield from reversed(list(found)) if self.backwards else found

    def _outcome(self, task: Task) -> Outcome:
        self.asked += [(task.article.body, category.id) for category in task.categories]
        usage = Usage(calls=1, input_tokens=10)
        judged, failures = task.categories, ()
        if reason := self.fails.get(task.article.body):
            whole = reason is FailureReason.TAMPERED
            lost, judged = (judged, ()) if whole else (judged[:1], judged[1:])
            failures = (Failure(reason, "so it is", tuple(c.id for c in lost)),)
        judgements = tuple(self._judgement(task, category) for category in judged)
        return Outcome(task=task, judgements=judgements, failures=failures, usage=usage)

    def _judgement(self, task: Task, category: Category) -> Judgement:
        own = hash_uniform(task.article.digest, category.digest, self.name)
        made = Judgement(
            category=category.id,
            confidence=own if self.confidence is None else self.confidence,
            kind=ConfidenceKind.STATED,
            scorer=self.identity,
        )
        return replace(made, **self.more)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Learned:
    digest: str = "learned"


def tasks(*bodies: str) -> list[Task]:
    return [Task(Article(id=body, body=body), CATEGORIES) for body in bodies or ("a", "b", "c")]


def only(panel: Panel) -> Judgement:
    (outcome,) = panel.score([Task(Article(id="a", body="a"), CATEGORIES[:1])])
    (judgement,) = outcome.judgements
    return judgement


@given(st.lists(st.floats(0, 1), min_size=2, max_size=5))
def test_the_confidence_is_the_mean_or_the_least_and_each_is_an_aspect(each: list[float]) -> None:
    members = [Member(f"s{n}", confidence=value) for n, value in enumerate(each)]
    mean, least = only(Panel(members)), only(Panel(members, "least"))
    assert mean.confidence == pytest.approx(sum(each) / len(each))
    assert least.confidence == min(each)
    assert list(mean.aspects.items()) == [(f"s{n}", value) for n, value in enumerate(each)]
    assert mean.kind is least.kind is ConfidenceKind.COMBINED


def test_a_judgement_names_the_panel_and_a_panel_its_members_and_rule() -> None:
    one, other = Member("embedded", "mini"), Member("openai", "gpt:8b")
    panel = Panel([one, other])
    assert only(panel).scorer == panel.identity
    assert panel.identity.startswith("panel:mini+gpt:8b:")
    different = [Panel([one, other], "least"), Panel([other, one]), Panel([one, Member("x")])]
    assert len({panel.identity, *(it.identity for it in different)}) == 4


def test_members_of_one_kind_are_named_with_their_models() -> None:
    assert Panel([Member("e", "one"), Member("e", "two"), Member("o")]).names == (
        "e one",
        "e two",
        "o",
    )
    with pytest.raises(UsageError, match="'e one' twice"):
        Panel([Member("e", "one"), Member("e", "one")])
    with pytest.raises(UsageError, match="two scorers"):
        Panel([Member("e")])


def test_what_they_say_is_kept_with_their_names_and_disagreement_comes_first() -> None:
    quote, other = Evidence("bread", 3, 8), Evidence("rye")
    one = Member("e", confidence=0.2, more={"reasoning": "Little.", "evidence": (quote,)})
    two = Member("o", confidence=0.9, more={"reasoning": "All of it.", "evidence": (quote, other)})
    judgement = only(Panel([one, two]))
    assert judgement.reasoning == (
        "The scorers disagree (e 0.20, o 0.90). e: Little. o: All of it."
    )
    assert judgement.evidence == (quote, other)
    two.confidence = 0.3
    assert only(Panel([one, two])).reasoning == "e: Little. o: All of it."


def test_the_share_that_was_read_is_the_least_and_no_confidence() -> None:
    one, two = Member("e", more={"aspects": {READ: 0.5, "depth": 0.1}}), Member("o")
    assert set(only(Panel([one, two])).aspects) == {"e", "o", READ}
    assert only(Panel([one, two])).aspects[READ] == 0.5


@pytest.mark.parametrize(
    ("rule", "fired", "of", "excluded"),
    [("mean", 1, 2, True), ("mean", 1, 3, False), ("mean", 2, 3, True), ("least", 1, 3, True)],
)
def test_an_exclusion_needs_half_of_the_members_or_one_where_all_must_agree(
    rule: str, fired: int, of: int, excluded: bool
) -> None:
    members = [
        Member(f"s{n}", more={"exclusion": "no beer"} if n < fired else {}) for n in range(of)
    ]
    found = only(Panel(members, rule)).exclusion  # type: ignore[arg-type]
    assert found == ("no beer" if excluded else None)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_pair_that_one_cannot_judge_is_not_judged_and_the_next_is_not_asked(
    backwards: bool,
) -> None:
    one = Member("e", fails={"b": FailureReason.MALFORMED}, backwards=backwards)
    two = Member("o", backwards=backwards, fails={"c": FailureReason.RATE_LIMITED})
    outcomes = {it.task.article.body: it for it in Panel([one, two]).score(tasks())}
    assert {body: len(it.judgements) for body, it in outcomes.items()} == {"a": 4, "b": 3, "c": 3}
    assert [f.categories for f in outcomes["b"].failures] == [("tags/0",)]
    assert [f.reason for f in outcomes["c"].failures] == [FailureReason.RATE_LIMITED]
    assert ("b", "tags/0") not in two.asked
    assert len(two.asked) == 11
    assert outcomes["a"].usage.calls == 2
    for body, outcome in outcomes.items():
        assert outcome.task.article.body == body
        assert outcome.task.categories == CATEGORIES


def test_injection_seen_by_one_drops_the_article_and_no_more_are_asked() -> None:
    one, two, three = Member("e"), Member("o"), Member("p")
    two.fails["b"] = FailureReason.TAMPERED
    outcomes = {it.task.article.body: it for it in Panel([one, two, three]).score(tasks())}
    assert outcomes["b"].judgements == ()
    (failure,) = outcomes["b"].failures
    assert failure.reason is FailureReason.TAMPERED
    assert failure.categories == tuple(category.id for category in CATEGORIES)
    assert not [asked for asked in three.asked if asked[0] == "b"]
    assert len(outcomes["a"].judgements) == len(outcomes["c"].judgements) == 4


def test_many_articles_with_nothing_left_to_ask_are_not_all_held_back() -> None:
    bodies = [f"{n}" for n in range(700)]
    pulled = 0

    def counted() -> Iterator[Task]:
        nonlocal pulled
        for task in tasks(*bodies):
            pulled += 1
            yield task

    one = Member("e", fails=dict.fromkeys(bodies[1:], FailureReason.TAMPERED))
    with_one = Panel([one, Member("o")]).score(counted())
    next(with_one)
    assert pulled < 700
    assert 1 + len(list(with_one)) == 700


def test_each_is_stored_apart_so_another_panel_asks_only_who_is_new(tmp_path: Path) -> None:
    one, two, three = Member("e"), Member("o"), Member("p")
    with Store.open(tmp_path / "records.sqlite3") as store:

        def judged(*members: Member, rule: str = "mean") -> list[Outcome]:
            parts = [Cached(member, store, booked=False) for member in members]
            panel = Panel(parts, rule)  # type: ignore[arg-type]
            return list(Cached(panel, store).score(tasks()))

        first = judged(one, two)
        assert sum(it.usage.calls for it in first) == 6
        assert sum(it.usage.calls for it in judged(one, two)) == 0
        assert sum(it.usage.calls for it in judged(one, two, rule="least")) == 0
        assert sum(it.usage.calls for it in judged(three, two)) == 3
        stored = {name for name, *_ in store.scorers()}
        digests = [category.digest for category in CATEGORIES]
        article = first[0].task.article.digest
        for member in (one, two):
            records = store.load(member.identity, article, digests)
            own = {key: it.judgement.confidence for key, it in records.items()}
            assert own == {
                c.digest: hash_uniform(article, c.digest, member.name) for c in CATEGORIES
            }
    assert {one.identity, two.identity, three.identity} < stored


def test_only_the_embedded_scorer_sees_what_it_has_learned() -> None:
    learned = replace(CATEGORIES[0], correction=Learned())
    assert categories_for(Member("embedded"), [learned]) == (learned,)
    assert categories_for(Member("openai"), [learned]) == (CATEGORIES[0],)
