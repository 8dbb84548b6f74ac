"""Rules that compare the meaning of definitions, by cosines of a sentence model.

The bounds were read off real taxonomies (docs/lint.md), for each model its own.
Only categories of one kind are compared: kinds answer different questions, and that a category
and a tag are about one thing is what they are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice, product
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from classifier.lint.rules import LintFinding, named, shortened
from classifier.lint.texts import described
from classifier.models import Category
from classifier.scorers.embedded.exclusions import affirmative
from classifier.scorers.embedded.lexical import Text, stem, words
from classifier.taxonomy.labels import label_key

if TYPE_CHECKING:
    from classifier.scorers.embedded.features import Vectors

Encode: TypeAlias = "Callable[[Sequence[str]], Vectors]"
"""Returns one vector of length 1 per text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Cosines of a sentence model from which texts are about the same."""

    same: float
    """Closeness (mean cosine) from which two definitions are about one subject."""
    near: float
    """Closeness from which definitions should say how they differ."""
    same_topic: float
    same_as_excluded: float
    about: float
    """Closeness from which an exclusion rule is about another category."""


MINILM: Final = Bounds(same=0.70, near=0.60, same_topic=0.85, same_as_excluded=0.75, about=0.60)
"""Of all-MiniLM-L6-v2."""
MULTILINGUAL: Final = Bounds(
    same=0.95, near=0.93, same_topic=0.955, same_as_excluded=0.94, about=0.90
)
"""Of multilingual-e5-small, whose cosines of any two definitions are about 0.86."""
MOST: Final = 5
"""Findings of a rule about one category and others: the closest ones."""
_BLOCK: Final = 256
"""Categories, or key topics, that are compared with all others at once."""
_MARGIN: Final = 1e-4
"""More than a sum of products in another order can differ by."""


@dataclass(frozen=True, slots=True)
class _View:
    category: Category
    text: Text
    title_text: Text
    names: tuple[tuple[str, ...], ...]
    title: Vectors
    full: Vectors
    topics: Vectors
    exclusions: Vectors

    def closeness(self, other: _View) -> float:
        """Compare the titles as much as the descriptions.

        Either alone errs: texts that share a phrase look alike, and so do titles of one word each.
        """
        return float(self.title @ other.title + self.full @ other.full) / 2

    def names_or_excludes(self, other: _View, about: float) -> bool:
        names = (name for name in other.names if not self.title_text.find(name))
        if any(self.text.find(name) for name in names):
            return True
        rules = list(affirmative(self.category.instructions.exclusions))
        if not rules:
            return False
        near = self.exclusions[rules] @ np.stack([other.title, other.full]).T
        return bool((near >= about).any())


@dataclass(frozen=True, slots=True)
class Meaning:
    """What definitions are compared by."""

    encode: Encode
    bounds: Bounds = MINILM
    unread: Mapping[str, str] = field(default_factory=dict)
    """By category id, the languages of definitions that the model does not read and which are left
    out."""


def check(categories: Sequence[Category], meaning: Meaning) -> Iterator[LintFinding]:
    bounds = meaning.bounds
    read = [category for category in categories if category.id not in meaning.unread]
    views = _views(read, meaning.encode) if read else []
    for view in views:
        yield from _disputed(view, bounds)
    views.sort(key=lambda view: view.category.kind)
    for _, kind in groupby(views, key=lambda view: view.category.kind):
        same_kind = list(kind)
        for i, others in _close(same_kind, bounds):
            near = [same_kind[j] for j in others]
            overlaps = (it for other in near for it in _overlap(same_kind[i], other, bounds))
            yield from islice(overlaps, MOST)
            shared = (it for other in near for it in _shared(same_kind[i], other, bounds))
            yield from islice(shared, MOST)


def _close(views: Sequence[_View], bounds: Bounds) -> Iterator[tuple[int, list[int]]]:
    """Yield each view with the later ones that may be close enough for a finding, closest first.

    Compared in blocks: 10,000 categories have 50 million pairs.
    """
    titles = np.stack([view.title for view in views])
    full = np.stack([view.full for view in views])
    topics = np.concatenate([view.topics for view in views])
    owners = np.repeat(np.arange(len(views)), [len(view.topics) for view in views])
    for start in range(0, len(views), _BLOCK):
        end = start + _BLOCK
        closeness = (titles[start:end] @ titles[start:].T + full[start:end] @ full[start:].T) / 2
        near = closeness >= bounds.near - _MARGIN
        if len(topics):
            mine = slice(*np.searchsorted(owners, (start, end)))
            left, owner = topics[mine.start :], owners[mine.start :] - start
            for rows in range(mine.start, mine.stop, _BLOCK):
                some = slice(rows, min(rows + _BLOCK, mine.stop))
                first, second = np.nonzero(topics[some] @ left.T >= bounds.same_topic - _MARGIN)
                near[owners[some][first] - start, owner[second]] = True
        for i, row in enumerate(near):
            later = np.flatnonzero(row[i + 1 :]) + i + 1
            if len(later):
                order = np.argsort(-closeness[i, later], kind="stable")
                yield start + i, (start + later[order]).tolist()


def _views(categories: Sequence[Category], encode: Encode) -> list[_View]:
    """Embed everything together; a batch of short texts costs little more than one."""
    parts = [_texts(category) for category in categories]
    rows = encode([text for texts in parts for text in texts])
    views, start = [], 0
    for category, texts in zip(categories, parts, strict=True):
        i = category.instructions
        own = rows[start : start + len(texts)]
        start += len(texts)
        topics, exclusions = np.split(own[2:], [len(i.topics)])
        said = (category.description, i.scope, *i.topics, *i.exclusions)
        called = (category.title, *category.aliases)
        names = tuple(tuple(map(stem, words(name))) for name in called)
        views.append(
            _View(
                category,
                Text("\n".join(said)),
                Text(category.title),
                names,
                own[0],
                own[1],
                topics,
                exclusions,
            )
        )
    return views


def _texts(category: Category) -> list[str]:
    i = category.instructions
    about = category.description or i.scope
    full = f"{category.title}: {about}" if about else category.title
    return [category.title, full, *i.topics, *i.exclusions]


def _overlap(one: _View, other: _View, bounds: Bounds) -> Iterator[LintFinding]:
    this, that = one.category, other.category
    closeness = one.closeness(other)
    if closeness < bounds.near or _nested(this, that) or _same_title(this, that):
        return
    if not (described(this) or described(that)):
        return
    about = bounds.about
    if one.names_or_excludes(other, about) or other.names_or_excludes(one, about):
        return
    if closeness >= bounds.same:
        message = (
            f"{this.title!r} and {named(that)} read like one subject (closeness {closeness:.2f}): "
            "merge them, or let each exclude what belongs to the other"
        )
        yield LintFinding("overlapping-definitions", message, (this, that))
    else:
        message = (
            f"{this.title!r} and {named(that)} are close (closeness {closeness:.2f}) and neither "
            "mentions the other: state in one of them what belongs to the other"
        )
        yield LintFinding("missing-exclusion", message, (this, that))


def _same_title(one: Category, other: Category) -> bool:
    """Whether `duplicate-title` reports it."""
    return label_key(one.title) == label_key(other.title)


def _nested(one: Category, other: Category) -> bool:
    """Whether one is below the other: a part overlaps with its whole."""
    if one.id in other.parents or other.id in one.parents:
        return True
    return one.id.startswith(f"{other.id}/") or other.id.startswith(f"{one.id}/")


def _shared(one: _View, other: _View, bounds: Bounds) -> Iterator[LintFinding]:
    if not (len(one.topics) and len(other.topics)):
        return
    claims = np.argwhere(one.topics @ other.topics.T >= bounds.same_topic)
    if not len(claims):
        return
    mine, theirs = one.category.instructions.topics, other.category.instructions.topics
    first, second = claims[0]
    more = f" (and {len(claims) - 1} more)" if len(claims) > 1 else ""
    message = (
        f"the key topic {shortened(mine[first])} is also one of {named(other.category)}: "
        f"{shortened(theirs[second])}{more}; keep it in one of them"
    )
    yield LintFinding("shared-topic", message, (one.category, other.category), mine[first])


def _disputed(view: _View, bounds: Bounds) -> Iterator[LintFinding]:
    """Compare each exclusion with the category's own topics.

    Unless one of the two says what is missing: the vectors of "posts about scaling" and "posts
    that do not mention scaling" are nearly the same.
    """
    topics, rules = view.category.instructions.topics, view.category.instructions.exclusions
    near = view.exclusions @ view.topics.T if topics and rules else np.zeros((0, 0))
    for rule, topic in product(affirmative(rules), affirmative(topics)):
        same_words = rules[rule].casefold() == topics[topic].casefold()
        if near[rule, topic] >= bounds.same_as_excluded and not same_words:
            message = (
                f"excludes {shortened(rules[rule])}, which reads like its own key topic "
                f"{shortened(topics[topic])}: clarify the difference, or remove one"
            )
            yield LintFinding("exclusion-like-topic", message, (view.category,), rules[rule])
