from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classifier import taxonomy
from classifier.site.category_file import CategoryDraft, is_draft, readable, text_of
from classifier.site.drafts import Draft


def loaded(folder: Path, text: str):
    (folder / "a.md").write_text(text, encoding="utf-8")
    (category,) = taxonomy.load(folder).categories
    return category


@pytest.mark.parametrize(
    "title",
    [
        "No",
        "1.10",
        "a: b",
        "x\n---\ninstructions: all",
        "!!python/object:os.system",
        "'x\"",
        "# a",
        "- a",
        "{a}",
    ],
)
def test_a_title_reads_back_as_one_line_whatever_it_is(title: str, tmp_path: Path) -> None:
    category = loaded(
        tmp_path, text_of(CategoryDraft(title=title, articles=1, draft=Draft((), ())))
    )
    assert category.title == " ".join(title.split())
    assert not category.instructions.topics


@given(st.text(min_size=1).filter(lambda text: any(c.isalnum() for c in text)))
def test_every_text_is_safe_in_a_file(text: str) -> None:
    import yaml

    draft = CategoryDraft(title="T", aliases=[text], articles=2, draft=Draft((text,), (text,)))
    written = text_of(draft)
    written.encode("utf-8")
    meta = yaml.safe_load(written.split("---\n")[1])
    assert set(meta) <= {"title", "aliases", "include"}
    assert meta["title"] == "T"
    assert written.count("-->") == 1


def test_a_draft_says_so_and_names_its_parent(tmp_path: Path) -> None:
    text = text_of(
        CategoryDraft(
            title="Bread",
            aliases=["bread"],
            parent="food",
            articles=3,
            draft=Draft(("crust",), ("A loaf.",)),
        )
    )
    assert text.startswith("---\n# A draft by `classify init` from 3 articles")
    assert "parent: food\n" in text
    category = loaded(tmp_path, text)
    assert (category.description, category.instructions.topics) == ("", ("crust",))
    assert category.instructions.scope == ""
    assert "- A loaf.\n-->" in text
    assert category.aliases == ("bread",)


@pytest.mark.parametrize(("slug", "title"), [("open-data", "Open data"), ("my_API", "my API")])
def test_a_slug_becomes_a_title(slug: str, title: str) -> None:
    assert readable(slug) == title


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_draft_is_known_by_its_mark_until_that_is_gone(tmp_path: Path, newline: str) -> None:
    path = tmp_path / "a.md"
    text = text_of(CategoryDraft(title="Bread", articles=3, draft=Draft(("oven",), ())))
    path.write_bytes(text.replace("\n", newline).encode())
    assert is_draft(path)
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("#")))
    assert not is_draft(path)
    assert not is_draft(tmp_path / "gone.md")
