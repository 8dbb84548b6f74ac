"""What is stored about one article, and how it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from classifier import small_files
from classifier.content import articles
from classifier.content.discovery import key_of
from classifier.errors import ClassifierError, UsageError
from classifier.models import Article, Category, Failure, Verdict, failures_by_reason
from classifier.store import JudgementRecord
from classifier.verdicts import Verdicts

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace


@dataclass(frozen=True, slots=True)
class JudgementChange:
    """A judgement, and the next one of the same article and category."""

    before: JudgementRecord
    after: JudgementRecord

    @property
    def why(self) -> tuple[str, ...]:
        """What changed: `article`, `definition`, `scorer`. Empty: nothing."""
        a, b = self.before, self.after
        pairs = {
            "article": (a.article, b.article),
            "definition": (a.category, b.category),
            "scorer": (a.scorer, b.scorer),
        }
        return tuple(name for name, (old, new) in pairs.items() if old != new)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHistory:
    path: str
    """The file, which may have been deleted."""
    article: Article | Failure | None
    """What the file holds now; a failure where it cannot be read, None where it is gone."""
    digest: str
    """Of the version that is shown: the current one, or the last one of a file that is gone."""
    versions: tuple[tuple[str, float], ...]
    """Digests of all texts the path held, with the time each was last seen, latest first.

    Times are seconds since the epoch.
    """
    judgements: tuple[JudgementRecord, ...]
    """The last of each scorer and category for that version, best first, scorer by scorer."""
    failures: Mapping[str, Failure]
    """By scorer: why the last try failed, where no later one succeeded."""
    verdicts: Mapping[str, Verdict]
    """By category id."""
    changes: tuple[JudgementChange, ...]
    """All judgements that were made again, over all versions, in order of time."""
    categories: Mapping[str, Category]
    """The current definitions by id."""
    stand_ins: bool
    """Whether these are the example categories, because the settings name none."""
    profile: str = ""
    """The site profile that chooses minimums, in a few words; empty if none does."""

    def outdated(self, record: JudgementRecord) -> bool:
        """Return whether the definition has changed since."""
        category = self.categories.get(record.judgement.category)
        if category is None:
            return not self.stand_ins
        return record.category not in (
            category.digest,
            category.uncorrected.digest,
            category.definition,
        )

    def title(self, record: JudgementRecord) -> str:
        """Return the title of the judged category; its id where it is gone."""
        category = self.categories.get(record.judgement.category)
        return record.judgement.category if category is None else category.title


def history(project: Workspace, path: Path) -> ArticleHistory:
    records = project.records.existing()
    store = records.store
    file = articles.file_of(path) or path
    article = articles.read(file) if small_files.exists(file) else None
    key = key_of(file, home=records.home)
    versions = store.versions(key)
    if not versions and article is None:
        raise UsageError(f"no such file, and nothing is stored about it: {str(path)!r}")
    if isinstance(article, Failure) and not versions and small_files.is_dir(file):
        raise UsageError(article.message)
    digests = [digest for digest, _ in reversed(versions)]
    if isinstance(article, Article) and article.digest not in digests:
        digests.append(article.digest)
    shown = article.digest if isinstance(article, Article) else (digests or [""])[-1]
    made = sorted(
        (record for digest in digests for record in store.history(digest)),
        key=lambda record: record.judged_at,
    )
    categories = project.definitions.categories
    judgements = latest(record for record in made if record.article == shown)
    return ArticleHistory(
        path=file.as_posix(),
        article=article,
        digest=shown,
        versions=tuple(versions),
        judgements=tuple(judgements),
        failures=_failures(records, key, shown, judgements, categories),
        verdicts=Verdicts(store.verdicts(), categories, home=records.home).of(
            path=file.as_posix(), article=digests[-1] if digests else ""
        ),
        changes=tuple(changes(made)),
        categories={category.id: category for category in categories},
        stand_ins=not project.settings.categories,
        profile=_profile(project) if judgements else "",
    )


def _profile(project: Workspace) -> str:
    try:
        return project.policy.decided_by
    except ClassifierError:
        return ""  # what is stored can be shown with settings that judge nothing


def _failures(
    records: Records,
    key: str,
    article: str,
    judgements: Iterable[JudgementRecord],
    categories: Sequence[Category],
) -> dict[str, Failure]:
    """Return the last failure of each scorer, unless everything has been judged since."""
    judged = {(record.scorer, record.judgement.category) for record in judgements}
    every = [category.id for category in categories]
    failures = {}
    digests = {category.digest: category.id for category in categories}
    for scorer, *_ in records.store.scorers():
        held = records.store.held(scorer, [article]).get(article, {})
        kept = failures_by_reason({digests[d]: it for d, it in held.items() if d in digests})
        failure = records.store.failed(scorer, [key]).get(key) or next(iter(kept), None)
        if failure and any((scorer, id_) not in judged for id_ in failure.categories or every):
            failures[scorer] = failure
    return failures


def changes(records: Iterable[JudgementRecord]) -> Iterator[JudgementChange]:
    """Yield each judgement with the one before it; `records` are in order of time.

    Other models and prompts of a scorer continue its history; another kind of scorer has its own.
    """
    last: dict[tuple[str, str], JudgementRecord] = {}
    for record in records:
        key = record.scorer.partition(":")[0], record.judgement.category
        if key in last:
            yield JudgementChange(last[key], record)
        last[key] = record


def latest(records: Iterable[JudgementRecord]) -> list[JudgementRecord]:
    """Return the last judgement of each category by each scorer; `records` are in order of time.

    The scorer that judged last comes first, and of each the highest confidence.
    """
    last: dict[tuple[str, str], JudgementRecord] = {}
    for record in records:
        last[record.scorer, record.judgement.category] = record
    newest: dict[str, float] = {}
    for record in last.values():
        newest[record.scorer] = max(record.judged_at, newest.get(record.scorer, 0.0))
    return sorted(
        last.values(),
        key=lambda r: (
            -newest[r.scorer],
            r.scorer,
            -r.judgement.confidence,
            r.judgement.category,
        ),
    )
