from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.page_server import PageServer, page_server


@pytest.fixture
def pages() -> Iterator[PageServer]:
    with page_server() as server:
        yield server
