"""How a prompt injection shows: in text that speaks to the model, and in a canary category.

Words alone cannot tell an attack from an article about attacks, so nothing is rejected for orders,
forged answers or a forged end of the article. An article that has such text is judged a second time
without it; what the text had changed shows then.

A canary is a custom of a place that does not exist, in the shape, with the opening words and at the
length of one of the categories beside it, so that a model judges it as any other. It depends on
these categories alone: a repeated request has the same bytes, and articles share the beginnings
that servers cache. An article that speaks to models, or has the name of that place, gets a second
one that depends on the article too, so that no article can ask for a low score for both by name.
It stands late, so that most of the beginning stays shared, and at a place that is drawn.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from classifier.models import Category, Instructions, digest
from classifier.scorers.openai.prompts import LONG_WORD, shown_description, without_boilerplate

LEFT_OUT: Final = "[...]"

# The patterns are in small letters, for text that `_folded` has made small: patterns that ignore
# case take three times as long, and every article is searched.
_RULES: Final = (
    r"(?:instruction|prompt|rubric|guideline|direction|definition|anweisung|vorgabe|consigne"
    r"|instruccion|istruzion|instru[cç])\w{0,6}"
)
_JUDGE: Final = (
    r"(?:a\.?i\.?|llm|(?:language )?model|assistant|classifier|judge|grader|evaluator|rater|scorer"
    r"|annotator|reviewer|bot|chatbot|system)"
)
_BLOCK: Final = re.compile(
    rf"""
      \b(?:
          (?:ignor|disregard|forget|overrid|bypass|neglect|vergiss|missacht|oubli|olvid|dimentic)
            \w{{0,6}}\b[^\n.]{{0,50}}(?:{_RULES}|\b(?:above|before|earlier|previous|prior)\b)
        | (?:note|message|memo|notice|attention|reminder|hint)\s+(?:to|for)\s+
            (?:the\s+|any\s+|all\s+)?{_JUDGE}s?\b
        | (?:dear|hey|hello|attention)[ ,:]{{1,3}}(?:the\s+)?{_JUDGE}s?\b
        | (?:you\s+are|act|behave|pretend|role-?play)\b[^\n.]{{0,40}}\b{_JUDGE}\b
        | (?:new|updated|revised|real|actual|hidden|additional|special)\s+{_RULES}
        | (?:system|developer|operator|admin(?:istrator)?)\s*
            (?:message|prompt|note|override|notice|update)
        | end\s+of\s+(?:the\s+)?(?:article|text|document|data|input)\b
      )
    | (?:^|\n)\s*\W{{0,4}}(?:system|assistant|developer|user)\W{{0,3}}:
    | ["'\[{{]\s*(?:judgements|evidence|alignment|exclusion|mentions)["']\s*:
    | <[|\uff5c][\w/] | \[/?inst\] | <</?sys>>   # control tokens of chat templates
    | (?:忽略|无视|無視|以前の指示|игнорир|تجاهل|무시)
    """,
    re.VERBOSE,
)
_SCALE: Final = (
    r"(?:\b\d{1,3}\b|\b(?:ten|zero|nil|maximum|minimum|highest|lowest|full|top|perfect|best|most"
    r"|high|low|zehn|null|dix|diez|dieci)\b)"
)
_ASPECT: Final = (
    r"\b(?:mentions|alignment|depth|scores?|confidence|rating|punkte?|note|puntua\w*)\b"
)
_CATEGORY: Final = (
    r"\b(?:categor\w{1,6}|kategorie\w{0,2}|cat[eé]gori\w{1,3}|decoy|placeholder|honeypot"
    r"|everything)\b"
)
_VERB: Final = (
    r"(?:(?:^|[,;:(\"'“]|\b(?:and|please|then|now|must|should|to|always|but)\b)\s*"
    r"(?:score|rate|give|assign|award|set|raise|lower|put|mark|grade|return|output|answer|respond"
    r"|reply|treat|judge|classify|consider|quote|cite|gib|bewerte|setze|donne[rz]?|attribue[rz]?"
    r"|pon|asigna|assegna)\b|\b(?:gets?|receives?|deserves?|earned|(?:must|should|shall)\s+(?:be|have"
    r"|get))\b)"
)
_SENTENCE: Final = re.compile(
    rf"(?=[^\n]{{0,300}}?{_SCALE})(?=[^\n]{{0,300}}?(?:{_CATEGORY}|{_ASPECT}))"
    rf"(?=[^\n]{{0,300}}?{_VERB})"
)
_SENTENCES: Final = re.compile(r"[^\n.!?。！？]++[.!?。！？]*+[\"')\]]*+")  # noqa: RUF001
_ODD_LETTERS: Final = (("\u0130", "i"), ("\u0131", "i"), ("\u017f", "s"))
"""Without a small letter of the same length, or no match for the letters that they stand for."""
_ENCODED: Final = re.compile(r"[A-Za-z0-9+/_-]{24,4000}={0,2}")


@lru_cache(maxsize=256)  # each pack of an article asks again
def without_orders(text: str) -> str:
    """Return `text` with a mark in place of what speaks to the model."""
    parts: list[str] = []
    at = 0
    for start, end in _spans(text):
        parts += text[at:start], LEFT_OUT
        at = end
    return "".join(parts) + text[at:]


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for line in text.splitlines(keepends=True):
        yield from ((start + a, start + b) for a, b in _of_line(line))
        start += len(line)


def _of_line(line: str) -> Iterator[tuple[int, int]]:
    """Yield sentences that ask for scores; from another order on, the rest of the block."""
    end = len(line.rstrip("\r\n"))
    folded = _folded(line)
    order = _BLOCK.search(folded)
    last = order.start() if order else end
    for encoded in _ENCODED.finditer(line):
        if _speaks(_folded(_decoded(encoded[0]))):
            last = min(last, encoded.start())
    for sentence in _SENTENCES.finditer(line, 0, end):
        if sentence.end() > last:
            yield sentence.start(), end
            return
        if _SENTENCE.match(folded[sentence.start() : sentence.end()]):
            yield sentence.span()


def _speaks(folded: str) -> bool:
    return bool(_BLOCK.search(folded) or _SENTENCE.match(folded))


def _folded(text: str) -> str:
    """Return the text in small letters, each in its place; what looks like i or s counts as one."""
    for letter, plain in _ODD_LETTERS:
        text = text.replace(letter, plain)
    return text.lower()


def _decoded(text: str) -> str:
    padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_" if set("-_") & set(text) else None).decode()
    except (binascii.Error, ValueError):
        return ""


# --- canaries -------------------------------------------------------------------------------------

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
_CANARY_TITLES: Final = ("{place} {subject}", "{subject} of {place}", "{subject} in {place}")
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
_DESCRIPTION: Final = (
    "{subject}, a custom of {place} that later centuries forgot, told by those who lived beside it."
)
"""It says little of the rest again: it is shown where those of categories are."""
_SCOPES: Final = (
    "The {subject} of {place} were kept, counted and contested by its households for generations.",
    "This takes in the wardens of {place}, what was owed to them, and how the yearly count went.",
    "It looks at the quarrels and rulings that shaped the {subject}, and at who gained by them.",
    "The aim is to show how {place} lived with its {subject}, and what is left of them today.",
)
_ORDINARY: Final = frozenset(" ".join(_SUBJECTS).split()) | {"of", "in"}
_OPENING = re.compile(
    r"(?:[^\W\d_]+\s+){1,4}?(?:about|on|covering|describing|explaining|whose main subject is)\b"
)


def canary_is_known(canary: Category, text: str) -> bool:
    """Tell whether `text` has a name of the canary's title, four letters or longer."""
    words = [w for w in LONG_WORD.findall(canary.title) if not is_ordinary(w)]
    return bool(words) and bool(re.search(rf"\b(?:{'|'.join(words)})\b", text, re.IGNORECASE))


def is_ordinary(word: str) -> bool:
    """Tell whether an article may have a word of a drawn title by chance."""
    return word.lower() in _ORDINARY


_DRAWS: Final = 16
"""Canaries among which one is chosen that an article does not name: one in 500 has the same place
by chance, and a text can be changed until that happens."""


def draw_article_canary(
    categories: Sequence[Category], *, article: str, shared: Category, text: str
) -> Category:
    """Return a canary for one article alone.

    Args:
        categories: The pack.
        article: The article's digest.
        shared: The canary of all articles; the other has a name that shares no word with it.
        text: What a model sees of the article: the canary is the one that it names least.
    """
    known = set(LONG_WORD.findall(f"{text} {shared.title}".lower()))
    salts = (article, *(f"{article} {number}" for number in range(1, _DRAWS)))
    drawn = [draw_canary(categories, salt=salt) for salt in salts]
    return min(drawn, key=lambda canary: len(known & set(LONG_WORD.findall(canary.title.lower()))))


def draw_canary(categories: Sequence[Category], *, salt: str = "") -> Category:
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
    lines = (f"{opening[0]} the {first}", *_SCOPES[1:]) if opening else _SCOPES
    return Category(
        id="",
        kind="",
        title=_cased(filled(choose(_CANARY_TITLES)), model.title),
        description=filled(_DESCRIPTION) if shown_description(model) else "",
        instructions=Instructions(
            scope=_as_long([filled(line) for line in lines], len(shape.scope)),
            topics=tuple(map(filled, _some(_TOPICS, len(shape.topics), seed))),
            exclusions=tuple(map(filled, _some(_EXCLUSIONS, len(shape.exclusions), seed))),
        ),
    )


def place_canaries(
    categories: Sequence[Category], canaries: Sequence[Category]
) -> tuple[Category, ...]:
    """Insert the canaries at places that are drawn.

    That of the first depends on the categories alone. The second, an article's own, depends on its
    title too. It stands in the last third; if the first does, in what is left of the second half:
    whoever has the last third scored low leaves one of them.
    """
    placed = list(categories)
    if not canaries:
        return tuple(placed)
    shared, *own = canaries
    # The salt is a former name of the canary: another would change requests for no reason.
    place = _drawn_place("decoy", placed, 0, len(placed))
    placed.insert(place, shared)
    for canary in own:
        half, last_third = len(placed) // 2, len(placed) - len(placed) // 3
        late = (last_third, len(placed)) if place < last_third else (half, last_third - 1)
        placed.insert(_drawn_place(canary.title, placed, *late), canary)
    return tuple(placed)


def _drawn_place(salt: str, categories: Sequence[Category], first: int, last: int) -> int:
    # Titles, since a batch keeps no more of a category.
    drawn = int(digest(salt, [category.title for category in categories]), 16)
    return first + drawn % (last - first + 1)


def _as_long(lines: Sequence[str], length: int) -> str:
    """Join as many lines as come nearest to `length`; none for 0."""
    texts = [" ".join(lines[:count]) for count in range(bool(length), len(lines) + 1)]
    return min(texts, key=lambda text: abs(len(text) - length)) if length else ""


def _some(templates: Sequence[str], count: int, seed: int) -> Sequence[str]:
    start = seed % len(templates)
    return (*templates[start:], *templates[:start])[:count]


def _cased(title: str, like: str) -> str:
    """Begin each word with a capital letter where another title does."""
    words = LONG_WORD.findall(like)
    if any(word[0].islower() for word in words[1:]):
        return title
    return " ".join(w if w in ("of", "in") else w[:1].upper() + w[1:] for w in title.split())
