"""Text in an article that speaks to the model: orders, forged answers, forged ends of the article.

Words alone cannot tell an attack from an article about attacks, so nothing is rejected for them. An
article that has such text is judged a second time without it; what the text had changed shows then.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

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
def without(text: str) -> str:
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
