"""From judgements to labels: calibrate, put people's verdicts first, apply the rules. Pure.

Nothing decided is stored, so a changed threshold or rule re-applies without judging again.
"""

from __future__ import annotations

import math
import os
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from classifier import fallbacks, hierarchy
from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Rejection,
    Rule,
    Taxonomy,
    Verdict,
    digest,
)
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.calibration import Curve, ScorerCalibration
    from classifier.site_profile import KindProfile, SiteProfile

_NONE: Final[Mapping[str, Verdict]] = MappingProxyType({})

Pair: TypeAlias = tuple[str, float, float, bool]
"""Category id, confidence as calibrated, the minimum it needs, whether an exclusion fired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """The rule of a kind for the articles in a folder."""

    folder: str
    """Absolute path."""
    kind: str
    rule: Rule
    sets_minimum: bool
    """Whether its minimum was set by a person for this folder, rather than for the kind."""


@dataclass(frozen=True)
class LabelPolicy:
    """Turns judgements into labels. Pure: it is applied whenever judgements are read."""

    taxonomy: Taxonomy
    calibration: ScorerCalibration | None = None
    """Calibration of the scorer; None: its confidences are not calibrated."""
    verdicts: Verdicts = field(default_factory=lambda: Verdicts(home=Path()))
    profile: SiteProfile | None = None
    """Chooses the minimum for `profiled` kinds, article by article; None: rules alone do."""
    profiled: frozenset[str] = frozenset()
    """Kinds that the profile decides on: those whose minimum no person or calibration chose."""
    sections: tuple[SectionRule, ...] = ()
    """Rules for articles in some folders; the innermost folder counts."""

    def only(self, taxonomy: Taxonomy) -> LabelPolicy:
        """Return the policy for other categories."""
        return replace(self, taxonomy=taxonomy)

    def at(self, path: str) -> LabelPolicy:
        """Return the policy with the rules for an article's folder."""
        if not self.sections:
            return self
        place = os.path.abspath(path)  # noqa: PTH100 - without looking at the disk
        inside = [
            it for it in self.sections if place.startswith(f"{it.folder.rstrip(os.sep)}{os.sep}")
        ]
        chosen = {it.kind: it for it in sorted(inside, key=lambda it: len(it.folder))}
        key = tuple(sorted((it.kind, it.folder) for it in chosen.values()))
        if key not in self._placed:
            self._placed[key] = self._with(chosen)
        return self._placed[key]

    @cached_property
    def _placed(self) -> dict[tuple[tuple[str, str], ...], LabelPolicy]:
        return {}

    def _with(self, chosen: Mapping[str, SectionRule]) -> LabelPolicy:
        by_person = {kind for kind, it in chosen.items() if it.sets_minimum}
        kinds = {category.id: category.kind for category in self.taxonomy.categories}
        taxonomy = replace(
            self.taxonomy,
            rules={**self.taxonomy.rules, **{kind: it.rule for kind, it in chosen.items()}},
            minimums={
                name: minimum
                for name, minimum in self.taxonomy.minimums.items()
                if kinds.get(name) not in by_person
            },
        )
        profiled = self.profiled - by_person
        return replace(self, taxonomy=taxonomy, profiled=profiled, sections=())

    def decide(
        self,
        judgements: Iterable[Judgement],
        *,
        path: str,
        article: str,
        failures: Iterable[Failure] = (),
    ) -> Decision:
        """Decide on one article; `path` is as given, `article` its digest."""
        if self.sections:
            policy = self.at(path)
            return policy.decide(judgements, path=path, article=article, failures=failures)
        if self.curves:
            from classifier.calibration import calibrated

            judgements = calibrated(judgements, self.curves)
        judgements = tuple(judgements)
        verdicts = self.verdicts.of(path=path, article=article)
        decision = decide(
            judgements,
            self._for(judgements),
            block_reason=block_reason(failures),
            verdicts=verdicts,
            profiled=self.profiled,
        )
        return replace(decision, profile=self.decided_by)

    @property
    def decided_by(self) -> str:
        """The site profile that decides, in a few words; empty for rules and calibration alone."""
        return self.profile.description if self.profile and self._kinds else ""

    def pairs(self, confidences: Mapping[str, tuple[float, bool]]) -> Iterator[Pair]:
        """Yield an article's pairs from the store's bulk view (by category digest).

        Of an article in a section, ask the policy `at` its path.
        """
        own = self._minimums({key: confidence for key, (confidence, _) in confidences.items()})
        for category, key, minimum, curve in self._prepared:
            if key in confidences:
                confidence, excluded = confidences[key]
                minimum = own.get(category, minimum)
                yield category, curve(confidence) if curve else confidence, minimum, excluded

    def labels(
        self, pairs: Iterable[Pair], *, path: str, article: str, blocked: bool
    ) -> tuple[Label, ...]:
        """Return the labels that `decide` gives; their judgements have a confidence alone."""
        verdicts = self.verdicts.of(path=path, article=article)
        taxonomy = self.at(path).taxonomy
        return decide_pairs(pairs, taxonomy, blocked=blocked, verdicts=verdicts)

    def _kind_profile(self, kind: str) -> KindProfile:
        assert self.profile is not None
        return self.profile.kinds[kind]

    @cached_property
    def _kinds(self) -> dict[str, dict[str, str]]:
        """By kind that the profile decides on: category digests by id."""
        found: dict[str, dict[str, str]] = {}
        for category in self.taxonomy.categories if self.profile else ():
            if category.kind in self.profiled:
                found.setdefault(category.kind, {})[category.id] = category.digest
        return found

    @cached_property
    def _prepared(self) -> list[tuple[str, str, float, Curve | None]]:
        return [
            (c.id, c.digest, self.taxonomy.minimum(c), self.curves.get(c.id))
            for c in self.taxonomy.categories
        ]

    def _for(self, judgements: Iterable[Judgement]) -> Taxonomy:
        """Return the taxonomy with the minimums for one article."""
        if not self._kinds:
            return self.taxonomy
        keys = {id_: key for members in self._kinds.values() for id_, key in members.items()}
        judged = {keys[j.category]: j.confidence for j in judgements if j.category in keys}
        return _with_minimums(self.taxonomy, self._minimums(judged))

    def _minimums(self, judged: Mapping[str, float]) -> dict[str, float]:
        """Return minimums by category id; `judged` is by digest."""
        found: dict[str, float] = {}
        for kind, members in self._kinds.items():
            of_kind = {key: judged[key] for key in members.values() if key in judged}
            minimums = self._kind_profile(kind).minimums(of_kind)
            found |= {id_: minimums[key] for id_, key in members.items() if key in minimums}
        return found

    @cached_property
    def curves(self) -> Mapping[str, Curve]:
        """By category id, without kinds that are not calibrated."""
        if self.calibration is None:
            return {}
        curves = {c.id: self.calibration.curve(c) for c in self.taxonomy.categories}
        return {name: curve for name, curve in curves.items() if curve is not None}

    @cached_property
    def rules_digest(self) -> str:
        """Changes with the rules and the calibration, not with verdicts."""
        rules = [
            (
                c.id,
                c.digest,
                c.parents,
                asdict(self.taxonomy.rule(c.kind)),
                self.taxonomy.minimum(c),
            )
            for c in self.taxonomy.categories
        ]
        curves = {name: curve.points for name, curve in self.curves.items()}
        last = sorted(it.category for it in self.taxonomy.fallbacks.values())
        sections = [asdict(it) for it in self.sections]
        more = (last, sections) if last or sections else ()
        return digest(rules, curves, self.decided_by, *more)


def decide(
    judgements: Iterable[Judgement],
    taxonomy: Taxonomy,
    *,
    block_reason: str | None = None,
    verdicts: Mapping[str, Verdict] = _NONE,
    profiled: Collection[str] = (),
) -> Decision:
    """Apply each kind's rule; every judgement becomes a label or a rejection that says why.

    `block_reason`: why nothing may be assigned, whatever the confidence. A person's verdict
    (`verdicts` by category id; those of unknown categories are ignored) overrides it, the rule and
    a missing judgement. Labels that people gave count first towards a kind's `at_most`. `profiled`:
    kinds whose minimum a site profile chose, which the reasons say. Where categories have parents,
    the kind's `hierarchy` says which of a category and those above it are labels: `at_most` counts
    what is left when those above others are out, and parents that are added count no place.

    Raises ValueError for a judgement of a category that is not in `taxonomy`, a second one of the
    same category, or a confidence outside 0-1: these are errors of the caller.
    """
    categories = {category.id: category for category in taxonomy.categories}
    place = {id_: n for n, id_ in enumerate(categories)}
    verdicts = {name: verdict for name, verdict in verdicts.items() if name in categories}
    judged = _checked(judgements, known=categories)
    judged |= {name: _in_place(verdicts[name]) for name in verdicts.keys() - judged.keys()}
    taken = Counter(categories[name].kind for name, told in verdicts.items() if told.accepted)
    judged, held = fallbacks.held_back(judged, taxonomy, without=verdicts)
    judged, unsure = _backed_off(judged, taxonomy, verdicts)
    narrower = _narrower(judged, categories, taxonomy, verdicts)

    labels: list[Label] = []
    rejections: list[Rejection] = []
    eligible: defaultdict[str, list[Judgement]] = defaultdict(list)
    for judgement in sorted(judged.values(), key=lambda j: (-j.confidence, place[j.category])):
        category = categories[judgement.category]
        verdict, minimum = verdicts.get(category.id), taxonomy.minimum(category)
        if verdict is not None:
            why = None if verdict.accepted else _rejected(verdict)
        else:
            whose = " for this site" if category.kind in profiled else ""
            why = (
                block_reason or _unfit(judgement, minimum, whose) or _too_broad(category, narrower)
            )
            if why is None:
                eligible[(kind := category.kind)].append(judgement)
                why = _outdone(eligible[kind], taxonomy.rule(kind), taken=taken[kind])
        if why is None:
            labels.append(Label(category, judgement, verdict, minimum, unsure.get(category.id, "")))
        else:
            rejections.append(Rejection(category, judgement, why, verdict, minimum))
    decision = Decision(tuple(labels), tuple(rejections))
    if block_reason is None and narrower:
        decision = hierarchy.with_parents(decision, taxonomy)
    return fallbacks.completed(
        decision, held, taxonomy, verdicts=verdicts, block_reason=block_reason
    )


def decide_pairs(
    pairs: Iterable[Pair],
    taxonomy: Taxonomy,
    *,
    blocked: bool = False,
    verdicts: Mapping[str, Verdict] = _NONE,
) -> tuple[Label, ...]:
    """Return the labels of an article's pairs as `decide` does; pairs have a confidence alone.

    The minimum of a pair is its own, not that of the taxonomy.
    """
    minimums: dict[str, float] = {}
    eligible: list[Judgement] = []
    kind = ConfidenceKind.STATED
    rules = (*taxonomy.rules.values(), taxonomy.default_rule)
    every = not blocked and (
        bool(taxonomy.fallbacks) or any(rule.hierarchy != "leaf" for rule in rules)
    )
    for category, confidence, minimum, excluded in pairs:
        if every or (confidence >= minimum and not (excluded or blocked)):
            minimums[category] = minimum
            eligible.append(
                Judgement(
                    category=category,
                    confidence=confidence,
                    kind=kind,
                    scorer="",
                    exclusion="" if excluded else None,
                )
            )
    if not eligible and not verdicts:
        return ()
    return decide(
        eligible,
        _with_minimums(taxonomy, minimums),
        block_reason="blocked" if blocked else None,
        verdicts=verdicts,
    ).labels


_TOGETHER: Final = "no narrower category is sure enough, but together they are"


def _backed_off(
    judged: Mapping[str, Judgement], taxonomy: Taxonomy, verdicts: Mapping[str, Verdict]
) -> tuple[dict[str, Judgement], dict[str, str]]:
    """Return the judgements as they are decided on, and why, of those that need others."""
    changed = hierarchy.backed_off(judged, taxonomy, without=verdicts)
    unsure = {
        category.id: _TOGETHER
        for category in taxonomy.categories
        if category.id in changed and judged[category.id].confidence < taxonomy.minimum(category)
    }
    return {**judged, **changed}, unsure


def _narrower(
    judged: Mapping[str, Judgement],
    categories: Mapping[str, Category],
    taxonomy: Taxonomy,
    verdicts: Mapping[str, Verdict],
) -> dict[str, Category]:
    """Return, by id, the categories above others that can be labels, each with one of these."""
    below = [
        judgement
        for id_, judgement in judged.items()
        if categories[id_].parents
        and (
            verdicts[id_].accepted
            if id_ in verdicts
            else _unfit(judgement, taxonomy.minimum(categories[id_]), "") is None
        )
    ]
    below.sort(key=lambda judgement: -judgement.confidence)
    return hierarchy.more_specific(below, categories)


def _with_minimums(taxonomy: Taxonomy, minimums: Mapping[str, float]) -> Taxonomy:
    return replace(taxonomy, minimums={**taxonomy.minimums, **minimums})


def block_reason(failures: Iterable[Failure]) -> str | None:
    """Return the reason, if there is one, why an article with these failures gets no label."""
    tampered = any(failure.reason is FailureReason.TAMPERED for failure in failures)
    return (
        "possible prompt injection in the article: the model's answers were discarded"
        if tampered
        else None
    )


def _checked(judgements: Iterable[Judgement], *, known: Collection[str]) -> dict[str, Judgement]:
    by_id: dict[str, Judgement] = {}
    for judgement in judgements:
        if judgement.category not in known:
            raise ValueError(f"judged, but not in the taxonomy: {judgement.category!r}")
        if judgement.category in by_id:
            raise ValueError(f"judged twice: {judgement.category!r}")
        if not 0 <= judgement.confidence <= 1:
            raise ValueError(
                f"confidence of {judgement.category!r} is not in 0-1: {judgement.confidence!r}"
            )
        by_id[judgement.category] = judgement
    return by_id


def _in_place(verdict: Verdict) -> Judgement:
    """Return a judgement for a pair that only a person has judged."""
    return Judgement(
        category=verdict.category,
        confidence=float(verdict.accepted),
        kind=ConfidenceKind.VERDICT,
        scorer="human",
        reasoning=verdict.note,
    )


def _rejected(verdict: Verdict) -> str:
    return f"rejected by a person: {verdict.note}" if verdict.note else "rejected by a person"


def _unfit(judgement: Judgement, minimum: float, whose: str) -> str | None:
    """Return why the judgement cannot be a label, whatever the others are."""
    if judgement.exclusion is not None:
        return f"excluded: {judgement.exclusion}"
    if judgement.confidence < minimum:
        have, need = _apart(judgement.confidence, minimum)
        return f"{have} is below the minimum of {need}{whose}"
    return None


def _too_broad(category: Category, narrower: Mapping[str, Category]) -> str | None:
    below = narrower.get(category.id)
    return f"{below.title!r} is more specific" if below else None


def _outdone(ranked: Sequence[Judgement], rule: Rule, *, taken: int) -> str | None:
    """Return why the last of `ranked` loses to those before it and to the `taken` places."""
    best, this = ranked[0].level, ranked[-1].level
    if rule.by == "level" and this is not best:
        return f"{this}, but the best level is {best}"
    if rule.at_most is not None and taken + len(ranked) > rule.at_most:
        return f"{_ordinal(taken + len(ranked))} best, and the limit is {rule.at_most}"
    return None


def _apart(low: float, high: float) -> tuple[str, str]:
    """Write both with two decimals, or as many as it takes to tell them apart.

    The lower one is rounded down, as it is wherever it is shown.
    """
    for digits in range(2, 17):
        down = math.floor(low * 10**digits + 1e-9) / 10**digits
        texts = f"{down:.{digits}f}", f"{high:.{digits}f}"
        if texts[0] != texts[1]:
            return texts
    return repr(low), repr(high)


def _ordinal(n: int) -> str:
    suffix = "th" if n % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"
