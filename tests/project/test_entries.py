from __future__ import annotations

from pathlib import Path

import pytest

from classifier.models import FailureReason
from classifier.project import Project
from classifier.project.events import Event, Message

ROWS = 'post,review\na,Wine and wine.\nb,\na,Cheese.\nc,"Bread, bread, bread."\n'


def _settings(site: Path) -> Path:
    path = site / "posts.csv"
    path.write_text(ROWS, "utf-8")
    (site / "classify.toml").write_text(
        'categories = "taxonomy"\n[table]\ntext = "review"\nid = "post"\n'
    )
    return path


def test_each_row_has_a_result_and_what_fails_is_one_of_them(site: Path, keywords: None) -> None:
    path = _settings(site)
    with Project.open() as project:
        results = {it.article: it for it in project.classify_entries("posts.csv")}
        failed = [(it.article, it.failures[0].reason) for it in results.values() if not it.ok]
    assert set(results) == {"posts.csv#a", "posts.csv#b", "posts.csv#c"}
    assert results["posts.csv#c"].labels["tags"] == ["Bread"]
    assert sorted(failed) == [
        ("posts.csv#a", FailureReason.UNREADABLE),
        ("posts.csv#b", FailureReason.EMPTY),
    ]
    assert path.read_text("utf-8") == ROWS


def test_a_longer_table_judges_only_what_is_new(site: Path, keywords: None) -> None:
    path = _settings(site)
    with Project.open() as project:
        assert not any(it.stored for it in project.classify_entries(path))
        path.write_text(ROWS + "d,More cheese and cheese.\n", "utf-8")
        stored = {it.article[-1]: it.stored for it in project.classify_entries(path) if it.ok}
    assert stored == {"a": 5, "c": 5, "d": 0}


def test_offsets_count_in_the_cell(site: Path, keywords: None) -> None:
    path = site / "posts.jsonl"
    text = "---\\ntitle: Lunch\\n---\\nWe like wine. Wine it is.\\n"
    path.write_text(f'{{"id": 1, "text": "{text}"}}\n', "utf-8")
    with Project.open() as project:
        (result,) = project.classify_entries(path)
    cell = text.replace("\\n", "\n")
    wine = next(it for it in result.judgements if it.category == "tags/wine")
    assert wine.evidence
    for quote in wine.evidence:
        assert quote.start is not None
        assert quote.end is not None
        place = slice(result.body_start + quote.start, result.body_start + quote.end)
        assert cell[place].casefold() == quote.text.casefold()


@pytest.mark.parametrize(
    ("name", "text"),
    [("mail.mbox", ""), ("rows.jsonl", "\n"), ("rows.csv", "id,text\n"), ("news.rss", "<rss/>")],
    ids=["mbox", "jsonl", "csv", "rss"],
)
def test_a_file_without_entries_is_said_to_have_none(
    project: Project, events: list[Event], name: str, text: str
) -> None:
    Path(name).write_text(text, "utf-8")
    assert list(project.classify_entries(name)) == []
    assert [it.text for it in events if isinstance(it, Message)] == [f"no entries in '{name}'"]
