"""Which labels change between two versions of the category definitions, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal, TypeAlias

from classifier import small_files
from classifier.corpus import Corpus, Entry, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import StoppedError, UsageError
from classifier.models import Category, Label, Rejection, Taxonomy
from classifier.project.estimate import cost_of
from classifier.project.events import ArticlesFailed
from classifier.project.git import export, git
from classifier.runs import assigned
from classifier.scorers import members
from classifier.scorers.members import is_paid
from classifier.scorers.openai.costs import UsageEstimate
from classifier.store import Store

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace

DefinitionChange: TypeAlias = Literal["added", "removed", "changed", "same"]
"""Of a definition, as a scorer sees it."""

Decided: TypeAlias = Label | Rejection


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One version of the definitions, and the articles judged by it."""

    policy: LabelPolicy
    corpus: Corpus
    scan: Scan
    store: Store
    cost: UsageEstimate | None = None
    """Of judging what is pending, where that has to be paid for and was not asked for."""

    def labels(self) -> Iterator[tuple[Entry, tuple[Label, ...]]]:
        return assigned(self.corpus, self.scan, policy=self.policy, store=self.store)

    def decided(self, entry: Entry) -> dict[str, Decided]:
        """Return everything that is decided on an article, by category id."""
        ids = {category.digest: category.id for category in self.policy.taxonomy.categories}
        records = self.store.load(self.scan.scorer, entry.digest, ids)
        judgements = [replace(record.judgement, category=ids[d]) for d, record in records.items()]
        decision = self.policy.decide(judgements, path=entry.path, article=entry.digest)
        every: list[Decided] = [*decision.labels, *decision.rejections]
        return {decided.category.id: decided for decided in every}


@dataclass(frozen=True, slots=True)
class LabelChange:
    """An article that has a label with one version of the definitions only."""

    path: str
    category: Category
    """The current category, or the removed one."""
    before: Decided | None
    """None if the category did not exist before."""
    after: Decided | None
    """None if the category was removed."""

    @property
    def added(self) -> bool:
        """Whether the article gets the label; otherwise it loses it."""
        return isinstance(self.after, Label)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxonomyDiff:
    before: Snapshot
    after: Snapshot
    definitions: Mapping[str, DefinitionChange]
    """By category id: those of now, then those that were removed."""
    labels: tuple[LabelChange, ...]
    """In the order of the articles."""
    articles: int
    """How many were compared."""

    @property
    def unjudged(self) -> int:
        """Pairs that are not judged in one version: whether their labels change is unknown."""
        scans = self.before.scan, self.after.scan
        return sum(scan.pending_pairs + scan.held_pairs for scan in scans)


def diff(
    project: Workspace, base: str | Path, paths: Sequence[Path], *, judge: bool
) -> TaxonomyDiff:
    categories = project.settings.categories
    if not categories:
        raise UsageError("name your definitions with `categories=PATH`: the examples do not change")
    with _base(base, categories) as earlier:
        records = project.records.get("write")
        paths = paths or stored_articles(records)
        other = project.with_settings(categories=earlier)
        sources = (*other.definitions.categories, *project.definitions.categories)
        before, after = (
            snapshot(version, paths, records, sources=sources, judge=judge)
            for version in (other, project)
        )
        return compare(before, after)


def stored_articles(records: Records) -> list[Path]:
    paths = [records.home / path for path in records.store.paths()]
    there = [Path(os.path.relpath(path)) for path in paths if small_files.is_file(path)]
    if not there:
        raise UsageError("no article is stored: name articles, or folders of articles")
    return there


def snapshot(
    project: Workspace,
    paths: Sequence[Path],
    records: Records,
    *,
    sources: Sequence[Category],
    judge: bool,
) -> Snapshot:
    """Judge what is pending, if that is free or paid for. `sources` are no articles."""
    scorer, store = project.scorer, records.store
    policy = project.with_verdicts(project.policy, records)
    corpus = project.corpus(policy.taxonomy.categories, records, definitions=sources)
    scan = project.scan(corpus, paths, scorer=scorer.identity)
    cost = None
    if scan.pending and is_paid(scorer) and not judge:
        cost = cost_of(corpus, scan, scorer, store).cost
    elif scan.pending:
        cached = members.with_cache(scorer, store)
        progress = project.judge(corpus, scan, scorer=cached, records=records)
        if progress.failed:
            project.emit(ArticlesFailed(progress))
        if progress.stopping:
            raise StoppedError("interrupted: run the same command again to continue from here")
        scan = project.scan(corpus, paths, scorer=scorer.identity)
    return Snapshot(policy=policy, corpus=corpus, scan=scan, store=store, cost=cost)


# --- the other definitions ------------------------------------------------------------------------


@contextmanager
def _base(base: str | Path, categories: Sequence[Path]) -> Iterator[list[Path]]:
    """Yield the files and folders of definitions that `base` stands for, during the block."""
    if small_files.exists(Path(base)):
        yield [Path(base)]
        return
    with TemporaryDirectory(prefix="classify-") as folder:
        places = [_exported(base, path, Path(folder, str(n))) for n, path in enumerate(categories)]
        earlier = [place for place in places if place is not None]
        if not earlier:
            names = " or ".join(repr(os.path.relpath(path)) for path in categories)
            raise UsageError(f"{str(base)!r} has no {names}: name another commit, or a folder")
        yield earlier


def _exported(base: str | Path, categories: Path, folder: Path) -> Path | None:
    """Write definitions as a commit has them into a folder; None where it has none."""
    real = categories.resolve()
    top = git(real.parent, "rev-parse", "--show-toplevel")
    tree = git(
        real.parent, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{tree}}"
    )
    if top is None or tree is None:
        raise UsageError(
            f"{str(base)!r} is neither a folder nor a commit that git knows in {str(real.parent)!r}"
        )
    root = Path(os.fsdecode(top.removesuffix(b"\n")))
    inside = real.relative_to(root).as_posix()
    folder.mkdir()
    return folder / inside if export(root, tree.decode().strip(), inside, folder) else None


# --- comparison -----------------------------------------------------------------------------------


def compare(before: Snapshot, after: Snapshot) -> TaxonomyDiff:
    """Compare the labels of the articles that both scans have.

    A category whose id alone has changed is the same category. A pair that is not judged in one
    version is no change: what its label would be is unknown.
    """
    old, new = before.policy.taxonomy, after.policy.taxonomy
    renamed = _renamed(old, new)
    had = {
        entry.path: {renamed.get(label.category.id, label.category.id) for label in labels}
        for entry, labels in before.labels()
    }
    changes: list[LabelChange] = []
    articles = 0
    for entry, labels in after.labels():
        if entry.path in had:
            articles += 1
            differing = had[entry.path] ^ {label.category.id for label in labels}
            changes += _changes(entry, differing, before, after) if differing else ()
    return TaxonomyDiff(
        before=before,
        after=after,
        definitions=_definitions(old, new, renamed),
        labels=tuple(changes),
        articles=articles,
    )


def _changes(
    entry: Entry, ids: set[str], before: Snapshot, after: Snapshot
) -> Iterator[LabelChange]:
    old, new = before.policy.taxonomy, after.policy.taxonomy
    renamed = _renamed(old, new)
    was = {renamed.get(id_, id_): decided for id_, decided in before.decided(entry).items()}
    now = after.decided(entry)
    old_ids = {renamed.get(category.id, category.id) for category in old.categories}
    new_ids = {category.id for category in new.categories}
    for id_ in sorted(ids):
        one, other = was.get(id_), now.get(id_)
        unjudged = (one is None and id_ in old_ids) or (other is None and id_ in new_ids)
        known = other or one
        if known is not None and not unjudged:
            yield LabelChange(entry.path, known.category, one, other)


def _renamed(old: Taxonomy, new: Taxonomy) -> dict[str, str]:
    """Return new ids by old ones, of categories whose id alone has changed."""
    removed = _by_definition(old, without=new)
    return {
        old_id: new_id
        for key, new_id in _by_definition(new, without=old).items()
        if (old_id := removed.get(key)) is not None
    }


def _by_definition(taxonomy: Taxonomy, *, without: Taxonomy) -> dict[tuple[str, str], str]:
    known = {category.id for category in without.categories}
    return {(c.kind, c.digest): c.id for c in taxonomy.categories if c.id not in known}


def _definitions(
    old: Taxonomy, new: Taxonomy, renamed: Mapping[str, str]
) -> dict[str, DefinitionChange]:
    before = {renamed.get(c.id, c.id): c.digest for c in old.categories}
    changes: dict[str, DefinitionChange] = {}
    for category in new.categories:
        was = before.pop(category.id, None)
        if was is None:
            changes[category.id] = "added"
        else:
            changes[category.id] = "same" if was == category.digest else "changed"
    return changes | dict.fromkeys(before, "removed")
