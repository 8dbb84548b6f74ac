from __future__ import annotations

import itertools
import os
import pickle
import re
import shutil
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

from classifier.errors import ModelError
from classifier.models import (
    Article,
    Category,
    ConfidenceKind,
    FailureReason,
    Instructions,
    Judgement,
    Task,
)
from classifier.pipeline import Classifier
from classifier.scorers.embedded import scorer as embedded
from classifier.scorers.embedded.scorer import CHUNK, EXCLUDED_AT_MOST, EmbeddedScorer
from classifier.scorers.embedded.sentence_model import ModelFiles, SentenceModel
from classifier.store import Store

BAKING = Category(
    id="tags/baking",
    kind="tags",
    title="Baking",
    description="Bread, cakes and pastry, and how to make them at home.",
    instructions=Instructions(
        topics=("Sourdough and yeast", "Kneading and shaping dough", "Ovens and crusts"),
    ),
)
SCALING = Category(
    id="tags/scaling",
    kind="tags",
    title="Scaling",
    description="Several teams that build one product together.",
    instructions=Instructions(
        topics=("Many teams with one backlog", "Dependencies between teams"),
        exclusions=("Scaling servers: autoscaling, load balancers and traffic peaks",),
    ),
)
SPACE = Category(id="tags/space", kind="tags", title="Space flight")
CATEGORIES = (BAKING, SCALING, SPACE)

LOAF = Article(
    id="loaf.md",
    title="Baking a loaf on Sunday",
    body="""Baking begins the evening before: stir flour, water and a spoon of sourdough.

## Kneading

Knead the dough until it is smooth, shape it and let it rise in a basket overnight.

## In the oven

A hot oven and a little steam give the bread its crust. Baking takes forty minutes.
""",
)
SERVERS = Article(
    id="servers.md",
    title="Scaling for the sale",
    body="""The load balancers had to take ten times the usual traffic on the day of the sale.

Autoscaling added servers when the processors were busy, and removed them when traffic fell.
We doubled the servers behind the load balancers before the peak, and scaling went well.
""",
)


MIXED = Article(
    id="mixed.md",
    title="A long look at bread and space",
    description="Why bakers and rocket engineers both fear the oven.",
    body="\n\n".join(
        f"## Part {i}\n\nDough rises {'slowly ' * i}in a warm kitchen. Rockets rise faster."
        for i in range(12)
    ),
)


class Kept:
    """A cache that counts."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}
        self.hits = 0

    def vectors(self, keys: Iterable[str]) -> dict[str, bytes]:
        found = {key: self.known[key] for key in keys if key in self.known}
        self.hits += len(found)
        return found

    def keep_vectors(self, vectors: Mapping[str, bytes]) -> None:
        self.known.update(vectors)


@pytest.fixture(scope="module")
def scorer() -> EmbeddedScorer:
    return EmbeddedScorer()


@pytest.fixture
def embedded_texts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every text that is given to a sentence model from now on."""
    texts: list[str] = []
    begin = SentenceModel.begin

    def noting(self: SentenceModel, given: Sequence[str], **role: Any) -> Any:
        texts.extend(given)
        return begin(self, given, **role)

    monkeypatch.setattr(SentenceModel, "begin", noting)
    return texts


def judge(scorer: EmbeddedScorer, article: Article, *categories: Category) -> list[Judgement]:
    (outcome,) = scorer.score([Task(article, categories or CATEGORIES)])
    assert not outcome.failures
    return list(outcome.judgements)


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
def test_an_article_is_judged_the_same_alone_in_a_crowd_and_from_what_was_kept(
    scorer: EmbeddedScorer,
) -> None:
    crowd = [replace(a, id=f"{n} {a.id}") for n in range(15) for a in (LOAF, SERVERS, MIXED)]
    tasks = [Task(article, CATEGORIES) for article in crowd]
    kept = Kept()
    fresh, again = scorer.with_cache(kept), scorer.with_cache(kept)
    alone = {a.id: judge(scorer, a) for a in (LOAF, SERVERS, MIXED)}
    for run in (scorer, fresh, again):
        outcomes = list(run.score(tasks))
        assert [o.task for o in outcomes] == tasks
        assert all(list(o.judgements) == alone[o.task.article.id.split()[1]] for o in outcomes)


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
def test_damaged_vectors_are_made_again(scorer: EmbeddedScorer, harm: bytes) -> None:
    kept = Kept()
    (right,) = scorer.with_cache(kept).score([Task(LOAF, CATEGORIES)])
    whole = dict(kept.known)
    kept.known = dict.fromkeys(whole, harm)
    (again,) = scorer.with_cache(kept).score([Task(LOAF, CATEGORIES)])
    assert again == right
    assert kept.known == whole


def test_where_a_store_is_in_use_the_vectors_are_kept_in_it(
    tmp_path: Path, embedded_texts: list[str]
) -> None:
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
    judge(EmbeddedScorer(vectors=kept, model_folder=tmp_path), LOAF, SPACE)
    assert kept.hits == 0


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


def test_evidence_is_a_sentence_that_stands_where_it_says(scorer: EmbeddedScorer) -> None:
    baking = judge(scorer, LOAF)[0]
    assert baking.evidence
    for quote in baking.evidence:
        assert quote.start is not None
        assert LOAF.body[quote.start : quote.end] == quote.text


def test_reasoning_counts_what_a_reader_can_count(scorer: EmbeddedScorer) -> None:
    baking, _, space = judge(scorer, LOAF)
    assert "'Baking' appears in the title and twice in the text." in baking.reasoning
    assert "'Kneading and shaping dough'" in baking.reasoning
    assert "Neither 'Space flight' nor another of its names is mentioned." in space.reasoning
    assert re.search(r"general topics are closer than its name, led by 'Baking'", space.reasoning)


@pytest.mark.parametrize(
    "article",
    [
        Article(id="a", title="Only a title about baking bread", body=""),
        Article(id="a", description="Baking bread at home", body="```\ncode\n```"),
        Article(id="a", body="x" * 20_000),
        Article(id="a", body="Brot backen \u2014 \U0001f35e \u4f60\u597d"),
    ],
)
def test_odd_articles_are_judged(scorer: EmbeddedScorer, article: Article) -> None:
    assert len(judge(scorer, article)) == 3


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
    assert pulled == 3 * CHUNK  # one to yield, one to judge, one to embed


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
    scorer = EmbeddedScorer(model_folder=tmp_path)
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
