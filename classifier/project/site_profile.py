"""Keep the site profile: a run over a folder makes it, and renews it when the site has changed."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import composition, small_files
from classifier.corpus import STORE_FOLDER, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import OutputError, SettingsError

if TYPE_CHECKING:
    from classifier.models import Category
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.site_profile import KindProfile, SiteProfile
    from classifier.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileUpdate:
    """A site profile that a run has made, and what it changed."""

    profile: SiteProfile
    renewed: bool
    """Whether it replaced another one."""
    added: int
    """Labels that come to the run's articles, of those that were judged before it."""
    removed: int
    """Labels that go from them."""


def is_due(project: Workspace, paths: Sequence[Path], scan: Scan, records: Records) -> bool:
    """Whether a run is to make a profile, or to renew it, once everything is judged.

    Known before anything is judged. Only for folders, scores of the embedded scorer, and all
    categories.
    """
    if project.settings.scorer != "embedded" or not any(small_files.is_dir(path) for path in paths):
        return False
    kinds = _kinds(project)
    if not kinds:
        return False
    try:
        current = _current(project)
    except SettingsError:
        return False  # nothing that may be someone else's is replaced
    from classifier.site_profile import CHANGED, FEWEST_ARTICLES

    if current is not None and current.scorer == project.scorer.identity:
        same = all(_same(current.kinds.get(kind), members) for kind, members in kinds.items())
    else:
        current, same = None, False
    if same and not scan.pending:
        return False
    articles = _articles(scan, records.store)
    if current is None or not same:
        return len(articles) >= FEWEST_ARTICLES
    # A run over a part of the site says nothing about the rest.
    enough = len(articles) >= (1 - CHANGED) * current.articles
    return enough and current.new_share(articles) > CHANGED


def update(
    project: Workspace, scan: Scan, records: Records, *, judged_before: Collection[str]
) -> ProfileUpdate | None:
    """Make the profile of all articles that the store knows, keep it, and count what changes.

    Args:
        project: Whose settings and categories decide.
        scan: The articles of the run, judged.
        records: The store.
        judged_before: Digests of the articles that had labels before the run.

    Returns:
        None where nothing can be made, or kept: then a warning says why.
    """
    file, store = project.profile_file, records.store
    made = _made(project, _articles(scan, store), store)
    if file is None or made is None:
        return None
    before = project.policy
    try:
        _write(file, made)
    except OutputError as error:
        project.warn(f"the site profile is not kept: {error}")
        return None
    project.forget_policy()
    earlier = replace(scan, entries=[e for e in scan.entries if e.digest in judged_before])
    added, removed = _changed_labels(project, before, earlier, records)
    return ProfileUpdate(
        profile=made, renewed=before.profile is not None, added=added, removed=removed
    )


def _kinds(project: Workspace) -> Mapping[str, Sequence[Category]]:
    """Return the kinds that a profile can be made for."""
    from classifier.scorers.embedded.scorer import EmbeddedScorer
    from classifier.site_profile import FEWEST_CATEGORIES

    unprofiled = project.profile_file is None or project.filtered
    if unprofiled or not isinstance(project.scorer, EmbeddedScorer):
        return {}
    return {
        kind: categories
        for kind, categories in composition.open_kinds(project.policy, project.settings).items()
        if len(categories) >= FEWEST_CATEGORIES
    }


def _articles(scan: Scan, store: Store) -> set[str]:
    """Return the digests of the run's articles, and of all others that the store knows."""
    known = store.files(store.paths()).values()
    return {entry.digest for entry in scan.entries} | {file.digest for file in known}


def _current(project: Workspace) -> SiteProfile | None:
    from classifier import site_profile

    file = project.profile_file
    return None if file is None or not file.exists() else site_profile.load(file)


def _same(kind: KindProfile | None, categories: Sequence[Category]) -> bool:
    """Whether a kind has few new categories, and few that are gone."""
    if kind is None:
        return False
    from classifier.site_profile import CHANGED

    gone = kind.levels.keys() - {category.digest for category in categories}
    return kind.covers(categories) and len(gone) <= CHANGED * len(kind.levels)


def _made(project: Workspace, articles: Iterable[str], store: Store) -> SiteProfile | None:
    """Return the profile of articles that are judged for all categories of their kind."""
    import numpy as np

    from classifier.site_profile import SiteProfile, sketch_of
    from classifier.training import profiling

    kinds = _kinds(project)
    keys = {kind: sorted({c.digest for c in members}) for kind, members in kinds.items()}
    every = [key for members in keys.values() for key in members]
    identity = project.scorer.identity
    digests = sorted(articles)
    tables = {kind: np.empty((len(digests), len(members))) for kind, members in keys.items()}
    judged: list[str] = []
    for article, pairs in store.confidences(identity, digests, every):
        if len(pairs) < len(every):
            continue
        for kind, members in keys.items():
            tables[kind][len(judged)] = [pairs[key][0] for key in members]
        judged.append(article)
    fitted: dict[str, KindProfile] = {}
    for kind, names in keys.items():
        made = profiling.fit(tables.pop(kind)[: len(judged)], names)
        if made is not None:
            fitted[kind] = made
    if not fitted:
        return None
    return SiteProfile(
        scorer=identity,
        made=time.strftime("%Y-%m-%d"),
        articles=len(judged),
        sketch=sketch_of(judged),
        kinds=fitted,
    )


def _write(file: Path, profile: SiteProfile) -> None:
    from classifier import site_profile
    from classifier.outputs.files import replacing

    with replacing(file) as out:
        out.write(site_profile.dump(profile))
    if file.parent.name == STORE_FOLDER:
        _keep_in_git(file)


def _keep_in_git(file: Path) -> None:
    """Make an exception for the file in the store's folder: a clone decides as its origin did."""
    ignore = file.parent / ".gitignore"
    with suppress(OSError):
        if ignore.read_text(encoding="utf-8") == "*\n":
            ignore.write_text(f"*\n!{file.name}\n", encoding="utf-8")


def _changed_labels(
    project: Workspace, before: LabelPolicy, scan: Scan, records: Records
) -> tuple[int, int]:
    """Return how many labels a scan's articles get and lose by today's policy."""
    if not scan.entries:
        return 0, 0
    from classifier.runs import changed_labels

    corpus = project.corpus(before.taxonomy.categories, records, update_index=False)
    return changed_labels(
        corpus,
        scan,
        before=project.with_verdicts(before, records),
        after=project.with_verdicts(project.policy, records),
        store=records.store,
    )
