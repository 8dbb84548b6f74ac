from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from classifier import taxonomy
from classifier.errors import OutputError, TaxonomyError, UsageError
from classifier.models import Category
from classifier.project.import_vocabulary import import_vocabulary

TABLE = """\
id\tparent\tname\tdescription\taliases
1\t\tFood\t"What people eat: all of it"\tMeals|Dishes
2\t1\tBread & Butter\tLoaves\t
3\t2\t../../Rye\t\t
4\t\tC++\t\t
5\t\tC#\t\t
"""
SKOS = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:x:s> a skos:ConceptScheme ; skos:prefLabel "My Topics"@en .
<urn:x:a> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "Food"@en, "Essen"@de ;
  skos:scopeNote "Meals.\\n\\n**Key topics:**\\n\\n- Soup"@en ; skos:related <urn:x:b> .
<urn:x:b> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "Oven"@en .
<urn:x:c> a skos:Concept ; skos:inScheme <urn:x:s> ; skos:prefLabel "Bread"@en ;
  skos:broader <urn:x:a>, <urn:x:b> .
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "iab.tsv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def said(found: Category) -> tuple[object, ...]:
    i = found.instructions
    return found.title, found.kind, found.description, found.aliases, found.path, i.topics, i.scope


@pytest.mark.parametrize(("name", "text"), [("iab.tsv", TABLE), ("t.ttl", SKOS)])
def test_files_say_what_the_vocabulary_says(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    folder = tmp_path / "out"
    written = import_vocabulary(file, folder, language="en", warn=print)
    assert all(path.is_file() and path.is_relative_to(folder) for path in written)
    files, in_place = taxonomy.load(folder), taxonomy.load(file)
    assert files.warnings == ()
    assert sorted(map(said, files.categories)) == sorted(map(said, in_place.categories))
    assert sum(len(c.parents) for c in files.categories) == 2
    related = [len(c.related) for c in files.categories]
    assert sum(related) == sum(len(c.related) for c in in_place.categories)


def test_names_are_in_the_language(tmp_path: Path) -> None:
    file = tmp_path / "t.ttl"
    file.write_text(SKOS, encoding="utf-8")
    import_vocabulary(file, tmp_path / "out", language="de", warn=print)
    titles = {c.title for c in taxonomy.load(tmp_path / "out").categories}
    assert titles == {"Essen", "Oven", "Bread"}


def test_nothing_is_overwritten_and_nothing_half_written(tmp_path: Path, table: Path) -> None:
    first = import_vocabulary(table, tmp_path / "try", language="en", warn=print)[1]
    there = tmp_path / "out" / first.relative_to(tmp_path / "try")
    there.parent.mkdir(parents=True)
    there.write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="exists: nothing is overwritten"):
        import_vocabulary(table, tmp_path / "out", language="en", warn=print)
    assert [path.name for path in there.parent.iterdir()] == [there.name]
    assert there.read_text(encoding="utf-8") == "mine"


def test_another_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no vocabulary"):
        import_vocabulary(tmp_path / "a.md", tmp_path, language="en", warn=print)
    with pytest.raises(TaxonomyError, match="no such file"):
        import_vocabulary(tmp_path / "a.ttl", tmp_path, language="en", warn=print)


def test_a_folder_that_cannot_be_made_is_named(table: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        import_vocabulary(table, table / "folder", language="en", warn=print)


@pytest.mark.parametrize("ring", ["1 2 3 1", "1 1", "1 2 1"])
def test_a_circle_of_parents_is_cut_with_one_line(tmp_path: Path, ring: str) -> None:
    names = ring.split()
    rows = [f"{child}\t{parent}\tTopic {child}" for child, parent in pairwise(names)]
    table = tmp_path / "iab.tsv"
    table.write_text("\n".join(["id\tparent\tname", *rows, "9\t1\tBelow"]), encoding="utf-8")
    warnings: list[str] = []
    import_vocabulary(table, tmp_path / "out", language="en", warn=warnings.append)
    (line,) = warnings
    assert "iab.tsv': the parent 'Topic" in line
    found = taxonomy.load(tmp_path / "out")
    assert found.warnings == ()
    assert sum(len(each.parents) for each in found.categories) == len(names) - 1
