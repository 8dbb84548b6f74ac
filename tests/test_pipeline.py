from __future__ import annotations

import asyncio
import inspect
import pickle
import runpy
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support.keyword_scorer import KeywordScorer

import classifier
from classifier import (
    Article,
    Cached,
    Category,
    Classifier,
    Failure,
    FailureReason,
    Instructions,
    Outcome,
    Result,
    Settings,
    Store,
    StoreError,
    Task,
    Taxonomy,
    TaxonomyError,
    Usage,
    UsageError,
    composition,
)

BREAD = Category(id="tags/bread", kind="tags", title="Bread")
CHEESE = Category(id="tags/cheese", kind="tags", title="Cheese")
CRAFT = Category(
    id="concepts/craft",
    kind="concepts",
    title="Craft",
    instructions=Instructions(exclusions=("craft beer",)),
)
TAXONOMY = Taxonomy(categories=(BREAD, CHEESE, CRAFT))
TEXT = "Bread, bread and bread. With cheese, perhaps.\n"


@pytest.fixture
def judge() -> Classifier:
    return Classifier(TAXONOMY, KeywordScorer())


def article(name: str, body: str = TEXT) -> Article:
    return Article(id=name, body=body)


# --- what the package promises -------------------------------------------------------------------

PUBLIC = {
    "Article": "(*, id: 'str', title: 'str' = '', description: 'str' = '', body: 'str', "
    "body_start: 'int' = 0, language: 'str' = '') -> None",
    "Classifier": "(taxonomy: 'Taxonomy', scorer: 'Scorer', *, "
    "policy: 'LabelPolicy | None' = None) -> 'None'",
    "Classifier.from_settings": "(given: 'Settings | None' = None, /, **overrides: 'Any') "
    "-> 'Classifier'",
    "Classifier.only": "(self, *, kinds: 'Sequence[str]' = (), categories: 'Sequence[str]' = ()) "
    "-> 'Classifier'",
    "Classifier.classify": "(self, source: 'Source') -> 'Result'",
    "Classifier.classify_many": "(self, sources: 'Iterable[Source] | Mapping[Any, str | bytes]') "
    "-> 'Iterator[Result]'",
    "Classifier.aclassify_many": "(self, sources: 'Iterable[Source] | "
    "Mapping[Any, str | bytes] | AsyncIterable[Source]') -> 'AsyncIterator[Result]'",
    "Classifier.close": "(self) -> 'None'",
    "Rule": "(*, minimum: 'float' = 0.5, at_most: 'int | None' = 5, "
    "by: \"Literal['score', 'level']\" = 'score', hierarchy: 'HierarchyRule' = 'leaf') -> None",
    "load_settings": "(folder: 'Path | None' = None, **overrides: 'Any') -> 'Settings'",
    "load_taxonomy": "(*paths: 'Path') -> 'Taxonomy'",
    "read_article": "(path: 'Path') -> 'Article | Failure'",
    "to_dict": "(result: 'Result') -> 'dict[str, Any]'",
    "to_json": "(result: 'Result') -> 'str'",
}


@pytest.mark.parametrize("name", PUBLIC)
def test_public_signatures_stay_as_they_are(name: str) -> None:
    value: object = classifier
    for part in name.split("."):
        value = getattr(value, part)
    assert str(inspect.signature(value)) == PUBLIC[name]  # type: ignore[arg-type]


def test_public_names_stay_as_they_are_and_can_be_imported() -> None:
    assert sorted(classifier.__all__) == [
        *("Article", "Cached", "Cascade", "Category", "Classifier", "ClassifierError"),
        "ConfidenceKind",
        *("Decision", "EmbeddedScorer", "Evidence", "Failure", "FailureReason"),
        *("GoldSource", "Instructions"),
        *(
            "Judgement",
            "Label",
            "LabelPolicy",
            "Level",
            "ModelError",
            "OpenAIOptions",
            "OpenAIScorer",
            "Outcome",
        ),
        *(
            "OutputError",
            "Panel",
            "Project",
            "PromptError",
            "Rejection",
            "Result",
            "Rule",
            "Scorer",
            "ServerError",
        ),
        "Settings",
        *("SettingsError", "Shortlist", "Source", "StoppedError", "Store", "StoreError"),
        *("Task", "Taxonomy"),
        "TaxonomyError",
        *("Usage", "UsageError", "Verdict", "WriteOptions", "load_settings", "load_taxonomy"),
        *("read_article", "to_dict", "to_json"),
    ]
    assert set(classifier.__all__) <= set(dir(classifier))
    for name in classifier.__all__:
        assert getattr(classifier, name) is not None


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clasifier'"):
        classifier.Clasifier  # noqa: B018 - looking it up is the test


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = "{'numpy', 'openai', 'onnxruntime', 'pydantic', 'typer', 'rich', 'yaml', 'jinja2'}"
    code = f"import sys, classifier; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- one article ---------------------------------------------------------------------------------


def test_a_result_holds_labels_by_kind_and_every_judgement(judge: Classifier) -> None:
    result = judge.classify(article("a.md"))
    assert result.ok
    assert result.article == "a.md"
    assert result.scorer == "keywords:counting:0123456789"
    assert result.labels == {"concepts": [], "tags": ["Bread"]}
    assert [j.category for j in result.judgements] == [
        "tags/bread",
        "tags/cheese",
        "concepts/craft",
    ]


def test_text_bytes_and_a_path_of_the_same_article_are_judged_alike(
    judge: Classifier, tmp_path: Path
) -> None:
    text = f"---\ntitle: Lunch\n---\n{TEXT}"
    path = tmp_path / "a.md"
    path.write_text(text, encoding="utf-8")
    from_path, from_text, from_bytes = map(judge.classify, (path, text, text.encode()))
    assert from_path.article == path.as_posix()
    assert from_text.article == from_bytes.article == "-"
    assert from_path.title == "Lunch"
    assert from_path.digest == from_text.digest == from_bytes.digest
    assert from_path.decision == from_text.decision == from_bytes.decision
    evidence = from_path.judgements[0].evidence[0]
    assert evidence.start is not None
    assert text[from_path.body_start + evidence.start :].startswith("Bread")


@pytest.mark.parametrize("name", ["post.md", "content/Post.MDX ", "../a b.markdown\n"])
def test_text_that_looks_like_a_path_is_refused_with_the_way_out(
    judge: Classifier, name: str
) -> None:
    with pytest.raises(UsageError, match=r"looks like a path.*pass pathlib\.Path"):
        judge.classify(name)


def test_text_that_ends_in_a_file_name_is_text(judge: Classifier) -> None:
    assert judge.classify("Bread, bread, bread.\nSee post.md").labels["tags"] == ["Bread"]


def test_a_file_that_cannot_be_read_is_a_result_with_a_failure(
    judge: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"\xff\x00\xfe")
    result = judge.classify(path)
    assert not result.ok
    assert result.article == path.as_posix()
    assert [failure.reason for failure in result.failures] == [FailureReason.NOT_UTF8]
    assert result.labels == {"concepts": [], "tags": []}


def test_a_path_that_does_not_exist_is_a_usage_error(judge: Classifier, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no\.md"):
        judge.classify(tmp_path / "no.md")


def test_a_fired_exclusion_is_never_a_label(judge: Classifier) -> None:
    result = judge.classify(article("a.md", "Craft craft craft, but craft beer only."))
    assert result.labels["concepts"] == []
    assert result.decision.rejections[0].why == "excluded: craft beer"


def test_labels_come_from_what_was_judged_when_some_categories_failed(judge: Classifier) -> None:
    result = judge.classify(article("a.md", f"{TEXT}Cheese, cheese!\nFAIL refused"))
    assert not result.ok
    assert [f.categories for f in result.failures] == [("tags/bread",)]
    assert result.labels["tags"] == ["Cheese"]


def test_a_tampered_call_leaves_no_label_at_all(judge: Classifier) -> None:
    result = judge.classify(article("a.md", f"{TEXT}Cheese, cheese!\nFAIL tampered"))
    assert result.labels == {"concepts": [], "tags": []}
    assert len(result.decision.rejections) == 2
    assert all("possible prompt injection" in it.why for it in result.decision.rejections)


def test_only_some_categories_are_judged_when_they_are_named(judge: Classifier) -> None:
    some = judge.only(kinds=["tags"], categories=["cheese"])
    assert [j.category for j in some.classify(TEXT).judgements] == ["tags/cheese"]
    assert len(judge.taxonomy.categories) == 3


# --- many ----------------------------------------------------------------------------------------


class Recording:
    """Articles without end; knows how many were pulled and whether it was closed."""

    def __init__(self) -> None:
        self.pulled = 0
        self.closed = threading.Event()

    def __call__(self) -> Iterator[Article]:
        try:
            while True:
                self.pulled += 1
                yield article(f"{self.pulled}.md")
        finally:
            self.closed.set()


def test_many_are_pulled_one_by_one_as_results_are_asked_for(judge: Classifier) -> None:
    source = Recording()
    results = judge.classify_many(source())
    assert source.pulled == 0
    assert [next(results).article, next(results).article] == ["1.md", "2.md"]
    assert source.pulled == 2


def test_stopping_early_closes_the_scorer() -> None:
    closed = []

    class WatchedScorer(KeywordScorer):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            try:
                yield from super().score(tasks)
            finally:
                closed.append(True)

    results = Classifier(TAXONOMY, WatchedScorer()).classify_many([article("1"), article("2")])
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert closed == [True]


def test_one_bad_file_does_not_end_the_run(judge: Classifier, tmp_path: Path) -> None:
    bad = tmp_path / "bad.md"
    bad.write_bytes(b"\xff\xff")
    results = list(judge.classify_many([bad, article("good.md"), bad]))
    assert [(r.article, r.ok) for r in results] == [
        (bad.as_posix(), False),
        ("good.md", True),
        (bad.as_posix(), False),
    ]


def test_many_of_nothing_is_nothing(judge: Classifier) -> None:
    assert list(judge.classify_many([])) == []


def test_the_async_view_gives_the_same_results(judge: Classifier) -> None:
    articles = [article(f"{n}.md") for n in range(5)]

    async def collect(sources: object) -> list[Result]:
        return [result async for result in judge.aclassify_many(sources)]  # type: ignore[arg-type]

    async def trickle() -> AsyncIterator[Article]:
        for each in articles:
            await asyncio.sleep(0)
            yield each

    expected = list(judge.classify_many(articles))
    assert asyncio.run(collect(articles)) == expected
    assert asyncio.run(collect(trickle())) == expected


def test_the_async_view_works_no_further_than_it_is_asked(judge: Classifier) -> None:
    source = Recording()

    async def take_two() -> None:
        results = judge.aclassify_many(source())
        await anext(results)
        await anext(results)
        await asyncio.sleep(0.05)
        assert source.pulled == 2
        await results.aclose()  # type: ignore[attr-defined]

    asyncio.run(take_two())
    assert source.closed.wait(60)


def test_the_async_view_leaves_the_loop_free(judge: Classifier) -> None:
    class Slow(KeywordScorer):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            for outcome in super().score(tasks):
                time.sleep(0.2)
                yield outcome

    async def ticks_meanwhile() -> int:
        ticks = 0
        work = asyncio.ensure_future(
            anext(Classifier(TAXONOMY, Slow()).aclassify_many([article("a")]))  # type: ignore[arg-type]
        )
        while not work.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return ticks

    assert asyncio.run(ticks_meanwhile()) > 3


def test_cancelling_the_async_view_returns_at_once_and_closes_what_it_pulls_from() -> None:
    release, source = threading.Event(), Recording()
    went_on = threading.Event()

    class Stuck(KeywordScorer):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            for outcome in super().score(tasks):
                release.wait(60)
                went_on.set()
                yield outcome

    async def cancel_soon() -> None:
        results = Classifier(TAXONOMY, Stuck()).aclassify_many(source())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(results)

    asyncio.run(cancel_soon())
    assert not went_on.is_set()
    release.set()
    assert source.closed.wait(60)
    assert source.pulled == 1


def test_cancelling_while_an_async_source_is_waited_for_leaves_no_thread_behind(
    judge: Classifier,
) -> None:
    async def never() -> AsyncIterator[Article]:
        await asyncio.Event().wait()
        yield article("never.md")

    async def cancel_soon() -> None:
        results = judge.aclassify_many(never())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await anext(results)

    asyncio.run(cancel_soon())
    deadline = time.monotonic() + 60
    while any(t.name.startswith("classify") for t in threading.enumerate()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_an_error_of_the_run_reaches_the_async_consumer(judge: Classifier) -> None:
    async def consume() -> list[Result]:
        return [result async for result in judge.aclassify_many(["post.md"])]

    with pytest.raises(UsageError, match="looks like a path"):
        asyncio.run(consume())


def test_a_classifier_survives_pickling_and_judges_the_same(judge: Classifier) -> None:
    copy = pickle.loads(pickle.dumps(judge))
    assert copy.classify(TEXT) == judge.classify(TEXT)


def test_a_result_can_be_pickled(judge: Classifier) -> None:
    result = judge.classify(TEXT)
    assert pickle.loads(pickle.dumps(result)) == result


def test_several_threads_may_use_one_classifier(judge: Classifier) -> None:
    articles = [article(f"{n}.md", "bread " * (n % 4) + "ok") for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(judge.classify, articles))
    assert results == [judge.classify(each) for each in articles]


# --- from settings -------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "taxonomy" / "tags"
    folder.mkdir(parents=True)
    (folder / "bread.md").write_text("---\ntitle: Bread\n---\nBaking.\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_overrides_win_over_the_settings_file(project: Path) -> None:
    (project / "classify.toml").write_text('categories = "nowhere"\n')
    built = Classifier.from_settings(categories=project / "taxonomy")
    assert [c.title for c in built.taxonomy.categories] == ["Bread"]


def test_settings_and_overrides_together_are_refused(project: Path) -> None:
    with pytest.raises(UsageError, match="not both"):
        Classifier.from_settings(Settings(), minimum=0.9)


def test_a_folder_without_categories_is_a_taxonomy_error(project: Path) -> None:
    (project / "empty").mkdir()
    with pytest.raises(TaxonomyError, match="empty"):
        Classifier.from_settings(categories=project / "empty")


def test_reading_failures_carry_no_categories(judge: Classifier) -> None:
    failure = judge.classify("").failures[0]
    assert isinstance(failure, Failure)
    assert failure.categories == ()


def test_the_pipeline_example_labels_a_folder_and_tells_what_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "good.md").write_text("Hiring, hiring, hiring.")
    (tmp_path / "bad.md").write_bytes(b"\xff\xff")
    (tmp_path / "gold.csv").write_text("article,category\ngood.md,Hiring\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("classifier.composition.make_scorer", lambda _settings: KeywordScorer())
    monkeypatch.setenv("CLASSIFY_CATEGORIES", str(Path(__file__).parents[1] / "categories"))
    script = Path(__file__).parents[1] / "examples" / "pipeline.py"
    monkeypatch.setattr(sys, "argv", [str(script), ".", "gold.csv"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    out, err = capsys.readouterr()
    assert ended.value.code == 1  # one article cannot be read
    assert "good.md\ttags\tHiring\n" in out
    assert "\t\n" not in out  # no lines for kinds without a label
    assert "bad.md\tnot_utf8\t" in err
    assert "all\tF1\t1.0\n" in out
    assert (tmp_path / "report.html").exists()
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 40


def test_with_a_store_in_the_settings_nothing_is_judged_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer(Usage(calls=1)))
    definitions = tmp_path / "tags.yml"
    definitions.write_text("bread:\n  label: Bread\n", encoding="utf-8")
    store = tmp_path / "records.sqlite3"
    first, again = (
        Classifier.from_settings(categories=definitions, store=store).classify(TEXT)
        for _ in range(2)
    )
    assert (first.usage.calls, first.stored) == (1, 0)
    assert (again.usage.calls, again.stored) == (0, 1)
    assert again.judgements == first.judgements


def test_a_classifier_closes_the_store_that_it_opened_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    definitions = tmp_path / "tags.yml"
    definitions.write_text("bread:\n  label: Bread\n", encoding="utf-8")
    with Classifier.from_settings(categories=definitions, store=tmp_path / "a.sqlite3") as judge:
        some = judge.only(categories=["bread"])
        assert some.classify(TEXT).ok
    with pytest.raises(StoreError, match="is closed"):
        some.classify(TEXT)
    some.close()
    with Store.open(tmp_path / "b.sqlite3") as store:
        for _ in range(2):
            with Classifier(TAXONOMY, Cached(KeywordScorer(), store)) as judge:
                assert judge.classify(TEXT).ok


def test_a_classifier_with_a_store_can_be_pickled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open(Path("records.sqlite3")) as store:
        kept = Classifier(TAXONOMY, Cached(KeywordScorer(), store))
        kept.classify(TEXT)
        copied = pickle.loads(pickle.dumps(kept))
        monkeypatch.chdir("/")
        assert copied.classify(TEXT).stored == len(TAXONOMY.categories)


# --- what to join results by ---------------------------------------------------------------------


class Frame:
    """As much of a data frame as there is to tell it by: iterating one gives names of columns."""

    columns = ("id", "text")

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)


@pytest.mark.parametrize("sources", [[("x", "Bread."), (2, b"Wine.")], {"x": "Bread.", 2: "Wine."}])
def test_ids_are_kept_to_join_by(sources: Any) -> None:
    results = list(Classifier(TAXONOMY, KeywordScorer()).classify_many(sources))
    assert [(result.article, result.ok) for result in results] == [("x", True), ("2", True)]


@pytest.mark.parametrize("wrong", [None, float("nan"), 3, ["Bread."], ("x", None), ("x", "y", "z")])
def test_what_is_no_article_is_a_failure_of_that_item(wrong: Any) -> None:
    sources = ["Bread.", wrong, "Wine."]
    results = list(Classifier(TAXONOMY, KeywordScorer()).classify_many(sources))
    failed = [result for result in results if not result.ok]
    assert len(results) == 3
    assert [failure.reason for failure in failed[0].failures] == [FailureReason.UNREADABLE]
    assert failed[0].article == ("x" if wrong == ("x", None) else "-")


class Nameless:
    def __str__(self) -> str:
        raise RuntimeError("no name")


@pytest.mark.parametrize("wrong", [10**5000, Nameless()], ids=["a huge int", "a broken object"])
def test_an_id_that_cannot_be_written_is_a_failure_of_that_item(wrong: Any) -> None:
    judge = Classifier(TAXONOMY, KeywordScorer())
    failed, fine = judge.classify_many([(wrong, "Bread."), (2, "Wine.")])
    assert (failed.article, fine.article, fine.ok) == ("-", "2", True)
    assert "cannot be written as text" in failed.failures[0].message


def broken() -> Iterator[tuple[int, str]]:
    yield from [(1, "Bread."), (2, "Wine.")]
    raise ValueError("the source broke")


async def broken_async() -> AsyncIterator[tuple[int, str]]:
    for item in broken():
        yield item


def test_what_came_before_an_error_of_the_sources_is_judged(judge: Classifier) -> None:
    seen: list[str] = []

    async def consume() -> None:
        async for result in judge.aclassify_many(broken_async()):
            seen.append(result.article)

    with pytest.raises(ValueError, match="the source broke"):
        seen.extend(result.article for result in judge.classify_many(broken()))
    with pytest.raises(ValueError, match="the source broke"):
        asyncio.run(consume())
    assert seen == ["1", "2"] * 2


def test_an_async_source_may_give_what_is_no_article(judge: Classifier) -> None:
    async def sources() -> AsyncIterator[Any]:
        for item in [("a", "Bread."), None, ("b", "Wine.")]:
            yield item

    async def consume() -> set[str]:
        return {result.article async for result in judge.aclassify_many(sources())}

    assert asyncio.run(consume()) == {"a", "-", "b"}


class Rows:
    """As much of a data set of Hugging Face as there is to tell it by."""

    column_names = ("id", "text")

    def __iter__(self) -> Iterator[dict[str, str]]:
        yield {"id": "a", "text": "Bread."}


@pytest.mark.parametrize("wrong", ["Bread.", b"Wine.", Path("a.md"), Frame(), Rows(), 3, None])
def test_one_text_or_a_table_in_place_of_many_is_refused(wrong: Any) -> None:
    judge = Classifier(TAXONOMY, KeywordScorer())
    with pytest.raises(UsageError, match="classify_many"):
        judge.classify_many(wrong)
    with pytest.raises(UsageError, match="classify_many"):
        asyncio.run(anext(judge.aclassify_many(wrong)))  # type: ignore[arg-type]


def test_labels_have_every_kind_also_of_an_empty_text() -> None:
    kinds = {category.kind for category in TAXONOMY.categories}
    for text in ("", "Nothing to the point."):
        result = Classifier(TAXONOMY, KeywordScorer()).classify(text)
        assert result.labels == {kind: [] for kind in kinds}
