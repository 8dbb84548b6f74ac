from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import Project, UsageError
from classifier.distributed import classify_dataset
from classifier.models import Outcome, Task

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("cluster")]


def rows(number: int) -> list[dict[str, object]]:
    texts = ("Wine, wine and wine.", "Bread, bread, bread. Cheese, cheese.", "Nothing here.", None)
    return [
        {"id": f"row-{n}", "body": texts[n % len(texts)], "year": 2000 + n} for n in range(number)
    ]


def test_rows_get_the_columns_that_a_frame_gets(project: Project) -> None:
    import polars
    import ray

    ds = classify_dataset(ray.data.from_items(rows(40)), project, workers=2, batch_rows=8)
    found = sorted(ds.take_all(), key=lambda row: row["year"])
    frame = project.classify_frame(polars.DataFrame(rows(40)), store=False)
    assert found == frame.to_dicts()


def test_a_column_that_is_missing_is_known_before_anything_is_judged(project: Project) -> None:
    import ray

    with pytest.raises(UsageError, match="the frame has no column 'text'"):
        classify_dataset(ray.data.from_items(rows(4)), project, text="text")


class MortalScorer(KeywordScorer):
    """Kills its process at one article, the first time that it is judged."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        object.__setattr__(self, "folder", folder)

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            died: Path = self.folder / "died"
            if task.article.id == "row-21" and not died.exists():
                died.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield from super().score([task])


def test_a_killed_worker_loses_no_row_and_gives_none_twice(
    project: Project, tmp_path: Path
) -> None:
    import ray

    project.scorer = MortalScorer(tmp_path)
    ds = classify_dataset(ray.data.from_items(rows(40)), project, workers=2, batch_rows=4)
    found = ds.take_all()
    assert (tmp_path / "died").exists()
    assert sorted(row["year"] for row in found) == [2000 + n for n in range(40)]
    assert {row["top_label"] for row in found if row["year"] % 4 == 0} == {"tags/wine"}
