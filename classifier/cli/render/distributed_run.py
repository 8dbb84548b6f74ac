"""What a run on many workers did, and what its folder holds after it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from classifier.cli import formatting
from classifier.cli.formatting import span
from classifier.cli.layout import Line, Page
from classifier.cli.render.run_summary import labels_by_kind
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.distributed import DistributedRun
    from classifier.models import Taxonomy


def lines(found: DistributedRun, taxonomy: Taxonomy, page: Page) -> Iterator[Line]:
    """Yield labels by category, and what the run took."""
    counts, progress = found.counts, found.progress
    yield from labels_by_kind(taxonomy.categories, counts.labels, page)
    yield Line(f"{counts.labelled:,} of {count(counts.articles, 'article')} have a label", "dim")
    yield Line()
    if progress.pairs:
        yield Line(
            f"judged {count(progress.pairs, 'pair')} by {count(found.workers, 'worker')} in "
            f"{span(progress.seconds)}, {progress.rate:,.0f} pairs/s"
        )
    else:
        yield Line("nothing to judge")
    if progress.usage.calls:
        yield Line(formatting.spent(progress.usage))
    new = found.partitions - found.finished_before
    yield Line(
        f"{count(found.partitions, 'partition')} in {found.output!r}: {new:,} written, "
        f"{found.finished_before:,} finished before, {found.deleted:,} deleted"
    )
