"""Keep the judgements of an article whose markup changed and whose text did not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from classifier.content.document import Document
from classifier.content.prose import Prose
from classifier.models import Article, Evidence, Judgement
from classifier.store import JudgementSet, Store


def keep_judgements(store: Store, old: Document, new: Document) -> None:
    """Store the judgements of an article for its new body, too, with quotes where they are now.

    Only where title, description and prose are the same: they are all that scorers see. What is
    stored of the new body already stays as it is.
    """
    before, after = old.article, new.article
    if not (isinstance(before, Article) and isinstance(after, Article)):
        return
    if (before.title, before.description, old.prose.text) != (
        after.title,
        after.description,
        new.prose.text,
    ):
        return
    known = {(record.scorer, record.category) for record in store.history(after.digest)}
    sets: defaultdict[tuple[str, str, float], dict[str, Judgement]] = defaultdict(dict)
    latest = {(record.scorer, record.category): record for record in store.history(before.digest)}
    for pair, record in latest.items():
        if pair not in known:
            key = record.scorer, record.model, record.judged_at
            sets[key][record.category] = _moved(record.judgement, old.prose, new.prose)
    store.add(
        *(
            JudgementSet(
                scorer=scorer,
                article=after.digest,
                judgements=judgements,
                judged_at=judged_at,
                model=model,
            )
            for (scorer, model, judged_at), judgements in sets.items()
        )
    )


def _moved(judgement: Judgement, old: Prose, new: Prose) -> Judgement:
    return replace(judgement, evidence=tuple(_quotes(judgement, old, new)))


def _quotes(judgement: Judgement, old: Prose, new: Prose) -> Iterator[Evidence]:
    for quote in judgement.evidence:
        if quote.start is None or quote.end is None:
            yield quote
            continue
        start, end = old.at_or_after(quote.start), old.at_or_after(quote.end)
        yield Evidence(quote.text, *(new.span(start, end) if start < end else (None, None)))
