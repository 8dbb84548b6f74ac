from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.results import results, texts

from classifier.errors import OutputError
from classifier.models import (
    Category,
    ConfidenceKind,
    Decision,
    Evidence,
    Failure,
    FailureReason,
    Judgement,
    Label,
    Rejection,
    Result,
)
from classifier.outputs.rows import ARTICLES, PAIRS, Column, Row, article_row, pair_rows
from classifier.outputs.tables import check, write

ENDINGS = (".jsonl", ".csv", ".parquet")
DOCS = (Path(__file__).parents[2] / "docs" / "data.md").read_text(encoding="utf-8")
TEXT = [Column("text", "text"), Column("other", "text")]

endings = pytest.mark.parametrize("ending", ENDINGS)


def written(ending: str, rows: Iterable[Row], columns: Sequence[Column]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"out{ending}"
        rows = list(rows)
        assert write(path, rows, columns) == len(rows)
        return path.read_bytes()


def parsed_jsonl(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.decode("utf-8").splitlines()]


def parsed_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def parsed_parquet(data: bytes) -> list[Any]:
    return pq.read_table(io.BytesIO(data)).to_pylist()


def undone(cell: str) -> str:
    """Take the apostrophe away as the guide says."""
    (pattern,) = re.findall(r're\.sub\(r"(.+?)", r"\\1", cell\)', DOCS)
    return re.sub(pattern, r"\1", cell)


def whole(value: Any) -> Any:
    """Read as JSON does, for which two halves of a surrogate pair make one character."""
    return json.loads(json.dumps(value))


def mended(value: Any, unfit: str = "[\ud800-\udfff]") -> Any:
    match value:
        case str():
            return re.sub(unfit, "\ufffd", value)
        case list():
            return [mended(item, unfit) for item in value]
        case dict():
            return {key: mended(item, unfit) for key, item in value.items()}
        case _:
            return value


def cell(value: Any, column: Column) -> str:
    """Say what should stand in a CSV cell once the apostrophe is taken away."""
    if value is None:
        return ""
    if column.type == "text":
        return mended(value, "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
    return {True: "true", False: "false"}[value] if column.type == "flag" else str(value)


def both(result: Result) -> Iterator[tuple[list[Row], tuple[Column, ...]]]:
    times = {judgement.category: 1_700_000_000.5 for judgement in result.judgements}
    yield list(pair_rows(result, judged_at=times)), PAIRS
    yield [article_row(result, judged_at=times)], ARTICLES


@given(results())
def test_json_lines_read_back_are_the_rows(result: Result) -> None:
    for rows, columns in both(result):
        data = written(".jsonl", rows, columns)
        assert parsed_jsonl(data) == whole(rows)
        assert data.count(b"\n") == len(rows)


@given(results())
def test_csv_read_back_is_the_rows(result: Result) -> None:
    for rows, columns in both(result):
        head, *lines = parsed_csv(written(".csv", rows, columns))
        assert head == [column.name for column in columns]
        assert len(lines) == len(rows)
        for row, line in zip(rows, lines, strict=True):
            for column, text in zip(columns, line, strict=True):
                value = row[column.name]
                if column.type in {"texts", "numbers", "aspects", "evidence", "failures"}:
                    assert (json.loads(text) if text else None) == whole(value)
                else:
                    assert undone(text) == cell(value, column)


@pytest.mark.slow
@given(results())
def test_parquet_read_back_is_the_rows(result: Result) -> None:
    for rows, columns in both(result):
        found = parsed_parquet(written(".parquet", rows, columns))
        for row in found:
            if row["judged_at"]:
                row["judged_at"] = row["judged_at"].strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
            if row.get("aspects") is not None:
                row["aspects"] = dict(row["aspects"])
        assert found == mended(rows)


def test_parquet_takes_half_surrogate_pairs_at_any_depth() -> None:
    columns = [Column("aspects", "aspects"), Column("evidence", "evidence")]
    quote = {"text": "a\ud800", "start": None, "end": None, "verified": False}
    (row,) = parsed_parquet(
        written(".parquet", [{"aspects": {"\udcff": 0.5}, "evidence": [quote]}], columns)
    )
    assert row == {"aspects": [("\ufffd", 0.5)], "evidence": [{**quote, "text": "a\ufffd"}]}


@endings
def test_no_rows_make_a_file_that_can_be_read(ending: str) -> None:
    data = written(ending, [], PAIRS)
    if ending == ".csv":
        assert parsed_csv(data) == [[column.name for column in PAIRS]]
    elif ending == ".jsonl":
        assert data == b""
    else:
        assert pq.read_table(io.BytesIO(data)).column_names == [column.name for column in PAIRS]


def test_the_parquet_schema_is_the_same_whatever_the_rows() -> None:
    failed = {**dict.fromkeys(column.name for column in PAIRS), "article": "a"}
    full = {**failed, "confidence": 1, "aspects": {"depth": 1.0}, "pack": ["a"]}
    one, other = (
        pq.read_schema(io.BytesIO(written(".parquet", rows, PAIRS))) for rows in ([failed], [full])
    )
    assert one == other
    assert one.field("judged_at").type == pa.timestamp("ms", tz="UTC")


@given(texts, texts)
def test_no_text_in_a_csv_begins_as_a_formula(text: str, other: str) -> None:
    _, line = parsed_csv(written(".csv", [{"text": text, "other": other}], TEXT))
    assert not any(re.match("[=+\\-@\t\r\n＝＋－＠]", found) for found in line)  # noqa: RUF001


def cells_by_semicolon(data: bytes) -> list[str]:
    """Read as a spreadsheet whose list separator is not the comma."""
    return re.split("[;\t\r\n]", data.decode().replace('"', ""))


@given(st.text("'=-;\t\n a", max_size=6))
def test_no_cell_begins_as_a_formula_where_the_list_separator_is_another(text: str) -> None:
    data = written(".csv", [{"text": f"a{text}", "other": "x"}], TEXT)
    assert not any(re.match("[ ]*[=+@-]", cell) for cell in cells_by_semicolon(data))


def test_json_in_a_csv_begins_no_cell_either() -> None:
    result = Result(
        article="a.md", scorer="s:m:1", failures=(Failure(FailureReason.EMPTY, "x;=cmd|calc!A0"),)
    )
    row = article_row(result)
    data = written(".csv", [row], ARTICLES)
    assert b";" not in data
    names = [column.name for column in ARTICLES]
    stored = dict(zip(names, parsed_csv(data)[1], strict=True))["failures"]
    assert json.loads(stored) == row["failures"]


@given(st.text("'=-;\t\n a", max_size=6))
def test_the_apostrophe_can_be_taken_away_again(text: str) -> None:
    _, line = parsed_csv(written(".csv", [{"text": text, "other": "x"}], TEXT))
    assert undone(line[0]) == text


def test_a_csv_ends_its_lines_with_cr_lf_and_keeps_line_breaks_in_quotes() -> None:
    data = written(".csv", [{"text": 'a\nb\r"c"', "other": None}], TEXT)
    assert data == b'text,other\r\n"a\nb\r""c""",\r\n'


def test_a_csv_has_no_control_that_a_terminal_or_a_reader_could_trip_over() -> None:
    data = written(".csv", [{"text": "a\0b\x1b[31m\x9b", "other": "\udcff"}], TEXT)
    assert parsed_csv(data)[1] == ["a\ufffdb\ufffd[31m\ufffd", "\ufffd"]


@endings
def test_rows_are_pulled_as_they_are_written(ending: str, tmp_path: Path) -> None:
    ahead, gone = 0, 0

    class Counted(dict[str, str]):
        def __del__(self) -> None:
            nonlocal gone
            gone += 1

    def rows() -> Iterator[Row]:
        nonlocal ahead
        for number in range(20_000):
            ahead = max(ahead, number - gone)
            yield Counted(text=f"row {number}", other="x")

    assert write(tmp_path / f"a{ending}", rows(), TEXT) == 20_000
    assert ahead <= 10_001


@endings
def test_trouble_in_the_middle_leaves_the_old_file(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"old")

    def rows() -> Iterator[Row]:
        for _ in range(6_000):
            yield {"text": "x" * 100, "other": None}
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError, match="gone"):
        write(path, rows(), TEXT)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def tiny_disk() -> Iterator[None]:
    """Room for 20,000 bytes and no more. For files of pytest's own, too: so as short as can be."""
    resource = pytest.importorskip("resource")
    signal = pytest.importorskip("signal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@endings
def test_a_disk_without_room_is_one_line_and_leaves_the_old_file(
    ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"old")
    rows = ({"text": f"{number * 7919 % 99991}" * 20, "other": None} for number in range(20_000))
    with (
        pytest.raises(OutputError, match=r"cannot write '.*': file too large") as caught,
        tiny_disk(),
    ):
        write(path, rows, TEXT)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def unpulled() -> Iterator[Row]:
    pytest.fail("a row was pulled")
    yield {}


@pytest.mark.parametrize("name", ["out.xlsx", "out", "out.csv.gz", ".csv"])
def test_another_ending_is_refused_before_a_row_is_pulled(name: str, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=rf"{name}'.*\.jsonl, \.csv or \.parquet"):
        write(tmp_path / name, unpulled(), PAIRS)
    with pytest.raises(OutputError):
        check(Path(name))


def test_a_file_that_cannot_be_made_is_refused_before_a_row_is_pulled(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="make the folder first"):
        write(tmp_path / "no" / "a.csv", unpulled(), PAIRS)


def test_without_pyarrow_parquet_is_refused_with_the_way_out_before_a_row_is_pulled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "a.parquet"
    with pytest.raises(OutputError, match=r"pip install 'category-classifier\[parquet\]'"):
        write(path, unpulled(), PAIRS)
    assert not path.exists()
    assert write(tmp_path / "a.csv", [], PAIRS) == 0


def test_an_ending_in_capitals_is_as_good(tmp_path: Path) -> None:
    assert write(tmp_path / "A.CSV", [], PAIRS) == 0


def test_pyarrow_is_not_imported_until_it_is_needed() -> None:
    code = "import sys, classifier.outputs.tables; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_example_in_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    example = DOCS.split("iterable of results:\n\n")[1].split("\n\nRows")[0]
    exec(textwrap.dedent(example), {"results": [Result(article="a.md", scorer="fake")]})
    assert (tmp_path / "pairs.csv").exists()
    assert parsed_parquet((tmp_path / "articles.parquet").read_bytes())[0]["article"] == "a.md"


def sql_of_the_guide() -> list[str]:
    return re.findall(r"^```sql\n(.*?)^```$", DOCS, re.M | re.S)


def test_duckdb_reads_parquet_as_the_guide_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = Failure(FailureReason.REFUSED, "the model refused", ("tags/wine",))
    judged = [
        Result(article="a.md", scorer="fake", decision=decided(bread=0.9, cheese=0.45)),
        Result(article="b.md", scorer="fake", decision=decided(bread=0.8), failures=(refused,)),
        Result(article="c.md", scorer="fake", decision=decided(cheese=0.47, wine=0.1)),
    ]
    times = dict.fromkeys(("tags/bread", "tags/cheese", "tags/wine"), 1_780_000_000.0)
    pairs = (row for result in judged for row in pair_rows(result, judged_at=times))
    write(tmp_path / "pairs.parquet", pairs, PAIRS)
    write(tmp_path / "articles.parquet", map(article_row, judged), ARTICLES)
    labels, nearly, failed = [duckdb.sql(query).fetchall() for query in sql_of_the_guide()]
    assert labels == [("tags/bread", 2)]
    assert nearly == [
        ("c.md", "tags/cheese", 0.47, "of cheese", 0.5),
        ("a.md", "tags/cheese", 0.45, "of cheese", 0.5),
    ]
    assert failed == [("refused", 1, "the model refused")]


def decided(**confidences: float) -> Decision:
    labels, rejections = [], []
    for slug, confidence in confidences.items():
        category = Category(id=f"tags/{slug}", kind="tags", title=slug.title())
        judgement = Judgement(
            category=category.id,
            confidence=confidence,
            kind=ConfidenceKind.SIMILARITY,
            scorer="fake",
            aspects={"mentions": 0.5},
            evidence=(Evidence(f"of {slug}", 0, 9),),
        )
        if confidence > 0.5:
            labels.append(Label(category, judgement))
        else:
            rejections.append(Rejection(category, judgement, "below 0.5"))
    return Decision(labels=tuple(labels), rejections=tuple(rejections))
