"""`classify eval`: metrics, the worst categories, and disagreements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from classifier.cli.formatting import two_digits, who
from classifier.cli.layout import Line, Page
from classifier.evaluation.bootstrap import MetricEstimate
from classifier.evaluation.report import (
    LOWER_IS_BETTER,
    METRICS,
    CategoryMetrics,
    Comparison,
    Confusion,
    Disagreement,
    GroupMetrics,
    MetricDifference,
    Report,
)
from classifier.sanitize import one_line
from classifier.wording import count

_NAME: Final = max(map(len, METRICS.values()))
_CELL: Final = len("0.123 0.123-0.123")
_NUMBERS: Final = 2 + 14 + 15 + 18
"""Columns that are taken beside a category's title."""
_CATEGORIES: Final = 20
_CONFUSIONS: Final = 5
_WORST: Final = 3
_REASON: Final = 240
"""Characters shown of a reason."""


def lines(report: Report, page: Page) -> Iterator[Line]:
    yield from _heading(report)
    yield from _groups(report.groups, page)
    if report.comparison is not None:
        yield from _comparison(report.comparison)
    yield from _categories(report.categories, page)
    yield from _confusions(report.confusions)
    yield from _disagreements(report.disagreements)


def _heading(report: Report) -> Iterator[Line]:
    whole = report.groups[0]
    yield Line(report.gold, "bold", whole=True)
    categories = "1 category" if whole.categories == 1 else f"{whole.categories:,} categories"
    yield Line(
        f"{count(whole.articles, 'article')} x {categories}, "
        f"{count(report.pairs, 'pair')}: {whole.positives:,} true"
    )
    calibrated = ", calibrated" if report.calibrated else ""
    yield Line(f"judged by {who(report.scorer)}{calibrated}; ranges are 95 % intervals", "dim")
    if report.profile:
        yield Line(f"minimums: by {report.profile}", "dim")


# --- metrics --------------------------------------------------------------------------------------


def _groups(groups: Sequence[GroupMetrics], page: Page) -> Iterator[Line]:
    fit = max(1, (page.width - 2 - _NAME) // (_CELL + 1))
    for start in range(0, len(groups), fit):
        some = groups[start : start + fit]
        yield Line()
        yield _row("", [Text(_fit(group.kind or "all", _CELL), "bold") for group in some])
        yield _row("true labels", [Text(f"{group.positives:,}", "dim") for group in some])
        for name, title in METRICS.items():
            if name == "hierarchical_f1" and not any(name in group.metrics for group in groups):
                continue  # no category has a parent
            yield _row(title, [_cell(name, group.metrics) for group in some])
            if name == "best_f1":
                yield _row("- that threshold", [_threshold(g.best_threshold) for g in some])
            if name == "coverage_at_precision":
                yield _row("- that threshold", [_threshold(g.sure_threshold) for g in some])


def _row(title: str, cells: Sequence[Text]) -> Line:
    row = Text(f"  {title:<{_NAME}}")
    for cell in cells:
        row.append(" ")
        row.append_text(cell)
        row.append(" " * (_CELL - cell_len(cell.plain)))
    row.rstrip()
    return Line(row, whole=True)


def _cell(name: str, metrics: Mapping[str, MetricEstimate]) -> Text:
    it = metrics.get(name)
    if it is None:
        return Text("-", "dim")
    digits = 3 if name in LOWER_IS_BETTER else 2
    text = Text(f"{it.value:.{digits}f}")
    if it.varies:
        text.append(f" {it.low:.{digits}f}-{it.high:.{digits}f}", "dim")
    return text


def _threshold(threshold: float | None) -> Text:
    return Text("-" if threshold is None else two_digits(threshold), "dim")


# --- categories -----------------------------------------------------------------------------------


def _categories(categories: Sequence[CategoryMetrics], page: Page) -> Iterator[Line]:
    with_ap = [it for it in categories if "ap" in it.metrics]
    worst = sorted(with_ap, key=lambda it: (it.metrics["ap"].value, it.category.id))
    shown = worst[:_CATEGORIES]
    kinds = {it.category.kind for it in categories}
    kind = max(map(len, kinds)) + 2 if len(kinds) > 1 else 0
    longest = max((cell_len(one_line(it.category.title)) for it in shown), default=0)
    room = max(12, min(longest, page.width - _NUMBERS - kind))
    yield Line()
    yield Line("Categories, worst first", "bold")
    heading = f"{'true':>6} {'given':>6}  {'AP':<14}{'prec.':>6}{'recall':>7}{'F1':>5}"
    yield Line(Text(f"  {' ' * room}{heading}", "dim"), whole=True)
    for it in shown:
        yield Line(_category(it, room, kind=it.category.kind if kind else ""), whole=True)
    if len(worst) > len(shown):
        yield Line(f"and {len(worst) - len(shown):,} better ones: see --html or --json", "dim", 2)
    if undefined := len(categories) - len(with_ap):
        yield Line(f"left out, without a true article: {undefined:,}", "dim", 2)


def _category(it: CategoryMetrics, room: int, *, kind: str) -> Text:
    row = Text(f"  {_fit(it.category.title, room)}{it.positives:>6,} {it.assigned:>6,}  ")
    ap = _cell("ap", it.metrics)
    row.append_text(ap)
    row.append(" " * (14 - cell_len(ap.plain)))
    for name, width in (("precision", 6), ("recall", 7), ("f1", 5)):
        row.append(f"{_number(it.metrics.get(name)):>{width}}")
    row.append(f"  {kind}" if kind else "", "dim")
    return row


def _number(it: MetricEstimate | None) -> str:
    return "-" if it is None else f"{it.value:.2f}"


# --- where it goes wrong --------------------------------------------------------------------------


def _confusions(confusions: Sequence[Confusion]) -> Iterator[Line]:
    if confusions:
        yield Line()
        yield Line("Wrong label in place of a missed one", "bold")
    for it in confusions[:_CONFUSIONS]:
        articles = count(len(it.articles), "article")
        yield Line(f"{it.assigned.title} instead of {it.missed.title}: {articles}", indent=2)


def _disagreements(disagreements: Sequence[Disagreement]) -> Iterator[Line]:
    sides = (
        ("Most confident where the gold says no", False),
        ("Least confident where the gold says yes", True),
    )
    for title, belongs in sides:
        worst = [it for it in disagreements if it.belongs is belongs][:_WORST]
        if worst:
            yield Line()
            yield Line(title, "bold")
        for it in worst:
            yield from _disagreement(it)


def _disagreement(it: Disagreement) -> Iterator[Line]:
    row = Text(f"{two_digits(it.confidence)}  ")
    row.append(one_line(it.category.title), "bold")
    yield Line(row, indent=2)
    yield Line(it.article, indent=8, whole=True)
    yield Line(f"scorer: {_cut(it.scorer_says)}", "dim", 8)
    yield Line(f"gold: {_cut(it.gold_says)}", "dim", 8)


def _cut(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _REASON else f"{text[:_REASON].rsplit(' ', 1)[0]} ..."


def _fit(text: str, room: int) -> str:
    text = one_line(text)
    short = text if cell_len(text) <= room else set_cell_size(text, room - 3).rstrip() + "..."
    return set_cell_size(short, room)


# --- two scorers ----------------------------------------------------------------------------------


def _comparison(comparison: Comparison) -> Iterator[Line]:
    yield Line()
    calibrated = ", calibrated" if comparison.calibrated else ""
    yield Line(f"Against {who(comparison.scorer)}{calibrated}", "bold")
    yield Line(f"on {count(comparison.pairs, 'pair')} judged by both", "dim")
    for kind, metrics in comparison.groups.items():
        # Of each kind only what is beyond doubt: all of it is in --html and --json.
        shown = [
            _difference(name, title, metrics[name])
            for name, title in METRICS.items()
            if name in metrics and (kind is None or metrics[name].difference.clear)
        ]
        heading = f"{kind or 'all':<{_NAME}}{'this':>7}{'other':>7}   difference"
        yield Line()
        yield Line(Text(f"  {heading if shown else f'{kind}: no clear difference'}", "dim"))
        yield from shown


def _difference(name: str, title: str, it: MetricDifference) -> Line:
    digits = 3 if name in LOWER_IS_BETTER else 2
    low, high = it.difference.low, it.difference.high
    row = Text(f"  {title:<{_NAME}}{it.this:>7.{digits}f}{it.other:>7.{digits}f}   ")
    row.append(f"{it.difference.value:+.{digits}f}")
    row.append(f"  {low:+.{digits}f} to {high:+.{digits}f}", "dim")
    if it.difference.clear:
        better = (low > 0) is not (name in LOWER_IS_BETTER)
        row.append("  better" if better else "  worse", "green" if better else "yellow")
    return Line(row, whole=True)
