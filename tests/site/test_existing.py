from __future__ import annotations

from pathlib import Path

from support import sites

from classifier.site import existing, vocabulary
from classifier.site.fields import LabelField
from classifier.site.generator import Generator


def found(site: Path, content: str, generator: Generator, *labels: str):
    field = LabelField(name="tags", customary=True, forms={"list": 1}, labels={"a": labels})
    every = vocabulary.vocabulary(field)
    return existing.definitions(site, [site / content], "tags", every, generator)


def test_term_pages_of_hugo(tmp_path: Path) -> None:
    (one,) = found(sites.hugo(tmp_path), "content", "Hugo", "baking")
    assert one.path == tmp_path / "content/tags"
    assert [category.id for category in one.categories] == ["tags/baking"]


def test_tags_file_of_docusaurus(tmp_path: Path) -> None:
    (one,) = found(sites.docusaurus(tmp_path), "blog", "Docusaurus", "baking")
    assert one.path == tmp_path / "blog/tags.yml"


def test_data_of_jekyll_as_a_list(tmp_path: Path) -> None:
    (one,) = found(sites.jekyll(tmp_path), "_posts", "Jekyll", "baking", "cycling")
    titles = [(category.id, category.title) for category in one.categories]
    assert titles == [("tags/baking", "Baking"), ("tags/cycling", "Bikes")]


def test_tag_pages_of_jekyll(tmp_path: Path) -> None:
    sites.write(tmp_path, {"tag/baking.md": "---\nlayout: tag\ntitle: Baking\n---\n"})
    (one,) = found(tmp_path, "_posts", "Jekyll", "baking")
    assert [category.id for category in one.categories] == ["tag/baking"]


def test_pages_about_none_of_the_labels_are_no_definitions(tmp_path: Path) -> None:
    sites.write(tmp_path, {"tag/about.md": "---\ntitle: About\n---\n"})
    assert found(tmp_path, "_posts", "Jekyll", "baking") == []


def test_definitions_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    sites.write(tmp_path, {"blog/tags.yml": "a: b\na: c\n"})
    (one,) = found(tmp_path, "blog", "Docusaurus", "a")
    assert "tags.yml" in one.error


def test_what_init_wrote_is_seen_again(tmp_path: Path) -> None:
    sites.write(tmp_path, {"taxonomy/tags/food/baking.md": "---\ntitle: Baking\n---\n"})
    (one,) = found(tmp_path, "posts", "plain", "baking")
    assert one.path == tmp_path / "taxonomy"
    assert [category.id for category in one.categories] == ["tags/food/baking"]
