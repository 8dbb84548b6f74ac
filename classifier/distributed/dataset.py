"""Judge the rows of a Ray dataset; docs/guides/ray.md shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, cast

from classifier.distributed import engine
from classifier.distributed.engine import Shared
from classifier.errors import UsageError
from classifier.pipeline import Classifier
from classifier.project.frames import FrameColumns, classify_frame
from classifier.scorers.members import is_paid

if TYPE_CHECKING:
    from classifier.project import Project
    from classifier.project.workspace import Workspace

_ROWS: Final = 64
"""Rows of a batch by default: seconds of work, and little to repeat where a worker is killed."""


def classify_dataset(  # noqa: PLR0913 - all but two by name
    ds: Any,
    project: Project,
    *,
    text: str = "body",
    id: str | None = "id",  # noqa: A002 - as in Article
    title: str | None = None,
    workers: int | None = None,
    batch_rows: int = _ROWS,
) -> Any:
    """Return a Ray dataset with columns for labels and failures, as `Project.classify_frame` adds.

    Nothing is judged before the dataset is read or written. Each worker is an actor on one core
    with a scorer of its own; a batch of a worker that is killed is judged by another. Nothing is
    stored, so judge with `classifier.distributed.run` what should be resumed.

    Args:
        ds: A `ray.data.Dataset`.
        project: Its categories, scorer and rules. Verdicts are not applied.
        text: The column of the articles, as text or Markdown; front matter is read.
        id: The column whose values name the articles in messages, different within a batch; None:
            the number of the row in its batch.
        title: The column of titles; None: those in front matter.
        workers: Actors; None: as many as there are cores in the cluster.
        batch_rows: Rows that are judged together.

    Raises:
        UsageError: A column is missing, or one that is added is already there; the scorer asks a
            language model; Ray is not installed.
    """
    if is_paid(project.scorer):
        raise UsageError(
            "classify_dataset asks no language model, whose workers need one budget: use "
            "classifier.distributed.run"
        )
    data = engine.load_data()
    columns = FrameColumns(text, id, title)
    names = ds.columns()
    if names is not None:  # of a dataset without rows
        columns.check(names)
    if workers is None:
        workers = engine.cores()
    return ds.map_batches(
        _Judge,
        fn_constructor_args=(engine.Shared(project.classifier()), columns),
        batch_format="pyarrow",
        batch_size=batch_rows,
        compute=data.ActorPoolStrategy(size=workers),
        num_cpus=1,
    )


class _Judge:
    """An actor: judges batches of rows with one scorer."""

    def __init__(self, classifier: Shared[Classifier], columns: FrameColumns) -> None:
        self._judging = _Judging(classifier.get())
        self._columns = columns

    def __call__(self, table: Any) -> Any:
        project = cast("Workspace", self._judging)
        try:
            return classify_frame(project, table, self._columns, store=False)
        except UsageError as error:
            raise ValueError(str(error)) from None


@dataclass(frozen=True)
class _Judging:
    """What `classify_frame` needs of a project where nothing is stored."""

    held: Classifier

    def classifier(self) -> Classifier:
        return self.held
