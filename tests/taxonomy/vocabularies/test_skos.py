from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from classifier import taxonomy
from classifier.errors import TaxonomyError
from classifier.models import Category
from classifier.taxonomy import vocabularies

PREFIXES = """\
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix : <https://example.org/food/> .
"""
FOOD = (
    PREFIXES
    + """\
:scheme a skos:ConceptScheme ; skos:prefLabel "Kitchen"@en, "Cuisine"@fr .
:scheme skos:hasTopConcept :food .
:food a skos:Concept ; skos:prefLabel "Food"@en, "Nourriture"@fr ; skos:narrower :bread .
:bread a skos:Concept ; skos:inScheme :scheme ; skos:prefLabel "Bread"@en-GB, "Pain"@fr ;
  skos:altLabel "Loaf"@en, "Miche"@fr ; skos:hiddenLabel "Bred"@en ;
  skos:definition "What bakers bake."@en, "Ce que font les boulangers."@fr ;
  skos:scopeNote "Loaves and rolls, not cakes."@en ; skos:related :oven .
:oven a skos:Concept ; skos:inScheme :scheme ; skos:prefLabel "Oven" ; skos:notation "K.7" .
:old a skos:Concept ; skos:inScheme :scheme ; skos:prefLabel "Old"@en ; owl:deprecated true .
:rye a skos:Concept ; skos:inScheme :scheme ; skos:prefLabel "Rye"@en ; skos:broader :bread, :old .
"""
)


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def by_title(path: Path) -> dict[str, Category]:
    return {category.title: category for category in taxonomy.load(path).categories}


def test_turtle_is_read_in_place(tmp_path: Path) -> None:
    found = by_title(written(tmp_path, "food.ttl", FOOD))
    assert {c.id for c in found.values()} == {
        "kitchen/food",
        "kitchen/bread",
        "kitchen/oven",
        "kitchen/rye",
    }
    bread = found["Bread"]
    assert (bread.aliases, bread.description) == (("Bred", "Loaf"), "What bakers bake.")
    assert bread.instructions.scope == "Loaves and rolls, not cakes."
    assert (bread.parents, bread.related) == (("kitchen/food",), ("kitchen/oven",))
    assert found["Oven"].related == ("kitchen/bread",)
    assert found["Rye"].path == ("Food", "Bread")
    assert taxonomy.load(tmp_path / "food.ttl").warnings == ()


def test_texts_are_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    path = written(tmp_path, "food.ttl", FOOD)
    found = {str(entry.meta["title"]): entry for entry in vocabularies.read(path, language="fr")}
    assert set(found) == {"Nourriture", "Pain", "Oven", "Rye"}
    assert found["Pain"].kind == "cuisine"
    assert found["Pain"].meta["aliases"] == ["Bred", "Miche"]


RDF_XML = """\
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
         xmlns:skos="http://www.w3.org/2004/02/skos/core#">
  <skos:Concept rdf:about="https://example.org/food"><skos:prefLabel>Food</skos:prefLabel></skos:Concept>
  <skos:Concept rdf:about="https://example.org/bread"><skos:prefLabel>Bread</skos:prefLabel>
    <skos:broader rdf:resource="https://example.org/food"/></skos:Concept>
</rdf:RDF>
"""
JSON_LD = {
    "@context": {"skos": "http://www.w3.org/2004/02/skos/core#"},
    "@graph": [
        {"@id": "urn:x:food", "@type": "skos:Concept", "skos:prefLabel": "Food"},
        {
            "@id": "urn:x:bread",
            "@type": "skos:Concept",
            "skos:prefLabel": "Bread",
            "skos:broader": {"@id": "urn:x:food"},
        },
    ],
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.rdf", RDF_XML),
        ("t.xml", RDF_XML),
        ("t.jsonld", json.dumps(JSON_LD)),
        ("t.json", json.dumps(JSON_LD)),
    ],
)
def test_other_syntaxes_say_the_same(tmp_path: Path, name: str, text: str) -> None:
    found = by_title(written(tmp_path, name, text))
    assert {c.id: c.parents for c in found.values()} == {"t/food": (), "t/bread": ("t/food",)}


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something was to be fetched")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.usefixtures("offline")
def test_a_context_from_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    text = json.dumps({**JSON_LD, "@context": "https://example.org/context.jsonld"})
    with pytest.raises(TaxonomyError, match=r"t\.jsonld': it needs a context from elsewhere"):
        taxonomy.load(written(tmp_path, "t.jsonld", text))


@pytest.mark.usefixtures("offline")
def test_an_entity_does_not_read_a_file(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret.txt", "do not read me")
    entity = f'<!DOCTYPE rdf:RDF [<!ENTITY e SYSTEM "{secret.as_uri()}">]>\n'
    text = entity + RDF_XML.replace("<skos:prefLabel>Food", "<skos:prefLabel>&e;")
    with pytest.raises(TaxonomyError, match="cannot be read as rdf") as caught:
        taxonomy.load(written(tmp_path, "t.rdf", text))
    assert "do not read me" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("t.ttl", "no turtle", "cannot be read as ttl"),
        ("t.ttl", PREFIXES, "no concepts in it"),
        ("t.json", "{", "cannot be read as JSON"),
        ("t.json", "[" * 100_000, "cannot be read as JSON"),
        ("t.rdf", "<a>", "cannot be read as rdf|no concepts in it"),
    ],
)
def test_what_is_no_vocabulary_is_one_line(
    tmp_path: Path, name: str, text: str, problem: str
) -> None:
    with pytest.raises(TaxonomyError, match=problem) as caught:
        taxonomy.load(written(tmp_path, name, text))
    assert "\n" not in str(caught.value)


def test_ids_lead_nowhere_else_and_are_unique(tmp_path: Path) -> None:
    concepts = "".join(
        f'<urn:x:{n}> a skos:Concept ; skos:prefLabel "Name" ; skos:notation "{code}" .\n'
        for n, code in enumerate(["../../etc/passwd", "7", "8", "aa/./b", "Aa/b"])
    )
    found = taxonomy.load(written(tmp_path, "t.ttl", PREFIXES + concepts))
    assert sorted(c.id for c in found.categories) == [
        "t/Aa/b-2",
        "t/aa/b",
        "t/etc/passwd",
        "t/name-7",
        "t/name-8",
    ]


def test_ten_thousand_concepts_are_read(tmp_path: Path) -> None:
    text = PREFIXES + "".join(
        f':c{n} a skos:Concept ; skos:prefLabel "Concept {n}"@en ; skos:broader :c{n // 10} .\n'
        for n in range(1, 10_001)
    )
    found = taxonomy.load(written(tmp_path, "t.ttl", text))
    assert len(found.categories) == 10_000
    assert sum(bool(c.parents) for c in found.categories) == 9_991
