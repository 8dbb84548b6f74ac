from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.project import Project
from classifier.sidecars import entries

ROWS = "id,text\na,Wine and wine.\nb,Cheese.\n"


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A table in the current folder, judged for five categories."""
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    monkeypatch.chdir(tmp_path)
    for name in ("bread", "cheese", "olives", "wine", "craft"):
        definition = tmp_path / "taxonomy" / "tags" / f"{name}.md"
        definition.parent.mkdir(parents=True, exist_ok=True)
        definition.write_text(f"---\ntitle: {name.title()}\n---\n")
    Path("classify.toml").write_text('categories = "taxonomy"\n')
    path = Path("posts.csv")
    path.write_text(ROWS, "utf-8")
    with Project.open() as project:
        list(project.classify_entries(path))
    return path


def write(table: Path, **options: bool) -> tuple[int, int, tuple[str, ...]]:
    with Project.open() as project:
        written = project.write_sidecars(table, **options)
    return written.written, written.unchanged, written.errors


def lines(table: Path) -> dict[str, dict[str, dict[str, object]]]:
    text = entries.path_for(table).read_text("utf-8")
    return {it["entry"]: it["classifications"] for it in map(json.loads, text.splitlines())}


def test_each_entry_has_a_line_and_what_is_current_stays_untouched(table: Path) -> None:
    assert write(table) == (1, 0, ())
    said = lines(table)
    assert list(said) == ["a", "b"]
    assert said["a"]["Wine"]["label"] is True
    assert said["b"]["Wine"]["label"] is False
    before = entries.path_for(table).stat()
    assert write(table) == (0, 1, ())
    assert entries.path_for(table).stat() == before


def test_rows_may_be_sorted_added_and_taken_away(table: Path) -> None:
    write(table)
    old = lines(table)
    table.write_text("id,text\nc,Bread.\na,Wine and wine.\n", "utf-8")
    with Project.open() as project:
        list(project.classify_entries(table))
    assert write(table) == (1, 0, ())
    new = lines(table)
    assert list(new) == ["c", "a", "b"]
    assert {name: new[name] for name in old} == old


def test_a_fresh_clone_is_not_judged_again(table: Path) -> None:
    write(table)
    with Project.open() as project:
        before = [result.decision for result in project.classify_entries(table)]
        store = project.store_stats().path
    Path(store).unlink()
    with Project.open() as project:
        imported = project.import_sidecars(entries.path_for(table))
        assert (imported.files, imported.judgements, imported.errors) == (1, 10, ())
        again = list(project.classify_entries(table))
        assert project.import_sidecars(table).stored == 10
    assert [result.stored for result in again] == [5, 5]
    assert [result.decision for result in again] == before


def test_what_is_not_stored_is_not_overwritten(table: Path) -> None:
    foreign = {"Bread": {"final_score": 40, "calculated_at": "2025-01-01T00:00:00Z"}}
    line = json.dumps({"entry": "a", "classifications": foreign})
    entries.path_for(table).write_text(line + "\n", "utf-8")
    written, _, (error,) = write(table)
    assert written == 0
    assert "run `classify sidecars import` first" in error
    assert lines(table) == {"a": foreign}
    with Project.open() as project:
        assert project.import_sidecars(table).judgements == 1
    assert write(table) == (1, 0, ())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", 'line 1: expected an object with "entry"'),
        ("{", "line 1: expected an object"),
        ('{"entry": 1, "classifications": {}}', "line 1: .entry. is not a text"),
        ('{"entry": "a", "classifications": []}', "line 1: expected an object with an entry for"),
        ('\n{"entry": "a", "classifications": {"x": 1}}', "line 2: 'x': expected an object"),
        ('{"entry": "a", "classifications": {}}\n' * 2, "'a' occurs twice"),
    ],
    ids=["list", "broken", "number", "no-object", "value", "twice"],
)
def test_a_damaged_file_stays_and_is_named(table: Path, text: str, why: str) -> None:
    path = entries.path_for(table)
    path.write_text(text, "utf-8")
    _, _, (error,) = write(table)
    assert path.name in error
    with Project.open() as project:
        (same,) = project.import_sidecars(table).errors
    assert re.search(why, error)
    assert re.search(why, same)
    assert path.read_text("utf-8") == text


def test_a_table_without_a_sidecar_has_nothing_to_import(table: Path) -> None:
    with Project.open() as project:
        (error,) = project.import_sidecars(table).errors
    assert error == "'posts.csv' has no sidecar: there is no 'data.posts.csv.classifications.jsonl'"


MBOX = """From a@example.org Thu Nov 26 10:00:00 2026
Message-ID: <a-17@example.org>
Subject: Wine

Wine and wine.

From b@example.org Thu Nov 26 11:00:00 2026
Subject: No id

Cheese.
"""
RSS = """<rss version="2.0"><channel><title>News</title>
<item><guid>a-17@example.org</guid><title>Wine</title>
<description>Wine and wine.</description></item>
<item><title>No id</title><description>Cheese.</description></item>
</channel></rss>
"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title>
<entry><id>a-17@example.org</id><title>Wine</title><content>Wine and wine.</content></entry>
<entry><title>No id</title><summary>Cheese.</summary></entry>
</feed>
"""


@pytest.mark.parametrize(
    ("name", "text", "second"),
    [
        ("mail.mbox", MBOX, "message 2"),
        ("news.rss", RSS, "entry 2"),
        ("news.atom", ATOM, "entry 2"),
    ],
    ids=["mbox", "rss", "atom"],
)
def test_mail_and_feeds_have_a_sidecar_that_a_clone_reads(
    table: Path, name: str, text: str, second: str
) -> None:
    file = table.with_name(name)
    file.write_text(text, "utf-8")
    with Project.open() as project:
        before = [result.decision for result in project.classify_entries(file)]
        store = project.store_stats().path
    assert write(file) == (1, 0, ())
    assert write(file) == (0, 1, ())
    assert entries.path_for(file).name == f"data.{name}.classifications.jsonl"
    said = lines(file)
    assert list(said) == ["a-17@example.org", second]
    assert said["a-17@example.org"]["Wine"]["label"] is True
    assert file.read_text("utf-8") == text
    Path(store).unlink()
    with Project.open() as project:
        assert project.import_sidecars(file).judgements == 10
        again = list(project.classify_entries(file))
    assert [result.stored for result in again] == [5, 5]
    assert [result.decision for result in again] == before


def test_sidecars_are_known_by_name() -> None:
    table = Path("a/posts.csv")
    assert entries.collection_of(entries.path_for(table)) == table
    assert entries.collection_of(Path("data.post.classifications.jsonl")) is None
    assert entries.collection_of(table) is None
