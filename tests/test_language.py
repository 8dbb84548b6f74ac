from __future__ import annotations

import subprocess
import sys

import pytest

from classifier import language
from classifier.models import Category

ENGLISH = "The village baker feeds his sourdough every morning with flour and water."
TEXTS = {
    "en": ENGLISH,
    "fr": "Le boulanger du village nourrit son levain chaque matin de farine et d'eau.",
    "de": "Der Bäcker im Dorf füttert seinen Sauerteig jeden Morgen mit Mehl und Wasser.",
    "es": "El panadero del pueblo alimenta cada mañana su masa madre con harina y agua.",
    "it": "Il fornaio del paese nutre ogni mattina il suo lievito con farina e acqua.",
    "nl": "De bakker van het dorp voedt zijn zuurdesem elke ochtend met meel en water.",
    "pt": "O padeiro da aldeia alimenta o fermento todas as manhãs com farinha e água.",
    "ja": "村のパン屋は毎朝、小麦粉と水で天然酵母を育てていて、とてもおいしいパンを焼いています。",
}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("fr", "fr"),
        ("fr-CA", "fr"),
        ("pt_BR", "pt"),
        ("EN-us", "en"),
        ("zh-Hans-CN", "zh"),
        ("French", "fr"),
        (" german ", "de"),
        ("nb", "no"),
        ("python", ""),
        ("js", ""),
        ("french fries", ""),
        ("", ""),
        (None, ""),
        (["fr"], ""),
        (12, ""),
    ],
)
def test_a_tag_or_name_has_a_code_and_a_programming_language_has_none(
    said: object, code: str
) -> None:
    assert language.code_of(said) == code


@pytest.mark.parametrize(
    ("stem", "parts"),
    [
        ("post.fr", ("post", "fr")),
        ("index.pt-br", ("index", "pt")),
        ("v1.2", ("v1.2", "")),
        ("node.js", ("node.js", "")),
        (".fr", (".fr", "")),
        ("fr", ("fr", "")),
        ("a.fr.b", ("a.fr.b", "")),
    ],
)
def test_the_suffix_of_a_name_is_a_language_only_if_there_is_one(
    stem: str, parts: tuple[str, str]
) -> None:
    assert language.split_suffix(stem) == parts


ENGLISH_PROSE = "When you bake at home, the oven and the flour decide what this loaf will be."


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_a_sentence_is_enough_to_detect_a_language(code: str) -> None:
    assert language.detect(TEXTS[code]) == code


@pytest.mark.parametrize("text", ["", "Brot", "1234567890 " * 40, "x = y(z) " * 3, "🍞" * 60])
def test_what_is_too_little_to_tell_has_no_language(text: str) -> None:
    assert language.detect(text) == ""


def test_a_detector_that_was_forgotten_is_loaded_again() -> None:
    language.detect(TEXTS["fr"])
    assert language._identifier.cache_info().currsize == 1
    language.forget_detector()
    assert language._identifier.cache_info().currsize == 0
    assert language.detect(TEXTS["fr"]) == "fr"


def test_only_the_beginning_of_a_text_counts() -> None:
    assert language.detect(ENGLISH * 40 + TEXTS["fr"] * 400) == "en"


def test_a_lone_half_of_a_character_is_no_error() -> None:
    assert language.detect(f"{TEXTS['fr']} \ud800") == "fr"


def test_names_of_languages_and_codes_lead_to_each_other() -> None:
    assert {language.code_of(name) for name in language.NAMES.values()} == set(language.NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "En and svømmer i dammen med to andre and and and, og det er the eneste.",
        "Hij was the man of the hour, of niet, en it was wat the was.",
        "the the the the the the the the",
    ],
)
def test_a_few_english_words_make_no_english(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    class Detector:
        def classify(self, text: str) -> tuple[str, float]:
            asked.append(text)
            return "da", 0.9

    monkeypatch.setattr(language, "_identifier", Detector)
    assert language.detect(text) == "da"
    assert asked == [text]


def test_plain_english_and_the_import_load_no_detector() -> None:
    code = (
        "import sys\nfrom classifier import language\n"
        f"assert language.detect({ENGLISH_PROSE!r}) == 'en'\nassert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", ["Indonesian Rupiah", "Malaysian Ringitt"])
def test_a_name_that_is_its_own_description_is_too_little_to_tell(name: str) -> None:
    assert language.detect(f"{name}\n{name}")
    category = Category(id="topics/money", kind="topics", title=name, description=name)
    assert language.of_definition(category) == ""
