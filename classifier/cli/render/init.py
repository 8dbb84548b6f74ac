"""`classify init`: what a site has, and what would be written."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from rich.text import Text

from classifier.cli.layout import Line, table
from classifier.cli.terms import in_options
from classifier.project.init import InitPlan, InitResult
from classifier.sanitize import one_line
from classifier.site.fields import Form, LabelField
from classifier.site.proposal import FieldProposal
from classifier.site.vocabulary import SiteLabel
from classifier.wording import count

_SHOWN: Final = 6
"""Examples in a line."""
_UNREAD: Final = 3
"""Files that cannot be read, of which each says why."""
_NEW: Final = 12
"""New categories that are listed."""
_FORMS: Final[dict[Form, str]] = {
    "list": "a list",
    "commas": "a text with commas",
    "words": "a text of words",
    "text": "a text",
    "inline": "#tags in the text",
}
_WRITTEN: Final = {
    "title": "written as titles",
    "slug": "written as slugs",
    "path": "written as paths",
    "id": "written as ids",
}


def lines(plan: InitPlan) -> Iterator[Line]:
    site = plan.site
    named = "" if site.generator == "plain" else f"{site.generator} site, "
    where = ", ".join(_near(path) for path in site.content)
    yield Line(f"{named}{count(len(site.documents), 'article')} in {where}", "bold")
    if site.exclude:
        yield Line(f"left out: {', '.join(site.exclude)}", "dim", 2)
    if site.unread:
        yield Line(f"not read: {count(len(site.unread), 'file')}", "dim", 2)
        for failure in site.unread[:_UNREAD]:
            yield Line(in_options(failure.message), "dim", 4)
        if len(site.unread) > _UNREAD:
            yield Line(f"and {len(site.unread) - _UNREAD:,} more", "dim", 4)
    for one in plan.fields:
        yield Line()
        yield from _field(one, plan)
    yield from _others(plan)
    yield from _files(plan)


def fields(plan: InitPlan) -> Iterator[Line]:
    """Yield a table of the fields that may hold labels."""
    found = [*(one.field for one in plan.fields), *plan.other_fields]
    rows = [("field", "articles", "labels", "the most used")]
    rows += [
        (one_line(each.name), f"{each.articles:,}", f"{len(each.uses):,}", _most_used(each))
        for each in found
    ]
    yield from table(rows)


def _most_used(field: LabelField) -> str:
    return one_line(", ".join(label for label, _ in field.uses.most_common(3)))[:50]


def _field(one: FieldProposal, plan: InitPlan) -> Iterator[Line]:
    forms = sorted(one.field.forms, key=lambda form: -one.field.forms[form])
    written = " or ".join(_FORMS[form] for form in forms)
    yield Line(
        f"{one.field.name}: {written}, in {count(one.field.articles, 'article')}, "
        f"{count(len(one.labels), 'label')}",
        "bold",
    )
    yield from _defined(one)
    yield from _new(one)
    yield from _left_out(one, plan.least_uses)
    if joined := one.joined:
        pairs = "; ".join(" = ".join(label.spellings[:3]) for label in joined[:_SHOWN])
        more = f"; and {len(joined) - _SHOWN:,} more" if len(joined) > _SHOWN else ""
        yield Line(f"one label each: {pairs}{more}", indent=2)
    yield Line(
        f"{_WRITTEN[one.value]}, at most {one.at_most:,} an article (nine in ten have no more)",
        indent=2,
    )


def _defined(one: FieldProposal) -> Iterator[Line]:
    for each in one.definitions:
        if each.error:
            yield Line(f"cannot be used: {each.error}", "yellow", 2)
    if one.defined:
        where = ", ".join(dict.fromkeys(_near(d.path) for d in one.definitions if not d.error))
        yield Line(f"defined already: {len(one.defined):,}, in {where}", indent=2)


def _left_out(one: FieldProposal, least_uses: int) -> Iterator[Line]:
    if one.rare:
        yield Line(
            f"left out, on fewer than {count(least_uses, 'article')}: {len(one.rare):,} "
            f"({_examples(one.rare)}); --min-articles 1 takes all",
            indent=2,
        )
    if one.unusable:
        yield Line(f"left out, no name for a category: {_examples(one.unusable)}", indent=2)


def _new(one: FieldProposal) -> Iterator[Line]:
    if not one.new:
        yield Line("new categories: none", indent=2)
        return
    folders = [_near(category.path.parent) for category in one.new]
    yield Line(
        f"new categories: {len(one.new):,}, drafts in {os.path.commonpath(folders)}", indent=2
    )
    rows = [(one_line(it.title)[:50], f"{len(it.label.articles):,}") for it in one.new[:_NEW]]
    for line in table([("category", "articles"), *rows]):
        yield Line(line.text, line.style, 4, whole=True)
    if len(one.new) > _NEW:
        yield Line(f"and {len(one.new) - _NEW:,} more", "dim", 4)


def _examples(labels: Sequence[SiteLabel]) -> str:
    shown = ", ".join(label.text[:40] for label in labels[:_SHOWN])
    return f"{shown}, ..." if len(labels) > _SHOWN else shown


def _others(plan: InitPlan) -> Iterator[Line]:
    if plan.other_fields:
        names = ", ".join(
            f"{one.name} ({count(len(one.uses), 'label')})" for one in plan.other_fields[:_SHOWN]
        )
        yield Line()
        yield Line(f"not taken: {names}; --field NAME takes a field", "dim")


def _files(plan: InitPlan) -> Iterator[Line]:
    if not plan.fields:
        return
    yield Line()
    if not plan.files and not plan.settings_text:
        yield Line("nothing new: every label in use is a category, or left out above")
        return
    if plan.settings_text:
        name = _near(plan.settings_file)
        adds = f"{name} is there already; add this to it" if plan.has_settings else name
        yield Line(adds, "bold")
        for text in plan.settings_text.splitlines():
            yield Line(Text(one_line(text) if text.strip() else ""), indent=2, whole=True)
    if plan.site.generator == "Eleventy" and any(one.new for one in plan.fields):
        yield Line()
        yield Line("Eleventy builds every Markdown file: add taxonomy/ to .eleventyignore")


def no_labels(plan: InitPlan) -> str:
    where = " ".join(shlex.quote(_near(path)) for path in plan.site.content)
    return (
        "no article has labels in a field such as tags: name yours with --field NAME; or start "
        f"from what the articles are about: classify taxonomy suggest {where}"
    )


def count_files(plan: InitPlan) -> str:
    return count(len(plan.files), "file")


def written(result: InitResult) -> Iterator[Line]:
    yield Line()
    yield Line(f"wrote {count(len(result.written), 'file')}")
    for path in result.kept[:_SHOWN]:
        yield Line(f"left as it is: {_near(path)}")


def next_step(plan: InitPlan) -> str:
    folder = plan.settings_file.parent
    inside = Path.cwd().resolve().is_relative_to(folder.resolve())
    there = "" if inside else f"cd {shlex.quote(_near(folder))} && "
    return f"next: {count(len(plan.site.documents), 'article')} to judge: {there}classify run"


def _near(path: Path) -> str:
    try:
        near = os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)
    return str(path) if near.startswith("..") else Path(near).as_posix()
