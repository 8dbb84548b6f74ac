"""Why a pair got its confidence, in words made from what was computed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from classifier.scorers.embedded import lexical
from classifier.scorers.embedded.features import CLOSE_Z, Pair, mean_of_best, means_of_best

_LONGEST_NAME = 90
_MARGIN = 0.04
"""By how much (cosine) an exclusion rule must beat everything the category is about."""
_NEAR = 3.0
"""And how unusually close, in deviations, the article must be to the rule."""

# A rule such as "Agile posts that do not address scaling" says what is missing, and an embedding
# cannot see the word "not": the rule is close to just the articles that belong.
_SAYS_WHAT_IS_MISSING = re.compile(
    r"\b(?:no|not|never|without|unrelated|irrelevant|unless|only|general|generic|purely"
    r"|mis\w+|lack\w*|deviat\w+|contra\w+|rather\s+than|other\s+than|outside)\b|n['\u2019]t\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosestExclusion:
    """The exclusion rule an article is closest to."""

    rule: str
    closeness: float
    to_topics: float
    """Closeness to whatever the category is about that is nearest."""
    fired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFindings:
    """What was found for one pair."""

    mentions: lexical.Mentions
    aliased: bool
    """Counted under more names than the title."""
    passages: int
    close: tuple[tuple[str, int], ...]
    """Prototypes that passages are close to, with the number of passages, most first."""
    nearest: str
    """The prototype that is nearest to any passage."""
    closer: int
    """How many background topics the article is closer to than to the category."""
    closest: tuple[str, ...]
    """The first two of them."""
    compared: int
    """Number of background topics."""
    exclusion: ClosestExclusion | None

    @property
    def excluded(self) -> str | None:
        """The rule that fired."""
        return self.exclusion.rule if self.exclusion and self.exclusion.fired else None


def can_fire(rules: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the exclusion rules that an embedding can understand."""
    return tuple(i for i, rule in enumerate(rules) if not _SAYS_WHAT_IS_MISSING.search(rule))


def collect_findings(pair: Pair, rules: Sequence[str], topics: Sequence[str]) -> PairFindings:
    """Collect what can be said about a pair.

    `rules` are the category's exclusions, `topics` the titles of the background.
    """
    z, labels, neighbours = pair.z_scores, pair.category.labels, pair.article.titles
    nearest = z.argmax(axis=1)
    close = (z.max(axis=1) >= CLOSE_Z).nonzero()[0]
    counted = Counter(labels[nearest[i]] for i in close)
    closer = neighbours.closer(pair.name_closeness)
    return PairFindings(
        mentions=pair.mentions,
        aliased=len(pair.category.names) > 1,
        passages=len(z),
        close=tuple(counted.most_common()),
        nearest=labels[int(z.max(axis=0).argmax())],
        closer=closer,
        closest=tuple(topics[i] for i in neighbours.order[: min(closer, 2)]),
        compared=len(topics),
        exclusion=_exclusion(pair, rules),
    )


def _exclusion(pair: Pair, rules: Sequence[str]) -> ClosestExclusion | None:
    article, category = pair.article, pair.category
    if not category.rules:
        return None
    by_rule = [mean_of_best(article.passages @ category.exclusions[i]) for i in category.rules]
    best = int(np.argmax(by_rule))
    mean, deviation = category.exclusion_baselines[category.rules[best]]
    by_topic = float(means_of_best(pair.closeness.T).max())
    unusual = (by_rule[best] - mean) / max(float(deviation), 1e-3)
    return ClosestExclusion(
        rule=rules[category.rules[best]],
        closeness=by_rule[best],
        to_topics=by_topic,
        fired=bool(by_rule[best] > by_topic + _MARGIN and unusual >= _NEAR),
    )


# --- aspects -------------------------------------------------------------------------------------


def aspects(row: Mapping[str, float], findings: PairFindings) -> dict[str, float]:
    """Return what the confidence was made from, in a few numbers, each 0-1."""
    named = 0.5 * row["name_coverage"] + 0.5 * min(row["mentions"] / 2, 1.0)
    rank = 1 - (row["rank_title"] + row["rank_full"]) / 2
    found = findings.exclusion
    pull = 0.5 + 2 * (found.closeness - found.to_topics) if found else 0.0
    return {
        "mentions": round(max(named, row["mention_title"]), 4),
        "alignment": round(rank, 4),
        "depth": round(sum(n for _, n in findings.close) / findings.passages, 4),
        "exclusion": round(min(max(pull, 0.0), 1.0), 4),
    }


# --- sentences -----------------------------------------------------------------------------------


def reasoning(findings: PairFindings, title: str) -> str:
    """Return a few sentences a person can check against the article."""
    parts = [
        _about_exclusion(findings.exclusion),
        _about_mentions(findings, title),
        _about_passages(findings),
        _about_others(findings),
    ]
    return " ".join(part for part in parts if part)


def _about_exclusion(found: ClosestExclusion | None) -> str:
    if found is None or not found.fired:
        return ""
    return (
        f"Excluded: it is closer to the rule {_quoted(found.rule)} ({found.closeness:.2f}) "
        f"than to anything the category is about ({found.to_topics:.2f})."
    )


def _about_mentions(findings: PairFindings, title: str) -> str:
    found = findings.mentions
    places = []
    if found.title:
        places.append("in the title")
    if found.headings:
        places.append("in a heading" if found.headings == 1 else f"in {found.headings} headings")
    if found.body:
        times = {1: "once", 2: "twice"}.get(found.body, f"{found.body} times")
        places.append(f"{times} in the text")
    if not places and findings.aliased:
        return f"Neither {_quoted(title)} nor another of its names is mentioned."
    if not places:
        return f"{_quoted(title)} is not mentioned."
    other = " or another of its names" if findings.aliased else ""
    name = _quoted(found.name if found.body else title)
    return f"{name}{other} appears {_listed(places)}."


def _about_passages(findings: PairFindings) -> str:
    total = findings.passages
    of = "the only passage" if total == 1 else f"the {total} passages"
    if not findings.close:
        none = "The only passage is not" if total == 1 else f"None of {of} is"
        return f"{none} close to it; nearest comes {_quoted(findings.nearest)}."
    count = sum(n for _, n in findings.close)
    if count == total:
        subject = "The only passage is" if total == 1 else f"All {total} passages are"
    else:
        subject = f"{count} of {of} {_be(count)}"
    name, most = findings.close[0]
    if len(findings.close) == 1:
        return f"{subject} close to {_quoted(name)}."
    second, n = findings.close[1]
    return f"{subject} close to it, to {_quoted(name)} ({most}) and {_quoted(second)} ({n}) most."


def _about_others(findings: PairFindings) -> str:
    if not findings.closer:
        return f"It is closer to its name than to any of {findings.compared} general topics."
    first = _listed([_quoted(name) for name in findings.closest])
    if findings.closer <= 2:
        are = _be(findings.closer)
        return f"Of {findings.compared} general topics, only {first} {are} closer than its name."
    count = f"{findings.closer} of {findings.compared}"
    return f"{count} general topics are closer than its name, first {first}."


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return f"'{flat}'" if len(flat) <= _LONGEST_NAME else f"'{flat[: _LONGEST_NAME - 1]}\u2026'"
