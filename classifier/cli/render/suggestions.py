"""What `classify taxonomy suggest` found, as text or JSON."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from classifier.cli.formatting import two_digits
from classifier.cli.layout import Line
from classifier.vocabulary.suggestions import ArticleGroup, Missing, Split, Suggestions
from classifier.wording import count

SCHEMA: Final = "classify-suggestions/1"
_SHOWN: Final = 3
"""Articles of a group, unless all are asked for."""


def lines(found: Suggestions, *, everything: bool) -> Iterator[Line]:
    heading = count(found.articles, "article")
    if not found.first:
        heading += f", {found.unlabelled:,} without a label"
    yield Line(heading, "bold")
    if not (found.merge or found.retire or found.split or found.missing):
        yield Line("nothing to suggest", "dim")
    yield from _merge(found)
    yield from _retire(found)
    yield from _split(found.split, everything=everything)
    yield from _missing(found, everything=everything)


def _merge(found: Suggestions) -> Iterator[Line]:
    if found.merge:
        yield Line()
        yield Line("merge: the same articles have both", "bold")
    for it in found.merge:
        share = f"{it.both:,} of {count(it.either, 'article')} with either have both"
        yield Line(f"{it.one.title} + {it.other.title}: {share}", indent=2)


def _retire(found: Suggestions) -> Iterator[Line]:
    if found.retire:
        yield Line()
        yield Line("retire: no article has it, by a run or by hand", "bold")
    for it in found.retire:
        yield Line(f"{it.category.title} (highest confidence {two_digits(it.highest)})", indent=2)


def _split(splits: Sequence[Split], *, everything: bool) -> Iterator[Line]:
    if splits:
        yield Line()
        yield Line("split: a third of the articles or more have it", "bold")
    for it in splits:
        yield Line(f"{it.category.title}: {it.articles:,} of {it.judged:,}", indent=2)
        for part in it.parts:
            yield Line(f"{part.title}: {count(len(part.articles), 'article')}", indent=4)
            yield from _articles(part, everything=everything, indent=6)


def _missing(found: Suggestions, *, everything: bool) -> Iterator[Line]:
    if found.missing:
        yield Line()
        heading = "categories to start with: articles about the same"
        plain = "missing: articles about the same, without a label"
        yield Line(heading if found.first else plain, "bold")
    for it in found.missing:
        group = it.group
        yield Line(f"{group.title}: {count(len(group.articles), 'article')}", indent=2)
        if group.terms:
            yield Line(f"also: {', '.join(group.terms)}", "dim", 4)
        if group.description:
            yield Line(group.description, "dim", 4)
        yield from _articles(group, everything=everything, indent=4)
        yield from _effects(it)


def _articles(group: ArticleGroup, *, everything: bool, indent: int) -> Iterator[Line]:
    shown = group.articles if everything else group.articles[:_SHOWN]
    for path in shown:
        yield Line(path, indent=indent, whole=True)
    if more := len(group.articles) - len(shown):
        yield Line(f"and {more:,} more; --all shows all", "dim", indent)


def _effects(missing: Missing) -> Iterator[Line]:
    if missing.others:
        articles = count(len(missing.others), "article")
        yield Line(f"it would also label {articles} with other labels", "dim", 4)
    if missing.takes:
        taken = Counter(it.category.title for it in missing.takes)
        listed = ", ".join(f"{title} ({number:,}x)" for title, number in taken.most_common())
        yield Line(f"and take from others: {listed}", "dim", 4)


def next_steps(
    found: Suggestions, written: Sequence[Path], folder: Path | None, paths: Sequence[Path]
) -> Iterator[str]:
    """Yield what was written, and what to do with it."""
    articles = " ".join(shlex.quote(str(path)) for path in paths)
    if found.first and folder is None and found.missing:
        command = " ".join(filter(None, ("classify taxonomy suggest", articles)))
        yield f"next: write these as drafts to edit: {command} --drafts taxonomy"
    elif found.first and folder is not None and found.missing:
        yield f"written: {count(len(written), 'draft')} in {str(folder)!r}"
        command = " ".join(filter(None, ("classify run", articles)))
        yield f"next: edit the drafts, then {command} --categories {shlex.quote(str(folder))}"
    else:
        for path in written:
            add = f"classify taxonomy add {shlex.quote(str(path))} --preview"
            yield f"written: {str(path)!r}; next: {add}"


# --- JSON ----------------------------------------------------------------------------------------


def to_dict(found: Suggestions) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "articles": found.articles,
        "unlabelled": found.unlabelled,
        "merge": [
            {"categories": [it.one.id, it.other.id], "both": it.both, "either": it.either}
            for it in found.merge
        ],
        "retire": [
            {"category": it.category.id, "articles": it.articles, "highest": round(it.highest, 4)}
            for it in found.retire
        ],
        "split": [
            {
                "category": it.category.id,
                "articles": it.articles,
                "of": it.judged,
                "parts": [_group(part) for part in it.parts],
            }
            for it in found.split
        ],
        "missing": [
            {
                "kind": it.kind,
                **_group(it.group),
                "others": list(it.others),
                "takes": [{"article": its.path, "category": its.category.id} for its in it.takes],
            }
            for it in found.missing
        ],
    }


def _group(group: ArticleGroup) -> dict[str, Any]:
    return {
        "title": group.title,
        "description": group.description,
        "terms": list(group.terms),
        "articles": list(group.articles),
    }
