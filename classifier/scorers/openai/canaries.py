"""Canary categories, made for the categories they stand among.

A custom of a place that does not exist, in the shape, with the opening words and at the length of
one of the categories beside it, so that a model judges it as any other. It depends on these
categories alone: a repeated request has the same bytes, and articles share the beginnings that
servers cache. An article that speaks to models, or has the name of that place, gets another that
depends on the article too, so that no article can ask for a low score for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from classifier.models import Category, Instructions, digest
from classifier.scorers.openai.prompts import without_boilerplate

_STARTS: Final = (
    *("Bral", "Corv", "Dun", "Ester", "Fenn", "Gald", "Hexw", "Ister", "Kelm", "Lorr", "Marn"),
    *("Nethr", "Orr", "Pell", "Quarn", "Ruth", "Stav", "Thorn", "Umbr", "Vell", "Wynd", "Yarr"),
)
_ENDS: Final = (
    *("aby", "ack", "aden", "ald", "arrow", "eby", "ell", "enby", "erry", "escote", "ick", "idge"),
    *("ilby", "in", "ingly", "oldby", "ombe", "onby", "ossey", "oway", "umley", "urst", "wick"),
)
_SUBJECTS: Final = (
    *("lamp dues", "ferry pence", "bell wardens", "hedge surveys", "salt pans", "peat rights"),
    *("eel weirs", "dovecote rents", "tithe barns", "sheepfold marks", "toll ledgers"),
    *("kiln permits", "quay pilots", "reed cutters", "well deeds", "orchard walls"),
)
_TITLES: Final = ("{place} {subject}", "{subject} of {place}", "{subject} in {place}")
_TOPICS: Final = (
    "How the {subject} of {place} were counted",
    "Quarrels over the {subject} of {place}",
    "Families of {place} and their {subject}",
    "The last {subject} of {place}",
    "The yearly assembly on the {subject} of {place}",
    "What the {place} rolls say of the {subject}",
    "Rulings on the {subject} of {place} and how they were kept",
    "Repairs, debts and inheritance of the {subject} of {place}",
    "Songs and sayings of {place} about its {subject}",
    "Widows and servants among those who kept the {subject} of {place}",
)
_EXCLUSIONS: Final = (
    "{subject} of any other place",
    "{place} without its {subject}",
    "Anything of {place} that has nothing to do with its {subject}",
    "Novels and games that are set in {place}",
)
_SENTENCES: Final = (
    "The {subject} of {place} were kept, counted and contested by its households for generations.",
    "This takes in the wardens of {place}, what was owed to them, and how the yearly count went.",
    "It looks at the quarrels and rulings that shaped the {subject}, and at who gained by them.",
    "The aim is to show how {place} lived with its {subject}, and what is left of them today.",
)
_ORDINARY: Final = frozenset(" ".join(_SUBJECTS).split()) | {"of", "in"}
_OPENING = re.compile(
    r"(?:[^\W\d_]+\s+){1,4}?(?:about|on|covering|describing|explaining|whose main subject is)\b"
)


def is_known(canary: Category, text: str) -> bool:
    """Tell whether `text` has a name of the canary's title, four letters or longer."""
    words = [w for w in re.findall(r"[^\W\d_]{4,}", canary.title) if not is_ordinary(w)]
    return bool(words) and bool(re.search(rf"\b(?:{'|'.join(words)})\b", text, re.IGNORECASE))


def is_ordinary(word: str) -> bool:
    """Tell whether an article may have a word of a drawn title by chance."""
    return word.lower() in _ORDINARY


def drawn(categories: Sequence[Category], *, salt: str = "") -> Category:
    """Return the canary for a pack of categories. `salt`: what else it depends on."""
    salted = [salt] if salt else []
    seed = int(digest("canary", [c.digest for c in categories], *salted), 16)

    def choose(choices: Sequence[str]) -> str:
        nonlocal seed
        seed, chosen = divmod(seed, len(choices))
        return choices[chosen]

    seed, chosen = divmod(seed, len(categories)) if categories else (seed, 0)
    model = categories[chosen] if categories else Category(id="", kind="", title="")
    place, subject = choose(_STARTS) + choose(_ENDS), choose(_SUBJECTS)

    def filled(template: str) -> str:
        text = template.format(place=place, subject=subject)
        return text[:1].upper() + text[1:]

    shape = model.instructions
    opening = _OPENING.match(without_boilerplate(shape.scope, model.title))
    first = "{subject} of {place} and the people who kept them."
    lines = (f"{opening[0]} the {first}", *_SENTENCES[1:]) if opening else _SENTENCES
    return Category(
        id="",
        kind="",
        title=_cased(filled(choose(_TITLES)), model.title),
        description=filled("{subject} as {place} knew them, and who kept them.")
        if model.description
        else "",
        instructions=Instructions(
            scope=_as_long([filled(line) for line in lines], len(shape.scope)),
            topics=tuple(map(filled, _some(_TOPICS, len(shape.topics), seed))),
            exclusions=tuple(map(filled, _some(_EXCLUSIONS, len(shape.exclusions), seed))),
        ),
    )


def _as_long(lines: Sequence[str], length: int) -> str:
    """Join as many lines as come nearest to `length`; none for 0."""
    texts = [" ".join(lines[:count]) for count in range(bool(length), len(lines) + 1)]
    return min(texts, key=lambda text: abs(len(text) - length)) if length else ""


def _some(templates: Sequence[str], count: int, seed: int) -> Sequence[str]:
    start = seed % len(templates)
    return (*templates[start:], *templates[:start])[:count]


def _cased(title: str, like: str) -> str:
    """Begin each word with a capital letter where another title does."""
    words = re.findall(r"[^\W\d_]{4,}", like)
    if any(word[0].islower() for word in words[1:]):
        return title
    return " ".join(w if w in ("of", "in") else w[:1].upper() + w[1:] for w in title.split())
