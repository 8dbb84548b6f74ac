"""The language of a text: what somebody says it is, or what it is detected to be."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

    from classifier.models import Category

NAMES: Final = {
    "af": "Afrikaans",
    "ar": "Arabic",
    "be": "Belarusian",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "bs": "Bosnian",
    "ca": "Catalan",
    "cs": "Czech",
    "cy": "Welsh",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "eo": "Esperanto",
    "es": "Spanish",
    "et": "Estonian",
    "eu": "Basque",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "ga": "Irish",
    "gl": "Galician",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "hy": "Armenian",
    "id": "Indonesian",
    "is": "Icelandic",
    "it": "Italian",
    "ja": "Japanese",
    "ka": "Georgian",
    "kk": "Kazakh",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "mk": "Macedonian",
    "mn": "Mongolian",
    "ms": "Malay",
    "nl": "Dutch",
    "nn": "Norwegian Nynorsk",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sq": "Albanian",
    "sr": "Serbian",
    "sv": "Swedish",
    "sw": "Swahili",
    "ta": "Tamil",
    "te": "Telugu",
    "th": "Thai",
    "tl": "Tagalog",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "uz": "Uzbek",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
"""English names of the languages that are told apart, by their code of ISO 639-1."""

_CODES: Final = {name.casefold(): code for code, name in NAMES.items()} | {"nb": "no"}
_TAG: Final = re.compile(r"([A-Za-z]{2})(?:[-_][A-Za-z0-9]{1,8})*")
_SUFFIX: Final = re.compile(r".\.([a-z]{2}(?:[-_][A-Za-z]{2,4})?)$")
_LETTER: Final = re.compile(r"[^\W\d_]")
_READ: Final = 2000
"""Characters of a text that are looked at."""
_FEWEST_LETTERS: Final = 20
_WORD: Final = re.compile(r"[^\W\d_]+")
_ENGLISH: Final = frozenset(
    (
        *("the", "and", "with", "this", "that", "which", "from", "have", "you", "your", "they"),
        *("their", "would", "should", "when", "where", "how", "what", "these", "because"),
        *("through", "there"),
    )
)
"""Common words of English that are rare or unknown in the other languages."""
_PLAINLY: Final = 0.06
_DIFFERENT: Final = 3
"""The share of such words (0-1), and how many different ones, that leave no doubt. Loading the
detector takes half a second and 100 MB, which a folder of English articles need not pay."""
_SURE: Final = 0.5
"""Probability (0-1) from which a language counts as detected. Of 2,529 English articles, titles and
definitions this took none for another language (docs/decisions/0029)."""


def code_of(value: object) -> str:
    """Return the code of a language tag or English name such as `fr-CA` or `French`.

    Empty for what names no language, such as the `language: python` of a page about programming.
    """
    if not isinstance(value, str):
        return ""
    text = value.strip()
    tag = _TAG.fullmatch(text)
    code = tag[1].lower() if tag else text.casefold()
    return code if code in NAMES else _CODES.get(code, "")


def split_suffix(stem: str) -> tuple[str, str]:
    """Split `post.fr`, a file's name without its ending, into `post` and the language's code."""
    suffix = _SUFFIX.search(stem)
    code = code_of(suffix[1]) if suffix else ""
    return (stem[: suffix.start(1) - 1], code) if suffix and code else (stem, "")


def detect(text: str) -> str:
    """Return the code of the language of a text; empty where that is not sure."""
    text = text[:_READ]
    if len(_LETTER.findall(text)) < _FEWEST_LETTERS:
        return ""
    if _plainly_english(text):
        return "en"
    code, probability = _identifier().classify(text)
    return str(code) if probability >= _SURE else ""


def load_detector() -> None:
    """Load what `detect` needs for most texts, half a second's work, so that none waits for it."""
    _identifier()


def forget_detector() -> None:
    """Free the memory of the detector, 80 MB, until it is needed again."""
    _identifier.cache_clear()


def of_definition(category: Category) -> str:
    """Return the code of the language of a definition; empty where that is not sure."""
    written = category.instructions
    about = category.description or written.scope
    # A name that stands twice is no longer for that.
    return _of_text("\n".join(dict.fromkeys((about, *written.topics, category.title))))


@lru_cache(maxsize=20_000)
def _of_text(text: str) -> str:
    return detect(text)


def _plainly_english(text: str) -> bool:
    words = [word.lower() for word in _WORD.findall(text)]
    known = [word for word in words if word in _ENGLISH]
    return len(known) >= _PLAINLY * len(words) and len(set(known)) >= _DIFFERENT


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # half a second

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Without these it takes English for Nigerian Pidgin, and lists of terms for Latin.
    identifier.set_languages(NAMES)
    return identifier
