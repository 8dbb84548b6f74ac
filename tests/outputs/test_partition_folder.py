from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest
from support.addresses import Silent

from classifier.errors import OutputError
from classifier.outputs.partition_folder import Folder
from classifier.outputs.partitions import Counts, PartitionHead, encode

HEAD = PartitionHead(scorer="s", state="0", rules="1", counts=Counts(articles=1))
WHOLE = encode([], HEAD)
NAME = f"part-{'a' * 8}-{'b' * 32}.parquet"
OTHER = f"part-{'a' * 8}-{'c' * 32}.parquet"


@pytest.fixture(params=["path", "address"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "out") if request.param == "path" else f"memory://{tmp_path.name}"


def test_what_is_written_is_there_as_a_whole(place: str) -> None:
    folder = Folder(place)
    folder.make()
    assert (folder.head(NAME), folder.names()) == (None, [])
    folder.write(NAME, WHOLE)
    folder.write(NAME, WHOLE)
    again = pickle.loads(pickle.dumps(folder))
    assert again.names() == [NAME]
    assert again.head(NAME) == HEAD
    assert again.articles(NAME) == []


def test_half_a_file_is_as_good_as_none(place: str) -> None:
    folder = Folder(place)
    folder.make()
    folder.write(NAME, WHOLE[: len(WHOLE) // 2])
    assert folder.head(NAME) is None
    with pytest.raises(ValueError, match="it is damaged"):
        folder.articles(NAME)


def test_only_partitions_of_the_source_are_deleted(place: str) -> None:
    folder = Folder(place)
    folder.make()
    foreign = f"part-{'d' * 8}-{'b' * 32}.parquet"
    for name in (NAME, OTHER, foreign, "part-mine.parquet"):
        folder.write(name, WHOLE)
    assert folder.keep("a" * 8, {NAME}) == 1
    assert folder.names() == [NAME, foreign]
    system, root = fsspec.core.url_to_fs(place)
    assert system.exists(f"{root}/part-mine.parquet")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError, match=r"cannot use the folder '.*out': .*name another one"):
        Folder(str(tmp_path / "out")).make()


def test_names_of_a_folder_that_is_not_there_are_none(tmp_path: Path) -> None:
    assert Folder(str(tmp_path / "out")).names() == []


@pytest.mark.parametrize(
    "use",
    [
        lambda it: it.make(),
        lambda it: it.head(NAME),
        lambda it: it.articles(NAME),
        lambda it: it.write(NAME, WHOLE),
        lambda it: it.names(),
        lambda it: it.keep("a" * 8, ()),
    ],
    ids=["make", "head", "articles", "write", "names", "keep"],
)
def test_a_server_that_does_not_answer_is_one_line(
    monkeypatch: pytest.MonkeyPatch, use: Callable[[Folder], object]
) -> None:
    monkeypatch.setattr("classifier.addresses.filesystem", lambda _: (Silent(), "bucket/out"))
    with pytest.raises(
        OutputError, match="cannot use the folder 's3://bucket/out': nobody answers"
    ):
        use(Folder("s3://bucket/out"))
