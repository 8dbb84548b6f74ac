"""Notebooks: their Markdown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from classifier.content import document
from classifier.content.document import Document
from classifier.models import Failure


def cell(kind: str, source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "source": source, **more}


def read(folder: Path, notebook: object) -> Document | Failure:
    file = folder / "notebook.ipynb"
    file.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook))
    return document.read(file)


def test_markdown_is_read_and_neither_code_nor_outputs(tmp_path: Path) -> None:
    code = cell("code", "bread = 1", outputs=[{"output_type": "stream", "text": "not this"}])
    cells = [cell("markdown", ["# Bread\n", "\n", "Flour."]), code, cell("markdown", "Water.")]
    found = read(tmp_path, {"cells": cells, "metadata": {}, "nbformat": 4})
    assert isinstance(found, Document)
    assert found.prose.text == "Bread\nFlour.\nWater."
    assert not isinstance(found.article, Failure)
    assert found.article.title == "Bread"
    start, end = found.prose.span(6, 12)
    assert found.text[start:end] == "Flour."


def test_front_matter_of_a_raw_cell_counts(tmp_path: Path) -> None:
    first = cell("raw", "---\ntitle: Loaves\ntags: [bread]\n---\n")
    found = read(tmp_path, {"cells": [first, cell("markdown", "Flour.")]})
    assert isinstance(found, Document)
    assert found.front_matter.meta == {"title": "Loaves", "tags": ["bread"]}
    assert found.prose.text == "Flour."


def test_worksheets_of_old_notebooks_are_read(tmp_path: Path) -> None:
    sheet = {"cells": [cell("heading", "Bread", level=2), cell("markdown", "Flour.")]}
    found = read(tmp_path, {"worksheets": [sheet], "nbformat": 3})
    assert isinstance(found, Document)
    assert found.prose.text == "Bread\nFlour."


@pytest.mark.parametrize(
    "notebook", ["{", "[]", "{}", "[" * 100_000, '{"cells": 1}', '{"cells": [1, null]}']
)
def test_what_is_no_notebook_is_one_failure(tmp_path: Path, notebook: str) -> None:
    found = read(tmp_path, notebook)
    failure = found if isinstance(found, Failure) else found.article
    assert isinstance(failure, Failure)
    assert "notebook.ipynb" in failure.message
    assert "\n" not in failure.message
