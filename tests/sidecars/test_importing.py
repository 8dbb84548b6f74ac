"""Import and write are each other's inverse; the files themselves are in other modules."""

from __future__ import annotations

from pathlib import Path

from support.definitions import taxonomy
from support.sidecars import ARTICLE, BREAD, WINE, record, result, written

from classifier.models import Label
from classifier.sidecars.files import path_for
from classifier.sidecars.importing import ImportResult, import_sidecars
from classifier.store import Store

KITCHEN = taxonomy(BREAD, WINE)


def imported(store: Store) -> ImportResult:
    (found,) = import_sidecars({"a.md": ARTICLE}, taxonomy=KITCHEN, store=store, home=Path())
    return found


def test_a_judgement_comes_back_as_it_was_and_only_once(store: Store) -> None:
    was = record(BREAD)
    path_for(Path("a.md")).write_text(written(result(Label(BREAD, was.judgement)), was))
    first, second = imported(store), imported(store)
    assert (first.files, first.judgements, first.known, first.errors) == (1, 1, 0, [])
    assert (second.judgements, second.known) == (0, 1)
    (back,) = store.history(ARTICLE)
    assert (back.judgement.confidence, back.scorer) == (was.judgement.confidence, was.scorer)
    assert (back.model, back.category) == (was.model, was.category)


def test_a_file_with_a_broken_entry_is_skipped_whole(store: Store) -> None:
    path_for(Path("a.md")).write_text('{"Bread": 1}')
    found = imported(store)
    assert (found.judgements, len(found.errors)) == (0, 1)
    assert not list(store.history(ARTICLE))


def test_an_article_without_a_sidecar_is_skipped(store: Store) -> None:
    assert (
        list(import_sidecars({"a.md": ARTICLE}, taxonomy=KITCHEN, store=store, home=Path())) == []
    )
