"""Instructions in other languages than English."""

from __future__ import annotations

import pytest

from classifier.taxonomy.instructions import parse_instructions

BULLETS = {
    "de": (
        "Alles \u00fcber G\u00e4rten.",
        "**Kernthemen:**",
        ("Beete anlegen", "B\u00e4ume schneiden"),
        "**Strikt ausschlie\u00dfen:**",
        ("Kunstrasen", "Gartenm\u00f6bel"),
    ),
    "fr": (
        "Tout sur les jardins.",
        "**Sujets cl\u00e9s :**",
        ("Tracer des parterres", "Tailler les arbres"),
        "**\u00c0 exclure :**",
        ("Le gazon artificiel", "Les meubles"),
    ),
    "es": (
        "Todo sobre jardines.",
        "**Temas clave:**",
        ("Trazar parterres", "Podar \u00e1rboles"),
        "**Excluir estrictamente:**",
        ("C\u00e9sped artificial", "Muebles"),
    ),
    "it": (
        "Tutto sui giardini.",
        "**Argomenti principali:**",
        ("Tracciare aiuole", "Potare alberi"),
        "**Escludere rigorosamente:**",
        ("Prato sintetico", "Mobili"),
    ),
    "nl": (
        "Alles over tuinen.",
        "**Belangrijke onderwerpen:**",
        ("Borders aanleggen", "Bomen snoeien"),
        "**Strikt uitsluiten:**",
        ("Kunstgras", "Meubels"),
    ),
    "pt": (
        "Tudo sobre jardins.",
        "**T\u00f3picos principais:**",
        ("Tra\u00e7ar canteiros", "Podar \u00e1rvores"),
        "**Excluir estritamente:**",
        ("Relva artificial", "M\u00f3veis"),
    ),
}


def _listed(items: tuple[str, ...]) -> str:
    return "\n".join(f"- {item}" for item in items)


@pytest.mark.parametrize("language", BULLETS)
def test_bullets_under_a_lead_in_bold(language: str) -> None:
    scope, opens, topics, closes, exclusions = BULLETS[language]
    text = f"{scope}\n\n{opens}\n{_listed(topics)}\n\n{closes}\n{_listed(exclusions)}\n"
    found = parse_instructions(text)
    assert (found.scope, found.topics, found.exclusions) == (scope, topics, exclusions)


@pytest.mark.parametrize(
    ("topics", "exclusions"),
    [
        ("## Themen", "## Ausschl\u00fcsse"),
        ("## Th\u00e8mes", "## Hors sujet"),
        ("## Temas", "## Fuera del alcance"),
        ("## Argomenti", "## Esclusioni"),
        ("## Onderwerpen", "## Uitsluitingen"),
        ("## T\u00f3picos", "## Exclus\u00f5es"),
    ],
)
def test_headings(topics: str, exclusions: str) -> None:
    found = parse_instructions(f"{topics}\n\n- A1\n- B2\n\n{exclusions}\n\n- C3\n")
    assert (found.scope, found.topics, found.exclusions) == ("", ("A1", "B2"), ("C3",))


@pytest.mark.parametrize(
    ("text", "exclusion"),
    [
        ("Alles \u00fcber G\u00e4rten. Nicht verwenden f\u00fcr Kunstrasen.", "Kunstrasen."),
        (
            "Alles \u00fcber G\u00e4rten. Verwende diese Kategorie nicht f\u00fcr Z\u00e4une.",
            "Z\u00e4une.",
        ),
        ("Les jardins. Ne pas utiliser cette cat\u00e9gorie pour les meubles.", "les meubles."),
        ("Los jardines. No usar para muebles.", "muebles."),
        ("I giardini. Non usare questa categoria per mobili.", "mobili."),
        ("Tuinen. Niet gebruiken voor meubels.", "meubels."),
        ("Jardins. N\u00e3o usar esta categoria para m\u00f3veis.", "m\u00f3veis."),
    ],
)
def test_a_sentence_that_forbids_a_use(text: str, exclusion: str) -> None:
    found = parse_instructions(text)
    assert found.exclusions == (exclusion,)
    assert found.scope == text[: text.index(". ") + 1]


@pytest.mark.parametrize(
    "sentence",
    [
        "Stellenanzeigen geh\u00f6ren nicht hierher.",
        "Kunstrasen und Z\u00e4une sind ausgeschlossen.",
        "Les offres d'emploi ne font pas partie du sujet.",
        "Los anuncios no pertenecen a este tema.",
        "Gli annunci non rientrano.",
        "Vacatures horen hier niet.",
        "Os an\u00fancios n\u00e3o pertencem aqui.",
    ],
)
def test_a_sentence_that_says_so_of_its_subject_is_a_rule_as_a_whole(sentence: str) -> None:
    assert parse_instructions(sentence).exclusions == (sentence,)


def test_an_abbreviation_ends_no_sentence() -> None:
    text = "Alles \u00fcber G\u00e4rten, z. B. Beete und Teiche."
    assert parse_instructions(text).scope == text
