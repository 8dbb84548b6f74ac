"""Settings become a taxonomy, a scorer and what decides on its judgements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import artifacts, resources, taxonomy
from classifier.artifacts import ArtifactSetting
from classifier.decisions import LabelPolicy, SectionRule
from classifier.errors import SettingsError, UsageError
from classifier.models import Category, Fallback, Taxonomy
from classifier.scorers import members
from classifier.scorers.base import Scorer
from classifier.settings import MODEL_NAMES, Settings, rules, section_rules, sets_minimum
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.scorers.cascade.deferral import FittedThresholds
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.openai.limits import Budget
    from classifier.scorers.openai.scorer import OpenAIScorer
    from classifier.scorers.panel import Panel
    from classifier.store import Store
    from classifier.trained import TrainedFile


def load_taxonomy(settings: Settings) -> Taxonomy:
    """Return the categories the settings name, or the example ones, with the settings' rules."""
    loaded = taxonomy.load(*(settings.categories or [resources.folder("categories")]))
    by_kind, default = rules(settings)
    kinds = {category.kind for category in loaded.categories}
    file = load_trained(settings)
    categories = loaded.categories
    changed: tuple[str, ...] = ()
    if file is not None:
        changed = tuple(file.warnings(loaded, file=_name_of_trained(settings)))
        categories = trained_categories(settings, file, categories)
    # The example categories are a stand-in: rules for other kinds than theirs are no mistake.
    named = [("rule", by_kind), ("field", settings.fields)] if settings.categories else []
    unused = [(what, kind) for what, found in named for kind in sorted(set(found) - kinds)]
    return replace(
        loaded,
        categories=categories,
        rules=by_kind,
        default_rule=default,
        fallbacks=_fallbacks(settings, loaded),
        warnings=(
            *loaded.warnings,
            *changed,
            *(
                f"settings: there is a {what} for kind {kind!r}, but no category of that kind"
                for what, kind in unused
            ),
        ),
    )


def _fallbacks(settings: Settings, loaded: Taxonomy) -> dict[str, Fallback]:
    found: dict[str, Fallback] = {}
    for kind, rule in settings.rules.items():
        members = tuple(category for category in loaded.categories if category.kind == kind)
        if rule.fallback is None or not members:
            continue
        try:
            of_kind = replace(loaded, categories=members)
            named = taxonomy.select(of_kind, categories=[rule.fallback]).categories
        except UsageError as error:
            raise SettingsError(f"rules.{kind}.fallback: {error}") from None
        if len(named) > 1:
            ids = " or ".join(category.id for category in named)
            raise SettingsError(f"rules.{kind}.fallback: ambiguous: write {ids}")
        ids_of_kind = tuple(category.id for category in members)
        found[kind] = Fallback(category=named[0].id, members=ids_of_kind)
    return found


def with_sections(policy: LabelPolicy, settings: Settings, *, home: Path) -> LabelPolicy:
    """Return the policy with the rules for folders, which are relative to `home`."""
    sections = tuple(
        SectionRule(folder=folder, kind=kind, rule=rule, sets_minimum=sets)
        for folder, kind, rule, sets in section_rules(settings, home)
    )
    return replace(policy, sections=sections) if sections else policy


def trained_categories(
    settings: Settings, file: TrainedFile, categories: Sequence[Category]
) -> tuple[Category, ...]:
    """Return the categories with what training gives the scorer of the settings."""
    if settings.scorer == "imported":
        return tuple(categories)
    if settings.scorer != "openai":
        categories = file.corrected(categories)
    if settings.scorer != "embedded" and settings.examples:
        categories = file.with_examples(categories)
    return tuple(categories)


def make_scorer(settings: Settings) -> Scorer:
    """Return the scorer the settings ask for. Loads no model and opens no connection."""
    scorer = _scorer(settings)
    if not settings.imported_first or settings.scorer == "imported":
        return scorer
    from classifier.scorers.imported_first import ImportedFirst

    return ImportedFirst(scorer)


def _scorer(settings: Settings) -> Scorer:
    match settings.scorer:
        case "embedded":
            return _embedded(settings)
        case "openai":
            return language_model(settings)
        case "cascade":
            return cascade(settings)
        case "panel":
            return panel(settings)
        case "imported":
            from classifier.scorers.imported import ImportedScorer

            return ImportedScorer()


def _embedded(settings: Settings) -> EmbeddedScorer:
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    return EmbeddedScorer(model=settings.embedding_model)


def cascade(settings: Settings) -> Cascade:
    """Return the embedded scorer before the language model, with the cut that is measured for them.

    Without one, with a shortlist.
    """
    from classifier.scorers.cascade.deferral import SettledArticles, Shortlist
    from classifier.scorers.cascade.scorer import Cascade

    first, second = _embedded(settings), language_model(settings)
    fitted = measured_cuts(settings, first, second)
    if settings.settle == "articles":
        if fitted is None or fitted.whole is None:
            raise UsageError(
                "settle = 'articles': nothing was measured for this model and training; `classify "
                "train --teacher` does, on some 100 held-out labels or more (`articles=N`)"
            )
        return Cascade(first, second, SettledArticles(fitted, fitted.whole))
    return Cascade(first, second, fitted or Shortlist(settings.shortlist))


def measured_cuts(settings: Settings, first: Scorer, second: Scorer) -> FittedThresholds | None:
    """Return what promises a recall to a cascade of these scorers; None if nothing is measured."""
    from classifier.scorers.cascade import deferral

    file = cuts_file(settings)
    measured = {} if file is None else deferral.load(file).cascades
    return measured.get(cascade_key(settings, first, second))


def panel(settings: Settings) -> Panel:
    """Return the scorers that the settings name for a panel; they share one budget.

    Raises:
        UsageError: A scorer is named twice, or a language model has no name.
    """
    from classifier.scorers.openai.limits import Budget
    from classifier.scorers.panel import Panel

    budget = Budget(max_cost=settings.max_cost, max_calls=settings.max_calls)
    members: list[Scorer] = []
    for named in settings.panel.scorers:
        kind, _, model = named.partition(":")
        if kind == "embedded":
            chosen = model if model in MODEL_NAMES else Path(model)
            update = {"embedding_model": chosen} if model else {}
            members.append(_embedded(settings.model_copy(update=update)))
        else:
            name = {"model": model} if model else {}
            members.append(language_model(settings.model_copy(update=name), budget=budget))
    return Panel(members, settings.panel.confidence)


def cascade_key(settings: Settings, first: Scorer, second: Scorer) -> str:
    """Return the key of thresholds measured for these scorers, corrected as they are now."""
    from classifier.scorers.cascade import deferral

    file = load_trained(settings)
    corrected = file.corrections_digest[:16] if file is not None else ""
    return deferral.key_of(f"{first.identity}{corrected and f'+{corrected}'}", second.identity)


def language_model(settings: Settings, *, budget: Budget | None = None) -> OpenAIScorer:
    """Return the scorer of the language model the settings name.

    `budget` is one that it shares with others; None for the one of the settings.
    """
    if not settings.model:
        raise UsageError(
            f"scorer {settings.scorer!r} needs the name of a model: `model=NAME`, CLASSIFY_MODEL, "
            "or model in classify.toml"
        )
    from classifier.scorers.openai import prompts
    from classifier.scorers.openai.limits import Budget
    from classifier.scorers.openai.options import OpenAIOptions
    from classifier.scorers.openai.scorer import OpenAIScorer

    return OpenAIScorer(
        settings.model,
        base_url=settings.base_url,
        prompts=prompts.load(settings.prompts, answers=settings.answers),
        options=OpenAIOptions(
            pack=settings.pack,
            context=settings.context,
            canary=settings.canary,
            concurrency=settings.concurrency,
            rpm=settings.rpm,
            tpm=settings.tpm,
            timeout=settings.timeout,
            tier=settings.tier,
            send_key=settings.sends_key,
            tracing=settings.tracing,
            refusal=settings.refusal,
        ),
        budget=budget or Budget(max_cost=settings.max_cost, max_calls=settings.max_calls),
    )


def make_policy(settings: Settings, taxonomy: Taxonomy, scorer: Scorer) -> LabelPolicy:
    """Return what decides on the scorer's judgements: the rules, and its calibration if any.

    A minimum that a person has set wins over one that calibration has found. `taxonomy` of what is
    returned has both, and a warning where the calibration is for others.
    """
    doubts = (*_untrained(settings, scorer), *_rash(taxonomy, scorer))
    taxonomy = replace(taxonomy, warnings=(*taxonomy.warnings, *doubts))
    file = load_trained(settings)
    if file is None or not file.calibrations:
        return LabelPolicy(taxonomy)
    fitted = file.calibrations.get(scorer.identity)
    if fitted is None and file.teachers and not _kind(scorer.identity) & _kind(*file.calibrations):
        return LabelPolicy(taxonomy)  # what the student learned is not for its teacher
    if fitted is None:
        warning = (
            f"{_name_of_trained(settings)} was calibrated for other scorers: confidences are not "
            "calibrated"
        )
        return LabelPolicy(replace(taxonomy, warnings=(*taxonomy.warnings, warning)))
    minimums = {
        category.id: it.minimum
        for category in taxonomy.categories
        if not sets_minimum(settings, category.kind)
        and (it := fitted.minimum_of(category)) is not None
    }
    return LabelPolicy(replace(taxonomy, minimums=minimums), fitted)


def _kind(*identities: str) -> set[str]:
    return {identity.partition(":")[0] for identity in identities}


def profile_file(settings: Settings, *, store: Path) -> Path | None:
    """Return the file of the site profile, whether it exists or not; None where it is off."""
    if settings.profile == "off":
        return None
    return Path(settings.profile or store.with_suffix(".profile.json"))


def with_profile(
    policy: LabelPolicy, settings: Settings, scorer: Scorer, *, file: Path | None
) -> LabelPolicy:
    """Return the policy with the site profile, if there is one for this scorer.

    It decides on a kind unless a person has set the kind's minimum, or calibration or training has
    fitted something to labels. A file that cannot be used is a warning.
    """
    if file is None or not file.exists():
        return policy
    from classifier import site_profile

    try:
        profile = site_profile.load(file)
    except SettingsError as error:
        warnings = (*policy.taxonomy.warnings, str(error))
        return replace(policy, taxonomy=replace(policy.taxonomy, warnings=warnings))
    if profile.scorer != scorer.identity:
        return policy
    kinds = {
        kind: categories
        for kind, categories in open_kinds(policy, settings).items()
        if kind in profile.kinds and profile.kinds[kind].covers(categories)
    }
    average = {
        category.id: profile.kinds[kind].minimum(category.digest)
        for kind, categories in kinds.items()
        for category in categories
    }
    minimums = {**policy.taxonomy.minimums, **average}
    taxonomy = replace(policy.taxonomy, minimums=minimums)
    return replace(policy, taxonomy=taxonomy, profile=profile, profiled=frozenset(kinds))


def open_kinds(policy: LabelPolicy, settings: Settings) -> dict[str, list[Category]]:
    """Return the kinds, with their categories, whose minimum no person and no label has chosen."""
    kinds: dict[str, list[Category]] = {}
    for category in policy.taxonomy.categories:
        kinds.setdefault(category.kind, []).append(category)
    known = policy.calibration
    return {
        kind: categories
        for kind, categories in kinds.items()
        if not sets_minimum(settings, kind)
        and not any(
            category.correction or (known and (known.curve(category) or known.minimum_of(category)))
            for category in categories
        )
    }


def _untrained(settings: Settings, scorer: Scorer) -> Iterator[str]:
    file = load_trained(settings)
    if file is None or not file.kinds:
        return
    embedded = {part.identity for part in members.embedding(scorer)}
    if embedded and embedded.isdisjoint(kind.scorer for kind in file.kinds.values()):
        yield (
            f"{_name_of_trained(settings)} was trained with another model or version of the "
            "scorer, so its corrections are not used: run `classify train` again"
        )


def _rash(taxonomy: Taxonomy, scorer: Scorer) -> Iterator[str]:
    from classifier.scorers.cascade.scorer import Cascade

    if not isinstance(scorer, Cascade):
        return
    from classifier.scorers.cascade.deferral import MAX_THRESHOLD

    kinds = sorted({c.kind for c in taxonomy.categories if taxonomy.minimum(c) < MAX_THRESHOLD})
    if kinds:
        yield (
            f"labels of {', '.join(kinds)} need less than {MAX_THRESHOLD}: below that "
            "some are given without asking the language model"
        )


def trained_files(settings: Settings) -> list[Path]:
    """Return the file of `classify train` where it is used, or those of version 0.2."""
    file = _used(settings, "trained")
    if file is not None:
        return [file]
    if settings.trained is not None or not settings.categories:
        return []
    paths = (artifacts.beside(settings.categories[0], name) for name in artifacts.EARLIER)
    return [path for path in paths if path.exists()]


def load_trained(settings: Settings) -> TrainedFile | None:
    """Return what `classify train` has written, where it is used.

    Raises:
        SettingsError: A file cannot be used.
    """
    files = trained_files(settings)
    return _parsed(tuple((path, _version(path)) for path in files)) if files else None


def _version(path: Path) -> tuple[int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0  # reported where it is read
    return stat.st_mtime_ns, stat.st_size


@lru_cache(maxsize=2)
def _parsed(files: tuple[tuple[Path, tuple[int, int]], ...]) -> TrainedFile:
    from classifier import trained

    return trained.load(*(path for path, _ in files))


def _name_of_trained(settings: Settings) -> str:
    return " and ".join(repr(str(path)) for path in trained_files(settings))


def cuts_file(settings: Settings) -> Path | None:
    """Return the file of measured cuts, where it is used."""
    return _used(settings, "cuts")


def _used(settings: Settings, setting: ArtifactSetting) -> Path | None:
    named = getattr(settings, setting)
    if named == "off":
        return None
    if named is not None:
        return Path(named)
    chosen = settings.categories
    file = artifacts.path_for(chosen[0], setting) if chosen else None
    return file if file is not None and file.exists() else None


def with_verdicts(policy: LabelPolicy, store: Store, *, home: Path) -> LabelPolicy:
    """Return the same with the verdicts in `store`, whose paths are relative to `home`."""
    verdicts = Verdicts(store.verdicts(), policy.taxonomy.categories, home=home)
    return replace(policy, verdicts=verdicts)
