"""The notebook in examples/, run from its first cell to its last."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "examples/first-look.ipynb"


def printed(cell: Any) -> str:
    return "".join(output["text"] for output in cell["outputs"] if output["name"] == "stdout")


@pytest.mark.slow
def test_the_notebook_runs_and_shows_the_labels_of_the_examples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("examples", "categories"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = {"metadata": {"path": str(tmp_path / "examples")}}
    NotebookClient(notebook, timeout=120, resources=folder).execute()
    taxonomy, run, labels, why, spread, _ = (
        printed(cell) for cell in notebook.cells if cell.cell_type == "code"
    )
    assert "Incident Response" in taxonomy
    assert run == f"{8 * taxonomy.count(chr(10))} pairs judged\n"
    assert "Scaling" in labels
    assert "Incident Response" in labels
    assert "one-backlog" not in why
    assert "“" in why
    assert sum(int(line.split()[-1]) for line in spread.splitlines()) == int(run.split()[0])


def test_the_notebook_is_kept_without_outputs() -> None:
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            assert (cell.outputs, cell.execution_count) == ([], None)
