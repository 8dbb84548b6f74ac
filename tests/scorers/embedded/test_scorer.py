from __future__ import annotations

import itertools
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.embedded import CATEGORIES, LOAF, MIXED, SCALING, SERVERS, SPACE, Kept, judge

from classifier.errors import ModelError
from classifier.models import (
    Article,
    Category,
    ConfidenceKind,
    FailureReason,
    Task,
)
from classifier.scorers.embedded.encoding import FeatureEncoder
from classifier.scorers.embedded.scorer import CHUNK, EXCLUDED_AT_MOST, EmbeddedScorer
from classifier.scorers.embedded.sentence_model import SentenceModel


def test_every_category_is_judged_in_order_and_says_who_judged(scorer: EmbeddedScorer) -> None:
    judgements = judge(scorer, LOAF)
    assert [j.category for j in judgements] == [c.id for c in CATEGORIES]
    assert {j.scorer for j in judgements} == {scorer.identity}
    assert {j.kind for j in judgements} == {ConfidenceKind.SIMILARITY}


def test_what_belongs_is_a_label_and_what_does_not_is_far_from_one(scorer: EmbeddedScorer) -> None:
    baking, scaling, space = judge(scorer, LOAF)
    assert baking.confidence >= 0.5
    assert max(scaling.confidence, space.confidence) < 0.2


def test_an_exclusion_rule_that_fits_better_than_the_topics_caps_the_confidence(
    scorer: EmbeddedScorer,
) -> None:
    (excluded,) = judge(scorer, SERVERS, SCALING)
    free = replace(SCALING, instructions=replace(SCALING.instructions, exclusions=()))
    (allowed,) = judge(scorer, SERVERS, free)
    assert excluded.exclusion == SCALING.instructions.exclusions[0]
    assert excluded.confidence <= EXCLUDED_AT_MOST < allowed.confidence
    assert excluded.reasoning.startswith("Excluded: ")


def test_a_rule_that_says_what_is_missing_never_fires(scorer: EmbeddedScorer) -> None:
    rules = ("Autoscaling and load balancers that do not serve several teams",)
    vague = replace(SCALING, instructions=replace(SCALING.instructions, exclusions=rules))
    assert judge(scorer, SERVERS, vague)[0].exclusion is None


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(CATEGORIES), size=st.integers(1, 3), company=st.booleans())
def test_a_judgement_depends_on_its_article_and_category_alone(
    scorer: EmbeddedScorer, order: list[Category], size: int, company: bool
) -> None:
    alone = {c.id: judge(scorer, LOAF, c)[0] for c in CATEGORIES}
    tasks = [Task(LOAF, tuple(order[:size]))]
    if company:
        tasks.insert(0, Task(SERVERS, CATEGORIES))
    for judgement in list(scorer.score(tasks))[-1].judgements:
        assert judgement == alone[judgement.category]


@pytest.mark.slow
def test_who_stops_early_leaves_no_work_behind(
    scorer: EmbeddedScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    run = SentenceModel.run

    def noting(self: SentenceModel, batch: Sequence[Any], axes: Any) -> Any:
        batches.append(len(batch))
        return run(self, batch, axes)

    monkeypatch.setattr(SentenceModel, "run", noting)
    judge(scorer, LOAF)
    for_one = len(batches)
    outcomes = scorer.score(Task(replace(MIXED, id=str(n)), CATEGORIES) for n in itertools.count())
    next(outcomes)
    assert isinstance(outcomes, Generator)
    outcomes.close()
    stopped = len(batches)
    judge(scorer, LOAF)  # waits for whatever was to be done before it
    assert len(batches) - stopped <= for_one + (os.cpu_count() or 1)


def test_confidence_and_aspects_are_between_none_and_all(scorer: EmbeddedScorer) -> None:
    for judgement in judge(scorer, SERVERS):
        assert 0 <= judgement.confidence <= 1
        assert set(judgement.aspects) == {"mentions", "alignment", "depth", "exclusion"}
        assert all(0 <= value <= 1 for value in judgement.aspects.values())


def test_an_article_with_nothing_to_read_is_a_failure_and_not_a_guess(
    scorer: EmbeddedScorer,
) -> None:
    empty, fine = scorer.score([Task(Article(id="e.md", body="  "), CATEGORIES), Task(LOAF, ())])
    assert not empty.judgements
    assert empty.failures[0].reason is FailureReason.EMPTY
    assert empty.failures[0].categories == tuple(c.id for c in CATEGORIES)
    assert not fine.failures


def test_odd_definitions_are_judged(scorer: EmbeddedScorer) -> None:
    odd = [
        Category(id="a/1", kind="a", title="???"),
        Category(id="a/2", kind="a", title="the"),
        Category(id="a/3", kind="a", title="C++", aliases=("C", "\u4f60\u597d")),
    ]
    assert all(0 <= j.confidence <= 1 for j in judge(scorer, LOAF, *odd))


def test_tasks_are_pulled_only_as_they_are_needed(scorer: EmbeddedScorer) -> None:
    pulled = 0

    def tasks() -> Iterator[Task]:
        nonlocal pulled
        while True:
            pulled += 1
            yield Task(LOAF, (SPACE,))

    next(scorer.score(tasks()))
    assert pulled == 2 * CHUNK  # one to judge, one to embed


def test_articles_with_many_categories_make_small_chunks(
    scorer: EmbeddedScorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.scorers.embedded.scorer.CHUNK_PAIRS", 2 * len(CATEGORIES))
    pulled = itertools.count(1)
    next(scorer.score(Task(LOAF, CATEGORIES) for _ in pulled))
    assert next(pulled) == 2 * 2 + 1  # one to yield, one to embed


def test_a_run_that_is_stopped_keeps_the_categories_it_has_embedded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("classifier.scorers.embedded.scorer.CATEGORIES_TOGETHER", 1)
    kept = Kept()
    scorer = EmbeddedScorer(vectors=kept)
    encode = FeatureEncoder.category
    encoded = 0

    def stopping(self: FeatureEncoder, category: Category, vectors: Any) -> Any:
        nonlocal encoded
        encoded += 1
        if encoded == 2:
            raise KeyboardInterrupt
        return encode(self, category, vectors)

    monkeypatch.setattr(FeatureEncoder, "category", stopping)
    with pytest.raises(KeyboardInterrupt):
        next(scorer.score([Task(LOAF, CATEGORIES)]))
    monkeypatch.undo()
    assert len(kept.known) == 2
    before = kept.hits
    again = judge(EmbeddedScorer(vectors=kept), LOAF)
    assert kept.hits - before == 2
    assert again == judge(EmbeddedScorer(), LOAF)


def test_many_categories_are_embedded_with_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.scorers.embedded.scorer.CATEGORIES_TOGETHER", 1)
    scorer, reports = EmbeddedScorer(), []
    scorer.on_definitions = lambda *counts: reports.append(counts)
    judge(scorer.with_cache(Kept()), LOAF)
    assert reports == [(n + 1, len(CATEGORIES)) for n in range(len(CATEGORIES))]
    judge(scorer.with_cache(Kept()), LOAF)
    monkeypatch.undo()
    few = EmbeddedScorer()
    few.on_definitions = scorer.on_definitions
    reports.clear()
    judge(few, LOAF)
    assert reports == []


def test_a_pickled_copy_judges_the_same(scorer: EmbeddedScorer) -> None:
    before = judge(scorer, LOAF)
    copy = pickle.loads(pickle.dumps(scorer))
    assert copy.identity == scorer.identity
    assert judge(copy, LOAF) == before


def test_the_identity_changes_with_the_version_of_the_prose(monkeypatch: Any) -> None:
    before = EmbeddedScorer().identity
    monkeypatch.setattr("classifier.scorers.embedded.scorer.PROSE_VERSION", 0)
    assert EmbeddedScorer().identity != before


def test_threads_can_share_a_scorer() -> None:
    shared, found = EmbeddedScorer(), {}

    def work(i: int) -> None:
        found[i] = judge(shared, LOAF)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[i] for i in range(4)] == [found[0]] * 4


def test_a_folder_without_a_model_is_an_error_when_it_is_used(tmp_path: Path) -> None:
    scorer = EmbeddedScorer(model=tmp_path)
    with pytest.raises(ModelError, match=r"model\.onnx"):
        next(scorer.score([Task(LOAF, CATEGORIES)]))


def test_importing_the_scorer_and_asking_who_it_is_loads_nothing_heavy() -> None:
    code = (
        "import sys; from classifier.scorers.embedded.scorer import EmbeddedScorer as E; "
        "E().identity;"
        "print([m for m in ('numpy', 'onnxruntime', 'tokenizers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_same_cache_gives_the_same_scorer_so_that_the_model_is_loaded_once() -> None:
    class Cache:
        def vectors(self, keys: Iterable[str]) -> dict[str, bytes]:
            return {}

        def keep_vectors(self, vectors: Mapping[str, bytes]) -> None:
            pass

    scorer, cache = EmbeddedScorer(), Cache()
    assert scorer.with_cache(cache) is scorer.with_cache(cache)
    assert scorer.with_cache(Cache()) is not scorer.with_cache(cache)


def test_the_fast_model_judges_alone_as_in_a_batch_and_under_its_own_name(
    scorer: EmbeddedScorer,
) -> None:
    fast = EmbeddedScorer(model="fast")
    assert fast.identity != scorer.identity
    tasks = [Task(article, CATEGORIES) for article in (LOAF, SERVERS, MIXED)]
    together = list(fast.score(tasks))
    for task, outcome in zip(tasks, together, strict=True):
        for category, judgement in zip(CATEGORIES, outcome.judgements, strict=True):
            assert judge(fast, task.article, category) == [judgement]
            assert judgement.scorer == fast.identity
    baking, scaling, space = judge(fast, LOAF)
    assert baking.confidence > max(scaling.confidence, space.confidence)
    assert baking.evidence
    assert all(quote.text in LOAF.body for quote in baking.evidence)


def test_a_scorer_of_the_fast_model_can_be_pickled() -> None:
    fast = EmbeddedScorer(model="fast")
    assert pickle.loads(pickle.dumps(fast)).identity == fast.identity
