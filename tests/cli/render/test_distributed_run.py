from __future__ import annotations

from classifier.cli.layout import Page
from classifier.cli.render.distributed_run import lines
from classifier.distributed import DistributedRun
from classifier.models import Category, Taxonomy, Usage
from classifier.outputs.partitions import Counts
from classifier.progress import Progress

TAXONOMY = Taxonomy(
    categories=(
        Category(id="tags/bread", kind="tags", title="Bread"),
        Category(id="tags/wine", kind="tags", title="Wine"),
    )
)


def shown(found: DistributedRun) -> str:
    page = Page.for_stdout()
    return page.lay_out(lines(found, TAXONOMY, page))


def test_labels_and_partitions_are_counted() -> None:
    counts = Counts(articles=1_200, labelled=300, labels={"tags/bread": 300})
    progress = Progress(pairs=2_400, usage=Usage(calls=7, input_tokens=10, cost=0.5))
    found = DistributedRun(
        output="out", progress=progress, counts=counts, partitions=20, finished_before=12, workers=2
    )
    text = shown(found)
    assert "Bread  300" in text
    assert "unused: 1 of 2" in text
    assert "300 of 1,200 articles have a label" in text
    assert "judged 2,400 pairs by 2 workers in " in text
    assert "7 calls" in text
    assert text.endswith("20 partitions in 'out': 8 written, 12 finished before, 0 deleted")


def test_a_run_without_work_says_so() -> None:
    found = DistributedRun(
        output="out",
        progress=Progress(),
        counts=Counts(articles=1),
        partitions=1,
        finished_before=1,
    )
    assert "\nnothing to judge\n1 partition in 'out': 0 written, 1 finished before" in shown(found)
