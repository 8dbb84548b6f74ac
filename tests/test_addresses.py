from __future__ import annotations

from pathlib import Path

import pytest

from classifier import UsageError
from classifier.addresses import absolute, address, filesystem, is_remote


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
