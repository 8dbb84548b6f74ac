"""Settings become a taxonomy, a scorer and what decides on its judgements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import artifacts, resources, taxonomy
from classifier.artifacts import ArtifactSetting
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.models import Taxonomy
from classifier.scorers.base import Scorer
from classifier.settings import Settings, rules, sets_minimum
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.scorers.cascade.deferral import DeferralPolicy
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.corrections import LearnedFile
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.scorers.openai.scorer import OpenAIScorer
    from classifier.store import Store


def load_taxonomy(settings: Settings) -> Taxonomy:
    """Return the categories the settings name, or the example ones, with the settings' rules."""
    loaded = taxonomy.load(*(settings.categories or [resources.folder("categories")]))
    by_kind, default = rules(settings)
    kinds = {category.kind for category in loaded.categories}
    taught = _learned(settings)
    categories = loaded.categories
    changed: tuple[str, ...] = ()
    if taught is not None:
        changed = tuple(taught.warnings(loaded, file=str(learned_file(settings))))
        if settings.scorer != "embedded" and settings.examples:
            categories = taught.shown(categories)
    # The example categories are a stand-in: rules for other kinds than theirs are no mistake.
    unused = sorted(set(by_kind) - kinds) if settings.categories else []
    return replace(
        loaded,
        categories=categories,
        rules=by_kind,
        default_rule=default,
        warnings=(
            *loaded.warnings,
            *changed,
            *(
                f"settings: there is a rule for kind {kind!r}, but no category of that kind"
                for kind in unused
            ),
        ),
    )


def make_scorer(settings: Settings) -> Scorer:
    """Return the scorer the settings ask for. Loads no model and opens no connection."""
    match settings.scorer:
        case "embedded":
            return _embedded(settings)
        case "openai":
            return language_model(settings)
        case "cascade":
            return cascade(settings)


def _embedded(settings: Settings) -> EmbeddedScorer:
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    return EmbeddedScorer(model_folder=settings.embedding_model, learned=_learned(settings))


def cascade(settings: Settings) -> Cascade:
    """Return the embedded scorer before the language model, with the cut that is measured for them.

    Without one, with a shortlist.
    """
    from classifier.scorers.cascade import deferral
    from classifier.scorers.cascade.deferral import Shortlist
    from classifier.scorers.cascade.scorer import Cascade

    first, second = _embedded(settings), language_model(settings)
    file = cuts_file(settings)
    measured = {} if file is None else deferral.load(file).cascades
    cut: DeferralPolicy | None = measured.get(deferral.key_of(first.identity, second.identity))
    return Cascade(first, second, cut or Shortlist(settings.shortlist))


def language_model(settings: Settings) -> OpenAIScorer:
    """Return the scorer of the language model the settings name."""
    if not settings.model:
        raise UsageError(
            f"scorer {settings.scorer!r} needs the name of a model: --model NAME, CLASSIFY_MODEL, "
            "or model in classify.toml"
        )
    from classifier.scorers.openai import prompts
    from classifier.scorers.openai.limits import Budget
    from classifier.scorers.openai.options import OpenAIOptions
    from classifier.scorers.openai.scorer import OpenAIScorer

    return OpenAIScorer(
        settings.model,
        base_url=settings.base_url,
        prompts=prompts.load(settings.prompts, short=settings.answers == "short"),
        options=OpenAIOptions(
            pack=settings.pack,
            canary=settings.canary,
            concurrency=settings.concurrency,
            rpm=settings.rpm,
            tpm=settings.tpm,
            timeout=settings.timeout,
            tier=settings.tier,
            send_key=settings.sends_key,
            refusal=settings.refusal,
        ),
        budget=Budget(max_cost=settings.max_cost, max_calls=settings.max_calls),
    )


def make_policy(settings: Settings, taxonomy: Taxonomy, scorer: Scorer) -> LabelPolicy:
    """Return what decides on the scorer's judgements: the rules, and its calibration if any.

    A minimum that a person has set wins over one that calibration has found. `taxonomy` of what is
    returned has both, and a warning where the calibration is for others.
    """
    doubts = (*_untaught(settings, scorer), *_rash(taxonomy, scorer))
    taxonomy = replace(taxonomy, warnings=(*taxonomy.warnings, *doubts))
    file = _calibration_file(settings)
    if file is None:
        return LabelPolicy(taxonomy)
    from classifier import calibration

    measured = calibration.load(file)
    fitted = measured.scorers.get(scorer.identity)
    if fitted is None:
        warning = f"{str(file)!r} is for other scorers: confidences are not calibrated"
        return LabelPolicy(replace(taxonomy, warnings=(*taxonomy.warnings, warning)))
    minimums = {
        category.id: it.minimum
        for category in taxonomy.categories
        if not sets_minimum(settings, category.kind)
        and (it := fitted.minimum_of(category)) is not None
    }
    return LabelPolicy(replace(taxonomy, minimums=minimums), fitted)


def _untaught(settings: Settings, scorer: Scorer) -> Iterator[str]:
    from classifier.scorers.cascade.scorer import Cascade
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    scorer = scorer.first if isinstance(scorer, Cascade) else scorer
    if isinstance(scorer, EmbeddedScorer) and scorer.learned and not scorer.active_corrections:
        yield (
            f"{str(learned_file(settings))!r} was learned with another model or version of the "
            "scorer and is not used: run `classify learn` again"
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


def _calibration_file(settings: Settings) -> Path | None:
    return _used(settings, "calibration")


def learned_file(settings: Settings) -> Path | None:
    """Return the file of what was learned, where it is used."""
    return _used(settings, "learned")


def cuts_file(settings: Settings) -> Path | None:
    """Return the file of measured cuts, where it is used."""
    return _used(settings, "cuts")


def _learned(settings: Settings) -> LearnedFile | None:
    file = learned_file(settings)
    if file is None:
        return None
    from classifier.scorers.embedded import corrections

    return corrections.load(file)


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


def has_learned(scorer: Scorer) -> bool:
    """Whether people's corrections are part of the scorer."""
    from classifier.scorers.embedded.scorer import EmbeddedScorer

    return isinstance(scorer, EmbeddedScorer) and scorer.active_corrections is not None


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
    return scorer.with_cache(store) if isinstance(scorer, EmbeddedScorer) else scorer
