"""Canary categories, made for the categories they stand among.

The one of `canary.md` is known to whoever reads this project: an article could ask for a low score
for it. So an article that speaks to models, or has a word of that one's title, gets another, about
a custom of a place that does not exist, in the shape and with the opening words of one of the
categories beside it. It depends on these categories alone: a repeated request has the same bytes.
All other articles share the one of `canary.md`, and so the beginnings that servers cache.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from classifier.models import Category, Instructions, digest

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
)
_EXCLUSIONS: Final = (
    "{subject} of any other place",
    "{place} without its {subject}",
    "Anything of {place} that has nothing to do with its {subject}",
)
_OPENING = re.compile(
    r"(?:[^\W\d_]+\s+){1,4}?(?:about|on|covering|describing|explaining|whose main subject is)\b"
)


def is_known(canary: Category, text: str) -> bool:
    """Tell whether `text` has a word of the canary's title, four letters or longer."""
    words = re.findall(r"[^\W\d_]{4,}", canary.title)
    return bool(words) and bool(re.search(rf"\b(?:{'|'.join(words)})\b", text, re.IGNORECASE))


def drawn(categories: Sequence[Category]) -> Category:
    """Return the canary for a pack of categories."""
    seed = int(digest("canary", [category.digest for category in categories]), 16)

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
    opening = _OPENING.match(shape.scope)
    opened = opening[0] if opening else "Articles whose main subject is"
    return Category(
        id="",
        kind="",
        title=_cased(filled(choose(_TITLES)), model.title),
        description=filled("{subject} as {place} knew them, and who kept them.")
        if model.description
        else "",
        instructions=Instructions(
            scope=f"{opened} the {subject} of {place} and the people who kept them."
            if shape.scope
            else "",
            topics=tuple(map(filled, _some(_TOPICS, len(shape.topics), seed))),
            exclusions=tuple(map(filled, _some(_EXCLUSIONS, len(shape.exclusions), seed))),
        ),
    )


def _some(templates: Sequence[str], count: int, seed: int) -> Sequence[str]:
    start = seed % len(templates)
    return (*templates[start:], *templates[:start])[:count]


def _cased(title: str, like: str) -> str:
    """Begin each word with a capital letter where another title does."""
    words = re.findall(r"[^\W\d_]{4,}", like)
    if any(word[0].islower() for word in words[1:]):
        return title
    return " ".join(w if w in ("of", "in") else w[:1].upper() + w[1:] for w in title.split())
