"""Which exclusion rules vectors can weigh: whole, by their examples, or not at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# A rule such as "Agile posts that do not address scaling" says what is missing. Embeddings ignore
# the word "not", so the rule would be close to exactly the articles that belong.
_SAYS_WHAT_IS_MISSING: Final = re.compile(
    r"\b(?:no|not|never|non|without|unrelated|irrelevant|unless|only|general|generic|purely"
    r"|mis\w+|ignor\w+|neglect\w*|lack\w*|deviat\w+|contra\w+|rather\s+than|other\s+than|outside"
    # German, French, Spanish, Italian, Dutch, Portuguese
    r"|nicht|kein\w*|ohne|nur|au(?:ß|ss)er\w*"
    r"|ne|pas|sans|aucune?s?|hors"
    r"|sin|ning[uú]n\w*|s[oó]lo|fuera|ajen[oa]s?"
    r"|senza|nessun\w*|fuori|estrane[oai]"
    r"|niet|geen|zonder|alleen|buiten"
    r"|n[ãa]o|sem|nenhum\w*|apenas|fora)\b|n['\u2019]t\b",
    re.IGNORECASE,
)
_EXAMPLES: Final = re.compile(
    r"(?:[,;(:]\s*|\s)(?:such\s+as|for\s+example|for\s+instance|e\.\s?g\.|including|like"
    r"|(?:wie\s+)?(?:zum\s+Beispiel|z\.\s?B\.|beispielsweise|etwa)|wie\b"
    r"|tel(?:le)?s?\s+qu(?:e\s|['\u2019])|par\s+exemple|p\.\s?ex\.|comme\b"
    r"|(?:tal(?:es)?\s+|tais\s+)?como\b(?:\s+por\s+(?:ejemplo|exemplo))?"
    r"|por\s+(?:ejemplo|exemplo)|p\.\s?ej\."
    r"|(?:quali|come)\b(?:\s+ad\s+esempio)?|ad\s+esempio|per\s+esempio"
    r"|zoals|bijvoorbeeld|bijv\.)\s*[,:]?\s*",
    re.IGNORECASE,
)
_END: Final = re.compile(r"[).;]|,?\s+(?:as\s+well\s+as|sowie|ainsi\s+que|as[ií]\s+como)\s+", re.I)
_COMMAS: Final = re.compile(
    r"\s*[,/]\s*(?:(?:and|or|und|oder|et|ou|y|o|e|en|of)\s+)?", re.IGNORECASE
)
_TWO_WORDS: Final = re.compile(
    r"\s*([^\s]+)\s+(?:and|or|und|oder|et|ou|y|o|e|en|of)\s+([^\s]+)\s*", re.IGNORECASE
)
_ABBREVIATION: Final = re.compile(
    r"\b(?:e\.\s?g|i\.\s?e|z\.\s?B|p\.\s?ex|p\.\s?ej|etc|bijv)\.", re.I
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """A text that an article may be closer to than to what the category is about."""

    rule: int
    """Index of the rule that it stands for."""
    text: str
    whole: bool
    """Whether it is the rule itself; else an example that the rule names."""


def triggers(rules: Sequence[str]) -> tuple[Trigger, ...]:
    """Return what vectors can weigh of some exclusion rules, in order.

    A rule that only says what is missing has none, unless it names examples of what it excludes:
    "unrelated frameworks such as Scrum" has `Scrum`.
    """
    return tuple(
        trigger
        for i, rule in enumerate(rules)
        for trigger in (
            [Trigger(i, text, whole=False) for text in examples(rule)]
            if says_what_is_missing(rule)
            else [Trigger(i, rule, whole=True)]
        )
    )


def beyond(rules: Sequence[str]) -> tuple[str, ...]:
    """Return the rules that have no trigger: only a language model can weigh them."""
    known = {trigger.rule for trigger in triggers(rules)}
    return tuple(rule for i, rule in enumerate(rules) if i not in known)


def says_what_is_missing(text: str) -> bool:
    """Whether a text says what an article lacks, rather than what it is about."""
    return bool(_SAYS_WHAT_IS_MISSING.search(text))


def affirmative(texts: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of those texts that do not say what is missing."""
    return tuple(i for i, text in enumerate(texts) if not says_what_is_missing(text))


def examples(rule: str) -> list[str]:
    """Return what a rule names by example, without what itself says that something is missing."""
    return list(dict.fromkeys(_examples(rule)))


def _examples(rule: str) -> Iterator[str]:
    for start in _EXAMPLES.finditer(rule):
        rest = _ABBREVIATION.sub(lambda it: it[0].replace(".", ""), rule[start.end() :])
        listed = rest[: end.start()] if (end := _END.search(rest)) else rest
        for part in _COMMAS.split(listed):
            if says_what_is_missing(part):
                break  # what follows may be what it does without: "that lack Scrum, Kanban, ..."
            pair = _TWO_WORDS.fullmatch(part)
            for text in pair.groups() if pair else (part,):
                name = text.strip(" \"'\u201c\u201d\u2018\u2019:")
                if re.search(r"\w{2}", name):
                    yield name
