"""Whatever one article raises is a failure of that article, and the run goes on."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import Article, Classifier, unexpected
from classifier.content import markdown
from classifier.errors import StoreError
from classifier.models import Category, FailureReason, Outcome, Result, Task, Taxonomy
from classifier.outputs import write_back
from classifier.project import Project
from classifier.scorers.base import PartialOutcome, ignore
from classifier.scorers.contained import partial_outcomes
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.scorers.openai.options import OpenAIOptions
from classifier.scorers.openai.requests import RequestBuilder
from classifier.scorers.openai.scorer import OpenAIScorer

BREAD = Category(id="tags/bread", kind="tags", title="Bread")
CHEESE = Category(id="tags/cheese", kind="tags", title="Cheese")
TAXONOMY = Taxonomy(categories=(BREAD, CHEESE))
FAULTY = "the faulty one"


class Panic(BaseException):
    """Named as errors of the Markdown parser are, which is no Python."""


Panic.__name__ = "PanicException"


@pytest.fixture(autouse=True)
def _no_debugging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(unexpected.DEBUG, raising=False)


@pytest.fixture
def faulty_cleaner(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = markdown.prose

    def faulty(body: str) -> markdown.Prose:
        if FAULTY in body:
            raise Panic(f"secret words of {body}")
        return clean(body)

    monkeypatch.setattr(markdown, "prose", faulty)


class Faulty:
    """Keywords, until it meets a faulty article: then its generator is dead."""

    identity = KeywordScorer().identity

    def __init__(self, ahead: int = 1, error: Callable[[], BaseException] = IndexError) -> None:
        self.ahead, self.error = ahead, error

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        chunk: list[Task] = []
        for task in tasks:
            chunk.append(task)
            if len(chunk) == self.ahead:
                yield from self._judged(chunk)
                chunk = []
        yield from self._judged(chunk)

    def _judged(self, chunk: list[Task]) -> list[Outcome]:
        if any(FAULTY in task.article.body for task in chunk):
            raise self.error()
        return list(KeywordScorer().score(chunk))


TEXTS = ["Bread.", f"Bread, {FAULTY}.", "Bread, bread, cheese.", "Wine.", "Bread and wine."]


def reasons(results: Iterable[Result]) -> list[list[FailureReason]]:
    return [[failure.reason for failure in result.failures] for result in results]


# --- what is contained ---------------------------------------------------------------------------


@pytest.mark.parametrize("error", [IndexError(), RecursionError(), Panic(), MemoryError()])
def test_an_error_becomes_one_line_that_names_the_article(error: BaseException) -> None:
    def work() -> None:
        raise error

    failure = unexpected.contain(work, article="a.md")
    assert failure is not None
    assert failure.reason is FailureReason.INTERNAL
    assert failure.message.startswith("'a.md': ")
    assert "\n" not in failure.message
    assert ("report it" in failure.message) == (not isinstance(error, MemoryError))


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(), GeneratorExit(), StoreError(), ImportError()]
)
def test_an_error_of_the_run_ends_it(error: BaseException) -> None:
    with pytest.raises(type(error)):
        unexpected.failure(error, article="a.md")


def test_the_message_says_where_but_quotes_nothing_of_the_article() -> None:
    scorer = Faulty(error=lambda: ValueError("secret words"))
    (result,) = Classifier(TAXONOMY, scorer).classify_many([f"Bread, {FAULTY}."])
    assert "secret" not in result.failures[0].message
    assert "ValueError" in result.failures[0].message
    assert ".py:" in result.failures[0].message


# --- scorers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [1, 2, 3, 10])
def test_one_article_of_a_chunk_does_not_take_the_others(ahead: int) -> None:
    results = list(Classifier(TAXONOMY, Faulty(ahead)).classify_many(TEXTS))
    assert sorted(reasons(results)) == sorted([[], [FailureReason.INTERNAL], [], [], []])
    (failed,) = (result for result in results if result.failures)
    assert failed.digest == Classifier(TAXONOMY, KeywordScorer()).classify(TEXTS[1]).digest
    assert failed.failures[0].categories == ("tags/bread", "tags/cheese")


def test_debugging_raises_with_the_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(unexpected.DEBUG, "1")
    with pytest.raises(IndexError) as raised:
        list(Classifier(TAXONOMY, Faulty()).classify_many(TEXTS))
    assert "_judged" in "".join(traceback.format_tb(raised.value.__traceback__))


def test_an_error_of_the_source_is_the_callers() -> None:
    def sources() -> Iterator[str]:
        yield "Bread."
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        list(Classifier(TAXONOMY, Faulty()).classify_many(sources()))


def test_an_error_of_who_keeps_the_answers_is_not_the_scorers() -> None:
    def full(part: PartialOutcome) -> None:
        raise OSError("disk full")

    tasks = [Task(Article(id="a", body="Bread."), TAXONOMY.categories)]
    with pytest.raises(OSError, match="disk full"):
        list(partial_outcomes(Faulty(), tasks, on_partial=full))


def test_a_scorer_that_fails_before_any_article_ends_the_run() -> None:
    class Broken(Faulty):
        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            raise RuntimeError("no device")
            yield

    with pytest.raises(RuntimeError, match="no device"):
        list(Classifier(TAXONOMY, Broken()).classify_many(TEXTS))


def test_what_was_answered_in_part_is_not_asked_again() -> None:
    class Parts:
        identity = "parts:none:1"
        asked = 0

        def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
            raise NotImplementedError

        def score_partial(
            self, tasks: Iterable[Task], *, on_partial: Callable[[PartialOutcome], None] = ignore
        ) -> Iterator[PartialOutcome]:
            for task in tasks:
                self.asked += 1
                first = Task(task.article, task.categories[:1])
                part = PartialOutcome(task, next(KeywordScorer().score([first])), last=False)
                on_partial(part)
                raise IndexError
                yield part

    scorer, seen = Parts(), list[PartialOutcome]()
    task = Task(Article(id="a", body="Bread."), TAXONOMY.categories)
    parts = list(partial_outcomes(scorer, [task], on_partial=seen.append))
    assert parts == seen
    assert scorer.asked == 1
    assert [part.last for part in parts] == [False, True]
    assert [j.category for j in parts[0].outcome.judgements] == ["tags/bread"]
    assert parts[1].outcome.failures[0].categories == ("tags/cheese",)


def test_an_embedded_chunk_is_judged_without_the_faulty_article(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from classifier.scorers.embedded.encoding import ArticleTexts

    of = ArticleTexts.of

    def faulty(article: Article, **recipe: Any) -> ArticleTexts:
        if FAULTY in article.body:
            raise IndexError
        return of(article, **recipe)

    expected = list(Classifier(TAXONOMY, EmbeddedScorer()).classify_many(TEXTS))
    monkeypatch.setattr(ArticleTexts, "of", faulty)
    results = list(Classifier(TAXONOMY, EmbeddedScorer()).classify_many(TEXTS))
    assert reasons(results) == [[], [FailureReason.INTERNAL], [], [], []]
    for before, now in zip(expected, results, strict=True):
        if not now.failures:
            assert now.judgements == before.judgements


def test_a_language_models_other_answers_are_kept_and_paid_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = RequestBuilder.read

    def faulty(self: RequestBuilder, article: Article) -> Any:
        if FAULTY in article.body:
            raise IndexError
        return read(self, article)

    monkeypatch.setattr(RequestBuilder, "read", faulty)
    with ChatServer() as server:
        scorer = OpenAIScorer("m", base_url=server.url, options=OpenAIOptions(concurrency=2))
        results = list(Classifier(TAXONOMY, scorer).classify_many(TEXTS))
        assert sorted(reasons(results)) == sorted([[], [FailureReason.INTERNAL], [], [], []])
        assert len(server.requests) == len(TEXTS) - 1


# --- a folder ------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    definitions = tmp_path / "tags"
    definitions.mkdir()
    (definitions / "bread.md").write_text("---\ntitle: Bread\n---\n")
    content = tmp_path / "content"
    content.mkdir()
    for name, text in zip("abcde", TEXTS, strict=True):
        path = content / f"{name}.md"
        path.write_text(f"---\ntitle: {name}\n---\n{text}\n")
        os.utime(path, (1e9, 1e9))
    return content.relative_to(tmp_path)


def opened(scorer: Any = None) -> Project:
    project = Project.open(categories=Path("tags"))
    project.__dict__["scorer"] = scorer or KeywordScorer()
    return project


@pytest.mark.usefixtures("faulty_cleaner")
def test_every_verb_goes_on_after_an_article_that_cannot_be_cleaned(site: Path) -> None:
    with opened() as project:
        run = project.run(site)
        assert list(run.scan.unread) == ["content/b.md"]
        assert run.progress.failed.keys() == {FailureReason.INTERNAL}
        assert run.progress.pairs == 4
        (status,) = project.status(site)
        assert status.paths("failed") == ["content/b.md"]
        assert project.estimate(site).scan.unread.keys() == {"content/b.md"}
        applied = project.apply(site, dry_run=True)
        assert [refused.path.name for refused in applied.refused] == ["b.md"]
        assert {f.path for f in project.check(site).of("unusable")} == {"content/b.md"}
        assert project.report(site).articles == 5


def test_a_failure_of_the_scorer_is_not_stored_as_a_judgement_and_is_tried_again(
    site: Path,
) -> None:
    with opened(Faulty(ahead=3)) as project:
        run = project.run(site)
        assert run.progress.pairs == 4
        (entry,) = run.scan.pending
        assert entry.path == "content/b.md"
        (failed,) = (result for result in run.results() if result.failures)
        assert failed.failures[0].reason is FailureReason.INTERNAL
    with opened() as project:
        assert project.run(site).progress.pairs == 1


def test_an_article_whose_front_matter_cannot_be_edited_for_a_bug_is_left_as_it_is(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = write_back._edited

    def faulty(path: Path, *rest: Any) -> write_back.Edited:
        if path.name == "a.md":
            raise IndexError
        return edit(path, *rest)

    monkeypatch.setattr(write_back, "_edited", faulty)
    before = (site / "a.md").read_bytes()
    with opened() as project:
        project.run(site)
        applied = project.apply(site)
    assert [refused.path.name for refused in applied.refused] == ["a.md"]
    assert "c.md" in {path.name for path in applied.changed}
    assert (site / "a.md").read_bytes() == before


# --- an article without a body -------------------------------------------------------------------

BODILESS = "---\ntitle: Rye\ndescription: Bread, and more bread.\n---\n\n![](loaf.jpg)\n"


def test_a_title_and_a_description_without_a_body_are_judged_and_marked(site: Path) -> None:
    (site / "f.md").write_text(BODILESS)
    (site / "g.md").write_text("---\ntitle: Bread, bread\n---\n")
    with opened(EmbeddedScorer()) as project:
        run = project.run(site)
        found = {result.article: result for result in run.results()}
        single = project.classify(site / "f.md")
    of = Classifier(TAXONOMY, EmbeddedScorer()).classify(BODILESS)
    assert [found["content/f.md"].notes, single.notes, of.notes] == [
        ("no text in the body: judged by title and description",)
    ] * 3
    assert found["content/f.md"].ok
    assert found["content/a.md"].notes == ()
    # A title alone is no article.
    assert reasons([found["content/g.md"]]) == [[FailureReason.EMPTY]]
