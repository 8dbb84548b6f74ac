"""What a folder run did, and what is stored after it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from classifier.cli import formatting
from classifier.cli.console import log
from classifier.cli.formatting import between, calibrated, span, two_digits, who
from classifier.cli.layout import Line, Page
from classifier.cli.render.markdown import plain, table
from classifier.content.discovery import Skipped
from classifier.content.formats.registry import OPTIONAL_SUFFIXES
from classifier.corpus import Scan
from classifier.models import Category, Failure, Level, Result, Taxonomy, Usage
from classifier.progress import Progress
from classifier.project.languages import describe
from classifier.project.running import Run
from classifier.runs import Summary
from classifier.sanitize import one_line
from classifier.scorers.cascade.scorer import Cascade
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.training.audit import RecallAudit  # which brings numpy

_CATEGORIES = 20
"""Shown of a kind, those with most articles first."""
_SKIPPED = 5
_NUMBERS = 2 + 2 + 2 + 10
_TELLING = 0.9
"""Recall: a sample without a label that supports less says little."""


LISTED: Final = 30
"""A run of as many articles lists the labels of each."""


def listed(run: Run) -> Iterator[Line]:
    """Yield `path: labels` for every article."""
    for path, labels in run.labels():
        titles = ", ".join(one_line(label.category.title) for label in labels)
        yield Line(Text(f"{one_line(path)}: {titles or '-'}"), whole=True)


def lines(run: Run, page: Page, *, output: Path | None = None) -> Iterator[Line]:
    """Yield labels by category, levels, the least certain decisions, and what the run took."""
    summary, taxonomy = run.summary(), run.policy.taxonomy
    yield from labels_by_kind(taxonomy.categories, summary.labels, page)
    yield Line(f"{summary.labelled:,} of {count(summary.articles, 'article')} have a label", "dim")
    yield from _languages(run)
    yield from _levels(summary)
    yield from _uncertain(summary, taxonomy)
    yield from _skipped(run.scan.skipped)
    yield from formats(run.scan)
    yield Line()
    yield from _work(run)
    yield from _audit(run)
    if output is not None and not run.progress.stopping:
        yield Line(f"written to {str(output)!r}")


def labels_by_kind(
    categories: Sequence[Category], labels: Mapping[str, int], page: Page
) -> Iterator[Line]:
    """Yield the number of articles under each category; `labels` has them by id."""
    by_kind = sorted(categories, key=lambda category: category.kind)
    for kind, members in groupby(by_kind, key=lambda category: category.kind):
        yield from _kind(kind, list(members), labels, page)


def _languages(run: Run) -> Iterator[Line]:
    """Yield how many articles are in languages that the scorer does not read."""
    if unread := run.unread_languages():
        total = len(run.scan.entries)
        yield Line(describe(unread, total, "article", run.scorer.identity), "yellow")


def _work(run: Run) -> Iterator[Line]:
    categories = run.policy.taxonomy.categories
    if run.progress.due_pairs:
        for line in _spent(run.progress, run.scorer.identity):
            yield Line(line)
    else:
        articles = count(len(run.scan.entries), "article")
        yield Line(f"nothing to judge: {articles} x {len(categories):,} categories are stored")
        yield Line(f"judged by {who(run.scorer.identity)}", "dim")
    yield from _held(run.scan)
    those = {category.kind for category in categories if category.id in run.policy.curves}
    yield Line(calibrated({category.kind for category in categories}, those), "dim")
    yield from _profile(run)


def _held(scan: Scan) -> Iterator[Line]:
    """Yield how many pairs have an answer that is not trusted, and why."""
    reasons: Counter[str] = Counter()
    for entry in scan.entries:
        for failure in entry.held:
            reasons[failure.reason] += len(failure.categories)
    if reasons:
        each = ", ".join(f"{number:,} {reason}" for reason, number in reasons.most_common())
        yield Line(f"held back: {each} (`classify run --retry-failed` asks again)")


def _profile(run: Run) -> Iterator[Line]:
    """Yield which site profile chose the minimums, and what making it changed."""
    if run.policy.decided_by:
        yield Line(f"minimums: by {run.policy.decided_by}", "dim")
    update = run.profile
    if update is None:
        return
    kinds = update.profile.kinds
    aims = (f"{of_kind.labels:.1f} {kind}" for kind, of_kind in sorted(kinds.items()))
    done = "site profile renewed, since the site changed" if update.renewed else "new site profile"
    yield Line(f"{done}: it aims at {', '.join(aims)} an article")
    if update.added or update.removed:
        came = count(update.added, "label")
        yield Line(f"articles judged before: {came} more, {update.removed:,} fewer")


def _audit(run: Run) -> Iterator[Line]:
    """Yield what a cascade settled, and the recall that the random sample of it supports."""
    audits = run.audits()
    if not audits or not isinstance(run.scorer, Cascade):
        return
    settled, drawn = sum(audit.kept for audit in audits), sum(audit.audited for audit in audits)
    asked = sum(audit.deferred for audit in audits) + drawn
    sampled = [audit for audit in audits if audit.rate or not audit.kept]
    sample = f", {drawn:,} of these a random sample of the settled" if drawn else ""
    first = who(run.scorer.first.identity)
    yield Line(f"{count(settled, 'pair')} settled by {first}, {asked:,} asked about{sample}")
    yield Line(run.scorer.deferral.description, "dim")
    for audit in sampled:
        yield Line(_recall(audit, several=len(audits) > 1))


def _recall(audit: RecallAudit, *, several: bool) -> str:
    kinds = f"{', '.join(audit.kinds)}: " if several else ""
    if audit.recall is None:
        return f"{kinds}the model gave no label, so recall cannot be estimated"
    if not audit.kept:
        return f"{kinds}recall 1.000: the model was asked about every pair"
    few = " (too few to tell more)" if audit.recall < _TELLING and not audit.below else ""
    return (
        f"{kinds}estimated recall {audit.estimate:.3f}, at least {audit.recall:.3f} with 95 % "
        f"confidence: {audit.below:,} of {count(audit.audited, 'sampled pair')} were labels{few}, "
        f"beside {audit.labels - audit.below:,} that were asked about anyway"
    )


def markdown(run: Run) -> Iterator[str]:
    """Yield a table of every article's labels, for the page of a build."""
    yield "### classify: labels"
    yield ""
    kinds = list(dict.fromkeys(category.kind for category in run.policy.taxonomy.categories))
    rows = (
        (result.article, *(_labels(result, kind) for kind in kinds)) for result in run.results()
    )
    yield from table(("article", *map(plain, kinds)), rows)
    yield ""
    yield f"judged by {plain(who(run.scorer.identity))}"
    yield ""


def _labels(result: Result, kind: str) -> str:
    texts = [
        f"{label.category.title} {two_digits(label.judgement.confidence)}"
        for label in result.decision.labels
        if label.category.kind == kind
    ]
    return ", ".join(texts if result.ok else [*texts, "not judged completely"])


def _kind(
    kind: str, categories: Sequence[Category], labels: Mapping[str, int], page: Page
) -> Iterator[Line]:
    counted = [(labels.get(c.id, 0), one_line(c.title)) for c in categories]
    given = sorted((it for it in counted if it[0]), key=lambda it: (-it[0], it[1]))
    shown, more = given[:_CATEGORIES], given[_CATEGORIES:]
    most = max((number for number, _ in shown), default=1)
    digits = len(f"{most:,}")
    room = min(max((cell_len(t) for _, t in shown), default=0), page.width - digits - _NUMBERS)
    yield Line(f"{kind}: labels", "bold")
    for number, title in shown:
        row = Text(f"{_fit(title, room)}  {number:>{digits},}  ")
        row.append(page.bar(number / most), "cyan")
        yield Line(row, indent=2)
    if more:
        yield Line(f"and {count(len(more), 'more label')} on fewer articles", "dim", 2)
    if unused := len(counted) - len(given):
        yield Line(f"unused: {unused:,} of {len(counted):,}", "dim", 2)
    yield Line()


def _levels(summary: Summary) -> Iterator[Line]:
    yield Line()
    yield Line("pairs by level", "bold")
    digits = max((len(f"{number:,}") for number in summary.levels.values()), default=1)
    for level in Level:
        yield Line(Text(f"{level:<9}  {summary.levels.get(level, 0):>{digits},}"), indent=2)


def _uncertain(summary: Summary, taxonomy: Taxonomy) -> Iterator[Line]:
    titles = {category.id: category.title for category in taxonomy.categories}
    if summary.uncertain:
        yield Line()
        yield Line("least certain", "bold")
    for path, doubts in groupby(summary.uncertain, key=lambda doubt: doubt[0]):
        yield Line(path, indent=2, whole=True)
        for _, category, confidence, minimum in doubts:
            decided = "label" if confidence >= minimum else "no label"
            reached, needed = _beside(confidence, minimum)
            yield Line(f"{titles[category]} {reached}, needs {needed}: {decided}", "dim", 4)


def _beside(confidence: float, minimum: float) -> tuple[str, str]:
    """Return both with as many digits as tell them apart."""
    if f"{confidence:.3f}" == f"{minimum:.3f}":
        return f"{confidence:.4f}", f"{minimum:.4f}"
    plain = f"{minimum:.2f}"
    return f"{confidence:.3f}", plain if float(plain) == minimum else f"{minimum:.3f}"


def _skipped(skipped: Sequence[Skipped]) -> Iterator[Line]:
    if skipped:
        yield Line()
        yield Line("skipped", "bold")
    for it in skipped[:_SKIPPED]:
        yield Line(f"{it.path}: {it.why}", indent=2)
    if len(skipped) > _SKIPPED:
        yield Line(f"and {len(skipped) - _SKIPPED:,} more", "dim", 2)


def formats(scan: Scan) -> Iterator[Line]:
    """Yield how many files of which format were taken, and how many left, beside Markdown."""
    if any(suffix in OPTIONAL_SUFFIXES for suffix in scan.taken):
        yield Line(f"read: {_by_suffix(scan.taken)}", "dim")
    if scan.left:
        yield Line(f"left: {_by_suffix(scan.left)} (set `formats` or use `--include`)", "dim")


def _by_suffix(counts: Counter[str]) -> str:
    return ", ".join(f"{number:,} {one_line(suffix)}" for suffix, number in counts.most_common())


def _spent(progress: Progress, scorer: str) -> Iterator[str]:
    """Yield what this run took, and what was expected."""
    usage = progress.usage
    yield (
        f"judged {count(progress.pairs, 'pair')} of {count(progress.articles, 'article')} by"
        f" {who(scorer)} in {span(progress.seconds)}, {progress.rate:,.0f} pairs/s"
    )
    if not usage.calls:
        return
    yield formatting.spent(usage)
    if progress.estimated is not None and not progress.over_budget:
        estimated = progress.estimated
        expected = Usage(
            input_tokens=estimated.input_tokens,
            cached_tokens=estimated.cached_tokens,
            output_tokens=estimated.output_tokens,
        )
        calls = count(estimated.calls, "call")
        yield f"expected: {calls}, {formatting.tokens(expected)}, {between(estimated)}"


def failures(progress: Progress) -> None:
    """Print to stderr what failed, by reason."""
    for reason, failed in sorted(progress.failed.items()):
        some = "; the first:" if failed.articles > len(failed.examples) else ":"
        log(f"{count(failed.articles, 'article')} not judged completely ({reason}){some}")
        for path, failure in failed.examples:
            log(f"- {_failure_line(path, failure)}")


def _failure_line(path: str, failure: Failure) -> str:
    if not failure.categories:
        return failure.message  # about the file, which it names
    return f"{path!r}: {_categories(len(failure.categories))}: {failure.message}"


def _categories(number: int) -> str:
    return "1 category" if number == 1 else f"{number:,} categories"


def _fit(text: str, room: int) -> str:
    short = text if cell_len(text) <= room else set_cell_size(text, room - 3).rstrip() + "..."
    return set_cell_size(short, room)
