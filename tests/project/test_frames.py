from __future__ import annotations

import sys
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.errors import UsageError
from classifier.project import Project, frames

ROWS = {
    "id": ["c", "a", "b"],
    "body": ["Wine, wine and wine.", "Bread, bread, bread. Cheese, cheese.", "Nothing here."],
    "year": [2024, 2026, 2025],
}
LABELS = [["tags/wine"], ["tags/bread", "tags/cheese"], []]


def values(frame: Any, column: str) -> list[Any]:
    """Return a column of any kind of frame as a list, with None for nothing."""
    found = frame[column]
    found = found.to_pylist() if isinstance(frame, pa.Table | pa.RecordBatch) else found.to_list()
    return [None if value != value else value for value in found]


KINDS = {
    "polars": pl.DataFrame,
    "pandas": pd.DataFrame,
    "table": pa.table,
    "batch": pa.RecordBatch.from_pydict,
}
kinds = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@kinds
def test_rows_keep_their_order_and_other_columns(project: Project, kind: Any) -> None:
    frame = kind(ROWS)
    judged = project.classify_frame(frame)
    assert type(judged) is type(frame)
    for name, rows in ROWS.items():
        assert values(judged, name) == rows
    assert values(judged, "labels") == LABELS
    assert values(judged, "label_titles") == [["Wine"], ["Bread", "Cheese"], []]
    assert values(judged, "label_confidences") == [[0.9], [0.9, 0.7], []]
    assert values(judged, "top_label") == ["tags/wine", "tags/bread", None]
    assert values(judged, "top_confidence") == [0.9, 0.9, None]
    assert values(judged, "failure") == values(judged, "failure_message") == [None] * 3


@kinds
def test_a_frame_without_rows_gets_the_same_columns(project: Project, kind: Any) -> None:
    frame = kind(ROWS)
    none, some = project.classify_frame(frame[:0]), project.classify_frame(frame)
    if isinstance(frame, pd.DataFrame):
        assert none.dtypes.to_dict() == some.dtypes.to_dict()
    else:
        assert none.schema == some.schema
    assert len(none) == 0


@pytest.mark.parametrize(
    "index",
    [
        pd.Index([7, 7, 1], name="key"),
        pd.MultiIndex.from_tuples([("x", 2), ("x", 1), ("w", 3)], names=["page", "part"]),
    ],
    ids=["twice", "levels"],
)
def test_the_index_of_pandas_stays(project: Project, index: pd.Index[Any]) -> None:
    judged = project.classify_frame(pd.DataFrame(ROWS, index=index))
    pd.testing.assert_index_equal(judged.index, index)
    assert judged["labels"].tolist() == LABELS


def test_order_is_kept_when_results_come_in_another(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Backwards(KeywordScorer):
        def score(self, tasks: Any) -> Any:
            yield from reversed(list(super().score(tasks)))

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Backwards())
    assert values(project.classify_frame(pl.DataFrame(ROWS)), "labels") == LABELS


@kinds
def test_what_cannot_be_judged_is_in_a_column(project: Project, kind: Any) -> None:
    texts = ["FAIL refused\nBread, bread, bread.", None, "", "Wine, wine, wine."]
    judged = project.classify_frame(kind({"body": texts}), id=None)
    assert values(judged, "failure") == ["refused", "unreadable", "empty", None]
    wished, column, empty, none = values(judged, "failure_message")
    assert wished == "as the article wished"
    assert column == "column 'body' is empty"
    assert empty
    assert none is None
    assert values(judged, "labels") == [["tags/bread"], [], [], ["tags/wine"]]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA], ids=["None", "NaN", "NA"])
@pytest.mark.parametrize("dtype", ["object", "string"])
def test_whatever_pandas_has_for_nothing_is_nothing(
    project: Project, missing: Any, dtype: str
) -> None:
    texts = pd.Series(["Wine, wine.", missing], dtype=dtype)
    judged = project.classify_frame(pd.DataFrame({"body": texts}), id=None)
    assert judged["failure_message"].to_list()[1] == "column 'body' is empty"
    names = pd.Series(["a", missing], dtype=dtype)
    frame = pd.DataFrame({"body": ["Wine.", "Wine."], "id": names})
    with pytest.raises(UsageError, match="row 1 has no id in column 'id'"):
        project.classify_frame(frame)


def test_a_title_may_have_a_column_of_its_own(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}

    class Watched(KeywordScorer):
        def score(self, tasks: Any) -> Any:
            for outcome in super().score(tasks):
                seen[outcome.task.article.id] = outcome.task.article.title
                yield outcome

    monkeypatch.setattr(composition, "make_scorer", lambda _settings: Watched())
    texts = ["---\ntitle: Old\n---\nBread.", "---\ntitle: Kept\n---\nWine."]
    frame = pl.DataFrame({"text": texts, "key": [1, 2], "name": ["New", None]})
    project.classify_frame(frame, text="text", id="key", title="name")
    assert seen == {"1": "New", "2": "Kept"}


def test_rows_that_are_stored_are_not_judged_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pl.DataFrame(ROWS)
    project.classify_frame(frame)
    stored = project.store_stats().counts["judgements"]
    assert stored == 15

    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(KeywordScorer, "_outcome", refuse)
    assert values(project.classify_frame(frame), "labels") == LABELS


def test_without_a_store_nothing_is_stored(project: Project) -> None:
    project.classify_frame(pl.DataFrame(ROWS), store=False)
    assert not list(project.folder.rglob("*.sqlite3"))


def test_batches_are_judged_as_they_are_pulled(project: Project) -> None:
    pulled = []

    def batches() -> Any:
        for number in range(3):
            pulled.append(number)
            yield pa.RecordBatch.from_pydict(ROWS)  # the same ids in each

    reader = pa.RecordBatchReader.from_batches(pa.RecordBatch.from_pydict(ROWS).schema, batches())
    judged = project.classify_frame(reader)
    assert isinstance(judged, pa.RecordBatchReader)
    assert pulled == []
    first = judged.read_next_batch()
    assert pulled == [0]
    assert first.schema == judged.schema
    assert values(first, "labels") == LABELS
    rest = judged.read_all()
    assert values(rest, "labels") == LABELS * 2
    assert rest.column_names == [*ROWS, *frames.COLUMNS]


def test_batches_come_from_duckdb_and_go_back(project: Project) -> None:
    articles = pl.DataFrame(ROWS)
    connection = duckdb.connect()
    connection.register("articles", articles)
    reader = connection.sql("select * from articles order by id").to_arrow_reader()
    judged = project.classify_frame(reader)
    again = duckdb.connect()
    again.register("judged", judged)
    counted = "select label, count(*) from (select unnest(labels) as label from judged) group by 1"
    assert sorted(again.sql(counted).fetchall()) == [
        ("tags/bread", 1),
        ("tags/cheese", 1),
        ("tags/wine", 1),
    ]


@pytest.mark.parametrize(
    ("frame", "options", "part"),
    [
        (pl.DataFrame({"id": [1], "text": ["x"]}), {}, "no column 'body', only 'id', 'text'"),
        (pl.DataFrame({"body": ["x"]}), {}, "id=None"),
        (pl.DataFrame({"body": ["x"], "labels": [1]}), {"id": None}, "already has a column 'label"),
        (pl.DataFrame({"id": [1, 1], "body": ["x", "y"]}), {}, "rows 0 and 1 have the same id '1'"),
        (pl.DataFrame({"id": ["a", None], "body": ["x", "y"]}), {}, "row 1 has no id"),
        (pd.DataFrame({"id": [1.0, None], "body": ["x", "y"]}), {}, "row 1 has no id"),
        (pl.LazyFrame(ROWS), {}, "collect it first"),
        (["x"], {}, "list is no data frame"),
    ],
    ids=["text", "id", "taken", "twice", "null", "nan", "lazy", "list"],
)
def test_what_is_no_use_is_refused_in_one_line(
    project: Project, frame: Any, options: dict[str, Any], part: str
) -> None:
    with pytest.raises(UsageError) as error:
        project.classify_frame(frame, **options)
    assert part in str(error.value)
    assert "\n" not in str(error.value)


def test_a_reader_is_refused_before_a_batch_is_pulled(project: Project) -> None:
    reader = pa.table({"text": ["x"]}).to_reader()
    with pytest.raises(UsageError, match="no column 'body'"):
        project.classify_frame(reader)
    assert reader.read_all().num_rows == 1


def test_without_narwhals_the_extra_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "narwhals", None)
    with pytest.raises(UsageError, match=r"category-classifier\[frames\]"):
        project.classify_frame(pl.DataFrame(ROWS))
