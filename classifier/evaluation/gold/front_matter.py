"""Gold labels that editors put into the front matter of articles."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from classifier.content import document
from classifier.content.discovery import Found, Selection, walk
from classifier.content.front_matter.reading import FrontMatter
from classifier.content.inline_tags import inline_tags
from classifier.errors import UsageError
from classifier.evaluation.gold.resolve import Claim, ClaimColumn, quoted_list
from classifier.models import Failure, Taxonomy
from classifier.taxonomy.labels import LabelIndex, label_key
from classifier.wording import count


class OwnLabels(Protocol):
    """Knows which labels of an article a program wrote."""

    def __call__(
        self, path: str, key: str, /, *, there: Sequence[str], meta: Mapping[str, Any]
    ) -> Sequence[str]: ...


def nobodys(
    path: str,  # noqa: ARG001
    key: str,  # noqa: ARG001
    /,
    *,
    there: Sequence[str],  # noqa: ARG001
    meta: Mapping[str, Any],  # noqa: ARG001
) -> Sequence[str]:
    """Know of no label that a program wrote."""
    return ()


@dataclass(frozen=True, slots=True)
class GoldField:
    """A front matter key, and the kinds that its labels are about."""

    key: str
    kinds: frozenset[str] | None
    """None for the kinds that the labels turn out to have."""
    inline: bool = False
    """Whether `#tags` in the text are labels, too, as in Obsidian."""

    @classmethod
    def parse(cls, text: str, taxonomy: Taxonomy) -> GoldField:
        """Parse `field` or `kind=field`. A field with the name of a kind is about that kind.

        With a `#` at the end, as in `tags#`, `#tags` in the text are labels of the field, too.

        Raises:
            UsageError: The kind is not in the taxonomy.
        """
        if text.rstrip().endswith("#"):
            return replace(cls.parse(text.rstrip().rstrip("#"), taxonomy), inline=True)
        kind, equals, key = (part.strip() for part in text.partition("="))
        known = {label_key(category.kind): category.kind for category in taxonomy.categories}
        if not equals:
            own = known.get(label_key(kind))
            return cls(kind, None if own is None else frozenset({own}))
        if label_key(kind) not in known:
            kinds = ", ".join(sorted(known.values()))
            raise UsageError(
                f"`fields` {text!r}: no kind {kind!r} in the definitions, only {kinds}"
            )
        return cls(key, frozenset({known[label_key(kind)]}))

    def labels(self, meta: Mapping[str, Any], names: LabelIndex) -> list[str] | None:
        """Return the labels in the field; None if the article lacks the field or leaves it empty.

        `[]` means no labels; a field that holds nothing but what cannot be a label, such as a table
        or a date, says nothing. A text is split at commas, or into words if one of them names a
        category, unless the whole text names one.
        """
        value: object = meta
        for key in self.key.split("."):
            if not isinstance(value, Mapping):
                return None
            value = {str(name).lower(): its for name, its in value.items()}.get(key.lower())
        if value is None or value == "":
            return None
        if isinstance(value, list):
            labels = [str(one).strip() for one in value if _can_be_label(one)]
            return labels if any(labels) or not value else None
        if not _can_be_label(value):
            return None
        return list(self._parts(str(value).strip(), names))

    def _parts(self, text: str, names: LabelIndex) -> Iterator[str]:
        if names.find(text, self.kinds):
            yield text
        elif "," in text:
            yield from filter(None, (part.strip() for part in text.split(",")))
        elif any(names.find(word, self.kinds) for word in text.split()):
            yield from text.split()  # as Jekyll reads it
        elif text:
            yield text


def _can_be_label(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


@dataclass(slots=True)
class ArticleLabels:
    """The labels of some articles."""

    columns: list[ClaimColumn]
    unread: list[str] = field(default_factory=list)
    """Articles whose front matter cannot be read."""
    own: Counter[str] = field(default_factory=Counter)
    """By article, labels that are left out because this program wrote them."""

    def warnings(self, source: str) -> list[str]:
        lines = []
        if self.unread:
            lines.append(
                f"{source!r}: left out {count(len(self.unread), 'article')} with unreadable "
                f"front matter: {quoted_list(self.unread)}"
            )
        if self.own:
            lines.append(
                f"{source!r}: left out {count(self.own.total(), 'label')} that `classify "
                f"apply` wrote, in {count(len(self.own), 'article')}: they are the scorer's, "
                "not people's"
            )
        return lines


def read_articles(  # noqa: PLR0913
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    fields: Sequence[str],
    selection: Selection,
    own: OwnLabels = nobodys,
    *,
    optional: bool = False,
) -> ArticleLabels:
    """Read the labels of articles: those named, and all in folders.

    Those that `own` knows are left out: whether they belong is unknown. A field without another
    label is as if it were missing.

    `optional`: whether one of the fields is enough.

    Raises UsageError for a field that no article has, or where all labels are left out.
    """
    names = LabelIndex(taxonomy.categories)
    wanted = [GoldField.parse(text, taxonomy) for text in fields]
    claims: list[dict[str, list[Claim]]] = [{} for _ in wanted]
    found = ArticleLabels([])
    for path in _articles(paths, taxonomy, selection):
        front_matter = _front_matter(path)
        if front_matter is None:
            found.unread.append(path)
            continue
        meta, body = front_matter.meta, front_matter.body
        for one, by_article in zip(wanted, claims, strict=True):
            labels = one.labels(meta, names)
            if one.inline and (tags := inline_tags(body)):
                labels = list(dict.fromkeys([*(labels or ()), *tags]))
            if labels is None:
                continue
            ours = {*own(path, one.key, there=labels, meta=meta)} & {*labels}
            found.own[path] += len(ours)
            if not ours or ours < {*labels}:
                by_article[path] = list(_claims(labels, ours, where=f"front matter: {one.key}"))
    found.own = +found.own
    used = [one for one, by_article in zip(wanted, claims, strict=True) if by_article]
    missing = [one for one in wanted if one not in used]
    if missing and not (optional and used):
        keys = [one.key for one in (missing if optional else missing[:1])]
        raise UsageError(_nothing(keys, paths, found.own))
    found.columns += [
        ClaimColumn(name=one.key, kinds=one.kinds, complete=True, claims=by_article)
        for one, by_article in zip(wanted, claims, strict=True)
        if by_article
    ]
    return found


def _claims(labels: Sequence[str], ours: Set[str], *, where: str) -> Iterator[Claim]:
    for label in labels:
        if label:
            yield Claim(label, None if label in ours else True, where)


def _nothing(keys: Sequence[str], paths: Sequence[Path], own: Mapping[str, int]) -> str:
    where = " ".join(map(str, paths))
    shown = " or ".join(map(repr, dict.fromkeys(keys)))
    if not own:
        return (
            f"no article in {where!r} has a field {shown}: name the one that holds the labels with "
            "`fields=NAME`"
        )
    return (
        f"`fields` {shown}: `classify apply` wrote every label in {where!r}, and a scorer agrees "
        "with itself: take labels that people wrote"
    )


def _articles(paths: Sequence[Path], taxonomy: Taxonomy, selection: Selection) -> Iterator[str]:
    definitions = {os.path.realpath(c.source) for c in taxonomy.categories if c.source}
    for found in (found for path in paths for found in walk(path, selection)):
        if isinstance(found, Found) and os.path.realpath(found.path) not in definitions:
            yield found.path


def _front_matter(path: str) -> FrontMatter | None:
    try:
        opened = document.read(Path(path))
    except UsageError:
        return None
    return None if isinstance(opened, Failure) else opened.front_matter
