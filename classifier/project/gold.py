"""Gold labels beside stored judgements: what is evaluated, and what is trained on."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import composition, settings, small_files
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import StoppedError, UsageError
from classifier.evaluation.evaluate import Predictions
from classifier.evaluation.gold import Gold, merged
from classifier.evaluation.gold import reading as labels
from classifier.evaluation.gold.front_matter import nobodys
from classifier.evaluation.gold_pairs import GoldPairs, load
from classifier.models import Category, Taxonomy
from classifier.progress import Progress
from classifier.project.arguments import names
from classifier.project.events import ArticlesFailed, Message
from classifier.project.languages import warn_about_articles
from classifier.project.provenance import Provenance
from classifier.project.stored_scorers import StoredScorer
from classifier.scorers import members
from classifier.scorers.base import Scorer, display_name
from classifier.scorers.members import is_paid
from classifier.settings import Settings
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

VERDICTS: Final = "verdicts"
"""Means the verdicts in the store, unless a file has this name."""


@dataclass(frozen=True, slots=True)
class GoldSource:
    """Where human labels are: a table of pairs, a folder of articles, or the stored verdicts."""

    path: str | Path
    """A table or folder, or `verdicts` for the stored verdicts."""
    fields: Sequence[str] = ()
    """Front matter keys of a folder's labels (`NAME` or `KIND=NAME`)."""
    content: str | Path | None = None
    """Where else the articles of a table are looked for."""

    @property
    def is_verdicts(self) -> bool:
        return Path(self.path) == Path(VERDICTS) and not small_files.exists(Path(self.path))

    @property
    def is_folder(self) -> bool:
        return small_files.is_dir(Path(self.path))


@dataclass(frozen=True, slots=True)
class StoredLabels:
    """Labels that a scorer gave, to train another one on: its stored judgements of all articles."""

    scorer: str
    """Its identity."""
    weight: float = 0.5
    """Weight (0-1) of each beside a label that a person gave, which wins."""


@dataclass(slots=True, kw_only=True)
class GoldSession:
    """Gold labels of a project, and an open store."""

    project: Workspace
    gold: Gold
    taxonomy: Taxonomy
    """The categories chosen with `Project.only`."""
    records: Records
    corpus: Corpus
    """Judges by the chosen categories of the kinds that the gold is about."""
    judge: bool
    """Whether to judge what is missing even if it costs something."""
    complete: bool = True
    """Whether every article could be read and judged completely so far."""

    def predictions(self, scorer: Scorer, by: Settings | None = None) -> Predictions:
        """Judge what is missing, if that is free or wanted, and look up everything.

        Args:
            scorer: Whose judgements.
            by: What decides on them; the project's by default.

        Raises:
            UsageError: Nothing is stored of the scorer.
            StoppedError: `Project.stop` was called.
        """
        policy = self.project.make_policy(by or self.project.settings, self.taxonomy, scorer)
        self._warn_about_training(policy)
        scan = self._judged(scorer)
        pairs = load(self.gold, self.taxonomy, scan=scan, store=self.records.store)
        if not pairs.judged.any():
            name = display_name(scorer.identity)
            none = f"{name} has judged nothing that {self.gold.source!r} has labels for"
            raise UsageError(none if self.may_judge(scorer) else f"{none}: add `judge`")
        return Predictions(scorer=scorer.identity, pairs=pairs, policy=policy)

    def stored_pairs(self, scorer: Scorer, others: Sequence[Sequence[Category]]) -> GoldPairs:
        """Judge what is missing, if that is free or wanted, and look up the confidences.

        Args:
            scorer: Whose judgements.
            others: The same categories as they were shown before: their judgements stand in.

        Raises:
            StoppedError: `Project.stop` was called.
        """
        scan, store = self._judged(scorer), self.records.store
        pairs = load(self.gold, self.taxonomy, scan=scan, store=store)
        for categories in others:
            shown = replace(self.taxonomy, categories=tuple(categories))
            pairs = pairs.filled(load(self.gold, shown, scan=scan, store=store))
        return pairs

    def may_judge(self, scorer: Scorer) -> bool:
        """Whether judging is free or was requested."""
        return self.judge or not is_paid(scorer)

    def _judged(self, scorer: Scorer) -> Scan:
        project, progress = self.project, Progress()
        scan = project.scan(self.corpus, self.gold.paths, scorer=scorer.identity)
        due = bool(scan.pending or scan.held_pairs)
        if due and not isinstance(scorer, StoredScorer) and self.may_judge(scorer):
            cached = members.with_cache(scorer, self.records.store)
            progress = project.judge(self.corpus, scan, scorer=cached, records=self.records)
            scan = project.scan(self.corpus, self.gold.paths, scorer=scorer.identity)
        warn_about_articles(project, self.corpus, scan)
        for path, failure in scan.unread.items():
            progress.fail(path, [failure])
        if progress.failed:
            project.emit(ArticlesFailed(progress))
        left = f"{scan.pending_pairs:,} pairs left"
        if progress.stopping:
            raise StoppedError(f"interrupted with {left}: run again to continue from here")
        if progress.over_budget:
            project.emit(Message(f"budget used up, {left}: raise `max_cost`", "error"))
        self.complete = self.complete and not (progress.failed or progress.over_budget)
        return scan

    def _warn_about_training(self, policy: LabelPolicy) -> None:
        """Warn where the scorer has seen the labels that it is evaluated with."""
        if policy.calibration is not None and policy.calibration.gold == self.gold.source:
            self.project.warn(
                "trained on these same labels, so these figures are too good; "
                "`classify train` prints held-out ones"
            )
        elif any(category.correction is not None for category in policy.taxonomy.categories):
            self.project.warn(
                "this scorer was trained on labels: on those same labels, figures are too good"
            )


def open_gold(
    project: Workspace,
    gold: str | Path | GoldSource | None,
    *,
    fields: Sequence[str] = (),
    judge: bool = False,
) -> GoldSession:
    """Read gold labels, with their warnings as events, and open the store.

    `gold` None: the labels in the folders of the settings, else the stored verdicts.

    Raises:
        UsageError: The labels cannot be read, or are about none of the chosen categories.
    """
    records = project.records.get("write")
    if gold is None:
        found = _read_default(project, fields, records)
    else:
        source = gold if isinstance(gold, GoldSource) else GoldSource(gold, fields)
        found = _read(project, source, records)
    return _session(project, found, records, judge=judge)


def open_training_labels(
    project: Workspace, sources: Sequence[GoldSource | StoredLabels], *, judge: bool = False
) -> GoldSession:
    """Read the labels of all sources and all stored verdicts, which win over other labels.

    Raises:
        UsageError: Labels cannot be read, or are about none of the chosen categories.
    """
    records = project.records.get("write")
    _check_definitions(project)
    peoples = [source for source in sources if isinstance(source, GoldSource)]
    tables = [source for source in peoples if not (source.is_verdicts or source.is_folder)]
    folders = [source for source in peoples if source.is_folder]
    golds = [
        _of_scorer(project, source, records)
        for source in sources
        if isinstance(source, StoredLabels)
    ]
    golds += [read_table(project, source, records) for source in tables]
    for fields in dict.fromkeys(names(source.fields) for source in folders):
        paths = [Path(source.path) for source in folders if names(source.fields) == fields]
        golds.append(_of_folders(project, paths, fields, records))
    given = records.store.verdicts()
    if Verdicts(given, project.definitions.categories, home=records.home):
        try:
            golds.append(labels.from_verdicts(given, project.definitions, home=records.home))
        except UsageError:  # all were withdrawn, or are of articles that are gone
            if not golds:
                raise
    if not golds:
        raise UsageError(
            "no labels to train on: name a folder of labelled articles, such as `classify train "
            "content --field tags`, or add verdicts with `classify accept` and `classify reject`"
        )
    return _session(project, merged(golds), records, judge=judge)


def _of_scorer(project: Workspace, source: StoredLabels, records: Records) -> Gold:
    """Return what a scorer has judged, as labels by the minimums of the settings."""
    plain = project.definitions
    file = composition.load_trained(project.settings)
    shown = file.with_examples(plain.categories) if file else plain.categories
    by_digest = {c.digest: c for c in (*plain.categories, *shown)}
    store = records.store
    paths = {file.digest: path for path, file in store.files(store.paths()).items()}
    known: dict[str, dict[str, bool]] = {}
    for article, row in store.confidences(source.scorer, list(paths), set(by_digest)):
        file_path = Path(os.path.relpath(records.home / paths[article]))
        if row and small_files.is_file(file_path):
            known[file_path.as_posix()] = {
                by_digest[key].id: confidence >= plain.minimum(by_digest[key]) and not excluded
                for key, (confidence, excluded) in row.items()
            }
    if not known:
        raise UsageError(f"{display_name(source.scorer)} has judged no article that exists")
    return Gold(
        labels=known,
        source=display_name(source.scorer),
        trust={(path, name): source.weight for path, row in known.items() for name in row},
    )


def _of_folders(
    project: Workspace, paths: Sequence[Path], fields: Sequence[str], records: Records
) -> Gold:
    """Read the labels in front matter; without `fields`, in those of the settings or the kinds."""
    kinds = dict.fromkeys(category.kind for category in project.definitions.categories)
    fields_of = project.settings.fields
    own = [
        f"{kind}={settings.field(project.settings, kind).name}"
        for kind in kinds
        if kind in fields_of or not fields_of
    ]
    return labels.from_front_matter(
        paths,
        project.definitions,
        fields=with_inline(project, fields or own),
        selection=project.selection,
        own=Provenance.of(project, records).labels,
        optional=not fields,
    )


def _session(project: Workspace, found: Gold, records: Records, *, judge: bool) -> GoldSession:
    chosen = project.select(project.definitions)
    for warning in found.warnings:
        project.warn(warning)
    for note in found.notes:
        project.note(note)
    known = {name for categories in found.labels.values() for name in categories}
    kinds = {category.kind for category in chosen.categories if category.id in known}
    categories = [category for category in chosen.categories if category.kind in kinds]
    if not categories:
        raise UsageError(
            f"{found.source!r} has no labels for the categories chosen with `kind` and `category`"
        )
    return GoldSession(
        project=project,
        gold=found,
        taxonomy=chosen,
        records=records,
        corpus=project.corpus(categories, records),
        judge=judge,
    )


def _check_definitions(project: Workspace) -> None:
    if not project.settings.categories:
        raise UsageError(
            "human labels are about categories of your own: `classify init` makes them from the "
            "labels of your articles; or name definitions with `categories=PATH`"
        )


def _read(project: Workspace, source: GoldSource, records: Records) -> Gold:
    _check_definitions(project)
    if source.is_verdicts:
        given = records.store.verdicts()
        return labels.from_verdicts(given, project.definitions, home=records.home)
    if source.is_folder and not names(source.fields):
        return _of_folders(project, [Path(source.path)], (), records)
    return read_table(project, source, records)


def _read_default(project: Workspace, fields: Sequence[str], records: Records) -> Gold:
    _check_definitions(project)
    folders = project.content()
    if not folders and (fields or project.settings.fields):
        folders = [project.folder]
    if folders:
        return _of_folders(project, folders, names(fields), records)
    given = records.store.verdicts()
    if given:
        return labels.from_verdicts(given, project.definitions, home=records.home)
    raise UsageError(
        "no labels to compare with: name a folder of labelled articles, such as `classify eval "
        "content --field tags`, or a table, such as `classify eval labels.csv`"
    )


def with_inline(project: Workspace, fields: Sequence[str]) -> list[str]:
    """Mark the fields whose labels are in the text as well, by the settings."""
    inline = {name.lower() for name in settings.inline_fields(project.settings)}
    return [f"{it}#" if it.rpartition("=")[2].strip().lower() in inline else it for it in fields]


def read_table(project: Workspace, source: GoldSource, records: Records) -> Gold:
    """Read the labels of a table or folder; those of a folder that we wrote are left out.

    Raises:
        UsageError: They cannot be read, or contradict each other.
    """
    return labels.read(
        Path(source.path),
        project.definitions,
        fields=with_inline(project, names(source.fields)),
        content=None if source.content is None else Path(source.content),
        selection=project.selection,
        own=Provenance.of(project, records).labels if source.fields else nobodys,
    )
