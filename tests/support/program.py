"""The program as a process, judging with a fake that is slow on purpose and counts on disk."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.cli import main
from classifier.models import Outcome, Task


class SlowScorer(KeywordScorer):
    """Takes a moment for each article, one at a time; writes its name before and after."""

    def score(self, tasks: Iterable[Task]) -> Iterator[Outcome]:
        for task in tasks:
            _note("begun", task)
            time.sleep(float(Path("delay").read_text()))
            yield from super().score([task])
            _note("judged", task)


def _note(file: str, task: Task) -> None:
    with Path(file).open("a") as lines:
        lines.write(f"{task.article.id}\n")


if __name__ == "__main__":
    composition.make_scorer = lambda _settings: SlowScorer()
    sys.exit(main())
