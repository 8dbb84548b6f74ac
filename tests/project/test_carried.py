"""Which keys carry labels that name categories."""

from __future__ import annotations

from pathlib import Path

from support.site import write_article

from classifier.project import Project
from classifier.project.advice import Carried
from classifier.project.carried import categories, count


def counted(project: Project) -> dict[str, Carried]:
    records = project.records.get("write")
    corpus = project.corpus(project.taxonomy.categories, records)
    scan = project.scan(corpus, [Path("content")], scorer="x")
    return count(project, corpus, scan.entries, records)


def test_lists_texts_and_nested_keys_count_an_article_once(project: Project, site: Path) -> None:
    content = site / "content"
    write_article(content / "a.md", "A.", "tags: [Bread, Wine, Rain]\n")
    write_article(content / "b.md", "B.", "tags: bread, rain\n")
    write_article(content / "c.md", "C.", "taxonomies:\n  tags: [wine]\n")
    assert counted(project) == {"tags": Carried(2, 2), "taxonomies.tags": Carried(1, 1)}


def test_what_names_no_category_does_not_count(project: Project, site: Path) -> None:
    content = site / "content"
    write_article(content / "bread.md", "A title is no label.", "authors: [Ann]\ntags: []\n")
    write_article(content / "b.md", "B.", "tags: [Rain]\nseries: bread\n")
    (content / "c.md").write_text("---\ntags: [\n---\nBroken.\n")
    assert counted(project) == {}


def test_articles_whose_labels_name_no_category_count_where_others_do(
    project: Project, site: Path
) -> None:
    content = site / "content"
    write_article(content / "a.md", "A.", "tags: [Bread]\n")
    write_article(content / "b.md", "B.", "tags: [Rain, Snow]\n")
    write_article(content / "c.md", "C.", "tags: []\n")
    assert counted(project) == {"tags": Carried(articles=2, named=1)}


def test_the_key_of_a_kind_may_hold_one_text(project: Project, site: Path) -> None:
    write_article(site / "content" / "a.md", "A.", "subject: Bread\n")
    view = project.with_settings(fields={"tags": {"name": "subject"}})
    assert counted(view) == {"subject": Carried(1, 1)}


def test_tags_in_the_text_count_where_the_settings_say_so(project: Project, site: Path) -> None:
    content = site / "content"
    write_article(content / "a.md", "A day with #bread and #wine.")
    write_article(content / "b.md", "About #rain.")
    write_article(content / "c.md", "C.", "tags: [Wine]\n")
    view = project.with_settings(fields={"tags": {"inline": True}})
    assert counted(project) == {"tags": Carried(1, 1)}
    assert counted(view) == {"tags": Carried(articles=3, named=2)}


def test_the_categories_that_people_use_are_those_under_the_keys_of_labels(
    project: Project, site: Path
) -> None:
    content = site / "content"
    write_article(content / "a.md", "A.", "tags: [Bread, Rain]\nsubjects: [Wine]\n")
    write_article(content / "b.md", "B.", "tags: [olives]\n")
    records = project.records.get("write")
    corpus = project.corpus(project.taxonomy.categories, records)
    scan = project.scan(corpus, [Path("content")], scorer="x")
    assert categories(project, corpus, scan.entries, records) == {"tags/bread", "tags/olives"}
