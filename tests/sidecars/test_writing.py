from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from support.definitions import taxonomy
from support.sidecars import BREAD, OLDER, WINE, record, result

from classifier.models import Label
from classifier.sidecars.files import path_for
from classifier.sidecars.writing import WriteResult, write
from classifier.store import Store


def wrote(store: Store, confidence: float = 0.8) -> WriteResult:
    was = record(BREAD)
    was = replace(was, judgement=replace(was.judgement, confidence=confidence))
    judged = [(result(Label(BREAD, was.judgement)), {BREAD.id: was})]
    (done,) = write(judged, taxonomy=taxonomy(BREAD, WINE), store=store, home=Path())
    return done


def test_a_file_that_would_not_change_is_not_touched(store: Store) -> None:
    assert wrote(store) == WriteResult(path=str(path_for(Path("a.md"))), changed=True)
    before = path_for(Path("a.md")).stat().st_mtime_ns
    assert not wrote(store).changed
    assert path_for(Path("a.md")).stat().st_mtime_ns == before


def test_an_entry_that_the_store_lacks_is_not_overwritten(store: Store) -> None:
    wrote(store)
    path = path_for(Path("a.md"))
    before = path.read_text()
    done = wrote(store, confidence=0.3)
    assert "run `classify sidecars import` first" in done.error
    assert path.read_text() == before


def test_entries_of_other_programs_about_other_categories_stay(store: Store) -> None:
    path = path_for(Path("a.md"))
    path.write_text(json.dumps({"Beer": OLDER | {"category": "Beer"}}))
    assert wrote(store).changed
    entries = json.loads(path.read_text())
    assert list(entries) == ["Bread", "Beer"]
    assert entries["Beer"] == OLDER | {"category": "Beer"}


def test_an_article_that_shares_its_sidecar_with_another_is_an_error_that_names_the_file(
    store: Store,
) -> None:
    for name in ("a.md", "a.mdx"):
        Path(name).write_text("# A\n")
    done = wrote(store)
    assert done.error == (
        "'data.a.classifications.json': it would belong to both 'a.md' and 'a.mdx': "
        "rename one of them"
    )
    assert not path_for(Path("a.md")).exists()
