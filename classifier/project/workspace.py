"""The parts of a project: settings, categories, scorer, label policy, store, events."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Event as Flag
from typing import TYPE_CHECKING, Any, Self

from classifier import composition, settings, small_files, taxonomy
from classifier.content import path_template
from classifier.content.discovery import SUFFIXES, Selection
from classifier.content.document import Documents
from classifier.corpus import STORE_FILE, STORE_FOLDER, Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.models import Category, Failure, Outcome, Taxonomy
from classifier.pipeline import Classifier
from classifier.project import events, imports
from classifier.project.arguments import names, to_paths
from classifier.project.events import Event, Listener, Message
from classifier.project.records import OpenRecords, Records
from classifier.scorers import members
from classifier.scorers.base import Scorer, languages_of
from classifier.settings import Settings
from classifier.taxonomy.labels import label_key
from classifier.tracing import Tracing

if TYPE_CHECKING:
    from classifier.progress import Progress
    from classifier.sidecars import SidecarPaths


class Workspace:
    """What all verbs work on. Parts are created on first use."""

    def __init__(
        self, given: Settings, *, folder: Path | None = None, on_event: Listener = events.ignore
    ) -> None:
        """`folder` is where the settings were looked for; the current directory by default."""
        self.settings = given
        self.folder = (folder or Path()).absolute()
        self.on_event = on_event
        self.selection = Selection(exclude=given.exclude, formats=given.formats)
        self.kinds: Sequence[str] = ()
        self._categories: Sequence[str] = ()
        self._store = _store(given, self.folder)
        self._records = OpenRecords(self._store)
        self.documents = Documents()
        self._judging: list[tuple[Flag, Progress]] = []
        self._unmatched: set[tuple[str, str]] = set()
        """Patterns that were warned about."""

    @classmethod
    def open(
        cls,
        folder: str | Path | None = None,
        *,
        on_event: Listener = events.ignore,
        **overrides: Any,
    ) -> Self:
        """Read the settings found in `folder` or above it; `overrides` are fields of Settings.

        Raises:
            SettingsError: The settings cannot be used.
        """
        place = None if folder is None else Path(folder)
        if place is not None and not small_files.is_dir(place):
            raise UsageError(f"no such folder: {str(folder)!r}")
        return cls(settings.load(place, **overrides), folder=place, on_event=on_event)

    def close(self) -> None:
        """Close the store; the next verb opens it again."""
        self._records.close()
        self.documents.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def only(
        self,
        *,
        kinds: Sequence[str] = (),
        categories: Sequence[str] = (),
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
    ) -> Self:
        """Return the same project for some of the categories, and some files of folders.

        Args:
            kinds: Kinds of categories; none: all.
            categories: Ids, slugs, titles or aliases; none: all.
            include: Patterns as in .gitignore that files must match.
            exclude: Patterns as in .gitignore that files and folders must not match, in place of
                those in the settings.
        """
        view = copy.copy(self)
        view.__dict__.pop("taxonomy", None)
        view.kinds, view._categories = names(kinds), names(categories)
        view.selection = Selection(
            include=names(include),
            exclude=names(exclude) or self.settings.exclude,
            formats=self.settings.formats,
        )
        return view

    def with_settings(self, **changes: Any) -> Self:
        """Return the same project, store included, with other values for some of its settings.

        With another `store`, close what is returned, too.

        Raises:
            SettingsError: There is no such setting, or its value cannot be used.
        """
        view = copy.copy(self)
        view.forget_parts()
        view.settings = settings.changed(self.settings, changes)
        if "store" in changes:
            view._records = OpenRecords(_store(view.settings, self.folder))
        return view

    def forget_parts(self) -> None:
        """Have the parts made anew when they are next needed: a file they come from has changed."""
        for part in ("definitions", "scorer", "policy", "taxonomy"):
            self.__dict__.pop(part, None)

    def reload_definitions(self) -> None:
        """Read the definitions again, and what lies beside them.

        The scorer stays, with the model that it has loaded and what it may spend, unless they make
        another one of it.
        """
        scorer = self.__dict__.get("scorer")
        self.forget_parts()
        if scorer is not None and self.scorer.identity == scorer.identity:
            self.__dict__["scorer"] = scorer

    def stop(self) -> None:
        """Stop the current run after the articles under way. Safe from another thread."""
        for flag, progress in self._judging:
            progress.stopping = True
            flag.set()

    # --- parts -----------------------------------------------------------------------------------

    @cached_property
    def definitions(self) -> Taxonomy:
        """All categories the settings name, with the rules of the settings."""
        return composition.load_taxonomy(self.settings)

    @cached_property
    def scorer(self) -> Scorer:
        """The scorer. Creating it loads no model and opens no connection."""
        scorer = composition.make_scorer(self.settings)
        members.watch_definitions(
            scorer, lambda done, total: self.emit(events.EmbeddingDefinitions(done, total))
        )
        return scorer

    @cached_property
    def policy(self) -> LabelPolicy:
        """Turns the scorer's judgements of all categories into labels, without verdicts."""
        return self.policy_for(self.scorer)

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """The categories chosen with `only`, or all. Its warnings are those of all."""
        return self.select(self.policy.taxonomy)

    def select(self, whole: Taxonomy) -> Taxonomy:
        """Return the part of a taxonomy that was chosen with `only`."""
        return taxonomy.select(whole, kinds=self.kinds, categories=self._categories)

    def policy_for(self, scorer: Scorer) -> LabelPolicy:
        """Return the label policy for another scorer."""
        return self.make_policy(self.settings, self.definitions, scorer)

    def make_policy(self, given: Settings, taxonomy: Taxonomy, scorer: Scorer) -> LabelPolicy:
        """Return the label policy that these settings make, with the site profile."""
        policy = composition.make_policy(given, taxonomy, scorer)
        policy = composition.with_profile(policy, given, scorer, file=self.profile_file)
        home = (
            settings.home(self.folder) if any(it.sections for it in given.rules.values()) else None
        )
        return policy if home is None else composition.with_sections(policy, given, home=home)

    @property
    def filtered(self) -> bool:
        """Whether only some of the categories or files are worked on."""
        usual = Selection(exclude=self.settings.exclude, formats=self.settings.formats)
        files = self.selection != usual
        return bool(self.kinds or self._categories or files)

    @property
    def profile_file(self) -> Path | None:
        """The file of the site profile, whether it exists or not; None where it is off."""
        return composition.profile_file(self.settings, store=self._store)

    def forget_policy(self) -> None:
        """Make the label policy again when it is next needed: what it is made of has changed."""
        for part in ("policy", "taxonomy"):
            self.__dict__.pop(part, None)

    def classifier(self) -> Classifier:
        """Return the part that can be pickled. It judges and decides, and stores nothing."""
        classifier = Classifier(self.taxonomy, self.scorer, policy=self.policy.only(self.taxonomy))
        return classifier.traced(self.settings.tracing)

    def with_verdicts(self, policy: LabelPolicy, records: Records) -> LabelPolicy:
        """Return the policy with the verdicts that people gave."""
        return composition.with_verdicts(policy, records.store, home=records.home)

    @property
    def records(self) -> OpenRecords:
        """The store, opened on demand."""
        return self._records

    # --- what verbs share -------------------------------------------------------------------------

    def content(self) -> list[Path]:
        """Return the folders of articles that the settings name, seen from the current one."""
        return [near(path) for path in self.settings.content]

    def articles(self, paths: Sequence[str | Path] = ()) -> list[Path]:
        """Return the paths; without any, the folders of the settings, else the project's."""
        return to_paths(paths) or self.content() or [self.near_folder]

    @property
    def sidecar_paths(self) -> SidecarPaths:
        """Where the sidecars of articles are."""
        from classifier.sidecars import SidecarPaths

        return SidecarPaths(
            template=self.settings.sidecar_path,
            own_files=self._own_files(),
            root=self.settings_folder,
            front_matter=self._front_matter,
        )

    def _own_files(self) -> tuple[str, ...]:
        wanted = [label_key(name) for name in self.settings.sidecar_kinds]
        kinds = dict.fromkeys(category.kind for category in self.definitions.categories)
        found = tuple(kind for kind in kinds if label_key(kind) in wanted)
        if len(found) < len(set(wanted)):
            raise UsageError(f"sidecar_kinds: expected some of {', '.join(kinds)}")
        if bad := next((kind for kind in found if not path_template.is_name(kind)), None):
            raise UsageError(f"sidecar_kinds: {bad!r} cannot be part of a file name")
        return found

    def _front_matter(self, article: Path) -> Mapping[str, Any]:
        document = self.documents.read(article)
        return {} if isinstance(document, Failure) else document.front_matter.meta

    @property
    def near_folder(self) -> Path:
        """The project's folder, seen from the current one."""
        return near(self.folder)

    @property
    def settings_folder(self) -> Path:
        """The folder of the settings file, seen from the current one."""
        return near(settings.home(self.folder))

    def emit(self, event: Event) -> None:
        self.on_event(event)

    def note(self, text: str) -> None:
        self.emit(Message(text))

    def warn(self, text: str) -> None:
        self.emit(Message(text, "warning"))

    def corpus(
        self,
        categories: Sequence[Category],
        records: Records,
        *,
        update_index: bool = True,
        definitions: Sequence[Category] | None = None,
        pages: bool = True,
    ) -> Corpus:
        """Return what scans and reads articles.

        Args:
            categories: What articles are judged by.
            records: The store, and what its paths are relative to.
            update_index: Whether a scan makes the next one faster.
            definitions: Categories whose files are no articles; all of the project by default.
            pages: Whether pages of categories may be articles, if the settings say so.
        """
        return Corpus(
            categories,
            records.store,
            home=records.home,
            update_index=update_index,
            definitions=self.definitions.categories if definitions is None else definitions,
            documents=self.documents,
            pages=self._category_pages(categories) if pages else {},
        )

    def _category_pages(self, judged_by: Sequence[Category]) -> dict[str, str]:
        """Return the files of categories that others judge, where they are articles as well.

        With the kind of each.
        """
        if not self.settings.category_pages:
            return {}
        kinds = {category.kind for category in judged_by}
        return {
            category.source: category.kind
            for category in self.definitions.categories
            if kinds - {category.kind} and category.source.endswith(SUFFIXES)
        }

    def scan(self, corpus: Corpus, paths: Sequence[Path], *, scorer: str) -> Scan:
        """Compare the articles with what is stored of a scorer. Raises UsageError for none."""
        try:
            scan = corpus.scan(
                paths,
                scorer=scorer,
                selection=self.selection,
                on_progress=lambda articles: self.emit(events.Scanning(articles)),
            )
        finally:
            self.emit(events.ScanFinished())
        if self.settings.imported_first and scorer == self.scorer.identity:
            scan = imports.with_imported(corpus, scan)
        if "scorer" in self.__dict__ and scorer == self.scorer.identity:
            scan.reads = languages_of(self.scorer)
        folders = any(small_files.is_dir(path) for path in paths)
        if folders and not scan.entries and not scan.unread:
            where = " or ".join(repr(str(path)) for path in paths[:3])
            filtered = self.selection.include or self.selection.exclude
            left = " that the include and exclude patterns leave" if filtered else ""
            other = " other than category definitions" if any(map(corpus.defines, paths)) else ""
            kinds = ", ".join(scan.left)
            rest = f"; for its {kinds} files set `formats` or use `include`" if kinds else ""
            files = "files to classify" if self.selection.formats else "Markdown files"
            raise UsageError(f"no {files} in {where}{other}{left}{rest}")
        if folders:
            self._warn_of_unmatched(scan)
        return scan

    def _warn_of_unmatched(self, scan: Scan) -> None:
        for word, pattern in scan.unmatched:
            usual = word == "exclude" and pattern in self.settings.exclude
            if not usual and (word, pattern) not in self._unmatched:
                self._unmatched.add((word, pattern))
                what = "file" if word == "include" else "file or folder"
                if not self.selection.formats:
                    what = f"Markdown {what}"
                self.warn(f"{word} pattern {pattern!r} matches no {what}")

    @contextmanager
    def stoppable(self, progress: Progress) -> Iterator[Flag]:
        """Yield a flag that `stop` sets within the block."""
        entry = (Flag(), progress)
        self._judging.append(entry)
        try:
            yield entry[0]
        finally:
            self._judging.remove(entry)

    def judge(
        self,
        corpus: Corpus,
        scan: Scan,
        *,
        scorer: Scorer,
        records: Records,
        on_outcome: Callable[[Outcome], None] = lambda _: None,
    ) -> Progress:
        """Judge what is pending in a scan, and store it. `stop` ends it early."""
        from contextlib import closing

        from classifier import runs
        from classifier.progress import Progress, WatchedScorer

        progress = Progress(
            due_articles=len(scan.pending), due_pairs=scan.pending_pairs, stored=scan.stored_pairs
        )
        for entry in scan.entries:
            progress.hold(entry.path, entry.held)
        if not scan.pending:
            return progress
        watched = WatchedScorer(scorer, progress)
        tracing = Tracing.of(enabled=self.settings.tracing)
        with self.stoppable(progress) as flag, _run_span(tracing, scorer.identity, progress):
            outcomes = runs.judge(
                corpus, scan, scorer=watched, store=records.store, stop=flag, tracing=tracing
            )
            self.emit(events.JudgingStarted(progress))
            try:
                with closing(outcomes):
                    for outcome in outcomes:
                        progress.add(outcome)
                        self.emit(events.ArticleJudged(outcome))
                        on_outcome(outcome)
            finally:
                self.emit(events.JudgingFinished(progress))
        if not records.is_there:
            self.warn(
                f"the store {str(records.path)!r} was deleted during the run: what was judged is "
                "lost"
            )
        return progress


@contextmanager
def _run_span(tracing: Tracing | None, scorer: str, progress: Progress) -> Iterator[None]:
    """Make a span of a run, where that is asked for."""
    if tracing is None:
        yield
        return
    due = {"classify.articles": progress.due_articles, "classify.pairs": progress.due_pairs}
    with tracing.span("classify run", {"classify.scorer": scorer, **due}) as span:
        try:
            yield
        finally:
            span.set_attributes(
                {
                    "classify.articles.judged": progress.articles,
                    "classify.articles.failed": progress.failures,
                    "classify.pairs.judged": progress.pairs,
                    "classify.stopped": progress.stopping,
                }
            )


def _store(given: Settings, folder: Path) -> Path:
    return (given.store or settings.home(folder) / STORE_FOLDER / STORE_FILE).absolute()


def near(path: Path) -> Path:
    """Return a path as it is seen from the current folder."""
    try:
        return Path(os.path.relpath(path))
    except ValueError:  # on another drive
        return path
