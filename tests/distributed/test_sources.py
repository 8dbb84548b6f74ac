from __future__ import annotations

import json
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.addresses import Silent

from classifier import Article, Failure, Project, UsageError
from classifier.content.formats.tables import Columns
from classifier.distributed import regions, sources
from classifier.distributed.sources import Row, Source, plan

WORDS = "Bread and wine. " * 3


def table(path: Path, rows: int, **more: object) -> Path:
    names = [f"{path.stem}-{n}" for n in range(rows)]
    data = {"id": names, "body": [f"{WORDS}{n}" for n in range(rows)]}
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        pq.write_table(pa.table(data), path, **more)
    else:
        lines = (
            json.dumps(dict(zip(data, row, strict=True)))
            for row in zip(*data.values(), strict=True)
        )
        path.write_text("".join(f"{line}\n" for line in lines))
    return path


def read(source: Source, columns: Columns | None = None) -> list[list[Row]]:
    """Return the partitions of all units, as the workers find them."""
    return [
        partition
        for unit in source.units
        for partition in regions.regions(
            sources.read(unit, columns or Columns()), unit.start, unit.stop
        )
    ]


@pytest.mark.parametrize("suffix", [".parquet", ".jsonl"])
@pytest.mark.parametrize("workers", [1, 2, 50])
def test_units_have_every_row_of_a_table_once_however_many_workers(
    project: Project, tmp_path: Path, suffix: str, workers: int
) -> None:
    file = table(tmp_path / f"posts{suffix}", 2_000)
    one = read(plan(project, str(file), workers=1))
    planned = plan(project, str(file), workers=workers)
    partitions = read(planned)
    assert [row.id for part in partitions for row in part] == [f"posts-{n}" for n in range(2_000)]
    assert [[row.id for row in part] for part in partitions] == [
        [row.id for row in part] for part in one
    ]
    assert planned.rows == (2_000 if suffix == ".parquet" else None)
    assert workers == 1 or len(planned.units) > 3
    assert partitions[0][0].article == f"{file}#posts-0"
    assert all(isinstance(row.content, Article) for part in partitions for row in part)


def test_a_unit_of_parquet_begins_in_its_row_group(project: Project, tmp_path: Path) -> None:
    file = table(tmp_path / "posts.parquet", 2_000, row_group_size=300)
    partitions = read(plan(project, str(file), workers=50))
    assert [row.id for part in partitions for row in part] == [f"posts-{n}" for n in range(2_000)]


def test_a_folder_of_tables_and_a_pattern_are_read_file_by_file(
    project: Project, tmp_path: Path
) -> None:
    for name in ("a.parquet", "b.jsonl", "_half.parquet", ".c.parquet"):
        table(tmp_path / "posts" / name, 10)
    rows = [row for part in read(plan(project, str(tmp_path / "posts"), workers=2)) for row in part]
    assert len(rows) == 20
    pattern = str(tmp_path / "posts" / "*.jsonl")
    assert len([row for part in read(plan(project, pattern, workers=2)) for row in part]) == 10


def test_a_folder_of_articles_is_what_a_run_finds(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.md", "sub/b.md", "drafts/c.md", "note.txt"):
        (tmp_path / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "content" / name).write_text(f"{WORDS}\n")
    chosen = project.only(exclude=["drafts/"])
    planned = plan(chosen, "content", workers=2)
    monkeypatch.chdir("/")  # where a worker may be
    rows = [row for part in read(planned) for row in part]
    assert [row.article for row in rows] == ["content/a.md", "content/sub/b.md"]
    assert [row.id for row in rows] == ["a.md", "sub/b.md"]
    # Verdicts and sections go by the place of the file.
    assert [row.content.id for row in rows if isinstance(row.content, Article)] == [
        str(tmp_path / "content/a.md"),
        str(tmp_path / "content/sub/b.md"),
    ]


def test_the_definitions_are_no_articles(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(WORDS)
    planned = plan(project, str(tmp_path), workers=2)
    assert [row.id for part in read(planned) for row in part] == ["a.md"]


def test_files_at_an_address_are_read_from_there(project: Project) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/posts/a.md", b"---\ntitle: A\n---\nBread.\n")
    memory.pipe_file("/posts/sub/b.md", b"\xff")
    memory.pipe_file("/posts/photo.png", b"")
    (part,) = read(plan(project, "memory://posts", workers=2))
    assert [row.article for row in part] == ["memory://posts/a.md", "memory://posts/sub/b.md"]
    assert isinstance(part[0].content, Article)
    assert part[0].content.title == "A"
    assert isinstance(part[1].content, Failure)
    memory.rm("/posts", recursive=True)


def test_a_server_that_does_not_answer_is_one_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the run; in the middle of it, what cannot be read are failures."""
    system = fsspec.filesystem("memory")
    system.pipe_file("/silent/a.md", b"Bread.")
    system.pipe_file("/silent/b.md", b"Wine.")
    planned = plan(project, "memory://silent", workers=1)
    monkeypatch.setattr(sources, "filesystem", lambda _: (Silent(), "silent"))
    (rows,) = read(planned)
    for row, name in zip(rows, ("a.md", "b.md"), strict=True):
        assert isinstance(row.content, Failure)
        assert row.content.reason == "unreadable"
        assert row.content.message == f"'memory://silent/{name}' cannot be read: nobody answers"
    with pytest.raises(UsageError, match="cannot read 'memory://silent': nobody answers"):
        plan(project, "memory://silent", workers=1)


def test_rows_that_cannot_be_read_are_rows(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "posts.jsonl"
    file.write_bytes(b'{"id": 1, "text": "Bread."}\nno json\n\n[1]\n{"id": 4}\n\xff\n')
    (part,) = read(plan(project, str(file), workers=1))
    assert [row.id for row in part] == ["1", "byte 28", "byte 37", "byte 41", "byte 51"]
    assert [isinstance(row.content, Failure) for row in part] == [False, True, True, True, True]


def test_the_columns_of_the_settings_are_read(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "posts.parquet"
    pq.write_table(pa.table({"key": ["k"], "prose": ["Bread."], "head": ["A"]}), file)
    (part,) = read(
        plan(project, str(file), workers=1), Columns(text="prose", id="key", title="head")
    )
    assert (part[0].id, part[0].content.title) == ("k", "A")  # type: ignore[union-attr]
    ((bad,),) = read(plan(project, str(file), workers=1), Columns(text="body"))
    assert isinstance(bad.content, Failure)
    assert "has no column 'body'" in bad.content.message


def test_a_table_that_cannot_be_read_is_a_failure_among_others(
    project: Project, tmp_path: Path
) -> None:
    table(tmp_path / "a.parquet", 3)
    (tmp_path / "b.parquet").write_text("no")
    (tmp_path / "c.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:100])
    table(tmp_path / "d.parquet", 0)
    planned = plan(project, str(tmp_path), workers=2)
    rows = [row for part in read(planned) for row in part]
    failed = {row.file: row.content for row in rows if isinstance(row.content, Failure)}
    assert (planned.rows, len(rows)) == (5, 5)
    assert set(failed) == {str(tmp_path / "b.parquet"), str(tmp_path / "c.parquet")}
    assert all("cannot be read as Parquet" in it.message for it in failed.values())


@pytest.mark.parametrize(
    ("files", "source", "message"),
    [
        ({}, "none", "no such file or folder"),
        ({"a/photo.png": ""}, "a", "nothing to judge"),
        ({"a/b.jsonl": "{}", "a/c.md": "Bread."}, "a", "has tables .* and files"),
        ({"a.parquet": "no"}, "a.parquet", "a.parquet' cannot be read as Parquet"),
        ({"a.jsonl": ""}, "a.jsonl", "it has no rows"),
        ({}, "nowhere://bucket", "nowhere"),
    ],
    ids=["missing", "no article", "both", "no Parquet", "no rows", "no such address"],
)
def test_what_cannot_be_judged_is_said_before_the_run(
    project: Project, tmp_path: Path, files: dict[str, str], source: str, message: str
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    place = source if "://" in source else str(tmp_path / source)
    with pytest.raises(UsageError, match=message):
        plan(project, place, workers=1)
