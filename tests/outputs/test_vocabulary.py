from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.definitions import category

from classifier import taxonomy
from classifier.errors import UsageError
from classifier.models import Category, Instructions
from classifier.outputs.vocabulary import instructions, render
from classifier.taxonomy.instructions import parse_instructions

TEXT = "Loaves & rolls.\n\n**Key topics:**\n\n- Sourdough\n\n**Strictly exclude:**\n\n- Cakes"
FOOD = (
    category(
        "Bread",
        aliases=("Loaf", "Miche"),
        parents=("tags/food",),
        related=("topics/oven",),
        exact_matches=("http://www.wikidata.org/entity/Q7802", "https://example.org/brød"),
    ),
    category("Food"),
    category("Räksmörgås", name="tags/food/räka", parents=("tags/food",)),
    category("Oven", name="topics/oven", description="", related=("tags/bread",)),
)
FOOD = (replace(FOOD[0], instructions=parse_instructions(TEXT)), *FOOD[1:])


def known(found: Category) -> tuple[object, ...]:
    """What both a definition and SKOS know."""
    i = found.instructions
    return (
        found.id,
        found.title,
        found.description,
        set(found.aliases),
        found.parents,
        set(found.related),
        set(found.exact_matches),
        i.topics,
        i.exclusions,
    )


@pytest.mark.parametrize(("format_", "name"), [("turtle", "t.ttl"), ("jsonld", "t.jsonld")])
@pytest.mark.parametrize("base", ["urn:classify:", "https://example.org/"])
def test_what_is_exported_is_read_back_the_same(
    tmp_path: Path, format_: str, name: str, base: str
) -> None:
    path = tmp_path / name
    path.write_text(render(FOOD, format_=format_, base=base), encoding="utf-8")
    assert [known(c) for c in taxonomy.load(path).categories] == [known(c) for c in FOOD]


def test_turtle_is_readable() -> None:
    text = render(FOOD[1:2], format_="turtle", base="https://example.org/")
    assert "<https://example.org/tags/food> a skos:Concept" in text
    assert 'skos:prefLabel "Food"' in text


@pytest.mark.parametrize(
    "own",
    [
        Instructions(topics=("Sourdough",), exclusions=("Cakes",)),
        parse_instructions(TEXT),
        replace(parse_instructions(TEXT), topics=("Rye", "Sourdough")),
        Instructions(),
    ],
)
def test_instructions_are_one_text_that_says_all(own: Instructions) -> None:
    parsed = parse_instructions(instructions(own))
    assert (set(parsed.topics), parsed.exclusions) == (set(own.topics), own.exclusions)


def test_terms_of_schema_org_are_sets_by_kind() -> None:
    found = json.loads(render(FOOD, format_="schema-org", base="https://example.org/"))
    assert [one["name"] for one in found["@graph"]] == ["tags", "topics"]
    bread, food, shrimp = found["@graph"][0]["hasDefinedTerm"]
    assert (bread["@type"], bread["@id"]) == ("DefinedTerm", "https://example.org/tags/bread")
    assert (bread["alternateName"], food["termCode"]) == (["Loaf", "Miche"], "food")
    assert shrimp["@id"] == "https://example.org/tags/food/r%C3%A4ka"
    assert bread["inDefinedTermSet"] == {"@id": "https://example.org/tags"}


def test_a_match_that_is_no_address_is_left_out() -> None:
    odd = replace(FOOD[1], exact_matches=("see bread", "https://example.org/a b", "urn:x:1"))
    text = render([odd], format_="turtle", base="urn:classify:")
    assert "skos:exactMatch <urn:x:1>" in text
    assert "see bread" not in text
    assert "a b" not in text
    term = json.loads(render([odd], format_="schema-org", base="urn:classify:"))
    assert term["@graph"][0]["hasDefinedTerm"][0]["sameAs"] == ["urn:x:1"]


def test_a_base_that_is_no_address_is_an_error() -> None:
    with pytest.raises(UsageError, match="expected an address such as"):
        render(FOOD, format_="turtle", base="no address ")
