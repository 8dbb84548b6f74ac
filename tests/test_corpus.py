from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier.content import document
from classifier.content.discovery import Selection
from classifier.corpus import Corpus, Scan
from classifier.models import Article, Category, Failure, FailureReason
from classifier.scorers.cached import Cached
from classifier.store import FailureRecord, Store

TITLES = ("Bread", "Cheese", "Wine")
CATEGORIES = tuple(Category(id=f"tags/{t.lower()}", kind="tags", title=t) for t in TITLES)
SCORER = KeywordScorer()
SITE = Path("site")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of three articles, two of them the same text; old enough to trust their times."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site" / "sub").mkdir(parents=True)
    for name, text in {"a": "Bread.", "b": "Cheese.", "sub/copy": "Cheese."}.items():
        write(f"site/{name}.md", text)
    return tmp_path


@pytest.fixture
def store(site: Path) -> Iterator[Store]:
    with Store.open(Path(".classify/records.sqlite3")) as opened:
        yield opened


def write(path: str, text: str, *, at: float = 1e9) -> None:
    # A title of their own, so that copies are the same article.
    Path(path).write_text(f"---\ntitle: T\n---\n{text}\n")
    os.utime(path, (at, at))


def look(
    store: Store, *paths: str, categories: tuple[Category, ...] = CATEGORIES, **more: object
) -> tuple[Corpus, Scan]:
    corpus = Corpus(categories, store, home=Path())
    given = [Path(path) for path in paths or ("site",)]
    return corpus, corpus.scan(given, scorer=SCORER.identity, **more)  # type: ignore[arg-type]


def judge(store: Store, *paths: str, categories: tuple[Category, ...] = CATEGORIES) -> list[str]:
    """Judge what is due; return the paths that were judged."""
    corpus, scan = look(store, *paths, categories=categories)
    return [o.task.article.id for o in Cached(SCORER, store).score(corpus.tasks(scan))]


def missing(scan: Scan) -> dict[str, list[str]]:
    return {e.path: [c.title for c in e.pending] for e in scan.entries if e.pending}


def test_all_is_due_at_first_and_nothing_once_it_is_judged(store: Store) -> None:
    _, scan = look(store)
    assert [entry.path for entry in scan.entries] == [
        "site/a.md",
        "site/b.md",
        "site/sub/copy.md",
    ]
    assert (scan.pairs, scan.pending_pairs) == (9, 6)
    assert judge(store) == ["site/a.md", "site/b.md"]
    _, scan = look(store)
    assert (scan.pending_pairs, scan.pending, scan.stored_pairs) == (0, [], 9)


def test_of_copies_of_one_text_the_first_is_judged(store: Store) -> None:
    corpus, scan = look(store)
    assert [task.article.id for task in corpus.tasks(scan)] == ["site/a.md", "site/b.md"]


def test_an_unchanged_file_is_not_read_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    look(store)
    monkeypatch.setattr(document, "read", lambda path: pytest.fail(f"read {path}"))
    assert len(look(store)[1].entries) == 3


def test_a_file_changed_just_now_is_read_again_even_where_its_time_stays(store: Store) -> None:
    now = Path("site/a.md").stat().st_ctime
    write("site/a.md", "Bread.", at=now)
    _, before = look(store)
    write("site/a.md", "Wines.", at=now)
    _, after = look(store)
    assert before.entries[0].digest != after.entries[0].digest


def test_a_touched_or_renamed_file_or_a_new_label_in_it_needs_no_judging(store: Store) -> None:
    judge(store)
    write("site/a.md", "Bread.", at=2e9)
    Path("site/b.md").rename("site/c.md")
    Path("site/sub/copy.md").write_text("---\ntitle: T\ntags: [Cheese]\n---\nCheese.\n")
    assert look(store)[1].pending_pairs == 0


def test_an_edited_article_is_judged_whole_and_an_edited_definition_alone(store: Store) -> None:
    judge(store)
    write("site/a.md", "Bread and wine.")
    assert missing(look(store)[1]) == {"site/a.md": list(TITLES)}
    judge(store)
    edited = Category(id="tags/wine", kind="tags", title="Wine", description="Of grapes.")
    _, scan = look(store, categories=(*CATEGORIES[:2], edited))
    assert missing(scan) == {entry.path: ["Wine"] for entry in scan.entries}
    assert scan.pending_pairs == 2


def test_a_definition_put_back_as_it_was_is_still_on_record(store: Store) -> None:
    judge(store)
    edited = Category(id="tags/wine", kind="tags", title="Wine", description="Of grapes.")
    judge(store, categories=(*CATEGORIES[:2], edited))
    assert look(store)[1].pending_pairs == 0


def test_another_scorer_has_records_of_its_own(store: Store) -> None:
    judge(store)
    corpus = Corpus(CATEGORIES, store, home=Path())
    assert corpus.scan([SITE], scorer="other:one:1").pending_pairs == 6


def test_an_article_that_cannot_be_read_is_told_and_the_rest_goes_on(store: Store) -> None:
    Path("site/bad.md").write_bytes(b"\xff\xfe\x00")
    _, scan = look(store)
    assert [(p, f.reason) for p, f in scan.unread.items()] == [
        ("site/bad.md", FailureReason.NOT_UTF8)
    ]
    assert len(scan.entries) == 3


def test_titles_are_of_what_can_be_read(store: Store) -> None:
    corpus, scan = look(store)
    Path("site/a.md").unlink()
    write("site/b.md", "Bread.")
    Path("site/sub/copy.md").write_bytes(b"\xff\xfe\x00")
    assert corpus.titles(entry.path for entry in scan.entries) == {"site/b.md": "T"}


def test_an_article_that_is_gone_or_changed_after_the_survey(store: Store) -> None:
    corpus, scan = look(store)
    Path("site/a.md").unlink()
    write("site/b.md", "Bread and cheese.")
    (task,) = corpus.tasks(scan)
    assert (task.article.body, task.categories) == ("Bread and cheese.\n", CATEGORIES)
    assert "was deleted during the run" in scan.unread["site/a.md"].message


def test_articles_that_a_newer_version_reads_differently_are_judged_once_more_and_no_more(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(store)
    plain = Corpus.article

    def newer(corpus: Corpus, path: str) -> Article | Failure:
        article = plain(corpus, path)
        assert isinstance(article, Article)
        return replace(article, title="Read better")

    monkeypatch.setattr(Corpus, "article", newer)
    assert judge(store) == ["site/a.md", "site/b.md"]
    assert look(store)[1].pending_pairs == 0


def test_a_path_named_twice_counts_once(store: Store) -> None:
    _, scan = look(store, "site", "site/a.md", "./site/sub", str(SITE.absolute()))
    assert len(scan.entries) == 3


def test_paths_are_kept_relative_to_the_site_so_that_it_can_be_moved(
    store: Store, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, _ = look(store)
    assert store.paths() == ["site/a.md", "site/b.md", "site/sub/copy.md"]
    monkeypatch.chdir(site / "site")
    inside = Corpus(CATEGORIES, store, home=site)
    inside.scan([Path("..") / "site" / "sub", Path()], scorer=SCORER.identity)
    assert store.paths() == ["site/a.md", "site/b.md", "site/sub/copy.md"]
    assert corpus.key("/elsewhere/x.md") == "/elsewhere/x.md"


def test_a_selection_narrows_the_walk(store: Store) -> None:
    _, scan = look(store, selection=Selection(exclude=("sub/",)))
    assert [entry.path for entry in scan.entries] == ["site/a.md", "site/b.md"]


def test_a_survey_that_learns_nothing_leaves_the_store_as_it_was(store: Store) -> None:
    Corpus(CATEGORIES, store, home=Path(), update_index=False).scan([SITE], scorer=SCORER.identity)
    assert store.paths() == []


def test_runs_that_begin_together_take_articles_in_different_orders(store: Store) -> None:
    for number in range(20):
        write(f"site/{number}.md", f"Bread {number}.")
    corpus, scan = look(store)
    orders = [[t.article.id for t in corpus.tasks(scan, run=run)] for run in (1, 2, 3, 3)]
    assert orders[0] == sorted(orders[0])
    assert len({tuple(order) for order in orders}) == 3
    assert {tuple(sorted(order)) for order in orders} == {tuple(orders[0])}


# --- standing ------------------------------------------------------------------------------------


def test_an_article_is_current_stale_missing_or_failed(store: Store) -> None:
    judge(store, "site/a.md", "site/b.md")
    write("site/a.md", "Bread and wine.")
    write("site/new.md", "Wine.")
    write("site/failing.md", "Wine, too.")
    failure = Failure(FailureReason.UNAVAILABLE, "no answer")
    store.fail(FailureRecord(failure=failure, path="site/failing.md", scorer=SCORER.identity))
    Path("site/bad.md").write_bytes(b"\xff")
    corpus, scan = look(store)
    assert corpus.statuses(scan) == {
        "site/a.md": "stale",
        "site/b.md": "current",
        "site/bad.md": "failed",
        "site/failing.md": "failed",
        "site/new.md": "missing",
        "site/sub/copy.md": "current",
    }


def test_an_edited_definition_makes_stale_and_a_new_one_only_missing(store: Store) -> None:
    judge(store)
    edited = Category(id="tags/wine", kind="tags", title="Wine", description="Of grapes.")
    added = Category(id="tags/tea", kind="tags", title="Tea")
    for categories, standing in (
        ((*CATEGORIES[:2], edited), "stale"),
        ((*CATEGORIES, added), "missing"),
        (CATEGORIES, "current"),
    ):
        corpus, scan = look(store, categories=categories)
        assert set(corpus.statuses(scan).values()) == {standing}


def test_a_failure_that_was_overcome_is_forgotten(store: Store) -> None:
    failure = Failure(FailureReason.UNAVAILABLE, "no answer")
    store.fail(FailureRecord(failure=failure, path="site/a.md", scorer=SCORER.identity))
    judge(store)
    corpus, scan = look(store)
    assert set(corpus.statuses(scan).values()) == {"current"}


def test_a_definition_that_lies_among_the_articles_is_no_article(site: Path, store: Store) -> None:
    write("site/bread.md", "What belongs: bread.")
    bread = replace(CATEGORIES[0], source=str(site / "site/bread.md"))
    _, scan = look(store, categories=(bread, *CATEGORIES[1:]))
    assert "site/bread.md" not in {entry.path for entry in scan.entries}
    assert len(scan.entries) == 3


# --- answers that are not trusted ----------------------------------------------------------------


def test_what_is_held_back_is_neither_due_nor_stored_and_is_told_apart(store: Store) -> None:
    write("site/b.md", "Cheese.\nFAIL unverified")
    write("site/sub/copy.md", "Cheese.\nFAIL unverified")
    judge(store)
    corpus, scan = look(store)
    assert (scan.pending, scan.held_pairs, scan.stored_pairs) == ([], 2, 7)
    assert [entry.unjudged for entry in scan.entries] == [0, 1, 1]
    (failure,) = scan.entries[1].held
    assert (failure.reason, failure.categories) == (FailureReason.UNVERIFIED, ("tags/bread",))
    assert corpus.statuses(scan) == {
        "site/a.md": "current",
        "site/b.md": "failed",
        "site/sub/copy.md": "failed",
    }
    assert judge(store) == []


def test_what_is_held_back_is_due_again_when_it_is_released_or_changes(store: Store) -> None:
    write("site/b.md", "Cheese.\nFAIL tampered")
    judge(store)
    changed = (replace(CATEGORIES[0], title="Loaf"), *CATEGORIES[1:])
    assert missing(look(store, categories=changed)[1])["site/b.md"] == ["Loaf"]
    corpus, scan = look(store, "site/b.md")
    assert corpus.release_held(scan, ["another"]) == 0
    assert corpus.release_held(scan, [SCORER.identity]) == 1
    assert missing(look(store, "site/b.md")[1]) == {"site/b.md": ["Bread"]}


def test_a_moved_article_stays_held_back(store: Store) -> None:
    write("site/b.md", "Cheese.\nFAIL tampered")
    judge(store)
    Path("site/b.md").rename("site/moved.md")
    _, scan = look(store, "site/moved.md")
    assert (scan.pending, scan.held_pairs) == ([], 1)
