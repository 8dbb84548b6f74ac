"""Articles are known by what their files hold, whatever these are called."""

from support.stores import ARTICLES, CATEGORIES, SCORERS, file, sheet

from classifier.store import Store


def test_a_renamed_file_finds_its_judgements(store: Store) -> None:
    store.record_files({"old.md": file()}, at=1.0)
    store.add(sheet())
    store.forget(["old.md"])
    store.record_files({"new.md": file()}, at=2.0)
    found = store.files(["old.md", "new.md"])
    assert set(found) == {"new.md"}
    assert store.judged(SCORERS[0], [found["new.md"].digest], CATEGORIES) == {
        ARTICLES[0]: set(CATEGORIES[:2])
    }
    assert store.garbage() == {}


def test_what_a_path_held_is_told_latest_first_even_when_it_came_back(store: Store) -> None:
    for at, article in enumerate([ARTICLES[0], ARTICLES[1], ARTICLES[0]]):
        store.record_files({"a.md": file(article)}, at=float(at))
    assert store.versions("a.md") == [(ARTICLES[0], 2.0), (ARTICLES[1], 1.0)]
