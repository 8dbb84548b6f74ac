"""Which front matter keys carry labels of people that name categories."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from classifier import settings
from classifier.content.document import Document
from classifier.content.inline_tags import inline_tags
from classifier.corpus import Corpus, Entry
from classifier.evaluation.gold.front_matter import GoldField
from classifier.project.advice import Carried
from classifier.project.provenance import FIELD, Provenance
from classifier.taxonomy.labels import LabelIndex

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

_TEXT_KEYS: Final = frozenset({"tags", "tag", "categories", "category", "topics", "keywords"})
"""Keys where one text holds labels. Under any other key, such as `title`, only a list does."""


def count(
    project: Workspace, corpus: Corpus, entries: Sequence[Entry], records: Records
) -> dict[str, Carried]:
    """Count, by front matter key, the articles with labels there, of those that name a category.

    Labels that `apply` wrote do not count. A nested key is `outer.inner`. Keys without the name of
    a category are left out.
    """
    fields = _fields(project, records)
    counts: defaultdict[str, list[bool]] = defaultdict(list)
    for entry in entries:
        document = corpus.document(entry.path)
        if isinstance(document, Document):
            front_matter = document.front_matter
            for key, labels in fields.of(entry.path, front_matter.meta, front_matter.body).items():
                counts[key].append(any(fields.names.find(label) for label in labels))
    return {key: Carried(len(each), sum(each)) for key, each in counts.items() if any(each)}


def categories(
    project: Workspace, corpus: Corpus, entries: Sequence[Entry], records: Records
) -> set[str]:
    """Return the ids of the categories that people's labels in these articles name.

    Only under the keys that the settings, else the names of the kinds, have for labels.
    """
    fields = _fields(project, records)
    kinds = {category.kind for category in project.taxonomy.categories}
    keys = {settings.field(project.settings, kind).name.casefold() for kind in kinds}
    found: set[str] = set()
    for entry in entries:
        document = corpus.document(entry.path)
        if isinstance(document, Document):
            front_matter = document.front_matter
            for key, labels in fields.of(entry.path, front_matter.meta, front_matter.body).items():
                if key.casefold() in keys:
                    found |= {it.id for label in labels for it in fields.names.find(label)}
    return found


def _fields(project: Workspace, records: Records) -> _Fields:
    categories = project.taxonomy.categories
    of_kinds = {settings.field(project.settings, category.kind).name for category in categories}
    return _Fields(
        names=LabelIndex(categories),
        own=Provenance.of(project, records),
        of_texts={name.casefold() for name in (*_TEXT_KEYS, *of_kinds)},
        inline=settings.inline_fields(project.settings),
    )


@dataclass(frozen=True, slots=True)
class _Fields:
    names: LabelIndex
    own: Provenance
    of_texts: Set[str]
    """Keys, in small letters, where one text holds labels."""
    inline: Set[str]
    """Keys whose labels are `#tags` in the text, too."""

    def of(self, path: str, meta: Mapping[str, Any], body: str) -> dict[str, list[str]]:
        """Return the labels that a person has written, by key, `#tags` in the text included.

        No `#tag` in a text is ours.
        """
        found: dict[str, list[str]] = {}
        if self.inline and (tags := inline_tags(body)):
            found |= {key: [*tags] for key in self.inline}
        for key, value in _flat(meta):
            if not (isinstance(value, list) or key.casefold() in self.of_texts):
                continue
            labels = GoldField(key, None).labels(meta, self.names) or []
            ours = self.own.labels(path, key, there=labels, meta=meta)
            if peoples := [label for label in labels if label and label not in ours]:
                found[key] = [*found.get(key, ()), *peoples]
        return found


def _flat(meta: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for key, value in meta.items():
        if str(key).casefold() == FIELD:
            continue
        if isinstance(value, Mapping):
            yield from ((f"{key}.{name}", its) for name, its in value.items())
        else:
            yield str(key), value
