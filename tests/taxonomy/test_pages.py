from __future__ import annotations

from pathlib import Path

import pytest

from classifier import taxonomy
from classifier.models import Taxonomy

LONG = "Words about a day in the kitchen. " * 30


def page(title: str, *, body: str = "", **keys: str) -> str:
    lines = [f"title: {title}", *(f"{key}: {value}" for key, value in keys.items())]
    return "---\n" + "\n".join(lines) + f"\n---\n{body}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A Hugo site with term pages among its articles."""
    files = {
        "_index.md": page("Home"),
        "about.md": page("About", body=LONG),
        "posts/_index.md": page("Posts"),
        "posts/first.md": page("First", date="2024-02-03", body="Short."),
        "posts/second/index.md": page("Second", date="2024-02-04"),
        "docs/setup.md": page("Setup", body=LONG),
        "tags/_index.md": page("Tags"),
        "tags/baking/_index.md": page("Baking", date="2020-01-01"),
        "tags/cycling/_index.md": page("Cycling", body=LONG),
        "concepts/practice/_index.md": page("Practice", Instructions="How-to articles."),
    }
    for name, text in files.items():
        (tmp_path / "content" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "content" / name).write_text(text, encoding="utf-8")
    return tmp_path / "content"


def ids(found: Taxonomy) -> list[str]:
    return [category.id for category in found.categories]


def test_articles_among_definitions_are_no_categories(site: Path) -> None:
    found = taxonomy.load(site)
    assert ids(found) == ["concepts/practice", "tags/baking", "tags/cycling"]
    assert found.warnings == ()


def test_several_folders_are_one_taxonomy_and_no_file_is_read_twice(site: Path) -> None:
    assert ids(taxonomy.load(site / "tags", site)) == ids(taxonomy.load(site))


def test_pages_with_a_title_only_are_a_taxonomy_where_nothing_says_otherwise(
    tmp_path: Path,
) -> None:
    for name in ("tags/a.md", "tags/b.md", "concepts/c.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(page(name, date="2024-01-01", body=LONG), encoding="utf-8")
    assert len(taxonomy.load(tmp_path).categories) == 3


def test_a_definition_without_instructions_stays_beside_those_with_some(site: Path) -> None:
    (site / "concepts/tool.md").write_text(page("Tool", body=LONG), encoding="utf-8")
    assert "concepts/tool" in ids(taxonomy.load(site))


def test_a_dated_page_beside_definitions_is_named_in_a_warning(site: Path) -> None:
    (site / "concepts/news.md").write_text(page("News", date="2024-01-01"), encoding="utf-8")
    found = taxonomy.load(site)
    assert "concepts/news" not in ids(found)
    assert [w for w in found.warnings if "news.md" in w]
