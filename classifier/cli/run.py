"""`classify run`: a page for each named article, or a run over whole folders."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path, PurePath

from classifier import composition, settings
from classifier.cli.console import emit, log
from classifier.cli.job import STDIN, Job, View
from classifier.cli.option_checks import check_fit, remark_on_cut, remark_on_default
from classifier.cli.records import Records, opened
from classifier.cli.since import narrowed
from classifier.cli.written import write_out
from classifier.content import articles
from classifier.content.articles import BUNDLE_FILES
from classifier.content.discovery import Found, Selection, walk
from classifier.corpus import Corpus
from classifier.errors import UsageError
from classifier.models import Failure, Result
from classifier.outputs.json import to_json
from classifier.pipeline import Classifier, Source
from classifier.runs import misses
from classifier.scorers.cached import Cached

_WARNINGS = 5


def classify(job: Job) -> int:
    """Return the exit code. Raises a ClassifierError before anything is judged."""
    found = settings.load(**job.overrides)
    check_fit(found, job.overrides)
    _check_paths(job.paths)
    whole = _whole(job)
    _check_job(job, whole=whole)
    scorer = composition.make_scorer(found)
    policy = composition.make_policy(found, composition.load_taxonomy(found), scorer)
    classifier = Classifier(policy.taxonomy, scorer, policy=policy).only(
        kinds=job.names.kinds, categories=job.names.categories
    )
    if not job.view.quiet:
        remark_on_default(found)
        remark_on_cut(scorer, composition.cuts_file(found))
        _warn(classifier.taxonomy.warnings)
    if job.since is not None:
        paths = narrowed(
            job.paths, job.files, since=job.since, found=found, taxonomy=policy.taxonomy
        )
        if not paths:
            log(f"no article has changed since {job.since!r}")
            return 0
        job = replace(job, paths=paths)
    if whole:
        from classifier.cli.batch import run

        return run(job, classifier, found, everything=policy)
    if not job.keep:
        return _answer(_results(job, classifier), job.view)
    with opened(found, "write") as records:
        code = _answer(_recorded(job, classifier, records), job.view)
        return max(code, write_out(job, found, policy, records, scorer=scorer.identity))


# --- checks --------------------------------------------------------------------------------------


def _check_paths(paths: Sequence[Path]) -> None:
    if paths.count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    for path in paths:
        if path != STDIN and not path.exists():
            raise UsageError(f"no such file or folder: {str(path)!r}")


def _whole(job: Job) -> bool:
    """Whether the job is a run over a corpus: no page for each article, but a summary."""
    folders = (path for path in job.paths if path != STDIN and path.is_dir())
    return (
        job.dry_run
        or job.since is not None
        or job.summary is not None
        or job.output is not None
        or any(not _is_bundle(folder, job.files) for folder in folders)
    )


def _is_bundle(folder: Path, files: Selection) -> bool:
    found = (found for found in walk(folder, files) if isinstance(found, Found))
    first_two = [PurePath(found.path) for found in islice(found, 2)]
    inside = [path.relative_to(folder).as_posix() for path in first_two]
    return len(inside) == 1 and inside[0] in BUNDLE_FILES


def _check_job(job: Job, *, whole: bool) -> None:
    if job.rows not in (None, "pairs", "articles"):
        raise UsageError(f"--rows {job.rows!r}: expected pairs or articles")
    if job.rows and job.output is None:
        raise UsageError("--rows is for a file: add --output FILE")
    if not job.keep and job.overrides.get("store") is not None:
        raise UsageError("--store and --no-store exclude each other")
    _check_patterns(job)
    _check_written(job)
    if whole:
        _check_run(job)


def _check_patterns(job: Job) -> None:
    if any(path != STDIN and path.is_dir() for path in job.paths):
        return
    for option, patterns in (("include", job.files.include), ("exclude", job.files.exclude)):
        if patterns:
            raise UsageError(f"--{option} is for folders, and none is named")


def _check_written(job: Job) -> None:
    if not job.sidecar and not job.write:
        return
    option = "--sidecar" if job.sidecar else "--write"
    if not job.keep:
        raise UsageError(f"{option} writes what is on record, and --no-store keeps nothing")
    if job.dry_run:
        raise UsageError(f"--dry-run judges nothing, so there is nothing for {option}")
    if STDIN in job.paths:
        raise UsageError(f"{option} is for files, and standard input (-) is none")


def _check_run(job: Job) -> None:
    if STDIN in job.paths:
        raise UsageError("standard input (-) is answered with a page: judge it alone")
    if job.view.explain:
        raise UsageError(
            "--explain is for single articles: `classify show ARTICLE` explains one of a run"
        )
    if job.dry_run and (job.output is not None or job.view.json):
        option = "--json" if job.view.json else "--output"
        raise UsageError(f"--dry-run judges nothing, so there is nothing for {option}")


# --- pages ---------------------------------------------------------------------------------------


def _recorded(job: Job, classifier: Classifier, records: Records) -> Iterator[Result]:
    """Yield results as they are on record, failures included."""
    store = records.store
    scorer = Cached(composition.with_cache(classifier.scorer, store), store)
    corpus = Corpus(classifier.taxonomy.categories, store, home=records.home)
    files = [path for path in job.paths if path != STDIN]
    corpus.scan(files, scorer=scorer.identity)  # so that `show` knows what they held when
    policy = composition.with_verdicts(classifier.policy, store, home=records.home)
    for result in _results(job, Classifier(classifier.taxonomy, scorer, policy=policy)):
        if result.article != str(STDIN):
            given = Path(result.article)
            path = corpus.key(articles.file_of(given) or given)
            for miss in misses(result, path=path, scorer=result.scorer):
                store.fail(miss)
        yield result


def _results(job: Job, classifier: Classifier) -> Iterator[Result]:
    return classifier.classify_many(map(_source, job.paths))


def _answer(results: Iterable[Result], view: View) -> int:
    ok = True
    for number, result in enumerate(results):
        _print(result, view, first=number == 0)
        _tell(result, notes=not view.quiet)
        ok = ok and result.ok
    return 0 if ok else 1


def _source(path: Path) -> Source:
    if path != STDIN:
        return path
    if sys.stdin.isatty():
        log("reading the article from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read()


def _print(result: Result, view: View, *, first: bool) -> None:
    if view.json:
        emit(to_json(result))
    elif result.judgements:
        from classifier.cli.page import Page

        page = Page.for_stdout()
        emit(("" if first else "\n") + page.render(result, explain=view.explain))


def _tell(result: Result, *, notes: bool) -> None:
    for failure in result.failures:
        log(_failed(result.article, failure))
    for note in result.notes if notes else ():
        log(f"{result.article!r}: note: {note}")


def _failed(article: str, failure: Failure) -> str:
    if not failure.categories:
        return failure.message  # about the file, which it names
    count = len(failure.categories)
    what = failure.categories[0] if count == 1 else f"{count} categories"
    return f"{article!r}: {what} not judged ({failure.reason}): {failure.message}"


def _warn(warnings: Iterable[str]) -> None:
    shown = list(warnings)
    for warning in shown[:_WARNINGS]:
        log(f"warning: {warning}")
    if len(shown) > _WARNINGS:
        log(f"and {len(shown) - _WARNINGS} more warnings; `classify categories` shows all")
