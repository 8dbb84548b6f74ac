"""Labelled articles that nothing but an alias names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import small_files
from classifier.content import articles
from classifier.content.document import prose
from classifier.lint.aliases import WEAK_ALIGNMENT, WEAK_DEPTH, AliasUse
from classifier.models import Article, Category, Judgement
from classifier.scorers.embedded import lexical, naming

if TYPE_CHECKING:
    from classifier.decisions import LabelPolicy
    from classifier.project.records import Records

_AT_MOST: Final = 1000
"""Articles that are read."""


def alias_uses(records: Records, policy: LabelPolicy, scorer: str) -> Iterator[AliasUse]:
    """Yield the uses of one-word aliases, of stored articles that have the label.

    Only for judgements with the aspects of the embedded scorer, whose other evidence is looked at.
    """
    categories = [c for c in policy.taxonomy.categories if any(map(_is_word, c.aliases))]
    if not categories:
        return
    store, ids = records.store, {category.digest: category for category in categories}
    files = store.files(path for path in store.paths() if small_files.is_file(records.home / path))
    rows = store.confidences(scorer, [file.digest for file in files.values()], ids)
    read = 0
    for path, (digest, confidences) in zip(files, rows, strict=True):
        place = str(records.home / path)
        pairs = policy.at(place).pairs(confidences)
        labels = policy.labels(pairs, path=place, article=digest, blocked=False)
        judged = [it.category for it in labels if it.verdict is None and it.category in categories]
        if not judged or read == _AT_MOST:
            continue
        read += 1
        article = articles.read(Path(place))
        if isinstance(article, Article):
            known = store.load(scorer, digest, [category.digest for category in judged])
            for category in judged:
                if record := known.get(category.digest):
                    yield from _uses(category, article, path, record.judgement)


def _uses(
    category: Category, article: Article, path: str, judgement: Judgement
) -> Iterator[AliasUse]:
    if not {"alignment", "depth"} <= judgement.aspects.keys():
        return
    text = lexical.Text(f"{article.title}\n{article.description}\n{prose(article).text}")
    named = [name for name in (category.title, *category.aliases) if _mentioned(name, text)]
    if len(named) == 1 and named[0] != category.title and _is_word(named[0]):
        aspects = judgement.aspects
        weak = aspects["alignment"] < WEAK_ALIGNMENT and aspects["depth"] < WEAK_DEPTH
        yield AliasUse(category, named[0], path, weak)


def _mentioned(name: str, text: lexical.Text) -> bool:
    known: Sequence[naming.Name] = naming.names((name,))
    return naming.mentions(known, title=text, headings=text, body=text).body > 0


def _is_word(alias: str) -> bool:
    return len(lexical.words(alias)) == 1
