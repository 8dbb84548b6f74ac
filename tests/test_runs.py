from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import runs
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy, decide
from classifier.models import (
    Category,
    FailureReason,
    Instructions,
    Level,
    Outcome,
    Rule,
    Task,
    Taxonomy,
    Usage,
)
from classifier.scorers.base import Scorer
from classifier.store import JudgementSet, Store

BREAD, CHEESE, WINE = (
    Category(id=f"tags/{title.lower()}", kind="tags", title=title)
    for title in ("Bread", "Cheese", "Wine")
)
CRAFT = Category(
    id="concepts/craft",
    kind="concepts",
    title="Craft",
    instructions=Instructions(exclusions=("craft beer",)),
)
TAXONOMY = Taxonomy(categories=(CRAFT, BREAD, CHEESE, WINE))
SITE = Path("site")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.chdir(tmp_path)
    SITE.mkdir()
    with Store.open(tmp_path / "records.sqlite3") as opened:
        yield opened


def write(name: str, text: str) -> None:
    path = SITE / f"{name}.md"
    path.write_text(f"---\ntitle: {name}\n---\n{text}\n")
    os.utime(path, (1e9, 1e9))


def look(store: Store, taxonomy: Taxonomy = TAXONOMY) -> tuple[Corpus, Scan]:
    corpus = Corpus(taxonomy.categories, store, home=Path())
    return corpus, corpus.scan([SITE], scorer=KeywordScorer().identity)


def judge(store: Store, scorer: Scorer | None = None, stop: Event | None = None) -> list[Outcome]:
    corpus, scan = look(store)
    scorer, stop = scorer or KeywordScorer(), stop or Event()
    return list(runs.judge(corpus, scan, scorer=scorer, store=store, stop=stop))


def summary(store: Store, taxonomy: Taxonomy = TAXONOMY) -> runs.Summary:
    corpus, scan = look(store, taxonomy)
    return runs.summarise(corpus, scan, policy=LabelPolicy(taxonomy), store=store)


# --- judge ---------------------------------------------------------------------------------------


def test_every_due_article_is_judged_once_and_none_the_second_time(store: Store) -> None:
    for name in "abc":
        write(name, f"Bread for {name}.")
    assert [o.task.article.id for o in judge(store)] == ["site/a.md", "site/b.md", "site/c.md"]
    assert judge(store) == []


def test_failures_are_on_record_with_what_they_cost_and_are_tried_again(store: Store) -> None:
    write("a", "FAIL refused\nFAIL unavailable\nFAIL missing\nFAIL truncated")
    scorer = KeywordScorer(usage=Usage(calls=1, input_tokens=100))
    for runs_so_far in (1, 2):
        (outcome,) = judge(store, scorer)
        assert len(outcome.failures) == 4
        ((_, judgements, _, usage),) = store.scorers()
        assert (judgements, usage.calls) == (0, runs_so_far)
    failed = store.failed(scorer.identity, ["site/a.md"])
    assert failed["site/a.md"].reason is FailureReason.TRUNCATED


def test_an_article_that_cannot_be_read_is_on_record_as_failed(store: Store) -> None:
    (SITE / "bad.md").write_bytes(b"\xff")
    judge(store)
    failed = store.failed(KeywordScorer().identity, ["site/bad.md"])
    assert failed["site/bad.md"].reason is FailureReason.NOT_UTF8


def test_once_stopped_no_other_article_is_begun(store: Store) -> None:
    for name in "abcd":
        write(name, f"Bread for {name}.")
    stop = Event()
    corpus, scan = look(store)
    done = []
    for outcome in runs.judge(corpus, scan, scorer=KeywordScorer(), store=store, stop=stop):
        done.append(outcome)
        stop.set()
    assert len(done) == 1
    assert len(judge(store)) == 3


def test_a_budget_that_is_used_up_ends_the_run(store: Store) -> None:
    for name in "abcd":
        write(name, f"Bread for {name}.")
    write("b", "FAIL over_budget")
    stop = Event()
    assert len(judge(store, stop=stop)) == 2
    assert stop.is_set()


def test_stopping_in_the_middle_keeps_what_is_judged(store: Store) -> None:
    for name in "abcd":
        write(name, f"Bread for {name}.")
    corpus, scan = look(store)
    outcomes = runs.judge(corpus, scan, scorer=KeywordScorer(), store=store, stop=Event())
    next(outcomes)
    outcomes.close()
    assert len(judge(store)) == 3


# --- results -------------------------------------------------------------------------------------


def results(store: Store) -> dict[str, tuple[object, dict[str, float]]]:
    corpus, scan = look(store)
    found = runs.results(corpus, scan, policy=LabelPolicy(TAXONOMY), store=store)
    return {result.article: (result, dict(times)) for result, times in found}


def test_what_is_on_record_is_decided_as_if_it_was_judged_now(store: Store) -> None:
    write("a", "Bread, bread, bread and cheese.")
    (outcome,) = judge(store)
    result, times = results(store)["site/a.md"]
    assert result.decision == decide(outcome.judgements, TAXONOMY)  # type: ignore[attr-defined]
    assert (result.title, result.ok) == ("a", True)  # type: ignore[attr-defined]
    assert set(times) == {category.id for category in TAXONOMY.categories}


def test_what_is_missing_is_a_failure_with_the_reason_that_is_known(store: Store) -> None:
    write("a", "Bread.\nFAIL refused")
    judge(store)
    write("new", "Cheese.")
    (SITE / "bad.md").write_bytes(b"\xff")
    found = results(store)
    reasons = {
        path: [(f.reason, f.categories) for f in result.failures]  # type: ignore[attr-defined]
        for path, (result, _) in found.items()
    }
    every = tuple(category.id for category in TAXONOMY.categories)
    assert reasons == {
        "site/a.md": [(FailureReason.REFUSED, ("concepts/craft",))],
        "site/new.md": [(FailureReason.MISSING, every)],
        "site/bad.md": [(FailureReason.NOT_UTF8, ())],
    }


def test_an_article_that_talked_the_model_into_something_gets_no_label(store: Store) -> None:
    write("a", "Bread, bread, bread.\nFAIL tampered")
    judge(store)
    result, _ = results(store)["site/a.md"]
    assert not result.decision.labels  # type: ignore[attr-defined]
    assert summary(store).labelled == 0


def test_what_is_held_back_keeps_its_reason_and_blocks_labels_wherever_the_text_is(
    store: Store,
) -> None:
    write("a", "Bread, bread, bread.\nFAIL tampered")
    judge(store)
    (SITE / "a.md").rename(SITE / "b.md")
    result, _ = results(store)["site/b.md"]
    (failure,) = result.failures  # type: ignore[attr-defined]
    assert (failure.reason, failure.categories) == (FailureReason.TAMPERED, ("concepts/craft",))
    assert not result.decision.labels  # type: ignore[attr-defined]
    assert summary(store).labelled == 0


def test_a_summary_follows_what_is_released(store: Store) -> None:
    write("a", "Bread, bread, bread.\nFAIL tampered")
    judge(store)
    assert summary(store).labelled == 0
    corpus, scan = look(store)
    store.release_held([scan.scorer], [scan.entries[0].digest])
    craft = KeywordScorer()._judgement(Task(corpus.article("site/a.md"), (CRAFT,)), CRAFT)  # type: ignore[arg-type]
    store.add(
        JudgementSet(
            scorer=scan.scorer,
            article=scan.entries[0].digest,
            judgements={CRAFT.digest: craft},
            judged_at=1.0,
        )
    )
    assert summary(store).labelled == 1


def test_what_another_policy_changes_is_counted_label_by_label(store: Store) -> None:
    write("a", "Bread, bread, bread and cheese.")
    write("b", "Cheese, cheese, wine.")
    write("c", "Craft, craft, craft, craft.")
    judge(store)
    corpus, scan = look(store)
    rules = {"tags": Rule(minimum=0.4), "concepts": Rule(minimum=0.95)}
    before = LabelPolicy(taxonomy=TAXONOMY)
    after = LabelPolicy(taxonomy=replace(TAXONOMY, rules=rules))
    old, new = (
        {
            (entry.path, label.category.id)
            for entry, labels in runs.assigned(corpus, scan, policy=policy, store=store)
            for label in labels
        }
        for policy in (before, after)
    )
    counts = runs.changed_labels(corpus, scan, before=before, after=after, store=store)
    assert counts == (len(new - old), len(old - new))
    assert min(counts) > 0


# --- summarise -----------------------------------------------------------------------------------


def test_the_summary_counts_what_the_rules_of_now_make_of_the_records(store: Store) -> None:
    write("a", "Bread, bread, bread and cheese.")
    write("b", "Cheese, cheese.")
    write("c", "Nothing of it.")
    write("d", "Craft, craft, craft beer.")
    judge(store)
    found = summary(store)
    assert (found.articles, found.labelled) == (4, 2)
    assert found.labels == {"tags/bread": 1, "tags/cheese": 1}
    assert found.levels == {
        Level.PRIMARY: 2,
        Level.SECONDARY: 1,
        Level.TERTIARY: 1,
        Level.IGNORED: 12,
    }
    assert found.uncertain[0] == ("site/a.md", "tags/cheese", 0.45, 0.5)
    assert ("site/d.md", "concepts/craft") not in [it[:2] for it in found.uncertain]
    strict = replace(TAXONOMY, default_rule=Rule(minimum=0.8))
    assert summary(store, strict).labels == {"tags/bread": 1}


def test_the_summary_agrees_with_the_decisions(store: Store) -> None:
    taxonomy = replace(TAXONOMY, default_rule=Rule(minimum=0.4, at_most=1))
    for name, text in {"a": "Bread bread, cheese cheese cheese.", "b": "Wine."}.items():
        write(name, text)
    outcomes = judge(store)
    labels = [
        label.category.id
        for outcome in outcomes
        for label in decide(outcome.judgements, taxonomy).labels
    ]
    assert summary(store, taxonomy).labels == {name: labels.count(name) for name in labels}


def test_an_unchanged_corpus_is_not_summed_up_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("a", "Bread.")
    judge(store)
    first = summary(store)
    monkeypatch.setattr(store, "confidences", lambda *_: pytest.fail("looked at every pair"))
    again = summary(store)
    assert (again.labels, again.levels, again.articles) == (
        first.labels,
        first.levels,
        first.articles,
    )


@pytest.mark.parametrize(
    "harm",
    [
        "'x'",
        "'{}'",
        "'[[['",
        "x'00'",
        """'{"articles": 2}'""",
        """'{"articles": 1, "labels": {"no/such": 1}}'""",
        """'{"articles": 1, "levels": {"high": "x"}}'""",
        """'{"articles": 1, "uncertain": [["a", "no/such", 0.5, 0.5]]}'""",
    ],
)
def test_a_damaged_summary_is_made_anew(store: Store, harm: str) -> None:
    write("a", "Bread.")
    judge(store)
    first = summary(store)
    with store._db.write() as db:
        db.execute(f"UPDATE runs SET summary = {harm} WHERE key != ''")
    assert summary(store) == first


@pytest.mark.parametrize("change", ["rule", "text", "path"])
def test_a_summary_is_made_anew_when_anything_it_says_may_have_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    write("a", "Bread, bread, bread.")
    judge(store)
    summary(store)
    taxonomy = TAXONOMY
    if change == "rule":
        taxonomy = replace(TAXONOMY, rules={"tags": Rule(minimum=0.95)})
    elif change == "text":
        write("a", "Wine.")
        judge(store)
    else:
        (SITE / "a.md").rename(SITE / "b.md")
    found = summary(store, taxonomy)
    assert found.labels == {"rule": {}, "text": {}, "path": {"tags/bread": 1}}[change]
    assert found.uncertain[0][0] == ("site/b.md" if change == "path" else "site/a.md")


def test_the_ten_least_certain_are_those_nearest_to_their_rule(store: Store) -> None:
    for number in range(12):
        write(f"{number:02}", f"Cheese{number}." if number % 2 else "Bread bread bread.")
    judge(store)
    found = summary(store).uncertain
    assert len(found) == 10
    margins = [abs(confidence - minimum) for _, _, confidence, minimum in found]
    assert margins == sorted(margins)
    assert [confidence for *_, confidence, _ in found[:6]] == [0.45] * 6


def test_an_unfinished_corpus_is_summed_up_as_far_as_it_is(store: Store) -> None:
    write("a", "Bread, bread, bread.")
    judge(store)
    write("b", "Bread, bread, bread.")
    found = summary(store)
    assert (found.articles, found.labelled) == (2, 1)


class Silent:
    """Finds nothing to say."""

    identity = "silent::1"

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        return (Outcome(task=task) for task in tasks)


def test_a_corpus_without_a_record_has_an_empty_summary(store: Store) -> None:
    write("a", "Bread.")
    judge(store, Silent())
    found = summary(store)
    assert (found.articles, found.labels, found.uncertain) == (1, {}, [])
