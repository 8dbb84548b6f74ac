"""Aspects and reasoning of a pair, made from the numbers behind its confidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from classifier.scorers.embedded.features import mean_of_best, means_of_best
from classifier.scorers.embedded.naming import Mentions

if TYPE_CHECKING:
    from classifier.scorers.embedded.pairs import ArticleComparison

_LONGEST_NAME = 90
_MARGIN = 0.04
"""By how much (cosine, of the default model) an exclusion rule must beat everything the category is
about."""
_NEAR = 3.0
"""Z-score from which an article is unusually close to an exclusion rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosestExclusion:
    """The exclusion rule an article is closest to."""

    rule: str
    example: str
    """What the rule names as an example, if that is what the article is close to; else empty."""
    closeness: float
    to_topics: float
    """Closeness (cosine) to the nearest thing the category is about."""
    lead: float
    """Difference of the two, as of the default model."""
    fired: bool


@dataclass(slots=True, kw_only=True)
class PairFindings:
    """The facts that aspects and reasoning of a pair are made from.

    Not frozen, which would triple the time that one takes to make: there is one for every pair.
    """

    mentions: Mentions
    aliased: bool
    """Whether the category has more names than its title."""
    passages: int
    """Number of passages that were read."""
    unread: int
    """Number of those that were not."""
    close: tuple[tuple[str, int], ...]
    """Prototypes that passages are close to, with the number of passages, most first."""
    nearest: str
    """Label of the prototype that is closest to any passage."""
    closer: int
    """Number of reference topics that are closer to the article than the category's name."""
    closest: tuple[str, ...]
    """Titles of the closest two of them."""
    compared: int
    """Number of reference topics."""
    exclusion: ClosestExclusion | None
    unweighed: int
    """Exclusion rules that only say what is missing."""

    @property
    def excluded(self) -> str | None:
        """The rule that fired."""
        return self.exclusion.rule if self.exclusion and self.exclusion.fired else None


def collect_findings(
    compared: ArticleComparison, i: int, rules: Sequence[str], topics: Sequence[str]
) -> PairFindings:
    """Collect the facts about a pair.

    Args:
        compared: The article, compared with some categories.
        i: Which of them.
        rules: The category's exclusion rules.
        topics: Titles of the reference topics.
    """
    article, category, closer = compared.article, compared.table.categories[i], compared.closer[i]
    labels, close = category.labels, compared.close(i)
    counted = Counter(labels[k] for k in close).most_common() if close else ()
    return PairFindings(
        mentions=compared.mentions[i],
        aliased=len(category.names) > 1,
        passages=len(article.passages),
        unread=article.unread,
        close=tuple(counted),
        nearest=labels[compared.nearest[i]],
        closer=closer,
        closest=tuple(topics[k] for k in article.titles.order[: min(closer, 2)]),
        compared=len(topics),
        exclusion=_exclusion(compared, i, rules),
        unweighed=len(rules) - len({it.rule for it in category.triggers}) if rules else 0,
    )


def excludes(compared: ArticleComparison, i: int, rules: Sequence[str]) -> bool:
    """Return whether one of the `i`th category's exclusion rules fires."""
    closest = _exclusion(compared, i, rules)
    return closest is not None and closest.fired


def _exclusion(
    compared: ArticleComparison, i: int, rules: Sequence[str]
) -> ClosestExclusion | None:
    category = compared.table.categories[i]
    if not category.triggers:
        return None
    passages = compared.article.passages
    closeness = [mean_of_best(passages @ vector) for vector in category.exclusions]
    best = int(np.argmax(closeness))
    trigger = category.triggers[best]
    mean, deviation = category.exclusion_baselines[best]
    by_topic = float(means_of_best(compared.closeness(i).T).max())
    lead = (closeness[best] - by_topic) / category.spread
    unusual = (closeness[best] - mean) / max(float(deviation), 1e-3)
    return ClosestExclusion(
        rule=rules[trigger.rule],
        example="" if trigger.whole else trigger.text,
        closeness=closeness[best],
        to_topics=by_topic,
        lead=lead,
        fired=bool(lead > _MARGIN and unusual >= _NEAR),
    )


# --- aspects -------------------------------------------------------------------------------------


def aspects(compared: ArticleComparison, i: int, findings: PairFindings) -> dict[str, float]:
    """Return the aspects of the confidence of the `i`th pair, each 0-1."""
    exclusion = findings.exclusion
    pull = 0.5 + 2 * exclusion.lead if exclusion else 0.0
    depth = sum(n for _, n in findings.close) / findings.passages
    return {
        "mentions": round(compared.named[i], 4),
        "alignment": round(compared.alignment[i], 4),
        "depth": round(depth, 4),
        "exclusion": round(min(max(pull, 0.0), 1.0), 4),
    }


# --- sentences -----------------------------------------------------------------------------------


def reasoning(findings: PairFindings, title: str) -> str:
    """Return a few sentences that people can check against the article."""
    parts = [
        _about_exclusion(findings.exclusion),
        _about_mentions(findings, title),
        _about_passages(findings),
        _about_others(findings),
        _about_unweighed(findings.unweighed),
    ]
    return " ".join(part for part in parts if part)


def _about_exclusion(exclusion: ClosestExclusion | None) -> str:
    if exclusion is None or not exclusion.fired:
        return ""
    rule = f"the rule {_quoted(exclusion.rule)}"
    what = f"{_quoted(exclusion.example)}, an example in {rule}" if exclusion.example else rule
    return (
        f"Excluded: closer to {what} ({exclusion.closeness:.2f}) "
        f"than to any topic of the category ({exclusion.to_topics:.2f})."
    )


def _about_mentions(findings: PairFindings, title: str) -> str:
    mentions = findings.mentions
    places = []
    if mentions.title:
        places.append("in the title")
    if mentions.headings:
        places.append(
            "in a heading" if mentions.headings == 1 else f"in {mentions.headings} headings"
        )
    if mentions.body:
        times = {1: "once", 2: "twice"}.get(mentions.body, f"{mentions.body} times")
        places.append(f"{times} in the text")
    if not places and findings.aliased:
        return f"Neither {_quoted(title)} nor another name for it is mentioned."
    if not places:
        return f"{_quoted(title)} is not mentioned."
    other = " or another name for it" if findings.aliased else ""
    name = _quoted(mentions.name if mentions.body else title)
    return f"{name}{other} appears {_listed(places)}."


def _about_passages(findings: PairFindings) -> str:
    total = findings.passages
    read = f" read of {total + findings.unread}" if findings.unread else ""
    only = f"The only passage{read}"
    of = f"the {total} passages{read}"
    if not findings.close:
        none = f"{only} is not" if total == 1 else f"None of {of} is"
        return f"{none} close to it; the closest topic is {_quoted(findings.nearest)}."
    count = sum(n for _, n in findings.close)
    if count == total:
        every = f"Both passages{read} are" if total == 2 else f"All {total} passages{read} are"
        subject = f"{only} is" if total == 1 else every
    else:
        subject = f"{count} of {of} {_be(count)}"
    name, most = findings.close[0]
    if len(findings.close) == 1:
        return f"{subject} close to {_quoted(name)}."
    second, n = findings.close[1]
    return f"{subject} close to it, mostly to {_quoted(name)} ({most}) and {_quoted(second)} ({n})."


def _about_others(findings: PairFindings) -> str:
    if not findings.closer:
        return f"None of {findings.compared} general topics is closer than its title."
    first = _listed([_quoted(name) for name in findings.closest])
    if findings.closer <= 2:
        are = _be(findings.closer)
        return f"Of {findings.compared} general topics, only {first} {are} closer than its title."
    count = f"{findings.closer} of {findings.compared}"
    return f"{count} general topics are closer than its title, led by {first}."


def _about_unweighed(rules: int) -> str:
    if not rules:
        return ""
    which = "1 exclusion rule says" if rules == 1 else f"{rules} exclusion rules say"
    return f"{which} only what is missing: not weighed offline."


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


@lru_cache(maxsize=4096)
def _quoted(text: str) -> str:
    flat = " ".join(text.split())
    return f"'{flat}'" if len(flat) <= _LONGEST_NAME else f"'{flat[: _LONGEST_NAME - 1]}\u2026'"
