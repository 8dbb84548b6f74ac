"""Judge the rows of a data frame or of Arrow batches; docs/guides/pipeline.md shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from classifier.content import articles
from classifier.errors import UsageError
from classifier.models import Article, Failure, FailureReason, Result
from classifier.project.running import classify_many

if TYPE_CHECKING:
    import narwhals as nw

    from classifier.project.workspace import Workspace

Frame = TypeVar("Frame")
"""A frame of polars or pandas, an Arrow table, a record batch, or a reader of them."""

COLUMNS: Final = (
    "labels",
    "label_titles",
    "label_confidences",
    "top_label",
    "top_confidence",
    "failure",
    "failure_message",
)
"""Columns that are added, in order."""


@dataclass(frozen=True, slots=True)
class FrameColumns:
    """The names of the columns that are read."""

    text: str
    id: str | None
    title: str | None = None

    def check(self, names: Sequence[str]) -> None:
        """Raise UsageError if a column is missing, or one of ours is there already."""
        for name in filter(None, (self.text, self.id, self.title)):
            if name not in names:
                raise UsageError(
                    f"the frame has no column {name!r}, only {', '.join(map(repr, names))}: name "
                    "yours with text=, id= and title= (id=None numbers the rows)"
                )
        if taken := [name for name in COLUMNS if name in names]:
            raise UsageError(
                f"the frame already has a column {taken[0]!r}, which is one of the columns that "
                "are added: rename or drop it"
            )


def classify_frame(
    project: Workspace, frame: Frame, columns: FrameColumns, *, store: bool
) -> Frame:
    if _is_arrow(frame, "RecordBatchReader"):
        return cast("Frame", _each_batch(project, frame, columns, store=store))
    if _is_arrow(frame, "RecordBatch"):
        import pyarrow as pa

        table: Any = pa.Table.from_batches([frame])
        judged = classify_frame(project, table, columns, store=store).combine_chunks()
        return cast("Frame", pa.record_batch(_flat(judged), schema=judged.schema))
    read = _narwhals(frame)
    columns.check(read.columns)
    return cast("Frame", _with_results(read, _cells(project, read, columns, 0, store)).to_native())


def _is_arrow(frame: object, name: str) -> bool:
    """Whether `frame` is of this class of pyarrow, which need not be installed."""
    return any(
        it.__name__ == name and it.__module__.partition(".")[0] == "pyarrow"
        for it in type(frame).__mro__
    )


def _flat(table: Any) -> list[Any]:
    import pyarrow as pa

    return [
        column.chunk(0) if column.num_chunks else pa.array([], column.type)
        for column in table.columns
    ]


def _each_batch(project: Workspace, reader: Any, columns: FrameColumns, *, store: bool) -> Any:
    """Return a reader that judges a batch when it is pulled."""
    import pyarrow as pa

    columns.check(reader.schema.names)
    added = [pa.field(name, type_) for name, type_ in _arrow_types().items()]
    schema = pa.schema([*reader.schema, *added], metadata=reader.schema.metadata)

    def batches() -> Iterator[Any]:
        first = 0
        for batch in reader:
            read = _narwhals(pa.Table.from_batches([batch]))
            cells = _cells(project, read, columns, first, store)
            arrays = [pa.array(cells[name], type_) for name, type_ in _arrow_types().items()]
            yield pa.record_batch([*batch.columns, *arrays], schema=schema)
            first += len(batch)

    return pa.RecordBatchReader.from_batches(schema, batches())


def _arrow_types() -> dict[str, Any]:
    import pyarrow as pa

    text, number = pa.string(), pa.float64()
    types = (pa.list_(text), pa.list_(text), pa.list_(number), text, number, text, text)
    return dict(zip(COLUMNS, types, strict=True))


def _narwhals(frame: object) -> nw.DataFrame[Any]:
    try:
        import narwhals as nw
    except ImportError as error:
        raise UsageError(
            "data frames need narwhals: pip install 'category-classifier[frames]'"
        ) from error
    read: Any = nw.from_native(cast("Any", frame), pass_through=True)
    if isinstance(read, nw.LazyFrame):
        raise UsageError("the frame is lazy: collect it first, or pass Arrow batches of it")
    if not isinstance(read, nw.DataFrame):
        raise UsageError(
            f"{type(frame).__name__} is no data frame: pass one of polars or pandas, an Arrow "
            "table, a record batch, or a reader of batches"
        )
    return read


def _cells(
    project: Workspace, read: nw.DataFrame[Any], columns: FrameColumns, first: int, store: bool
) -> dict[str, list[Any]]:
    """Judge the rows, the first of which is number `first`; return the columns to add."""
    texts = _values(read[columns.text])
    titles = read[columns.title].to_list() if columns.title else [None] * len(texts)
    rows = _row_numbers(read, columns.id, first)
    cells: dict[str, list[Any]] = {name: [None] * len(texts) for name in COLUMNS}

    def readable() -> Iterator[Article]:
        for (id_, row), text, title in zip(rows.items(), texts, titles, strict=True):
            article = _article(id_, text, title, columns.text)
            if isinstance(article, Article):
                yield article
            else:
                _fill(cells, row, {}, (article,))

    for result in classify_many(project, readable(), store=store):
        _fill(cells, rows[result.article], _labels(result), result.failures)
    return cells


def _values(series: nw.Series[Any]) -> list[Any]:
    """Return the values, with None for nothing in every library: NaN and pandas' NA, too."""
    # Compared with itself, NA has no truth value.
    return [
        None if empty or value != value else value  # noqa: PLR0124
        for value, empty in zip(series.to_list(), series.is_null().to_list(), strict=True)
    ]


def _row_numbers(read: nw.DataFrame[Any], name: str | None, first: int) -> dict[str, int]:
    """Return the place of each row by the id of its article."""
    if name is None:
        return {f"row {first + row}": row for row in range(len(read))}
    rows: dict[str, int] = {}
    for row, value in enumerate(_values(read[name])):
        if value is None:
            raise UsageError(f"row {first + row} has no id in column {name!r}: fill it, or id=None")
        if rows.setdefault(str(value), row) != row:
            raise UsageError(
                f"rows {first + rows[str(value)]} and {first + row} have the same id "
                f"{str(value)!r}: make them differ, or number the rows with id=None"
            )
    return rows


def _article(id_: str, text: object, title: object, column: str) -> Article | Failure:
    if not isinstance(text, str):
        what = "is empty" if text is None else f"has {type(text).__name__}, not a text"
        return Failure(FailureReason.UNREADABLE, f"column {column!r} {what}")
    article = articles.from_text(text, id=id_)
    if isinstance(title, str) and isinstance(article, Article):
        return replace(article, title=title)
    return article


def _labels(result: Result) -> Mapping[str, Any]:
    # Tuples of texts and numbers are no work for the garbage collector, as lists would be.
    labels = result.decision.labels
    top = labels[0].judgement if labels else None
    return {
        "labels": tuple([label.category.id for label in labels]),
        "label_titles": tuple([label.category.title for label in labels]),
        "label_confidences": tuple([float(label.judgement.confidence) for label in labels]),
        "top_label": top and top.category,
        "top_confidence": top and float(top.confidence),
    }


def _fill(
    cells: dict[str, list[Any]], row: int, labels: Mapping[str, Any], failures: Sequence[Failure]
) -> None:
    for name in COLUMNS[:3]:
        cells[name][row] = ()
    for name, value in labels.items():
        cells[name][row] = value
    if failures:
        cells["failure"][row] = str(failures[0].reason)
        cells["failure_message"][row] = "; ".join(failure.message for failure in failures)


def _with_results(read: nw.DataFrame[Any], cells: dict[str, list[Any]]) -> nw.DataFrame[Any]:
    import narwhals as nw

    text, number = nw.String(), nw.Float64()
    lists: list[Any] = [nw.List(text), nw.List(text), nw.List(number)]
    if read.implementation.is_pandas_like():  # where lists are objects, unless pyarrow is there
        lists = [None, None, None]
        cells = cells | {name: list(map(list, cells[name])) for name in COLUMNS[:3]}
    types = dict(zip(COLUMNS, [*lists, text, number, text, text], strict=True))
    made: dict[str, nw.Series[Any]] = {}
    if read.implementation.is_polars():
        made = _polars_lists(cells)
    for name in COLUMNS:
        if name not in made:
            backend = read.implementation
            made[name] = nw.new_series(name, cells[name], types[name], backend=backend)
    return read.with_columns(made[name] for name in COLUMNS)


def _polars_lists(cells: Mapping[str, list[Any]]) -> dict[str, nw.Series[Any]]:
    """Make the columns of lists by grouping flat ones: ten times faster than from lists."""
    import narwhals as nw
    import polars as pl

    flat: dict[str, list[Any]] = {
        name: [value for values in cells[name] for value in values or (None,)]
        for name in COLUMNS[:3]
    }
    rows = [row for row, values in enumerate(cells[COLUMNS[0]]) for _ in values or (None,)]
    schema: dict[str, Any] = {
        "row": pl.UInt32(),
        **dict(zip(flat, (pl.String, pl.String, pl.Float64), strict=True)),
    }
    frame = pl.DataFrame({"row": rows, **flat}, schema=schema)
    grouped = frame.group_by("row", maintain_order=True).agg(pl.all().drop_nulls())
    return {name: nw.from_native(grouped[name], series_only=True) for name in flat}
