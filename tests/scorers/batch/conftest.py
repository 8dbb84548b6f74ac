from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.batch_server import BatchService
from support.batch_site import Site
from support.chat_server import ChatServer

from classifier.models import Usage
from classifier.scorers.openai import costs
from classifier.store import Store

RATES = {"standard": 2.0, "flex": 1.0, "batch": 1.0}


@pytest.fixture
def service() -> BatchService:
    return BatchService()


@pytest.fixture
def site(service: BatchService, tmp_path: Path) -> Iterator[Site]:
    with ChatServer(service) as server, Store.open(tmp_path / "records.sqlite3") as store:
        store._db.read("PRAGMA synchronous = OFF")  # no power is cut here
        site = Site(store, server.url, service)
        yield site
        site.server.close()


@pytest.fixture
def priced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two dollars for a thousand tokens, one in batches."""

    def price(usage: Usage, *, model: str, base_url: str, tier: str = "standard") -> Usage:
        used = usage.input_tokens + usage.output_tokens
        return replace(usage, cost=RATES[tier] * used / 1000 if used else None)

    monkeypatch.setattr(costs, "priced", price)
