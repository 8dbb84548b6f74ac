"""Judge articles, one by one or whole folders, and read what is stored of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from classifier import small_files
from classifier.content import articles
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import StoreError
from classifier.models import Failure, Label, Outcome, Result, Task
from classifier.pipeline import Classifier, Source
from classifier.project.languages import warn_about_definitions
from classifier.runs import Summary, assigned, misses, results, summarise
from classifier.scorers import members
from classifier.scorers.base import Scorer, languages_of
from classifier.scorers.cached import Cached
from classifier.store import Store

if TYPE_CHECKING:
    from classifier.progress import Progress
    from classifier.project.records import Records
    from classifier.project.renewal import RenewOptions
    from classifier.project.site_profile import ProfileUpdate
    from classifier.project.workspace import Workspace
    from classifier.training.audit import RecallAudit


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The result of a run. It is read from the store, so read it before the project closes."""

    scan: Scan
    """The articles, and what is still to judge of them."""
    progress: Progress
    """What this run did: pairs judged, failures, usage and cost."""
    scorer: Scorer
    policy: LabelPolicy
    """Decides on the categories that were judged, with people's verdicts."""
    corpus: Corpus
    store: Store
    profile: ProfileUpdate | None = None
    """The site profile that this run made or renewed."""

    @property
    def complete(self) -> bool:
        """Whether everything is judged that could be asked for."""
        return not (self.progress.failed or self.progress.over_budget or self.progress.stopping)

    def results(self) -> Iterator[Result]:
        """Yield the result of every article, decided now; its failures have what is unjudged."""
        return (result for result, _ in self.timed_results())

    def timed_results(self) -> Iterator[tuple[Result, Mapping[str, float]]]:
        """Yield results with the time each category was judged (id to seconds since the epoch)."""
        return results(self.corpus, self.scan, policy=self.policy, store=self.store)

    def summary(self) -> Summary:
        """Count labels and levels over all articles."""
        return summarise(self.corpus, self.scan, policy=self.policy, store=self.store)

    def unread_languages(self) -> Mapping[str, int]:
        """Count articles in languages that the scorer does not read, by code, most first."""
        return dict(self.corpus.unread_languages(self.scan).most_common())

    def labels(self) -> Iterator[tuple[str, tuple[Label, ...]]]:
        """Yield the path of every article that could be read, and its labels."""
        found = assigned(self.corpus, self.scan, policy=self.policy, store=self.store)
        return ((entry.path, labels) for entry, labels in found)

    def audits(self) -> list[RecallAudit]:
        """Return the recall that a cascade's random sample supports; nothing of other scorers."""
        from classifier.scorers.cascade.scorer import Cascade

        if not isinstance(self.scorer, Cascade):
            return []
        from classifier.training.audit import recall_audits

        return recall_audits(
            self.corpus, self.scan, self.scorer, policy=self.policy, store=self.store
        )

    def write_table(self, path: Path, *, rows_of: Literal["pairs", "articles"] = "pairs") -> None:
        """Write a row per pair or article to a .jsonl, .csv or .parquet file.

        Raises:
            OutputError: The file cannot be written, or its name ends in something else.
        """
        from classifier.outputs import rows, tables

        found = self.timed_results()
        if rows_of == "articles":
            made = (rows.article_row(result, judged_at=times) for result, times in found)
            tables.write(path, made, rows.ARTICLES)
        else:
            pairs = (rows.pair_rows(result, judged_at=times) for result, times in found)
            tables.write(path, chain.from_iterable(pairs), rows.PAIRS)


@dataclass(slots=True)
class _Results:
    """Hands over the result of each article once, as soon as it is finished."""

    corpus: Corpus
    scan: Scan
    policy: LabelPolicy
    store: Store
    on_result: Callable[[Result], None]
    _done: set[str] = field(default_factory=set)
    _copies: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))

    def current(self) -> None:
        """Hand over what needs no judging."""
        for entry in self.scan.entries:
            self._copies[entry.digest].append(entry)
        self._hand_over([entry for entry in self.scan.entries if not entry.pending])

    def judged(self, outcome: Outcome) -> None:
        article = outcome.task.article
        own = Entry(article.id, article.digest, ())
        self._hand_over(self._copies.get(article.digest) or [own])

    def end(self, scan: Scan, *, stopped: bool, at_once: bool) -> None:
        """Hand over what is left: after a run that was stopped, of what is judged.

        `at_once`: whether that was handed over while it was judged.
        """
        if not stopped:
            self._hand_over(scan.entries, scan.unread)
        elif not at_once:
            self._hand_over([entry for entry in scan.entries if not entry.pending])

    def _hand_over(
        self, entries: Sequence[Entry], unread: Mapping[str, Failure] = MappingProxyType({})
    ) -> None:
        left = replace(
            self.scan,
            entries=[entry for entry in entries if entry.path not in self._done],
            unread={path: it for path, it in unread.items() if path not in self._done},
        )
        for result, _ in results(self.corpus, left, policy=self.policy, store=self.store):
            self._done.add(result.article)
            self.on_result(result)


def run(  # noqa: PLR0913 - all but two by name
    project: Workspace,
    paths: Sequence[Path],
    *,
    store: bool,
    retry_failed: bool = False,
    on_result: Callable[[Result], None] | None = None,
    renew: RenewOptions | None = None,
) -> Run:
    from classifier.project import renewal, site_profile

    records = _records(project, store=store)
    corpus = project.corpus(project.taxonomy.categories, records)
    scan = _scanned(project, corpus, paths, retry_failed=retry_failed)
    scan = renewal.renewed(corpus, scan, project.scorer, records.store, renew)
    scorer = members.with_cache(project.scorer, records.store, renewal=scan.renewal)
    warn_about_batches(project, scan, records)
    warn_about_definitions(project, records)
    policy = project.with_verdicts(project.policy.only(project.taxonomy), records)
    finished = _Results(corpus, scan, policy, records.store, on_result or (lambda _: None))
    # Until the profile is made nobody knows the labels.
    profiling = store and site_profile.is_due(project, paths, scan, records)
    at_once = on_result is not None and not profiling
    judged_before = {entry.digest for entry in scan.entries if not entry.pending}
    if at_once:
        finished.current()
    progress = project.judge(
        corpus,
        scan,
        scorer=scorer,
        records=records,
        on_outcome=finished.judged if at_once else lambda _: None,
    )
    if progress.due_pairs:
        after = project.scan(corpus, paths, scorer=scorer.identity)
        scan = renewal.not_renewed(corpus, scan, after, project.scorer, records.store)
    if progress.stopping and not scan.pending:
        progress.stopping = False  # the last article had been begun
    for path, failure in scan.unread.items():
        progress.fail(path, [failure])
    profile = None
    if profiling and not progress.stopping:
        profile = site_profile.update(project, scan, records, judged_before=judged_before)
        policy = project.with_verdicts(project.policy.only(project.taxonomy), records)
        finished.policy = policy
    if on_result is not None:
        finished.end(scan, stopped=progress.stopping, at_once=at_once)
    return Run(
        scan=scan,
        progress=progress,
        scorer=scorer,
        policy=policy,
        corpus=corpus,
        store=records.store,
        profile=profile,
    )


def _scanned(
    project: Workspace, corpus: Corpus, paths: Sequence[Path], *, retry_failed: bool
) -> Scan:
    """Return what is stored of the articles; to ask again, after nothing of it is held back."""
    scorer = project.scorer
    scan = project.scan(corpus, paths, scorer=scorer.identity)
    if retry_failed and corpus.release_held(scan, list(members.judges(scorer))):
        scan = project.scan(corpus, paths, scorer=scorer.identity)
    return scan


def _records(project: Workspace, *, store: bool) -> Records:
    try:
        return project.records.get("write" if store else "forget")
    except StoreError as error:
        raise StoreError(f"{error}, or store nothing: `store=False`") from error


def warn_about_batches(project: Workspace, scan: Scan, records: Records) -> None:
    """Warn about pairs that would be paid for twice."""
    pending = records.store.batches.pending(scan.scorer)
    asked = sum(
        category.digest in pending[entry.digest]
        for entry in scan.pending
        if entry.digest in pending
        for category in entry.pending
    )
    if asked:
        pairs = "1 pair is" if asked == 1 else f"{asked:,} pairs are"
        project.warn(
            f"{pairs} already in batches and would be paid for twice: see `classify batch collect`"
        )


def classify_many(
    project: Workspace, sources: Iterable[Source], *, store: bool, retry_failed: bool = False
) -> Iterator[Result]:
    classifier = project.classifier()
    if not store:
        return classifier.classify_many(sources)
    return _stored(project, classifier, sources, retry_failed=retry_failed)


def _stored(
    project: Workspace, classifier: Classifier, sources: Iterable[Source], *, retry_failed: bool
) -> Iterator[Result]:
    records = _records(project, store=True)
    warn_about_definitions(project, records)
    scorer: Scorer
    scorer = Cached(members.with_cache(classifier.scorer, records.store), records.store)
    if retry_failed:
        scorer = _Retrying(scorer, records.store, list(members.judges(project.scorer)))
    policy = project.with_verdicts(classifier.policy, records)
    corpus = project.corpus(classifier.taxonomy.categories, records)
    pipeline = Classifier(classifier.taxonomy, scorer, policy=policy)
    pipeline = pipeline.traced(project.settings.tracing)
    for result in pipeline.classify_many(_indexed(corpus, sources, scorer)):
        if result.failures and result.article != "-":
            path = _key(corpus, result.article)
            for miss in misses(result, path=path, scorer=result.scorer):
                records.store.fail(miss)
        yield result


def _key(corpus: Corpus, name: str) -> str:
    """Return what the store calls an article; a name that can be no path is one all the same."""
    given = Path(name)
    try:
        return corpus.key(articles.file_of(given) or given)
    except (OSError, ValueError):  # too long, or with a null byte
        return name


@dataclass(frozen=True, slots=True)
class _Retrying:
    """A scorer that asks again what was held back."""

    scorer: Scorer
    store: Store
    judges: Sequence[str]

    @property
    def identity(self) -> str:
        return self.scorer.identity

    @property
    def languages(self) -> frozenset[str] | None:
        return languages_of(self.scorer)

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        return self.scorer.score(map(self._released, tasks))

    def _released(self, task: Task) -> Task:
        self.store.release_held(self.judges, [task.article.digest])
        return task


def _indexed(corpus: Corpus, sources: Iterable[Source], judge: Scorer) -> Iterator[Source]:
    """Remember what each file holds now, so that its history can be shown."""
    scorer, reads = judge.identity, languages_of(judge)
    for source in sources:
        if not (isinstance(source, Path) and small_files.exists(source)):
            yield source
            continue
        corpus.scan([source], scorer=scorer)
        article = corpus.article(source)
        if isinstance(article, Failure):
            yield source
            continue
        if reads is not None:
            # Known of last time: to detect it again takes as long as all the rest.
            language = corpus.languages([source.as_posix()])[source.as_posix()]
            article = replace(article, language=language)
        yield article
