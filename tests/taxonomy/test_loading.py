from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.taxonomy_files import assert_one_line, one, write

from classifier import taxonomy
from classifier.errors import TaxonomyError, UsageError


def ids(path: Path) -> list[str]:
    return [category.id for category in taxonomy.load(path).categories]


def test_kind_and_slug_come_from_the_folders(tmp_path: Path) -> None:
    root = write(
        tmp_path / "topics",
        {
            "_index.md": "---\ntitle: All topics\n---\n",
            "README.md": "How this folder is kept.",
            "plain.md": "---\ntitle: Plain\n---\nText.",
            "bundle/_index.md": "---\ntitle: Bundle\n---\nText.",
            "leaf/index.md": "---\ntitle: Leaf\n---\nText.",
            "Tags/_index.md": "---\ntitle: The tags\n---\n",
            "deep/_index.md": "---\ntitle: A section of sections\n---\n",
            "deep/er/est.md": "---\ntitle: Deepest\n---\nText.",
            "Tags/one.md": "---\ntitle: One\n---\nText.",
            "Tags/two/_index.md": "---\ntitle: Two\n---\nText.",
            "Tags/deep/er.markdown": "---\ntitle: Deeper\n---\nText.",
            "Tags/typed.md": "---\nclassificationTYPE: Concepts\n---\nText.",
            ".hidden/no.md": "x",
            ".no.md": "x",
            "notes.txt": "x",
        },
    )
    assert ids(root) == [
        "concepts/Tags/typed",
        "deep/er/est",
        "tags/deep/er",
        "tags/one",
        "tags/two",
        "topics/bundle",
        "topics/leaf",
        "topics/plain",
    ]


def test_a_root_named_as_a_kind_inside_it_is_not_repeated(tmp_path: Path) -> None:
    root = tmp_path / "categories"
    write(root, {"categories/a.md": "---\nClassificationType: categories\n---\nText."})
    assert ids(root) == ["categories/a"]


@pytest.mark.parametrize("name", ["tags/gardens.md", "tags/gardens/_index.md"])
def test_a_single_file_has_the_id_it_has_in_its_folder(tmp_path: Path, name: str) -> None:
    root = write(tmp_path / "all", {name: "---\ntitle: Gardens\n---\nText."})
    assert ids(root / name) == ids(root) == ["tags/gardens"]


@pytest.mark.parametrize(
    "section", ["Instructions: Posts on gardens.", "ClassificationType: kinds"]
)
def test_a_section_page_that_defines_a_category_is_one(tmp_path: Path, section: str) -> None:
    root = write(tmp_path, {"kinds/_index.md": f"---\n{section}\n---\n", "kinds/a.md": "Text."})
    assert len(ids(root)) == 2


@pytest.mark.parametrize(
    "text",
    [
        "---\ntitle: A b\ndescription: C\n---\nBody",
        "\ufeff---\ntitle: A b\ndescription: C\n---\nBody",
        "---\r\ntitle: A b\r\ndescription: C\r\n---\r\nBody",
        "\n\n---\ntitle: A b\ndescription: C\n---\n",
        '+++\ntitle = "A b"\ndescription = "C"\ndate = 2024-01-01\n+++\nBody',
        '{\n"title": "A b",\n"description": "C"\n}\nBody',
        '{"title": "A b", "description": "C"}\nBody',
        '{"title": "A b", "description": "C", "params": {\n"a": 1\n}\n}\n\nBody',
        "---\ntitle: A b\ndescription: C\n...\nBody",
        "title: A b\ndescription: C\n---\nBody",
        "--- \ntitle: A b\ndescription: C\n---  \nBody\n\n---\n\nMore",
    ],
)
def test_every_form_of_front_matter_reads_the_same(tmp_path: Path, text: str) -> None:
    category = one(tmp_path, text)
    assert (category.title, category.description) == ("A b", "C")
    assert category.instructions.scope == "C"


def test_two_definitions_of_one_id_name_both_files(tmp_path: Path) -> None:
    write(tmp_path, {"tags/a.md": "One.", "tags/a/_index.md": "Two."})
    with pytest.raises(TaxonomyError, match="two definitions of 'tags/a'") as caught:
        taxonomy.load(tmp_path)
    assert_one_line(caught.value, tmp_path / "tags/a.md", tmp_path / "tags/a/_index.md")


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"notes.txt": "x", "_index.md": "---\ntitle: All\n---\n"})
    with pytest.raises(TaxonomyError, match="no category definitions in") as caught:
        taxonomy.load(tmp_path)
    assert_one_line(caught.value, tmp_path)


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="no such file or folder"):
        taxonomy.load(tmp_path / "nowhere")


# --- links ----------------------------------------------------------------------------------------


def test_links_that_loop_or_lead_outside_are_skipped_with_a_warning(tmp_path: Path) -> None:
    write(tmp_path, {"secret.md": "Secret.", "root/tags/a.md": "Text."})
    root = tmp_path / "root"
    (root / "tags" / "again").symlink_to(root)
    (root / "tags" / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "tags" / "loop.md").symlink_to(root / "tags" / "loop.md")
    loaded = taxonomy.load(root)
    assert [category.id for category in loaded.categories] == ["tags/a"]
    assert loaded.warnings == (
        f"{str(root / 'tags' / 'again')!r}: a link to a folder is not followed",
        f"{str(root / 'tags' / 'loop.md')!r}: not a file inside the folder; skipped",
        f"{str(root / 'tags' / 'out.md')!r}: not a file inside the folder; skipped",
    )


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "Text."})
    os.mkfifo(tmp_path / "b.md")
    assert len(taxonomy.load(tmp_path).categories) == 1


# --- what is merely odd ---------------------------------------------------------------------------


def test_a_related_category_is_known_by_title_slug_id_or_alias(tmp_path: Path) -> None:
    files = {
        "tags/a-b.md": "---\ntitle: The First\naliases: [Uno]\n---\nx",
        "tags/z.md": "---\ntags: [the first, A-B, tags/a-b, uno]\n---\nx",
    }
    assert taxonomy.load(write(tmp_path, files)).warnings == ()


def test_a_warning_about_many_unknown_names_stays_short(tmp_path: Path) -> None:
    names = ", ".join("n" * 500 + str(n) for n in range(100))
    (warning,) = taxonomy.load(write(tmp_path, {"a.md": f"---\ntags: [{names}]\n---\nx"})).warnings
    assert warning.endswith("and 95 more")
    assert len(warning) < 500 + len(str(tmp_path))


def test_two_categories_of_one_title_in_one_kind_are_told(tmp_path: Path) -> None:
    same = "---\ntitle: Same\n---\nx"
    root = write(tmp_path, {"tags/a.md": same, "tags/b.md": same, "concepts/c.md": same})
    (warning,) = taxonomy.load(root).warnings
    assert warning.startswith("2 categories of kind 'tags' are called 'Same': ")
    assert repr(str(root / "tags/b.md")) in warning


@given(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1))
@settings(max_examples=20)
def test_the_order_depends_on_the_ids_alone(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    root = tmp_path_factory.mktemp("order")
    write(root, {f"{'xy'[ord(name) % 2]}/{name}.md": "Text." for name in names})
    found = [(c.kind, c.id) for c in taxonomy.load(root).categories]
    assert found == sorted(found)
    assert len(found) == len(names)


# --- select ---------------------------------------------------------------------------------------


@pytest.fixture
def garden(tmp_path: Path) -> Path:
    files = {
        "tags/ponds.md": "---\ntitle: Ponds and Fish\naliases: [Water]\n---\nx",
        "tags/trees.md": "Text.",
        "concepts/ponds.md": "Text.",
    }
    return write(tmp_path, files)


@pytest.mark.parametrize(
    ("kinds", "categories", "expected"),
    [
        ([], [], ["concepts/ponds", "tags/ponds", "tags/trees"]),
        (["TAGS"], [], ["tags/ponds", "tags/trees"]),
        ([], ["Tags/Ponds"], ["tags/ponds"]),
        ([], ["ponds"], ["concepts/ponds", "tags/ponds"]),
        (["tags"], ["ponds"], ["tags/ponds"]),
        ([], ["ponds AND fish", "trees"], ["tags/ponds", "tags/trees"]),
        ([], ["water"], ["tags/ponds"]),
    ],
)
def test_select_keeps_what_is_named(
    garden: Path, kinds: list[str], categories: list[str], expected: list[str]
) -> None:
    kept = taxonomy.select(taxonomy.load(garden), kinds=kinds, categories=categories)
    assert [category.id for category in kept.categories] == expected


@pytest.mark.parametrize(
    ("kinds", "categories", "message"),
    [
        (["tag"], [], "no kind 'tag' in the definitions; did you mean 'tags'?"),
        ([], ["tree"], "no category 'tree' in the definitions; did you mean 'trees'"),
        (["concepts"], ["water"], "no category 'water'"),
    ],
)
def test_an_unknown_name_is_told_with_close_ones(
    garden: Path, kinds: list[str], categories: list[str], message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        taxonomy.select(taxonomy.load(garden), kinds=kinds, categories=categories)
    assert str(caught.value).startswith(message)
