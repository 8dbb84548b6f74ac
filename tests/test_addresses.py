from __future__ import annotations

from pathlib import Path

import pytest
from support.addresses import Unanswered

from classifier import UsageError
from classifier.addresses import (
    absolute,
    address,
    as_os_errors,
    filesystem,
    is_remote,
    missing,
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (Path("s3://bucket/posts"), "s3://bucket/posts"),
        ("s3://bucket/posts", "s3://bucket/posts"),
        (Path("content/posts"), "content/posts"),
        ("c:/posts", "c:/posts"),
    ],
    ids=str,
)
def test_an_address_keeps_its_slashes(path: str | Path, found: str) -> None:
    assert address(path) == found


def test_a_path_is_absolute_and_an_address_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert absolute("out") == absolute(f"file://{tmp_path}/out") == str(tmp_path / "out")
    assert absolute("s3://bucket") == "s3://bucket"
    assert [is_remote(it) for it in ("out", "file:///out", "s3://out")] == [False, False, True]


def test_an_address_that_nothing_knows_is_named() -> None:
    with pytest.raises(UsageError, match=r"^'nowhere://x': "):
        filesystem("nowhere://x")
    assert filesystem("memory://x")[1] == "/x"


def test_what_a_package_below_a_file_system_raises_is_an_error_of_the_system() -> None:
    """As botocore does where nobody answers, or nothing says who asks."""
    with pytest.raises(OSError, match=r"^nobody answers there$"), as_os_errors():
        raise Unanswered("nobody answers\nthere")
    for error in (ValueError("ours"), FileNotFoundError("gone")):
        with pytest.raises(type(error)) as found, as_os_errors():
            raise error
        assert found.value is error


@pytest.mark.parametrize(
    "path", ["s3://bucket/posts", Path("s3://bucket/posts")], ids=["text", "path"]
)
def test_an_address_that_is_taken_for_a_path_names_what_reads_it(path: str | Path) -> None:
    said = str(missing(path))
    assert said.startswith("no such file or folder: 's3://bucket/posts'; ")
    assert "--engine ray" in said
    assert "ray" not in str(missing("https://example.org/a"))
    assert str(missing(Path("nowhere"))) == "no such file or folder: 'nowhere'"
