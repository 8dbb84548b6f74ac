from collections.abc import Iterator
from pathlib import Path

import pytest

from classifier.store import Store


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "records.sqlite3"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """For properties of what is written under a name of its own."""
    with Store.open(tmp_path_factory.mktemp("shared") / "records.sqlite3") as opened:
        yield opened
