"""What to merge, retire, split and add, by the labels that articles have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import small_files
from classifier.content.document import prose
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy, Pair
from classifier.errors import UsageError
from classifier.lint import LabelCounts
from classifier.models import Article, Category
from classifier.outputs.files import write_text
from classifier.project import carried
from classifier.project.diff import snapshot, stored_articles
from classifier.project.new_definition import beside
from classifier.runs import looked_up
from classifier.scorers.embedded.documents import DocumentSpace
from classifier.scorers.embedded.lexical import COMMON
from classifier.scorers.members import is_paid
from classifier.site.category_file import CategoryDraft, readable, text_of
from classifier.site.drafts import Draft, Drafter
from classifier.site.naming import file_name
from classifier.store import Store
from classifier.vocabulary import groups, suggestions
from classifier.vocabulary.suggestions import (
    ArticleGroup,
    Missing,
    Retire,
    Split,
    Suggestions,
    Taken,
)

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.vocabulary.groups import Vectors

LEAST: Final = 4
"""Articles of a group that a category is suggested for."""
_AT_MOST: Final = 2000
"""Articles that are compared with each other."""
_GROUPS: Final = 10
_PARTS: Final = 5
_FIRST_KIND: Final = "topics"
"""The kind of categories that are suggested where there is none yet."""


@dataclass(frozen=True, slots=True)
class _Labelled:
    """The articles of a scan that are judged, and their labels by category id."""

    labels: Mapping[str, tuple[str, ...]]
    """By path."""
    counts: LabelCounts


def suggest(project: Workspace, paths: Sequence[Path]) -> Suggestions:
    records = project.records.get("write")
    paths = paths or project.content() or stored_articles(records)
    if not project.settings.categories:
        return _first_categories(project, paths, records)
    policy = project.with_verdicts(project.policy.only(project.taxonomy), records)
    corpus = project.corpus(policy.taxonomy.categories, records)
    scan = project.scan(corpus, paths, scorer=project.scorer.identity)
    known = _labelled(corpus, scan, policy, records.store)
    if not known.labels:
        raise UsageError("no article is judged yet: run `classify run` on them first")
    taxonomy = policy.taxonomy
    bare = [path for path, labels in known.labels.items() if not labels]
    wide = suggestions.wide(taxonomy, known.counts)
    missing: tuple[Missing, ...] = ()
    split: tuple[Split, ...] = ()
    if len(bare) >= LEAST or wide:
        site = _Site.of(project, corpus, known.labels, records.store)
        missing = tuple(_missing(project, site, bare, known, paths))
        split = tuple(_split(site, category, known) for category in wide)
    return Suggestions(
        articles=len(known.labels),
        unlabelled=len(bare),
        merge=tuple(suggestions.merges(taxonomy, known.counts)),
        retire=tuple(_retire(project, corpus, scan, known, records)),
        split=split,
        missing=missing,
    )


def _first_categories(project: Workspace, paths: Sequence[Path], records: Records) -> Suggestions:
    """Suggest categories for articles that have none, by what they are about."""
    corpus = project.corpus((), records, definitions=())
    scan = project.scan(corpus, paths, scorer=project.scorer.identity)
    articles = [entry.path for entry in scan.entries]
    if not articles:
        raise UsageError("no articles to group: name a folder of them")
    site = _Site.of(project, corpus, dict.fromkeys(articles), records.store)
    return Suggestions(
        articles=len(articles),
        unlabelled=len(articles),
        merge=(),
        retire=(),
        split=(),
        missing=tuple(_groups(site, articles, _FIRST_KIND)),
        first=True,
    )


def _retire(
    project: Workspace, corpus: Corpus, scan: Scan, known: _Labelled, records: Records
) -> Iterator[Retire]:
    """Yield the categories that neither a run nor a person gives to any article."""
    unused = list(suggestions.retirements(project.taxonomy, known.counts))
    used = carried.categories(project, corpus, scan.entries, records) if unused else ()
    yield from (one for one in unused if one.category.id not in used)


def drafted(missing: Missing) -> str:
    """Return the text of a category file for a missing category, to edit and to preview."""
    found = missing.group
    draft = Draft(found.terms, (found.description,) if found.description else ())
    return text_of(CategoryDraft(title=found.title, articles=len(found.articles), draft=draft))


def _labelled(corpus: Corpus, scan: Scan, policy: LabelPolicy, store: Store) -> _Labelled:
    labels: dict[str, tuple[str, ...]] = {}
    rows: list[tuple[Mapping[str, float], Sequence[str]]] = []
    for entry, pairs, blocked in looked_up(corpus, scan, policy, store):
        if not pairs:
            continue
        decided = policy.labels(pairs, path=entry.path, article=entry.digest, blocked=blocked)
        labels[entry.path] = tuple(label.category.id for label in decided)
        rows.append(({pair[0]: pair[1] for pair in pairs}, labels[entry.path]))
    return _Labelled(labels, LabelCounts.count(rows))


@dataclass(frozen=True, slots=True)
class _Site:
    """Vectors and words of the articles that are compared with each other."""

    paths: Sequence[str]
    vectors: Vectors
    """A row for each path."""
    centred: Vectors
    """The same without what all of them share."""
    drafter: Drafter
    space: DocumentSpace

    @classmethod
    def of(
        cls, project: Workspace, corpus: Corpus, labels: Mapping[str, object], store: Store
    ) -> _Site:
        """Read the articles, evenly spread where there are too many."""
        every = list(labels)
        step = max(1.0, len(every) / _AT_MOST)
        chosen = [every[int(i * step)] for i in range(min(len(every), _AT_MOST))]
        read = {path: corpus.article(path) for path in chosen}
        articles = {path: it for path, it in read.items() if isinstance(it, Article)}
        space = DocumentSpace(store, model=project.settings.embedding_model)
        vectors = space.articles(articles.values())
        texts = {path: prose(article) for path, article in articles.items()}
        return cls(list(articles), vectors, groups.centred(vectors), Drafter(texts), space)

    def groups(
        self, among: Sequence[str], without: Sequence[str], *, near: float = groups.NEAR
    ) -> Iterator[ArticleGroup]:
        """Yield groups of articles, with drafts whose terms repeat none of the names `without`."""
        wanted = set(among)
        rows = [i for i, path in enumerate(self.paths) if path in wanted]
        for members in groups.group(self.centred[rows], least=LEAST, near=near):
            articles = tuple(self.paths[rows[i]] for i in members)
            draft = self.drafter.draft(articles, without)
            terms = self._names(draft.terms, [rows[i] for i in members])
            if terms:
                yield ArticleGroup(
                    title=readable(terms[0]),
                    description=" ".join(draft.sentences),
                    terms=tuple(terms[1:]),
                    articles=articles,
                )

    def _names(self, terms: Sequence[str], rows: Sequence[int]) -> list[str]:
        """Return the terms that could be names, the closest to what the articles share first."""
        fit = [term for term in terms if not COMMON.intersection(term.split())]
        if not fit:
            return []
        closeness = self.space.names(fit) @ self.vectors[rows].mean(axis=0)
        order = sorted(range(len(fit)), key=lambda i: -float(closeness[i]))
        return [fit[i] for i in order]


def _split(site: _Site, category: Category, known: _Labelled) -> Split:
    carriers = [path for path, labels in known.labels.items() if category.id in labels]
    parts = list(site.groups(carriers, (category.title, *category.aliases)))
    return Split(
        category=category,
        articles=len(carriers),
        judged=known.counts.judged[category.id],
        parts=tuple(parts[:_PARTS]) if len(parts) > 1 else (),
    )


def _missing(
    project: Workspace,
    site: _Site,
    bare: Sequence[str],
    known: _Labelled,
    paths: Sequence[Path],
) -> Iterator[Missing]:
    kinds = Counter(category.kind for category in project.taxonomy.categories)
    kind = kinds.most_common(1)[0][0]
    plain = _groups(site, bare, kind)
    if not plain or is_paid(project.scorer):
        yield from plain  # what they would take from others is not worth a price
    else:
        yield from _with_effects(project, plain, known, paths)


def _groups(site: _Site, among: Sequence[str], kind: str) -> list[Missing]:
    """Return groups of these articles, the largest first, each with a name of its own."""
    found: dict[str, ArticleGroup] = {}
    for one in site.groups(among, ()):
        found.setdefault(one.title, one)
    return [Missing(kind, one, (), ()) for one in list(found.values())[:_GROUPS]]


def _with_effects(
    project: Workspace, drafts: Sequence[Missing], known: _Labelled, paths: Sequence[Path]
) -> Iterator[Missing]:
    """Judge all articles by the drafts, and yield each with what it alone would change."""
    ids: dict[str, Missing] = {}
    base = {category.id for category in project.taxonomy.categories}
    taken = {name.rpartition("/")[2] for name in base}
    for draft in drafts:
        name = file_name(draft.group.title, taken)
        taken.add(name)
        ids[f"{draft.kind}/{name}"] = draft
    files = [
        (draft.kind, own.rpartition("/")[2], drafted(draft).encode()) for own, draft in ids.items()
    ]
    with beside(project, files) as after:
        records = project.records.get("write")
        sources = after.definitions.categories
        version = snapshot(after, paths, records, sources=sources, judge=False)
        whole, store = version.policy, version.store
        rows = list(looked_up(version.corpus, version.scan, whole, store))
        for own, draft in ids.items():
            few = tuple(c for c in whole.taxonomy.categories if c.id in base or c.id == own)
            policy = whole.only(replace(whole.taxonomy, categories=few))
            yield _effect(draft, own, policy, rows, known)


def _effect(
    draft: Missing,
    own: str,
    policy: LabelPolicy,
    rows: Sequence[tuple[Entry, Sequence[Pair], bool]],
    known: _Labelled,
) -> Missing:
    categories = {category.id: category for category in policy.taxonomy.categories}
    others: list[str] = []
    takes: list[Taken] = []
    for entry, pairs, blocked in rows:
        kept = [pair for pair in pairs if pair[0] in categories]
        labels = policy.labels(kept, path=entry.path, article=entry.digest, blocked=blocked)
        now = {label.category.id for label in labels}
        before = known.labels.get(entry.path, ())
        if own in now and before:
            others.append(entry.path)
        takes += [Taken(entry.path, categories[name]) for name in before if name not in now]
    return replace(draft, others=tuple(others), takes=tuple(takes))


def write_drafts(found: Suggestions, folder: Path) -> list[Path]:
    """Write a definition for each missing category into a folder; never overwrites.

    Raises:
        OutputError: A file cannot be written.
    """
    written: list[Path] = []
    taken: set[str] = set()
    for missing in found.missing:
        name = file_name(missing.group.title, taken)
        taken.add(name)
        path = folder / missing.kind / f"{name}.md"
        if not small_files.exists(path):
            write_text(path, drafted(missing))
            written.append(path)
    return written
