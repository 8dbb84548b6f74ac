from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))


@pytest.fixture(autouse=True)
def _no_key(monkeypatch):
    """No test sees, let alone sends, the key of whoever runs it."""
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def server():
    from chat_server import ChatServer

    with ChatServer() as server:
        yield server
