from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import taxonomy
from classifier.errors import TaxonomyError, UsageError
from classifier.models import Category

ODD_KEYS = """\
---
title: Gardens
description: How to lay out and keep a garden.
ClassificationType: tags
trustpilot: false
abstract: A longer text about gardens.
date: 2025-02-31T99:00:00Z
weight: 440
icon: fa-leaf
instructions: |-
  **Use this category only for gardens.**
  From the first spade to the last rose.

  **Key topics:**
  - Pruning
  - Compost

  **Strictly exclude** plastic lawns, as well as fences.
headline:
  cards: []
  title: 'Gardens: grow them'
  updated: 2025-05-23T23:25:49Z
sitemap:
  filename: sitemap.xml
  priority: 0.7
aliases:
  - /old/garden/
  - Yards
concepts:
  - Outdoors
tags:
  - Trees
ItemId: abc-DEF_1
ItemKind: classification
---
A body.
"""


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return root


def one(root: Path, text: str, name: str = "kinds/thing.md") -> Category:
    (category,) = taxonomy.load(write(root, {name: text})).categories
    return category


def ids(path: Path) -> list[str]:
    return [category.id for category in taxonomy.load(path).categories]


def test_a_definition_with_many_keys_of_other_programs_loads_as_it_is(tmp_path: Path) -> None:
    loaded = taxonomy.load(write(tmp_path, {"gardens.md": ODD_KEYS}))
    (category,) = loaded.categories
    assert (category.id, category.kind, category.title) == ("tags/gardens", "tags", "Gardens")
    assert category.description == "How to lay out and keep a garden."
    assert category.instructions.topics == ("Pruning", "Compost")
    assert category.instructions.exclusions == ("plastic lawns", "fences.")
    assert category.instructions.scope.endswith("From the first spade to the last rose.")
    assert category.instructions.text.startswith("**Use this category only")
    assert category.aliases == ("Yards",)
    assert category.related == ("Outdoors", "Trees")
    assert category.source == str(tmp_path / "gardens.md")
    assert loaded.warnings == (
        f"{category.source!r}: related to unknown categories: 'Outdoors', 'Trees'",
    )


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


@pytest.mark.parametrize("title", ["No", "1.10", "2024-01-01", "0x1F", "!tag text"])
def test_a_title_stays_as_it_is_written(tmp_path: Path, title: str) -> None:
    assert one(tmp_path, f"---\ntitle: {title}\n---\nx").title == title.removeprefix("!tag ")


def test_without_a_title_the_slug_is_made_readable(tmp_path: Path) -> None:
    category = one(tmp_path, "Posts about pipes.", "kinds/build-and_run.md")
    assert category.title == "Build and run"
    assert category.instructions.scope == "Posts about pipes."


@pytest.mark.parametrize(
    ("meta", "description"),
    [
        ("description: D\nabstract: A\nsummary: S", "D"),
        ("description: ~\nabstract: A\nsummary: S", "A"),
        ("deck: K\nsummary: S", "K\n\nS"),
        ("deck: ''\nsummary: S", "S"),
        ("deck: K", "K"),
        ("weight: 2", ""),
    ],
)
def test_the_description_is_the_first_that_is_given(
    tmp_path: Path, meta: str, description: str
) -> None:
    category = one(tmp_path, f"---\ntitle: T\n{meta}\n---\n")
    assert category.description == category.instructions.scope == description


def test_without_a_description_the_first_prose_of_the_body_serves(tmp_path: Path) -> None:
    body = "# Gardens\n\nAll **about** [gardens](/x).\n\n```\ncode\n```\n\nAnd " + "more " * 300
    assert one(tmp_path, body).instructions.scope == "All about gardens."


def test_typed_lists_replace_instructions(tmp_path: Path) -> None:
    text = "---\ndescription: D\ninclude: [a, b]\nexclude: c\n---\n"
    instructions = one(tmp_path, text).instructions
    assert (instructions.text, instructions.scope) == ("", "D")
    assert (instructions.topics, instructions.exclusions) == (("a", "b"), ("c",))


def test_typed_lists_complete_instructions(tmp_path: Path) -> None:
    text = "---\nInstructions: |\n  Topics:\n  - b\n  - x\ninclude: [a, b]\nexclude: [c]\n---\n"
    instructions = one(tmp_path, text).instructions
    assert (instructions.topics, instructions.exclusions) == (("a", "b", "x"), ("c",))


def test_a_value_of_the_wrong_shape_is_ignored_with_a_warning(tmp_path: Path) -> None:
    root = write(tmp_path, {"a.md": "---\ntitle: T\ndescription: [x]\naliases: {a: b}\n---\n"})
    loaded = taxonomy.load(root)
    file = str(root / "a.md")
    assert loaded.warnings == (
        f"{file!r}: 'description' is not text; ignored",
        f"{file!r}: 'aliases' is not a list of texts; ignored",
    )


def test_titles_are_one_line_without_control_characters(tmp_path: Path) -> None:
    assert one(tmp_path, '---\ntitle: "A\\e[31m\\n b"\n---\n').title == "A [31m b"


# --- tags.yml -------------------------------------------------------------------------------------

TAGS = """\
news:
  label: News
  description: >
    'What happened at the gardener's'
  permalink: /n
ponds: Ponds and fish
bare:
nothing: null
"""


@pytest.mark.parametrize("inside", [True, False])
def test_a_tags_file_is_a_taxonomy(tmp_path: Path, inside: bool) -> None:
    root = write(tmp_path, {"tags.yml": TAGS, "authors.yml": "me: {name: Me}"})
    loaded = taxonomy.load(root if inside else root / "tags.yml")
    assert [(c.id, c.title, c.description) for c in loaded.categories] == [
        ("tags/bare", "Bare", ""),
        ("tags/news", "News", "What happened at the gardener's"),
        ("tags/nothing", "Nothing", ""),
        ("tags/ponds", "Ponds and fish", ""),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: {label: A}\na: {label: B}", "the tag 'a' is defined twice"),
        ("- a\n- b", "expected `key: {label, description}` entries"),
        ("a: [", "cannot be read as YAML"),
    ],
)
def test_a_tags_file_that_cannot_be_used_is_one_clear_line(
    tmp_path: Path, text: str, words: str
) -> None:
    file = write(tmp_path, {"tags.yml": text}) / "tags.yml"
    with pytest.raises(TaxonomyError, match=words) as caught:
        taxonomy.load(file)
    assert_one_line(caught.value, file)


# --- what stops a run -----------------------------------------------------------------------------


def assert_one_line(error: Exception, *files: Path) -> None:
    message = str(error)
    assert "\n" not in message
    assert len(message) < 400 + sum(len(str(file)) for file in files)
    for file in files:
        assert repr(str(file)) in message


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"---\ntitle: caf\xe9\n---\n", "not UTF-8"),
        (b"---\ntitle: [\n---\n", "front matter is broken at line 3: "),
        (b"---\ntitle: T\nno end", "never closed"),
        (b"---\njust words\n---\nx", "not a list of `key: value` lines"),
        (b"<!-- a licence -->\n---\ntitle: T\n---\nx", "front matter is behind a comment"),
        (b"---yaml\ntitle: T\n---\nx", "front matter opens with '---yaml'"),
        (b"Title: T\nDescription: D\n\nx", "front matter has no --- line"),
        (b"+++\ntitle = \n+++\nx", "front matter is broken"),
        (b"---\na: &a [*a]\n---\nx", "front matter is broken"),
        (b"---\na: " + b"[" * 5000 + b"\n---\nx", "front matter is broken"),
        (b"+++\na = " + b"[" * 5000 + b"\n+++\nx", "nested too deeply"),
        (b"---\ntitle: a\x00b\n---\nx", "front matter is broken"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(
    tmp_path: Path, data: bytes, words: str
) -> None:
    file = tmp_path / "broken.md"
    file.write_bytes(data)
    with pytest.raises(TaxonomyError, match=words) as caught:
        taxonomy.load(tmp_path)
    assert_one_line(caught.value, file)


def test_two_definitions_of_one_id_name_both_files(tmp_path: Path) -> None:
    write(tmp_path, {"tags/a.md": "One.", "tags/a/_index.md": "Two."})
    with pytest.raises(TaxonomyError, match="two definitions of 'tags/a'") as caught:
        taxonomy.load(tmp_path)
    assert_one_line(caught.value, tmp_path / "tags/a.md", tmp_path / "tags/a/_index.md")


def test_a_definition_without_a_word_for_a_title_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"---.md": "Text."})
    with pytest.raises(TaxonomyError, match="no title"):
        taxonomy.load(tmp_path)


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"notes.txt": "x", "_index.md": "---\ntitle: All\n---\n"})
    with pytest.raises(TaxonomyError, match="no category definitions in") as caught:
        taxonomy.load(tmp_path)
    assert_one_line(caught.value, tmp_path)


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="no such file or folder"):
        taxonomy.load(tmp_path / "nowhere")


def test_aliases_that_double_again_and_again_cost_nothing(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60)]
    lines += ["tags: *a59", "title: *a59", "m0: &m0 {k: v}"]
    lines += [f"m{n}: &m{n} {{<<: [*m{n - 1}, *m{n - 1}]}}" for n in range(1, 60)]
    category = one(tmp_path, "---\n" + "\n".join(lines) + "\n---\nText.")
    assert category.title == "Thing"
    assert category.related == ()


def test_a_yaml_tag_makes_no_object(tmp_path: Path) -> None:
    category = one(tmp_path, "---\ntitle: !!python/object/apply:os.system [ls]\n---\nText.")
    assert category.title == "Thing"


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


def test_the_documented_definition_reads_as_documented(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "taxonomy.md").read_text(encoding="utf-8")
    category = one(tmp_path, page.split("```markdown\n")[1].split("```")[0], "gardens.md")
    assert category.id == "tags/gardens"
    assert category.instructions.scope == "Posts that help a reader to plan or keep a garden."
    assert category.instructions.topics == ("Pruning and training trees", "Compost and soil")
    assert category.instructions.exclusions == ("Plastic lawns", "Garden furniture for sale")


@pytest.mark.parametrize("name", ["deep.md", "tags.yml"])
def test_nesting_that_would_crash_the_yaml_parser_is_one_line(tmp_path: Path, name: str) -> None:
    nested = "a: " + "[" * 100_000
    (tmp_path / name).write_text(nested if name.endswith("yml") else f"---\n{nested}\n---\n")
    with pytest.raises(TaxonomyError, match=r"cannot be read|is broken") as caught:
        taxonomy.load(tmp_path)
    assert_one_line(caught.value, tmp_path / name)
