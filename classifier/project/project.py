"""`Project`: a verb for each command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.models import Result
from classifier.pipeline import Source
from classifier.project.workspace import Workspace

if TYPE_CHECKING:
    from classifier.project.estimate import CostEstimate, Plan
    from classifier.project.running import Run
    from classifier.project.sidecars import SidecarsWritten
    from classifier.project.status import ScorerStatus


class Project(Workspace):
    """A site: its category definitions, who judges, what decides, and what is stored.

    Every verb returns values and prints nothing; what happens meanwhile goes to `on_event`.
    The store is opened when a verb first needs it: close the project, or use it in a `with` block.

        with Project.open("site", categories="taxonomy") as project:
            run = project.run("site/content")
            for result in run.results():
                print(result.article, result.labels)

    Paths are relative to the current directory, as everywhere in Python.
    """

    def classify(self, source: Source, *, store: bool = True) -> Result:
        """Judge one article. What cannot be read or judged is in the result's failures."""
        return next(self.classify_many([source], store=store))

    def classify_many(self, sources: Iterable[Source], *, store: bool = True) -> Iterator[Result]:
        """Judge articles one by one, as they are pulled.

        What is stored is not judged again, and what is judged is stored; with `store=False`
        nothing is looked up or kept.
        """
        from classifier.project.running import classify_many

        return classify_many(self, sources, store=store)

    def run(self, *paths: str | Path, store: bool = True) -> Run:
        """Judge what is not judged yet of the articles in `paths`, and store it.

        Raises:
            UsageError: A path does not exist, or there is no article.
        """
        from classifier.project.running import run

        return run(self, _paths(paths), store=store)

    def estimate(self, *paths: str | Path, store: bool = True) -> CostEstimate:
        """Count what `run` would judge, and what that would cost. Makes no call."""
        from classifier.project.estimate import estimate

        return estimate(self, _paths(paths), store=store)

    def plan(self, *paths: str | Path, store: bool = True) -> Plan:
        """Predict calls, tokens, cost and time of ways to ask a language model. Makes no call.

        Raises:
            UsageError: The scorer is no language model.
        """
        from classifier.project.estimate import plan

        return plan(self, _paths(paths), store=store)

    def status(self, *paths: str | Path) -> list[ScorerStatus]:
        """Count the articles that are current, stale, missing or failed, for each scorer.

        The first is of the project's own scorer, the others of those that are stored.
        """
        from classifier.project.status import status

        return status(self, _paths(paths))

    def changed_since(self, commit: str, *paths: str | Path) -> list[Path]:
        """Return the articles in `paths` that have changed since a commit.

        All of `paths` where a definition, the settings, a prompt or a calibration has changed:
        then every article may have other labels, and a message says so.

        Raises:
            UsageError: Git does not know the commit.
        """
        from classifier.project.since import changed_since

        return changed_since(self, commit, _paths(paths))

    def write_sidecars(self, *paths: str | Path) -> SidecarsWritten:
        """Write what is stored about each article to data.NAME.classifications.json beside it."""
        from classifier.project.sidecars import write

        return write(self, _paths(paths))


def _paths(given: Sequence[str | Path]) -> list[Path]:
    return [Path(path) for path in given]
