"""Say where articles or definitions are in a language that the scorer does not read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from classifier import language
from classifier.models import digest
from classifier.scorers.base import display_name, languages_of
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.models import Category
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

WAY_OUT: Final = '`embedding_model = "multilingual"` reads them, and so does a language model'


def warn_about_definitions(project: Workspace, records: Records) -> None:
    """Warn about definitions in languages that the scorer does not read."""
    reads = languages_of(project.scorer)
    if reads is None:
        return
    categories = project.taxonomy.categories
    unread = Counter(it for it in _languages(categories, records) if it and it not in reads)
    if not unread:
        return
    each = ", ".join(f"{language.NAMES[code]} {number:,}" for code, number in unread.most_common())
    project.warn(
        f"{unread.total():,} of {count(len(categories), 'definition')} in languages that "
        f"{display_name(project.scorer.identity)} does not read ({each}): do not trust their "
        f"confidences; {WAY_OUT}"
    )


def _languages(categories: Sequence[Category], records: Records) -> list[str]:
    """Return the code of each definition's language; empty where it is not sure."""
    # Remembered, because it takes longer to detect them than a run with nothing to judge.
    name = f"languages of {digest([category.definition for category in categories])}"
    known = records.store.remembered(name)
    try:
        found = [] if known is None else json.loads(known)
    except ValueError:
        found = []
    if isinstance(found, list) and len(found) == len(categories):
        return [code if code in language.NAMES else "" for code in map(str, found)]
    found = [language.detect(_text(category)) for category in categories]
    records.store.remember(name, json.dumps(found))
    return found


def _text(category: Category) -> str:
    written = category.instructions
    return "\n".join((category.description or written.scope, *written.topics, category.title))
