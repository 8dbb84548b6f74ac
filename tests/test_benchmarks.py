"""The benchmarks can be imported and know their arguments; mypy checks their use of the package."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
SHARED = {"ranking"}
"""Imported by others, and not run."""


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.py")))
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_benchmark_can_be_imported_and_shows_its_arguments(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if re.search(
        r"from (sklearn|calibration|ranking|train_head)\b", (FOLDER / f"{name}.py").read_text()
    ):
        pytest.importorskip("sklearn", reason="needs the `bench` extra")
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    before = set(sys.modules)
    try:
        module = importlib.import_module(name)
        if name in SHARED:
            return
        with pytest.raises(SystemExit) as end:
            module.main()
    finally:
        for other in set(sys.modules) - before:
            if str(getattr(sys.modules[other], "__file__", "")).startswith(str(FOLDER)):
                del sys.modules[other]
    assert end.value.code == 0
    assert f"usage: {name}" in capsys.readouterr().out
