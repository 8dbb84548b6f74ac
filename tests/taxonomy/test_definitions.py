from __future__ import annotations

from pathlib import Path

import pytest
from support.taxonomy_files import TAGS, assert_one_line, one, write

from classifier import taxonomy
from classifier.errors import TaxonomyError

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


def test_a_definition_without_a_word_for_a_title_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"---.md": "Text."})
    with pytest.raises(TaxonomyError, match="no title"):
        taxonomy.load(tmp_path)


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


def test_names_in_other_languages_are_aliases(tmp_path: Path) -> None:
    path = tmp_path / "bakery.md"
    path.write_text(
        "---\ntitle: Bakery\naliases: [Bakeries]\ntitle.fr: Boulangerie\n"
        "aliases.de: [Bäckerei, Bakeries]\naliases.pt-BR: Padaria\ntitle.xx: Nowhere\n---\n",
        encoding="utf-8",
    )
    loaded = taxonomy.load(path)
    assert loaded.categories[0].title == "Bakery"
    assert loaded.categories[0].aliases == ("Bakeries", "Boulangerie", "Bäckerei", "Padaria")
    (warning,) = loaded.warnings
    assert "'title.xx' is not for a language" in warning
