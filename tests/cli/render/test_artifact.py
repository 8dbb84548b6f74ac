from __future__ import annotations

from pathlib import Path

import pytest

from classifier.cli.render.artifact import remarks
from classifier.project.artifact import Artifact


@pytest.mark.parametrize(
    ("use", "remark"),
    [
        ("used", []),
        ("off", ['not used: the settings have trained = "off"']),
        ("elsewhere", ["runs do not use it by default: name it with --trained FILE"]),
    ],
)
def test_the_file_its_size_and_whether_runs_use_it_are_shown(
    tmp_path: Path, use, remark: list[str]
) -> None:
    path = tmp_path / "trained.json"
    path.write_bytes(b"x" * 12_345)
    shown = list(remarks(Artifact(path=path, setting="trained", use=use)))
    assert shown == [f"written to {str(path)!r} (12 kB)", *remark]
