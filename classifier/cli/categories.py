"""`classify categories`: what articles are judged against, and by which rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from classifier import settings, taxonomy
from classifier.cli.console import emit, log
from classifier.cli.job import Names
from classifier.cli.layout import Line, Page
from classifier.cli.option_checks import remark_on_default
from classifier.composition import load_taxonomy
from classifier.models import Rule, Taxonomy


def show(path: Path | None, *, names: Names, quiet: bool) -> int:
    found = settings.load(categories=path)
    loaded = load_taxonomy(found)
    if not quiet:
        remark_on_default(found)
        for warning in loaded.warnings:
            log(f"warning: {warning}")
    chosen = taxonomy.select(loaded, kinds=names.kinds, categories=names.categories)
    emit(Page.for_stdout().lay_out(_lines(chosen)))
    return 0


def _lines(chosen: Taxonomy) -> Iterator[Line]:
    by_kind = sorted(chosen.categories, key=lambda category: category.kind)
    for kind, members in groupby(by_kind, key=lambda category: category.kind):
        categories = list(members)
        yield Line(f"{kind}: {len(categories)}", "bold")
        yield Line(_told(chosen.rule(kind)), "dim", 2)
        for category in categories:
            yield Line(f"{category.title} ({category.id})", indent=2)
            if category.description:
                yield Line(category.description, "dim", 4)
        yield Line()


def _told(rule: Rule) -> str:
    number = "any number" if rule.at_most is None else f"at most {rule.at_most}"
    level = ", only of the best level reached" if rule.by == "level" else ""
    return f"confidence {rule.minimum:.2f} or more, {number}{level}"
