"""Train on people's labels: corrections, calibrated confidences, minimums and examples."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import composition, settings, trained
from classifier.calibration import ScorerCalibration
from classifier.errors import UsageError
from classifier.models import Article, Category, Failure
from classifier.project.artifact import Artifact, artifact
from classifier.project.events import Message
from classifier.project.gold import GoldSession, GoldSource, StoredLabels, open_training_labels
from classifier.project.training_sources import remembered
from classifier.scorers.embedded import corrections
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.site.category_file import is_draft
from classifier.trained import TrainedFile, TrainedKind, TrainedSource
from classifier.training.calibrate import MinimumTarget
from classifier.training.dataset import Dataset, LabelledArticle, build_dataset, read_labelled
from classifier.training.few_shot import few_shot_examples
from classifier.training.kind_training import (
    KindTraining,
    TrainingRule,
    train_on_confidences,
    train_on_features,
)
from classifier.verdicts import Verdicts
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace
    from classifier.store import Store

MAX_PAIRS: Final = 600_000
"""Labelled pairs of a kind from which some articles, drawn by their digests, are enough:
more take minutes for little."""
MIN_PAIRS: Final = 10
"""Labelled pairs that a kind needs, on two articles at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingResult:
    """What was trained, and what it is worth on articles that took no part."""

    source: str
    """Where the labels came from."""
    scorer: str
    """Identity of the scorer whose labels were measured: that of the settings."""
    kinds: tuple[KindTraining, ...]
    """Those with enough labels, for this scorer."""
    too_few: Mapping[str, tuple[int, int]]
    """Labelled pairs and articles of kinds with too few labels."""
    without_labels: tuple[str, ...]
    """All other kinds of the taxonomy."""
    content: TrainedFile
    artifact: Artifact
    """The file that was written."""
    superseded: tuple[Path, ...]
    """Files of version 0.2 whose contents were taken over."""
    stale_pairs: int
    """Stored judgements of language models whose examples have changed: to be judged again."""
    overridden: tuple[str, ...]
    """Kinds whose new minimum is not used: the settings have one."""
    drafted: int
    """How many of the categories have a draft of `init` for a definition: it was made from labelled
    articles, so these are not quite new to it."""
    unjudged: bool
    """Whether the scorer has judged too little to be calibrated, and was not asked to."""
    failures: tuple[Failure, ...]
    """Articles that could not be read."""
    complete: bool
    """Whether every article could be read and judged completely."""

    @property
    def examples(self) -> int:
        """How many examples language models are shown, over all categories."""
        return sum(len(shots.examples) for shots in self.content.examples.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """How `train` works, beyond the labels."""

    target: MinimumTarget | None = None
    """Choose minimums that reach a precision or recall, in place of the best F1."""
    output: Path | None = None
    judge: bool = False
    """Judge missing pairs even if that costs something."""
    held_out: frozenset[str] = frozenset()
    """Digests of articles to leave out, to measure on."""


def train(
    project: Workspace, sources: Sequence[GoldSource | StoredLabels], options: TrainingOptions
) -> TrainingResult:
    return _Trainer.begin(project, sources, options).result()


@dataclass(slots=True, kw_only=True)
class _Trainer:
    project: Workspace
    options: TrainingOptions
    file: Artifact
    superseded: tuple[Path, ...]
    earlier: TrainedFile
    session: GoldSession
    labelled: Sequence[LabelledArticle]
    failures: Sequence[Failure]
    sources: tuple[TrainedSource, ...]
    teachers: Mapping[str, float]
    too_few: dict[str, tuple[int, int]] = field(default_factory=dict)
    datasets: list[Dataset] = field(default_factory=list)

    @classmethod
    def begin(
        cls,
        project: Workspace,
        sources: Sequence[GoldSource | StoredLabels],
        options: TrainingOptions,
    ) -> _Trainer:
        file = artifact(project, "trained", options.output)
        # A file that cannot be used is reported before anything is judged.
        earlier, superseded = _earlier(project, file)
        # What was trained before is no part of what is trained now.
        session = open_training_labels(
            project.with_settings(trained="off"), sources, judge=options.judge
        )
        given, home = session.records.store.verdicts(), session.records.home
        verdicts = Verdicts(given, session.taxonomy.categories, home=home)
        labelled, failures = read_labelled(session.gold, verdicts)
        labelled = [each for each in labelled if each.article.digest not in options.held_out]
        for failure in failures:
            project.emit(Message(f"left out: {failure.message}", "error"))
        return cls(
            project=project,
            options=options,
            file=file,
            superseded=superseded,
            earlier=earlier,
            session=session,
            labelled=labelled,
            failures=failures,
            sources=tuple(remembered(project, sources)),
            teachers={one.scorer: one.weight for one in sources if isinstance(one, StoredLabels)},
        )

    def result(self) -> TrainingResult:
        embedded = EmbeddedScorer(
            model=self.project.settings.embedding_model,
            vectors=self.session.records.store,
        )
        kinds = self._offline(embedded)
        content = self._content(kinds, embedded.identity)
        stale = _stale_pairs(self.earlier, content, self.session)
        scorer = self.session.project.scorer
        unjudged = False
        if not isinstance(scorer, EmbeddedScorer):
            # Runs from now on show these examples, and correct the first scorer of a cascade.
            self.file.write(trained.dump(content))
            kinds, unjudged = self._stored(kinds)
            content = self._with_calibration(content, self._current_scorer(), kinds)
        self.file.write(trained.dump(content))
        every = {category.kind for category in self.session.taxonomy.categories}
        return TrainingResult(
            source=self.session.gold.source,
            scorer=scorer.identity,
            kinds=tuple(kinds),
            too_few=self.too_few,
            without_labels=tuple(sorted(every - {k.kind for k in kinds} - self.too_few.keys())),
            content=content,
            artifact=self.file,
            superseded=self.superseded,
            stale_pairs=stale,
            overridden=tuple(
                kind.kind
                for kind in kinds
                if kind.fitted
                and kind.fitted.minimum_of_kinds
                and settings.sets_minimum(self.project.settings, kind.kind)
            ),
            drafted=self._drafted(),
            unjudged=unjudged,
            failures=tuple(self.failures),
            complete=self.session.complete and not self.failures,
        )

    def _offline(self, scorer: EmbeddedScorer) -> list[KindTraining]:
        """Train each kind that has enough labels. Raises UsageError where none has."""
        trained_kinds = []
        every = self.session.taxonomy.categories
        for kind in dict.fromkeys(category.kind for category in every):
            categories = [category for category in every if category.kind == kind]
            ids = {category.id for category in categories}
            articles = [each for each in self.labelled if ids & each.known.keys()]
            pairs = sum(len(ids & each.known.keys()) for each in articles)
            enough = len(articles) > 1 and pairs >= MIN_PAIRS
            # In the order of their digests, so the first ones are a random sample.
            drawn = articles[: max(MAX_PAIRS // len(categories), 2)]
            if enough and len(drawn) < len(articles):
                self.project.note(
                    f"{kind}: {len(drawn):,} of {len(articles):,} labelled articles are enough"
                )
            dataset = build_dataset(drawn, categories, scorer) if enough else None
            if dataset is None or len(dataset.articles) < 2:
                if articles:
                    self.too_few[kind] = pairs, len(articles)
                continue
            self.datasets.append(dataset)
            trained_kinds.append(train_on_features(kind, dataset, self._rule(kind)))
        if not trained_kinds:
            raise UsageError(self._too_few())
        return trained_kinds

    def _drafted(self) -> int:
        files = {Path(category.source) for category in self._trained_categories()}
        return sum(is_draft(path) for path in files if path.suffix == ".md")

    def _rule(self, kind: str) -> TrainingRule:
        policy = self.session.project.policy
        profiled = kind in policy.profiled
        return TrainingRule(
            rule=self.session.taxonomy.rule(kind),
            fixed=settings.sets_minimum(self.project.settings, kind),
            aim=self.options.target,
            profile=policy.profile.kinds[kind] if policy.profile and profiled else None,
            spread=bool(self.teachers),
        )

    def _too_few(self) -> str:
        gaps = "; ".join(
            f"{kind}: {count(pairs, 'pair')} on {count(articles, 'article')}"
            for kind, (pairs, articles) in self.too_few.items()
        )
        return (
            f"{self.session.gold.source!r} has too few labels to learn from"
            f"{f' ({gaps})' if gaps else ''}; "
            f"expected {MIN_PAIRS} pairs of a kind, on at least two articles"
        )

    # --- the file -----------------------------------------------------------------------------

    def _content(self, kinds: Sequence[KindTraining], scorer: str) -> TrainedFile:
        names = {kind.kind for kind in kinds}
        kept = {name: kind for name, kind in self.earlier.kinds.items() if name not in names}
        ids = {category.id for d in self.datasets for category in d.categories}
        examples = {k: shots for k, shots in self.earlier.examples.items() if k not in ids}
        chosen = few_shot_examples(
            self._trained_categories(),
            [_of_people(each) for each in self.labelled],
            self._confidence(),
        )
        content = TrainedFile(
            sources=self.sources if self.sources or self.teachers else self.earlier.sources,
            teachers=self.teachers,
            held_out=tuple(sorted(self.options.held_out)),
            kinds={
                **kept,
                **{
                    kind.kind: TrainedKind(
                        trained=_today(),
                        source=self.session.gold.source,
                        scorer=scorer,
                        articles=kind.articles,
                        pairs=kind.labelled_pairs,
                        corrections=kind.corrections,
                    )
                    for kind in kinds
                    if kind.corrections is not None
                },
            },
            examples={**examples, **chosen},
            calibrations=self.earlier.calibrations,
        )
        return self._with_calibration(content, scorer, kinds)

    def _trained_categories(self) -> list[Category]:
        return [category for dataset in self.datasets for category in dataset.categories]

    def _with_calibration(
        self, content: TrainedFile, scorer: str, kinds: Sequence[KindTraining]
    ) -> TrainedFile:
        """Return the content with new curves and minimums of these kinds; the others' stay."""
        now = {kind.kind for kind in kinds}
        of_kind = {category.id for category in self._trained_categories()}
        before = content.calibrations.get(scorer)
        parts = [kind.fitted for kind in kinds if kind.fitted is not None]
        if before is not None:
            parts.insert(0, _without(before, now, of_kind))
        merged = ScorerCalibration(
            fitted=_today(),
            gold=self.session.gold.source,
            kinds={k: v for part in parts for k, v in part.kinds.items()},
            categories={k: v for part in parts for k, v in part.categories.items()},
            minimum_of_kinds={k: v for part in parts for k, v in part.minimum_of_kinds.items()},
            minimum_of_categories={
                k: v for part in parts for k, v in part.minimum_of_categories.items()
            },
        )
        others = {k: v for k, v in content.calibrations.items() if k != scorer}
        empty = not (merged.kinds or merged.minimum_of_kinds or merged.minimum_of_categories)
        return content.model_copy(
            update={"calibrations": others if empty else {**others, scorer: merged}}
        )

    # --- language models --------------------------------------------------------------------------

    def _current_scorer(self) -> str:
        return self._view().scorer.identity

    def _view(self) -> Workspace:
        """Return the project as runs see it with the file that was just written."""
        return self.project.with_settings(trained=self.file.path)

    def _stored(self, offline: Sequence[KindTraining]) -> tuple[list[KindTraining], bool]:
        """Calibrate a language model or cascade by its stored judgements.

        Returns:
            The kinds, and whether it has judged too little.
        """
        view = self._view()
        session = replace(
            self.session,
            project=view,
            taxonomy=view.select(view.definitions),
            corpus=view.corpus(
                [
                    category
                    for category in view.select(view.definitions).categories
                    if category.kind in {kind.kind for kind in offline}
                ],
                self.session.records,
            ),
        )
        plain = tuple(replace(c, examples=()) for c in session.taxonomy.categories)
        earlier = composition.trained_categories(view.settings, self.earlier, plain)
        pairs = session.stored_pairs(view.scorer, (plain, earlier))
        self.session.complete = session.complete
        kinds = []
        for kind in dict.fromkeys(category.kind for category in pairs.categories):
            of_kind = pairs.of_kind(kind)
            if of_kind.judged.any():
                kinds.append(train_on_confidences(kind, of_kind, self._rule(kind)))
        return kinds, not kinds

    def _confidence(self) -> Callable[[Article, Category], float]:
        """Return the scorer's confidence without examples; else the embedded scorer's."""
        known: dict[tuple[str, str], float] = {}
        for dataset in self.datasets:
            for each, row in zip(dataset.articles, dataset.examples.logits, strict=True):
                for category, logit in zip(dataset.categories, row, strict=True):
                    value = corrections.probability(float(logit))
                    known[each.article.digest, category.digest] = value
        scorer = self.session.project.scorer
        if not isinstance(scorer, EmbeddedScorer):
            digests = {category.digest for category in self.session.taxonomy.categories}
            articles = [each.article.digest for each in self.labelled]
            rows = self.session.records.store.confidences(scorer.identity, articles, digests)
            for article, row in rows:
                known |= {(article, category): value for category, (value, _) in row.items()}
        # A pair that nobody has judged is as doubtful as can be.
        return lambda article, category: known.get((article.digest, category.digest), 0.5)


def _of_people(labelled: LabelledArticle) -> LabelledArticle:
    """Return the article without labels that a scorer gave: it learns nothing from its own."""
    known = {name: its for name, its in labelled.known.items() if name not in labelled.trust}
    return replace(labelled, known=known)


def _earlier(project: Workspace, file: Artifact) -> tuple[TrainedFile, tuple[Path, ...]]:
    """Return what the file holds, or the files of version 0.2 in its place, and these."""
    found = file.existing(trained.load)
    if found is not None or file.use != "used":
        return found or TrainedFile(), ()
    paths = composition.trained_files(project.settings)
    return (trained.load(*paths) if paths else TrainedFile()), tuple(paths)


def _without(fitted: ScorerCalibration, kinds: set[str], ids: set[str]) -> ScorerCalibration:
    """Return a calibration without some kinds and their categories."""
    return fitted.model_copy(
        update={
            "kinds": {k: v for k, v in fitted.kinds.items() if k not in kinds},
            "categories": {k: v for k, v in fitted.categories.items() if k not in ids},
            "minimum_of_kinds": {
                k: v for k, v in fitted.minimum_of_kinds.items() if k not in kinds
            },
            "minimum_of_categories": {
                k: v for k, v in fitted.minimum_of_categories.items() if k not in ids
            },
        }
    )


def _stale_pairs(before: TrainedFile, after: TrainedFile, session: GoldSession) -> int:
    """Count stored pairs of language models whose examples have changed."""
    plain = session.taxonomy.categories
    both = zip(before.with_examples(plain), after.with_examples(plain), strict=True)
    stale = {old.digest for old, new in both if old.digest != new.digest}
    return _stored_pairs(session.records.store, stale) if stale else 0


def _stored_pairs(store: Store, categories: set[str]) -> int:
    articles = {file.digest for file in store.files(store.paths()).values()}
    return sum(
        len(pairs)
        for scorer, *_ in store.scorers()
        if scorer.startswith("openai:")
        for _, pairs in store.confidences(scorer, articles, categories)
    )


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()
