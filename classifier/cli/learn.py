"""`classify learn`: what people said of some articles, used for all others."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from classifier import artifacts, settings
from classifier.cli.console import emit, log
from classifier.cli.formatting import count
from classifier.cli.layout import Line, Page
from classifier.cli.measuring import VERDICTS, Measuring, Source, measuring
from classifier.errors import SettingsError, UsageError
from classifier.evaluation import gold as labels
from classifier.evaluation.gold import Gold
from classifier.models import Article, Category
from classifier.outputs.files import replacing
from classifier.sanitize import one_line
from classifier.scorers.embedded import corrections
from classifier.scorers.embedded.corrections import KindCorrections, LearnedFile
from classifier.scorers.embedded.scorer import EmbeddedScorer
from classifier.settings import Settings
from classifier.store import Store
from classifier.training.cross_validate import cross_validate
from classifier.training.dataset import Dataset, LabelledArticle, build_dataset, read_labelled
from classifier.training.few_shot import few_shot_examples
from classifier.training.held_out import BeforeAfter, CategoryGain, KindGain, measure_gain
from classifier.training.serialize import kind_corrections as written
from classifier.verdicts import Verdicts

FEWEST: Final = 10
"""Pairs of a kind that people must have spoken about, on two articles at least."""
_CELL: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    source: Source
    overrides: Mapping[str, Any]
    output: Path | None = None
    quiet: bool = False


def run(request: Request) -> int:
    """Return the exit code. Raises a ClassifierError where there is too little to learn from."""
    found = settings.load(**request.overrides)
    output = request.output or _used(found)
    if output is None:
        raise UsageError(
            "these are the example categories: name your own with --categories PATH, or the file "
            "to write with --output FILE"
        )
    # What was learned before is no part of what there is to learn from.
    plain = {**request.overrides, "learned": "off"}
    with measuring(request.source, plain, quiet=request.quiet) as it:
        given, failures = read_labelled(*_said(it))
        for failure in failures:
            log(f"left out: {failure.message}")
        scorer = EmbeddedScorer(model_folder=found.embedding_model, vectors=it.records.store)
        kinds, reports, seen = _kinds(it, given, scorer)
        told = LearnedFile(
            learned=datetime.datetime.now(datetime.UTC).date().isoformat(),
            source=it.gold.source,
            scorer=scorer.base_identity,
            articles=len(given),
            pairs=sum(its.pairs for its in reports),
            kinds=kinds,
            lessons=few_shot_examples(it.taxonomy.categories, given, _confidence(it, given, seen)),
        )
        owed = _owed(_earlier(output), told, it)
    with replacing(output) as file:
        file.write(artifacts.dump(told))
    emit(Page.for_stdout().lay_out(line for its in reports for line in _lines(its)))
    if not request.quiet:
        for remark in _remarks(found, output, told, owed):
            log(remark)
    return 1 if failures else 0


def _used(found: Settings) -> Path | None:
    """Return the file that runs look for; None: there is none they would find by themselves."""
    if isinstance(found.learned, Path):
        return found.learned
    return None if found.categories is None else corrections.path_for(found.categories)


def _earlier(output: Path) -> LearnedFile | None:
    try:
        return corrections.load(output)
    except SettingsError:
        return None  # there is none, or it cannot be used: to make it anew is the way out


def _said(it: Measuring) -> tuple[Gold, Verdicts]:
    """Return the gold with the articles of all verdicts, and the verdicts, which win."""
    given, home = it.records.store.verdicts(), it.records.home
    verdicts = Verdicts(given, it.taxonomy.categories, home=home)
    if not len(verdicts) or it.gold.source == str(VERDICTS):
        return it.gold, verdicts
    said = labels.from_verdicts(given, it.taxonomy, home=home)
    return replace(it.gold, labels={**said.labels, **it.gold.labels}), verdicts


def _kinds(
    it: Measuring, given: Sequence[LabelledArticle], scorer: EmbeddedScorer
) -> tuple[dict[str, KindCorrections], list[KindGain], list[Dataset]]:
    kinds, reports, seen = {}, [], []
    gaps = []
    for name in dict.fromkeys(category.kind for category in it.taxonomy.categories):
        categories = [c for c in it.taxonomy.categories if c.kind == name]
        ids = {category.id for category in categories}
        about = [its for its in given if ids & its.known.keys()]
        pairs = sum(len(ids & its.known.keys()) for its in about)
        lookup = (
            build_dataset(about, categories, scorer) if len(about) > 1 and pairs >= FEWEST else None
        )
        if lookup is None or len(lookup.articles) < 2:
            if about:
                gaps.append(f"{name}: {count(pairs, 'pair')} on {count(len(about), 'article')}")
            continue
        lesson = cross_validate(lookup.examples)
        kinds[name] = written(lesson, lookup)
        reports.append(measure_gain(name, lesson, lookup))
        seen.append(lookup)
    if not kinds:
        raise UsageError(
            f"{it.gold.source!r} is too little to learn from ({'; '.join(gaps)}): it takes "
            f"{FEWEST} pairs of a kind, on two articles at least"
        )
    return kinds, reports, seen


def _confidence(
    it: Measuring, given: Sequence[LabelledArticle], seen: Sequence[Dataset]
) -> Callable[[Article, Category], float]:
    """Return who says how sure the scorer was without examples; else, the embedded one."""
    known: dict[tuple[str, str], float] = {}
    for lookup in seen:
        for its, row in zip(lookup.articles, lookup.examples.logits, strict=True):
            for category, logit in zip(lookup.categories, row, strict=True):
                known[its.article.digest, category.digest] = corrections.probability(float(logit))
    if not isinstance(it.scorer, EmbeddedScorer):
        digests = {category.digest for category in it.taxonomy.categories}
        articles = [its.article.digest for its in given]
        rows = it.records.store.confidences(it.scorer.identity, articles, digests)
        for article, found in rows:
            known |= {(article, category): its for category, (its, _) in found.items()}
    # A pair that nobody has judged is as doubtful as can be.
    return lambda article, category: known.get((article.digest, category.digest), 0.5)


def _owed(before: LearnedFile | None, after: LearnedFile, it: Measuring) -> int:
    """Count pairs on record of language models whose examples are others now."""
    plain = it.taxonomy.categories
    shown = before.shown(plain) if before else plain
    stale = {
        old.digest
        for old, new in zip(shown, after.shown(plain), strict=True)
        if old.digest != new.digest
    }
    return _on_record(it.records.store, stale) if stale else 0


def _on_record(store: Store, categories: set[str]) -> int:
    articles = [file.digest for file in store.files(store.paths()).values()]
    return sum(
        len(found)
        for scorer, *_ in store.scorers()
        if scorer.startswith("openai:")
        for _, found in store.confidences(scorer, set(articles), categories)
    )


def _remarks(found: Settings, output: Path, told: LearnedFile, owed: int) -> Iterator[str]:
    size = output.stat().st_size / 1000
    yield f"written to {str(output)!r} ({size:,.0f} kB)"
    shown = sum(len(its.examples) for its in told.lessons.values())
    if shown:
        yield (
            f"{count(shown, 'example')} for language models, of {len(told.lessons):,} of the "
            "categories; --no-examples does without"
        )
    if owed:
        yield f"{count(owed, 'pair')} on record of a language model would be judged again"
    if found.learned == "off":
        yield "the settings say learned = off, so it is not used yet"
    elif output != _used(found):
        yield "runs do not look there: name it with --learned FILE"


# --- printing -------------------------------------------------------------------------------------


def _lines(its: KindGain) -> Iterator[Line]:
    yield Line(
        f"{its.kind}: {count(its.articles, 'article')}, {count(its.pairs, 'pair')} that people "
        f"spoke about",
        "bold",
    )
    yield Line("On articles that took no part in learning, before and after:", indent=2)
    for name, change in (
        ("average precision, all pairs", its.micro),
        ("average precision, mean of the categories", its.macro),
        ("log loss", its.log_loss),
    ):
        yield Line(f"{_change(change)}  {name}", indent=2)
    yield Line()
    header = f"{'AP':{_CELL}}{'log loss':{_CELL}}{'yes':>5}{'no':>7}  used"
    yield Line(Text(header, "dim"), indent=2, whole=True)
    for each in sorted(its.categories, key=lambda it: (-it.accepted, it.category.id)):
        yield Line(Text(_row(each)), indent=2, whole=True)
    if unheard := sum(not each.has_evidence for each in its.categories):
        yield Line(
            f"{unheard:,} of them were only rejected, now and then, and stay as they are: accept "
            "what belongs there, too",
            indent=2,
        )
    yield Line()


def _row(its: CategoryGain) -> str:
    return (
        f"{_change(its.precision):{_CELL}}{_change(its.log_loss):{_CELL}}{its.accepted:5,}"
        f"{its.rejected:7,}  {_used_share(its):>5}  {one_line(its.category.title)}"
    )


def _used_share(its: CategoryGain) -> str:
    return f"{its.shrinkage * its.blend:.0%}" if its.blend else "none"


def _change(change: BeforeAfter) -> str:
    return f"{_number(change.before)} > {_number(change.after)}"


def _number(value: float) -> str:
    return "    -" if math.isnan(value) else f"{value:.3f}"
