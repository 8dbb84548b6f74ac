from __future__ import annotations

from pathlib import Path

import pytest

from classifier.store import Store


@pytest.fixture
def store(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """An empty store; the current folder holds one article."""
    monkeypatch.chdir(tmp_path)
    Path("a.md").write_text("Bread.\n")
    return store
