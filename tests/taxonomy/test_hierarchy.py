from __future__ import annotations

from pathlib import Path

import pytest
from support.definitions import category
from support.taxonomy_files import write

from classifier import taxonomy
from classifier.lint import lint
from classifier.models import Category, Taxonomy, digest
from classifier.taxonomy.hierarchy import in_order


def loaded(root: Path, files: dict[str, str]) -> Taxonomy:
    return taxonomy.load(
        write(root / "all", {f"tags/{name}": text for name, text in files.items()})
    )


def parents(found: Taxonomy) -> dict[str, tuple[str, ...]]:
    return {c.id: c.parents for c in found.categories if c.parents}


FOOD = "---\ntitle: Food\naliases: [Eating]\n---\nWhat people eat."


@pytest.mark.parametrize("name", ["Food", "food", "tags/food", "eating", "#FOOD"])
def test_a_parent_goes_by_any_of_its_names(tmp_path: Path, name: str) -> None:
    bread = f"---\ntitle: Bread\nparent: '{name}'\n---\nLoaves."
    found = loaded(tmp_path, {"food.md": FOOD, "bread.md": bread})
    assert parents(found) == {"tags/bread": ("tags/food",)}
    assert [c.path for c in found.categories] == [("Food",), ()]
    assert found.warnings == ()


def test_a_list_names_several_parents_and_the_first_is_the_path(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        {"food.md": FOOD, "art.md": "Art.", "cake.md": "---\nparent: [art, food]\n---\nCakes."},
    )
    assert parents(found) == {"tags/cake": ("tags/art", "tags/food")}
    assert {c.id: c.path for c in found.categories}["tags/cake"] == ("Art",)


def test_a_folder_and_a_slash_place_a_category_below_another(tmp_path: Path) -> None:
    files = {"food.md": FOOD, "food/bread.md": "Loaves.", "food/x/rye.md": "Rye.", "y/z.md": "Z."}
    assert parents(loaded(tmp_path, files)) == {
        "tags/food/bread": ("tags/food",),
        "tags/food/x/rye": ("tags/food",),
    }
    listed = tmp_path / "tags.yml"
    listed.write_text("a: A\na/b: B\na/b/c: C\nd/e: E\n", encoding="utf-8")
    assert parents(taxonomy.load(listed)) == {
        "tags/a/b": ("tags/a",),
        "tags/a/b/c": ("tags/a/b",),
    }


def test_an_unknown_parent_is_a_warning_and_a_finding(tmp_path: Path) -> None:
    found = loaded(tmp_path, {"bread.md": "---\nparent: Fodo\n---\nLoaves of bread and rolls."})
    assert parents(found) == {}
    (warning,) = found.warnings
    assert "bread.md': the parent 'Fodo' is no other category of kind 'tags'" in warning
    (finding,) = [each for each in lint(found) if "Fodo" in each.message]
    assert (finding.rule, finding.categories[0].id) == ("loading", "tags/bread")


def test_a_parent_of_another_kind_or_of_two_meanings_is_not_taken(tmp_path: Path) -> None:
    found = loaded(
        tmp_path,
        {
            "a.md": "---\ntitle: Food\nClassificationType: concepts\n---\nx",
            "b.md": "---\ntitle: One\naliases: [Twin]\n---\nx",
            "c.md": "---\ntitle: Two\naliases: [Twin]\n---\nx",
            "d.md": "---\nparent: Food\n---\nx",
            "e.md": "---\nparent: Twin\n---\nx",
        },
    )
    assert parents(found) == {}
    assert [w.partition(": ")[2] for w in found.warnings] == [
        "the parent 'Food' is no other category of kind 'tags'",
        "the parent 'Twin' may be tags/b, tags/c; use an id",
    ]


def test_a_circle_is_cut_once_and_found_by_lint(tmp_path: Path) -> None:
    ring = {
        f"{one}.md": f"---\nparent: {next_}\n---\nWhat it is about."
        for one, next_ in ("ab", "bc", "ca", "db", "ee")
    }
    found = loaded(tmp_path, ring)
    assert parents(found) == {
        "tags/a": ("tags/b",),
        "tags/b": ("tags/c",),
        "tags/d": ("tags/b",),
    }
    assert sum("itself; ignored" in each.message for each in lint(found)) == 1
    assert sum("'e' is no other category" in warning for warning in found.warnings) == 1


def test_deep_branches_are_read(tmp_path: Path) -> None:
    listed = tmp_path / "tags.yml"
    keys = ["a" + "/a" * n for n in range(300)]
    listed.write_text("".join(f"{key}: N{n}\n" for n, key in enumerate(keys)), encoding="utf-8")
    assert len(parents(taxonomy.load(listed))) == 299


def test_a_category_above_no_other_keeps_its_digest_and_a_moved_one_does_not() -> None:
    flat = category("Bread")
    i = flat.instructions
    written = (flat.title, flat.description, i.scope, i.topics, i.exclusions, flat.aliases)
    assert flat.digest == digest(*written)
    moved = Category(
        id=flat.id,
        kind=flat.kind,
        title=flat.title,
        description=flat.description,
        instructions=i,
        path=("Food",),
    )
    assert moved.digest != flat.digest
    assert moved.definition == flat.definition


def test_children_come_after_their_parents_each_once() -> None:
    some = (
        category("Bread", parents=("tags/food",)),
        category("Cake", parents=("tags/art", "tags/food")),
        category("Food"),
        category("Rye", parents=("tags/bread",)),
        category("Left", parents=("tags/unknown",)),
    )
    assert [(c.title, depth) for c, depth in in_order(some)] == [
        ("Food", 0),
        ("Bread", 1),
        ("Rye", 2),
        ("Cake", 1),
        ("Left", 0),
    ]
