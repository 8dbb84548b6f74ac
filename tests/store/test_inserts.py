"""What one transaction puts in is there as a whole or not at all."""

from dataclasses import replace

import pytest
from support.stores import ARTICLES, sheet

from classifier.errors import StoreError
from classifier.store import (
    Store,
)


def test_sheets_added_together_are_stored_together_or_not_at_all(store: Store) -> None:
    broken = replace(sheet(ARTICLES[1]), judged_at=None)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        store.add(sheet(), broken)
    assert store.stats()["judgements"] == 0
    store.add(sheet())
    assert store.verify() == []
