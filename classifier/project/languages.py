"""Say where articles or definitions are in a language that the scorer does not read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from classifier import language
from classifier.models import digest
from classifier.scorers.base import display_name, languages_of
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.corpus import Corpus, Scan
    from classifier.models import Category
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.store import Store

WAY_OUT: Final = '`embedding_model = "multilingual"` reads them, and so does a language model'


def describe(unread: Mapping[str, int], total: int, noun: str, scorer: str) -> str:
    """Return how many texts are in which languages that a scorer does not read, and the way out.

    Args:
        unread: By code of the language, how many.
        total: How many texts there are.
        noun: What one of them is called.
        scorer: Identity of the scorer.
    """
    each = ", ".join(f"{language.NAMES.get(code, code)} {n:,}" for code, n in unread.items())
    return (
        f"{sum(unread.values()):,} of {count(total, noun)} in languages that "
        f"{display_name(scorer)} does not read ({each}): do not trust its confidences; {WAY_OUT}"
    )


def warn_about_articles(project: Workspace, corpus: Corpus, scan: Scan) -> None:
    """Warn about articles in languages that the scorer does not read."""
    unread = dict(corpus.unread_languages(scan).most_common())
    if unread:
        project.warn(describe(unread, len(scan.entries), "article", scan.scorer))


def warn_about_definitions(project: Workspace, records: Records) -> None:
    """Warn about definitions in languages that the scorer does not read."""
    reads = languages_of(project.scorer)
    if reads is None:
        return
    categories = project.taxonomy.categories
    known = of_definitions(categories, records.store)
    found = Counter(it for it in known if it and it not in reads)
    if found:
        unread, scorer = dict(found.most_common()), project.scorer.identity
        project.warn(describe(unread, len(categories), "definition", scorer))


def of_definitions(categories: Sequence[Category], store: Store | None) -> list[str]:
    """Return the code of each definition's language; empty where it is not sure.

    Args:
        categories: The definitions.
        store: Where the answer is kept; None: nowhere.
    """
    if store is None:
        return [language.of_definition(category) for category in categories]
    # Remembered, because it takes longer to detect them than a run with nothing to judge.
    name = f"languages of {digest([category.definition for category in categories])}"
    known = store.remembered(name)
    try:
        found = [] if known is None else json.loads(known)
    except ValueError:
        found = []
    if isinstance(found, list) and len(found) == len(categories):
        return [code if code in language.NAMES else "" for code in map(str, found)]
    found = [language.of_definition(category) for category in categories]
    store.remember(name, json.dumps(found))
    return found
