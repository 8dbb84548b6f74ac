"""`Classifier`: a pipeline object that can be pickled. Sources in, results out."""

from __future__ import annotations

from collections import deque
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, cast

from classifier import composition, settings, small_files, taxonomy
from classifier.content import articles
from classifier.content.document import language_of
from classifier.corpus import STORE_FILE, STORE_FOLDER, home_of
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.models import Article, Failure, FailureReason, Outcome, Result, Task, Taxonomy
from classifier.runs import language_note, notes_on
from classifier.scorers import members
from classifier.scorers.base import Scorer, languages_of
from classifier.scorers.contained import whole_outcomes
from classifier.settings import Settings
from classifier.tracing import Tracing, end

if TYPE_CHECKING:
    from classifier.store import Store

Source: TypeAlias = Path | Article | str | bytes | tuple[object, str | bytes]
"""A file or bundle folder, an article, an article's *content* as text or UTF-8, or an id and
a content."""

_MARKDOWN: Final = (".md", ".mdx", ".markdown")


class Classifier:
    """Judges articles against a taxonomy and decides their labels.

    Immutable: it can be pickled, and shared between threads. One with a store of its own is closed
    by `close`, or at the end of a `with` block.
    """

    def __init__(
        self, taxonomy: Taxonomy, scorer: Scorer, *, policy: LabelPolicy | None = None
    ) -> None:
        """`policy` turns judgements into labels; default: the taxonomy's rules."""
        self._tracing = False
        self._store: Store | None = None
        self.policy = policy or LabelPolicy(taxonomy)
        self.taxonomy = taxonomy
        self.scorer = scorer

    @classmethod
    def from_settings(cls, given: Settings | None = None, /, **overrides: Any) -> Classifier:
        """Build a classifier from the `given` settings, or from those found from here.

        `overrides` are fields of Settings and win over what is found: the settings file, then
        CLASSIFY_* variables. If one of them is `store`, stored judgements are reused, new ones are
        stored, and the stored verdicts apply; otherwise nothing is stored. Raises a ClassifierError
        if a setting cannot be used.
        """
        if given is not None and overrides:
            raise UsageError("pass either a Settings object or single settings, not both")
        found = settings.load(**overrides) if given is None else given
        loaded, scorer = composition.load_taxonomy(found), composition.make_scorer(found)
        policy = composition.make_policy(found, loaded, scorer)
        place = found.store or settings.home() / STORE_FOLDER / STORE_FILE
        profile = composition.profile_file(found, store=place)
        policy = composition.with_profile(policy, found, scorer, file=profile)
        policy = composition.with_sections(policy, found, home=settings.home())
        store: Store | None = None
        if found.store is not None:
            from classifier.scorers.cached import Cached
            from classifier.store import Store

            store = Store.open(found.store)
            scorer = Cached(members.with_cache(scorer, store), store)
            policy = composition.with_verdicts(policy, store, home=home_of(found.store))
        classifier = cls(policy.taxonomy, scorer, policy=policy)
        classifier._store = store
        return classifier.traced(found.tracing)

    def close(self) -> None:
        """Close the store that `from_settings` opened, also for classifiers made from this one.

        Without a store it does nothing. Work that goes on with one raises StoreError.
        """
        if self._store is not None:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def only(self, *, kinds: Sequence[str] = (), categories: Sequence[str] = ()) -> Classifier:
        """Return a classifier for some of the categories; no names mean all.

        A category is named by id, slug, title or alias, in any letter case. Raises UsageError for
        an unknown name.
        """
        some = taxonomy.select(self.taxonomy, kinds=kinds, categories=categories)
        twin = copy(self)
        twin.taxonomy, twin.policy = some, self.policy.only(some)
        return twin

    def traced(self, enabled: bool = True) -> Classifier:
        """Return the same with a span of OpenTelemetry for each article, below the current one.

        `enabled=False` is without. Needs the extra `otel` (docs/tracing.md).
        """
        if enabled == self._tracing:
            return self
        twin = copy(self)
        twin._tracing = enabled
        return twin

    def classify(self, source: Source) -> Result:
        """Judge one article. What cannot be read or judged is in the result's failures.

        Raises UsageError for a path that does not exist, or a str that names a file.
        """
        check_there(source)
        with closing(self._results([source])) as results:
            return next(results)

    def classify_many(
        self, sources: Iterable[Source] | Mapping[Any, str | bytes]
    ) -> Iterator[Result]:
        """Judge articles and yield them as they are finished; `sources` is pulled lazily.

        To join results with what they came from, give `(id, text)` pairs or a mapping of ids to
        texts: `Result.article` is the id, as text. What is no source, or a path of nothing, is a
        failure of that item. Closing the iterator stops the work under way. What `sources` raises
        is raised after the results of all that it gave before.

        Raises:
            UsageError: `sources` is one text, path or table, or none at all; or one of them is a
                str that names a file.
        """
        return self._results(each_source(sources))

    async def aclassify_many(
        self, sources: Iterable[Source] | Mapping[Any, str | bytes] | AsyncIterable[Source]
    ) -> AsyncIterator[Result]:
        """Do the same for `async for`, in a thread of its own.

        The next article is judged on demand, so a slow consumer slows the reading. Closing or
        cancelling returns at once; the call under way is the last one.

        Raises:
            UsageError: As `classify_many`, at the first step.
        """
        feed = _Feed(sources) if isinstance(sources, AsyncIterable) else None
        each = each_source(cast("Iterable[Source]", sources)) if feed is None else feed
        results = self._results(each)
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="classify")
        import asyncio

        advance = asyncio.get_running_loop().run_in_executor
        try:
            while (result := await advance(worker, next, results, None)) is not None:
                yield result
        finally:
            if feed is not None:
                feed.close()
            worker.submit(results.close)
            worker.shutdown(wait=False)

    def _results(self, sources: Iterable[Source]) -> Generator[Result]:
        unread: deque[Result] = deque()
        given = _UntilError(sources)
        tasks = self._tasks(given, unread)
        if tracing := Tracing.of(enabled=self._tracing):
            tasks = tracing.begin(tasks)
        outcomes = whole_outcomes(self.scorer, tasks)
        try:
            for outcome in outcomes:
                end(outcome)
                yield from _drained(unread)
                yield self.result(outcome)
            yield from _drained(unread)
            if given.error is not None:
                raise given.error
        finally:
            # A consumer that stops early must not leave calls running until garbage collection.
            outcomes.close()

    def _tasks(self, articles: Iterable[_Read], unread: deque[Result]) -> Iterator[Task]:
        for source, article in articles:
            if isinstance(article, Failure):
                unread.append(
                    Result(
                        article=_name(source),
                        scorer=self.scorer.identity,
                        failures=(article,),
                        kinds=self._kinds,
                    )
                )
            else:
                yield Task(article, self.taxonomy.categories)

    @property
    def _kinds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(category.kind for category in self.taxonomy.categories))

    def result(self, outcome: Outcome) -> Result:
        """Decide on what a scorer has judged of an article."""
        article = outcome.task.article
        reads = languages_of(self.scorer)
        language = article.language if reads is None else language_of(article)
        return Result(
            article=article.id,
            title=article.title,
            digest=article.digest,
            body_start=article.body_start,
            language=language,
            scorer=self.scorer.identity,
            model=outcome.model,
            decision=self.policy.decide(
                outcome.judgements,
                path=article.id,
                article=article.digest,
                failures=outcome.failures,
            ),
            failures=outcome.failures,
            usage=outcome.usage,
            notes=(
                *notes_on(article, outcome.judgements),
                *language_note(language, reads, self.scorer.identity),
                *outcome.notes,
            ),
            stored=outcome.stored,
            kinds=self._kinds,
        )


def check_there(source: Source) -> None:
    """Raise UsageError for a path of nothing: of one article, that is no failure of a run's."""
    if isinstance(source, Path) and not small_files.exists(source):
        raise UsageError(f"{small_files.why_not(source)}: {source.as_posix()!r}")


def each_source(sources: Iterable[Source] | Mapping[Any, str | bytes]) -> Iterable[Source]:
    """Return what to judge one by one.

    Raises:
        UsageError: It is one text, path or table, or nothing that has items.
    """
    if isinstance(sources, str | bytes | Path | Article):
        raise UsageError(
            f"classify_many takes several articles, not one {type(sources).__name__}: put it in a "
            "list, or call classify"
        )
    if any(hasattr(type(sources), name) for name in ("columns", "column_names")):
        # A data frame, whose iteration gives names of columns, or rows as dicts.
        raise UsageError(
            "classify_many cannot tell which column of a table is the text: pass (id, text) pairs, "
            'such as zip(frame["id"], frame["text"]), or call Project.classify_frame'
        )
    if isinstance(sources, Mapping):
        return iter(sources.items())
    try:
        return iter(sources)
    except TypeError:
        raise UsageError(
            f"classify_many takes an iterable of articles, not {type(sources).__name__}"
        ) from None


_Read: TypeAlias = tuple[object, Article | Failure]


class _UntilError:
    """Reads sources one by one; an error ends them, and is kept for when the rest is judged."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = sources
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[_Read]:
        try:
            for source in self._sources:
                yield source, _read(source)
        except Exception as error:  # noqa: BLE001 - raised again by `_results`
            self.error = error


def _name(source: object) -> str:
    match source:
        case Path():
            return str(source)
        case (name, _):
            return _text_of(name) or "-"
        case _:
            return "-"


def _text_of(name: object) -> str | None:
    """Return an id as text; None where it has none, as an int of more than 4,300 digits."""
    try:
        return str(name)
    except Exception:  # noqa: BLE001 - whatever an object's own method raises
        return None


def _read(source: object) -> Article | Failure:
    match source:
        case Article():
            return source
        case Path():
            try:
                return articles.read(source)
            except (UsageError, ValueError) as error:  # a null byte is no path
                return Failure(FailureReason.UNREADABLE, str(error))
        case str() if "\n" not in source.strip() and source.strip().lower().endswith(_MARKDOWN):
            raise UsageError(
                f"{source.strip()!r} looks like a path, but a str is taken as an article's "
                "text: pass pathlib.Path(...)"
            )
        case (name, content):
            if (known := _text_of(name)) is not None:
                return _read_content(content, id=known)
            message = f"an id of type {type(name).__name__} cannot be written as text"
            return Failure(FailureReason.UNREADABLE, message)
        case _:
            return _read_content(source, id="-")


def _read_content(content: object, *, id: str) -> Article | Failure:  # noqa: A002 - as in Article
    match content:
        case bytes():
            return articles.from_bytes(content, id=id)
        case str():
            return articles.from_text(content, id=id)
        case _:
            return Failure(
                FailureReason.UNREADABLE,
                f"{id!r} is no article but {type(content).__name__}: pass text, bytes, a Path, an "
                "Article, or an (id, text) pair",
            )


def _drained(results: deque[Result]) -> Iterator[Result]:
    while results:
        yield results.popleft()


class _Feed:
    """Pulls an async iterable from another thread than the loop's; `close` ends its wait."""

    def __init__(self, sources: AsyncIterable[Source]) -> None:
        import asyncio

        self._sources = aiter(sources)
        self._loop = asyncio.get_running_loop()
        self._pending: Future[tuple[Source, ...]] | None = None
        self._closed = False

    def __iter__(self) -> Iterator[Source]:
        return self

    def __next__(self) -> Source:
        from asyncio import run_coroutine_threadsafe

        self._pending = run_coroutine_threadsafe(self._pull(), self._loop)
        found = self._pending.result()
        if not found:
            raise StopIteration
        return found[0]

    async def _pull(self) -> tuple[Source, ...]:
        # Asked on the loop's thread, where `close` is called too: no wait begins after it.
        if self._closed:
            return ()
        try:
            return (await anext(self._sources),)
        except StopAsyncIteration:
            return ()

    def close(self) -> None:
        self._closed = True
        if self._pending is not None:
            self._pending.cancel()
