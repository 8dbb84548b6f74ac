"""The composition root: settings become a taxonomy and a scorer, sources become results."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from classifier import calibration, resources, settings, taxonomy
from classifier.content import articles
from classifier.corpus import home_of
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.models import Article, Failure, Outcome, Result, Task, Taxonomy
from classifier.scorers.base import Scorer
from classifier.scorers.cascade import deferral
from classifier.scorers.cascade.deferral import DeferralPolicy, Shortlist
from classifier.scorers.embedded import learned
from classifier.settings import Settings
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.learned import Learned
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.openai.scorer import OpenAIScorer
    from classifier.store import Store

Source: TypeAlias = Path | Article | str | bytes
"""A file or bundle folder, an article, or an article's *content* as text or UTF-8."""

_MARKDOWN: Final = (".md", ".mdx", ".markdown")


class Classifier:
    """Judges articles against a taxonomy and decides their labels.

    Holds nothing that changes: it can be pickled, and used from several threads at once.
    """

    def __init__(
        self, taxonomy: Taxonomy, scorer: Scorer, *, policy: LabelPolicy | None = None
    ) -> None:
        """`policy` turns judgements into labels; without it, the taxonomy's rules alone do."""
        self.policy = policy or LabelPolicy(taxonomy)
        self.taxonomy = taxonomy
        self.scorer = scorer

    @classmethod
    def from_settings(cls, given: Settings | None = None, /, **overrides: Any) -> Classifier:
        """Build both parts from the `given` settings, or from those found from here.

        `overrides` are fields of Settings and win over what is found: the settings file, then
        CLASSIFY_* variables. Where `store` is one of them or found, what is on record there is not
        judged again, people's verdicts of then win, and what is judged is kept there; otherwise
        nothing is. Raises a ClassifierError where something cannot be used.
        """
        if given is not None and overrides:
            raise UsageError("settings are either given whole or as single values, not both")
        found = settings.load(**overrides) if given is None else given
        loaded, scorer = load_taxonomy(found), make_scorer(found)
        policy = make_policy(found, loaded, scorer)
        if found.store is not None:
            from classifier.scorers.cached import Cached
            from classifier.store import Store

            store = Store.open(found.store)
            scorer = Cached(with_cache(scorer, store), store)
            policy = with_verdicts(policy, store, home=home_of(found.store))
        return cls(policy.taxonomy, scorer, policy=policy)

    def only(self, *, kinds: Sequence[str] = (), categories: Sequence[str] = ()) -> Classifier:
        """Return a classifier for some of the categories; no names mean all.

        A category is named by id, slug, title or alias, in any letter case. Raises UsageError for
        a name that nothing goes by.
        """
        some = taxonomy.select(self.taxonomy, kinds=kinds, categories=categories)
        return Classifier(some, self.scorer, policy=self.policy.only(some))

    def classify(self, source: Source) -> Result:
        """Judge one article. What cannot be read or judged is in the result's failures.

        Raises UsageError for a path that does not exist, or a str that names a file.
        """
        with closing(self._results([source])) as results:
            return next(results)

    def classify_many(self, sources: Iterable[Source]) -> Iterator[Result]:
        """Judge articles in the order in which they are finished; `sources` is pulled lazily.

        Raises what `classify` does. Closing the iterator ends the work that is under way.
        """
        return self._results(sources)

    async def aclassify_many(
        self, sources: Iterable[Source] | AsyncIterable[Source]
    ) -> AsyncIterator[Result]:
        """Do the same for `async for`, in a thread of its own.

        The next result is worked for when it is asked for, so a slow consumer slows the reading.
        Closing or cancelling returns at once; the call under way is then the last one.
        """
        feed = _Feed(sources) if isinstance(sources, AsyncIterable) else None
        results = self._results(cast("Iterable[Source]", sources) if feed is None else feed)
        worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="classify")
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
        outcomes = self.scorer.score(self._tasks(sources, unread))
        try:
            for outcome in outcomes:
                yield from _drained(unread)
                yield self._result(outcome)
            yield from _drained(unread)
        finally:
            # Who stops early must not leave calls running until garbage is collected.
            if isinstance(outcomes, Generator):
                outcomes.close()

    def _tasks(self, sources: Iterable[Source], unread: deque[Result]) -> Iterator[Task]:
        for source in sources:
            article = _read(source)
            if isinstance(article, Failure):
                name = str(source) if isinstance(source, Path) else "-"
                unread.append(
                    Result(article=name, scorer=self.scorer.identity, failures=(article,))
                )
            else:
                yield Task(article, self.taxonomy.categories)

    def _result(self, outcome: Outcome) -> Result:
        article = outcome.task.article
        return Result(
            article=article.id,
            title=article.title,
            digest=article.digest,
            body_start=article.body_start,
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
            notes=outcome.notes,
            on_record=outcome.on_record,
        )


def load_taxonomy(found: Settings) -> Taxonomy:
    """Return the categories the settings name, or the example ones, with the settings' rules."""
    loaded = taxonomy.load(found.categories or resources.folder("categories"))
    by_kind, default = settings.rules(found)
    kinds = {category.kind for category in loaded.categories}
    taught = _learned(found)
    categories = loaded.categories
    changed: tuple[str, ...] = ()
    if taught is not None:
        changed = tuple(taught.warnings(loaded, file=str(learned_file(found))))
        if found.scorer != "embedded" and found.examples:
            categories = taught.shown(categories)
    # The example categories are a stand-in: rules for other kinds than theirs are no mistake.
    unused = sorted(set(by_kind) - kinds) if found.categories else []
    return replace(
        loaded,
        categories=categories,
        rules=by_kind,
        default_rule=default,
        warnings=(
            *loaded.warnings,
            *changed,
            *(
                f"settings: the rule for {kind!r} is for a kind without categories"
                for kind in unused
            ),
        ),
    )


def make_scorer(found: Settings) -> Scorer:
    """Return the scorer the settings ask for. Loads no model and opens no connection."""
    match found.scorer:
        case "embedded":
            return _embedded(found)
        case "openai":
            return language_model(found)
        case "cascade":
            return cascade(found)


def _embedded(found: Settings) -> EmbeddedScorer:
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    return EmbeddedScorer(model_folder=found.embedding_model, learned=_learned(found))


def cascade(found: Settings) -> Cascade:
    """Return the embedded scorer before the language model, with the cut that is measured for them.

    Without one, with a shortlist.
    """
    from classifier.scorers.cascade.scorer import Cascade

    first, second = _embedded(found), language_model(found)
    file = cuts_file(found)
    measured = {} if file is None else deferral.load(file).cascades
    cut: DeferralPolicy | None = measured.get(deferral.key_of(first.identity, second.identity))
    return Cascade(first, second, cut or Shortlist(found.shortlist))


def language_model(found: Settings) -> OpenAIScorer:
    """Return the scorer of the language model the settings name."""
    if not found.model:
        raise UsageError(
            f"scorer {found.scorer!r} needs the name of a model: --model NAME, CLASSIFY_MODEL, "
            "or model in classify.toml"
        )
    from classifier.scorers.openai import prompts
    from classifier.scorers.openai.limits import Budget
    from classifier.scorers.openai.scorer import OpenAIScorer, Options

    return OpenAIScorer(
        found.model,
        base_url=found.base_url,
        prompts=prompts.load(found.prompts, short=found.answers == "short"),
        options=Options(
            pack=found.pack,
            canary=found.canary,
            concurrency=found.concurrency,
            rpm=found.rpm,
            tpm=found.tpm,
            timeout=found.timeout,
            tier=found.tier,
        ),
        budget=Budget(max_cost=found.max_cost, max_calls=found.max_calls),
    )


def make_policy(found: Settings, taxonomy: Taxonomy, scorer: Scorer) -> LabelPolicy:
    """Return what decides on the scorer's judgements: the rules, and its calibration if any.

    A minimum that a person has set wins over one that calibration has found. `taxonomy` of what is
    returned has both, and a warning where the calibration is for others.
    """
    doubts = (*_untaught(found, scorer), *_rash(taxonomy, scorer))
    taxonomy = replace(taxonomy, warnings=(*taxonomy.warnings, *doubts))
    file = _calibration_file(found)
    if file is None:
        return LabelPolicy(taxonomy)
    measured = calibration.load(file)
    fitted = measured.scorers.get(scorer.identity)
    if fitted is None:
        warning = f"{str(file)!r} is of other scorers: confidences are taken as they are"
        return LabelPolicy(replace(taxonomy, warnings=(*taxonomy.warnings, warning)))
    minimums = {
        category.id: it.minimum
        for category in taxonomy.categories
        if not settings.sets_minimum(found, category.kind)
        and (it := fitted.minimum_of(category)) is not None
    }
    return LabelPolicy(replace(taxonomy, minimums=minimums), fitted)


def _untaught(found: Settings, scorer: Scorer) -> Iterator[str]:
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    scorer = scorer.first if isinstance(scorer, Cascade) else scorer
    if isinstance(scorer, EmbeddedScorer) and scorer.learned and not scorer.taught:
        yield (
            f"{str(learned_file(found))!r} was learned with another model or version of the scorer "
            "and is not used: run `classify learn` again"
        )


def _rash(taxonomy: Taxonomy, scorer: Scorer) -> Iterator[str]:
    from classifier.scorers.cascade.scorer import Cascade

    kinds = sorted(
        {c.kind for c in taxonomy.categories if taxonomy.minimum(c) < deferral.MAX_THRESHOLD}
    )
    if isinstance(scorer, Cascade) and kinds:
        yield (
            f"labels of {', '.join(kinds)} need less than {deferral.MAX_THRESHOLD}: below that "
            "some are given without asking the language model"
        )


def _calibration_file(found: Settings) -> Path | None:
    return _used(found.calibration, found, calibration.beside)


def learned_file(found: Settings) -> Path | None:
    """Return the file of what was learned, where it is used."""
    return _used(found.learned, found, learned.beside)


def cuts_file(found: Settings) -> Path | None:
    """Return the file of measured cuts, where it is used."""
    return _used(found.cuts, found, deferral.path_for)


def _learned(found: Settings) -> Learned | None:
    file = learned_file(found)
    return None if file is None else learned.load(file)


def _used(given: Path | str | None, found: Settings, beside: Callable[[Path], Path]) -> Path | None:
    if given == "off":
        return None
    if given is not None:
        return Path(given)
    file = beside(found.categories) if found.categories else None
    return file if file is not None and file.exists() else None


def with_verdicts(policy: LabelPolicy, store: Store, *, home: Path) -> LabelPolicy:
    """Return the same with the verdicts in `store`, whose paths are relative to `home`."""
    verdicts = Verdicts(store.verdicts(), policy.taxonomy.categories, home=home)
    return replace(policy, verdicts=verdicts)


def has_learned(scorer: Scorer) -> bool:
    """Whether people's corrections are part of the scorer."""
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    return isinstance(scorer, EmbeddedScorer) and scorer.taught is not None


def with_cache(scorer: Scorer, store: Store) -> Scorer:
    """Return the scorer with what it can keep in `store` to save work, beside judgements.

    Of a cascade, the judgements of both scorers, too: another cut asks about nothing again.
    """
    from classifier.scorers.cached import Cached
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    if isinstance(scorer, Cascade):
        return Cascade(
            Cached(with_cache(scorer.first, store), store, booked=False),
            Cached(scorer.second, store, booked=False),
            scorer.deferral,
        )
    return scorer.remembering(store) if isinstance(scorer, EmbeddedScorer) else scorer


def _read(source: Source) -> Article | Failure:
    match source:
        case Article():
            return source
        case Path():
            return articles.read(source)
        case bytes():
            return articles.from_bytes(source, id="-")
        case str():
            if "\n" not in source.strip() and source.strip().lower().endswith(_MARKDOWN):
                raise UsageError(
                    f"{source.strip()!r} looks like a path, but a str is taken as an article's "
                    "text: pass pathlib.Path(...)"
                )
            return articles.from_text(source)


def _drained(results: deque[Result]) -> Iterator[Result]:
    while results:
        yield results.popleft()


class _Feed:
    """Pulls an async iterable from another thread than the loop's; `close` ends its wait."""

    def __init__(self, sources: AsyncIterable[Source]) -> None:
        self._sources = aiter(sources)
        self._loop = asyncio.get_running_loop()
        self._pending: Future[Source | None] | None = None
        self._closed = False

    def __iter__(self) -> Iterator[Source]:
        return self

    def __next__(self) -> Source:
        self._pending = asyncio.run_coroutine_threadsafe(self._pull(), self._loop)
        source = self._pending.result()
        if source is None:
            raise StopIteration
        return source

    async def _pull(self) -> Source | None:
        # Asked on the loop's thread, where `close` is called too: no wait begins after it.
        return None if self._closed else await anext(self._sources, None)

    def close(self) -> None:
        self._closed = True
        if self._pending is not None:
            self._pending.cancel()
