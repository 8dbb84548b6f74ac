"""A report as one self-contained HTML page, without scripts or network access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from classifier.evaluation import plots
from classifier.evaluation.bootstrap import RESAMPLES, MetricEstimate
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

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE: Final = """
:root { color-scheme: light dark; --text: #1b1b1f; --soft: #62626b; --line: #d9d9e0;
  --back: #fff; --one: #0b63ce; --two: #c2410c; --good: #16713a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e6ea; --soft: #a0a0aa; --line: #3a3a42;
  --back: #16161a; --one: #6cb2ff; --two: #ff9d5c; --good: #6fd08c; --bad: #ff8a80; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--back);
  max-width: 68rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2.5rem; }
small, .soft { color: var(--soft); font-size: .85em; }
.wide { overflow-x: auto; margin-bottom: 1.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; white-space: nowrap; }
td.long { white-space: normal; min-width: 14rem; }
th { font-weight: 600; color: var(--soft); }
.plots { display: flex; flex-wrap: wrap; gap: 2rem; } figure { margin: 0; flex: 1 1 20rem;
  max-width: 30rem; } figcaption { font-weight: 600; }
svg text { font-size: 11px; fill: var(--soft); }
.grid { stroke: var(--line); fill: none; } .even { stroke: var(--soft); stroke-dasharray: 4 4; }
.line0, .line1 { fill: none; stroke-width: 2; } .line0 { stroke: var(--one); }
.line1 { stroke: var(--two); } .key0 { color: var(--one); } .key1 { color: var(--two); }
.dot { fill: var(--one); fill-opacity: .75; }
.better { color: var(--good); } .worse { color: var(--bad); }
"""


def render_html(report: Report) -> str:
    """Return the page."""
    title = f"Evaluation: {_text(report.gold)}"
    sections = (
        _heading(report),
        _groups(report.groups),
        _plots(report),
        "" if report.comparison is None else _comparison(report.comparison),
        _categories(report.categories),
        _confusions(report.confusions),
        _disagreements(report.disagreements),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        + "\n".join(filter(None, sections))
        + "\n</body>\n</html>\n"
    )


def _heading(report: Report) -> str:
    whole = report.groups[0]
    without = f" {report.without_record:,} pairs without a judgement are left out."
    return (
        f"<p>{whole.articles:,} articles, {whole.categories:,} categories, {report.pairs:,} pairs, "
        f"{whole.positives:,} of them true.{without if report.without_record else ''}<br>"
        f"{_scorer('Judged by', report.scorer, calibrated=report.calibrated)}<br>"
        f'<span class="soft">Small figures are 95 % intervals, from {RESAMPLES:,} resamples of the '
        "articles.</span></p>"
    )


def _scorer(what: str, identity: str, *, calibrated: bool) -> str:
    return f"{what} <code>{_text(identity)}</code>{', calibrated' if calibrated else ''}"


# --- metrics --------------------------------------------------------------------------------------


def _groups(groups: Sequence[GroupMetrics]) -> str:
    rows = [
        ("true labels", [f"{group.positives:,}" for group in groups]),
        *(
            (title, [_number(group.metrics.get(name), name) for group in groups])
            for name, title in METRICS.items()
            if name != "hierarchical_f1" or any(name in group.metrics for group in groups)
        ),
        ("threshold of the best F1", [_threshold(group.best_threshold) for group in groups]),
        ("threshold of that precision", [_threshold(group.sure_threshold) for group in groups]),
    ]
    return _table(
        ["", *(_text(group.kind or "all") for group in groups)],
        ([title, *cells] for title, cells in rows),
    )


def _number(metric: MetricEstimate | None, name: str = "") -> str:
    if metric is None:
        return "-"
    digits = 3 if name in LOWER_IS_BETTER else 2
    interval = f" <small>{metric.low:.{digits}f}-{metric.high:.{digits}f}</small>"
    return f"{metric.value:.{digits}f}{interval if metric.varies else ''}"


def _threshold(threshold: float | None) -> str:
    return "-" if threshold is None else f"{threshold:.3f}"


def _plots(report: Report) -> str:
    curves, keys = [report.curve], ""
    if report.comparison is not None:
        curves.append(report.comparison.curve)
        names = (report.scorer, report.comparison.scorer)
        keys = "<br>".join(
            f'<small class="key{n}">{_text(name)}</small>' for n, name in enumerate(names)
        )
    return (
        "<h2>Ranking and calibration</h2>\n"
        f'<div class="plots">\n<figure><figcaption>Precision and recall</figcaption>'
        f"{plots.precision_recall(curves)}{keys}</figure>\n"
        f"<figure><figcaption>Reliability</figcaption>{plots.reliability(report.reliability)}"
        "<small>Dots below the line are overconfident; larger dots are more pairs.</small></figure>"
        "\n</div>"
    )


def _comparison(comparison: Comparison) -> str:
    tables = "".join(
        _table(
            [_text(kind or "all"), "this", "other", "difference"],
            (
                _difference(name, title, metrics[name])
                for name, title in METRICS.items()
                if name in metrics
            ),
        )
        for kind, metrics in comparison.groups.items()
    )
    other = _scorer("Against", comparison.scorer, calibrated=comparison.calibrated)
    return (
        f"<h2>Compared</h2>\n<p>{other}, on {comparison.pairs:,} pairs judged by both.</p>{tables}"
    )


def _difference(name: str, title: str, difference: MetricDifference) -> list[str]:
    digits = 3 if name in LOWER_IS_BETTER else 2
    change = difference.difference
    value = f"{change.value:+.{digits}f}"
    if change.clear:
        better = (change.low > 0) is not (name in LOWER_IS_BETTER)
        value = f'<span class="{"better" if better else "worse"}">{value}</span>'
    interval = f"<small>{change.low:+.{digits}f} to {change.high:+.{digits}f}</small>"
    return [
        title,
        f"{difference.this:.{digits}f}",
        f"{difference.other:.{digits}f}",
        f"{value} {interval}",
    ]


# --- categories and pairs -------------------------------------------------------------------------


def _categories(categories: Sequence[CategoryMetrics]) -> str:
    def order(it: CategoryMetrics) -> tuple[float, str]:
        ap = it.metrics.get("ap")
        return (2.0 if ap is None else ap.value), it.category.id

    heading = ["category", "kind", "true", "assigned", "average precision", "precision", "recall"]
    rows = (
        [
            _text(it.category.title),
            _text(it.category.kind),
            f"{it.positives:,}",
            f"{it.assigned:,}",
            *(_number(it.metrics.get(name)) for name in ("ap", "precision", "recall", "f1")),
        ]
        for it in sorted(categories, key=order)
    )
    return f"<h2>Categories, worst first</h2>\n{_table([*heading, 'F1'], rows)}"


def _confusions(confusions: Sequence[Confusion]) -> str:
    if not confusions:
        return ""
    rows = (
        [
            _text(confusion.assigned.title),
            _text(confusion.missed.title),
            f"{len(confusion.articles):,}",
            _text(confusion.articles[0]),
        ]
        for confusion in confusions
    )
    table = _table(["wrong", "missed", "articles", "first articles"], rows, long=(3,))
    return f"<h2>Wrong label in place of a missed one</h2>\n{table}"


def _disagreements(disagreements: Sequence[Disagreement]) -> str:
    parts = [
        ("Most confident where the gold says no", False),
        ("Least confident where the gold says yes", True),
    ]
    return "\n".join(_of_side(title, disagreements, belongs=belongs) for title, belongs in parts)


def _of_side(title: str, disagreements: Iterable[Disagreement], *, belongs: bool) -> str:
    rows = [
        [
            f"{pair.confidence:.2f}<br><small>{'label' if pair.assigned else 'no label'}</small>",
            f"{_text(pair.category.title)}<br><small>{_text(pair.article)}</small>",
            _text(pair.scorer_says),
            _text(pair.gold_says),
        ]
        for pair in disagreements
        if pair.belongs is belongs
    ]
    if not rows:
        return ""
    table = _table(["", "category and article", "scorer", "gold"], rows, long=(1, 2, 3))
    return f"<h2>{title}</h2>\n{table}"


def _table(
    heading: Sequence[str], rows: Iterable[Sequence[str]], *, long: Sequence[int] = ()
) -> str:
    """Return a table. Cells are HTML; those in `long` columns may wrap."""
    head = "".join(f"<th>{cell}</th>" for cell in heading)
    body = "".join(f"<tr>{''.join(_cells(row, long))}</tr>\n" for row in rows)
    return f'<div class="wide"><table>\n<tr>{head}</tr>\n{body}</table></div>'


def _cells(row: Sequence[str], long: Sequence[int]) -> Iterator[str]:
    for n, cell in enumerate(row):
        yield f'<td class="long">{cell}</td>' if n in long else f"<td>{cell}</td>"


def _text(text: str) -> str:
    return escape(one_line(text))
