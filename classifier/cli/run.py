"""`classify run`: a page for each named article, or a run over whole folders."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path, PurePath
from typing import Any

from classifier import api, articles, settings
from classifier.api import Classifier, Source
from classifier.articles import BUNDLE_FILES
from classifier.cli.job import STDIN, Job, View
from classifier.cli.records import Records, opened
from classifier.cli.streams import say, write
from classifier.corpus import Corpus
from classifier.discovery import Found, Selection, walk
from classifier.errors import UsageError
from classifier.models import Failure, Result
from classifier.outputs.json import to_json
from classifier.runs import misses
from classifier.scorers.cached import Cached
from classifier.settings import Settings

_WARNINGS = 5
_OPENAI_ONLY = (
    "model",
    "base_url",
    "prompts",
    "pack",
    "decoy",
    "concurrency",
    "timeout",
    "tier",
    "rpm",
    "tpm",
    "max_cost",
    "max_calls",
)


def classify(job: Job) -> int:
    """Return the exit code. Raises a ClassifierError before anything is judged."""
    found = settings.load(**job.overrides)
    check_fit(found, job.overrides)
    _check_paths(job.paths)
    whole = _whole(job)
    _check_job(job, whole=whole)
    scorer = api.make_scorer(found)
    decider = api.make_decider(found, api.load_taxonomy(found), scorer)
    classifier = Classifier(decider.taxonomy, scorer, decider=decider).only(
        kinds=job.names.kinds, categories=job.names.categories
    )
    if not job.view.quiet:
        remark_on_default(found)
        _warn(classifier.taxonomy.warnings)
    if whole:
        from classifier.cli.batch import run

        return run(job, classifier, found, everything=decider)
    if not job.keep:
        return _answer(_results(job, classifier), job.view)
    with opened(found, "write") as records:
        code = _answer(_recorded(job, classifier, records), job.view)
        if job.sidecar:
            from classifier.cli.sidecars import write_beside

            code = max(code, write_beside(job, decider, records, scorer=scorer.identity))
        return code


def remark_on_default(found: Settings) -> None:
    if found.categories is None:
        say("judging by the example categories; name your own with --categories PATH")


# --- checks --------------------------------------------------------------------------------------


def check_fit(found: Settings, overrides: Mapping[str, Any]) -> None:
    """Refuse an option that would change nothing: whoever gave it expects something of it."""
    given = [name for name in _OPENAI_ONLY if overrides.get(name) is not None]
    if found.scorer == "embedded" and given:
        option = "--no-decoy" if given[0] == "decoy" else f"--{given[0].replace('_', '-')}"
        raise UsageError(f"{option} is for language models: add --scorer openai")


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
    if not any(path != STDIN and path.is_dir() for path in job.paths):
        for option, patterns in (("include", job.files.include), ("exclude", job.files.exclude)):
            if patterns:
                raise UsageError(f"--{option} is for folders, and none is named")
    _check_sidecar(job)
    if whole:
        _check_run(job)


def _check_sidecar(job: Job) -> None:
    if not job.sidecar:
        return
    if not job.keep:
        raise UsageError("--sidecar writes what is on record, and --no-store keeps nothing")
    if job.dry_run:
        raise UsageError("--dry-run judges nothing, so there is nothing for --sidecar")
    if STDIN in job.paths:
        raise UsageError("--sidecar is for files: standard input (-) has nothing beside it")


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
    scorer = Cached(api.remembering(classifier.scorer, store), store)
    corpus = Corpus(classifier.taxonomy.categories, store, home=records.home)
    files = [path for path in job.paths if path != STDIN]
    corpus.survey(files, scorer=scorer.identity)  # so that `show` knows what they held when
    decider = api.heeding(classifier.decider, store, home=records.home)
    for result in _results(job, Classifier(classifier.taxonomy, scorer, decider=decider)):
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
        say("reading the article from the terminal; Ctrl-D ends it")
    return sys.stdin.buffer.read()


def _print(result: Result, view: View, *, first: bool) -> None:
    if view.json:
        write(to_json(result))
    elif result.judgements:
        from classifier.cli.page import Page

        page = Page.for_stdout()
        write(("" if first else "\n") + page.render(result, explain=view.explain))


def _tell(result: Result, *, notes: bool) -> None:
    for failure in result.failures:
        say(_failed(result.article, failure))
    for note in result.notes if notes else ():
        say(f"{result.article!r}: note: {note}")


def _failed(article: str, failure: Failure) -> str:
    if not failure.categories:
        return failure.message  # about the file, which it names
    count = len(failure.categories)
    what = failure.categories[0] if count == 1 else f"{count} categories"
    return f"{article!r}: {what} not judged ({failure.reason}): {failure.message}"


def _warn(warnings: Iterable[str]) -> None:
    shown = list(warnings)
    for warning in shown[:_WARNINGS]:
        say(f"warning: {warning}")
    if len(shown) > _WARNINGS:
        say(f"and {len(shown) - _WARNINGS} more warnings; `classify categories` shows all")
