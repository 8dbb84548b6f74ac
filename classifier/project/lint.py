"""Check category definitions: their words, their meaning, and the labels they lead to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifier import language, small_files
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.lint import (
    MINILM,
    MULTILINGUAL,
    NEEDED,
    RULES,
    AliasUse,
    Encode,
    LabelCounts,
    LocatedFinding,
    Meaning,
    Severity,
    UnreadDefinition,
    based_on,
    locate,
)
from classifier.lint import lint as check
from classifier.models import Category, ConfidenceKind, Judgement, Label, Rejection, digest
from classifier.project.alias_uses import alias_uses
from classifier.project.events import EmbeddingDefinitions
from classifier.project.languages import of_definitions
from classifier.scorers.base import display_name, languages_of
from classifier.scorers.embedded.model_files import ModelFiles
from classifier.scorers.embedded.sentence_model import SentenceModel
from classifier.wording import count

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.scorers.embedded.features import Vectors
    from classifier.store import Store

_TOGETHER: Final = 1000
"""Texts that are embedded, and kept, at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintReport:
    definitions: int
    """How many were checked."""
    findings: tuple[LocatedFinding, ...]
    """With file and line, worst first."""
    ignored: int
    """Findings that a definition ignores with `lint_ignore`."""
    unchecked: Mapping[str, str]
    """Rules that need more judged articles than there are, or that leave out definitions, with
    the reason."""

    @property
    def has_errors(self) -> bool:
        return self.count(Severity.ERROR) > 0

    def count(self, severity: Severity) -> int:
        """Return the number of findings of a severity."""
        return sum(placed.finding.severity is severity for placed in self.findings)


def lint(project: Workspace, *, select: Collection[str], ignore: Collection[str]) -> LintReport:
    rules = _rules(select, ignore, project.settings.lint_ignore)
    policy, scorer = project.policy, project.scorer.identity
    assigned, unchecked = None, {}
    uses: list[AliasUse] = []
    if based_on("labels", rules):
        records = project.records.get("read")
        decider = project.with_verdicts(policy, records)
        assigned = LabelCounts.count(_labels(records, decider, scorer))
        unchecked = _unchecked(rules, assigned.articles, scorer)
        if "everyday-alias" in rules and "everyday-alias" not in unchecked:
            uses = list(alias_uses(records, decider, scorer))
    meaning = None
    if compared := based_on("meaning", rules):
        meaning = _meaning(project)
        if left := meaning.unread:
            unchecked |= dict.fromkeys(compared, _left_out(left, policy.taxonomy.categories))
    unread = list(_unread(project)) if "unread-language" in rules else []
    findings = check(
        policy.taxonomy,
        rules=rules,
        unread=unread,
        meaning=meaning,
        assigned=assigned,
        alias_uses=uses,
    )
    placed, ignored = locate(findings)
    return LintReport(
        definitions=len(policy.taxonomy.categories),
        findings=tuple(placed),
        ignored=ignored,
        unchecked=unchecked,
    )


def _store(project: Workspace) -> Store | None:
    """Return where vectors and languages are kept; None where nothing is stored yet."""
    return project.records.get("write").store if project.records.path.exists() else None


def _languages(project: Workspace, reads: frozenset[str] | None) -> dict[str, str]:
    """Return the languages of definitions that are none of `reads`, by category id."""
    if reads is None:
        return {}
    categories = project.policy.taxonomy.categories
    codes = of_definitions(categories, _store(project))
    found = zip(categories, codes, strict=True)
    return {category.id: code for category, code in found if code and code not in reads}


def _unread(project: Workspace) -> Iterator[UnreadDefinition]:
    scorer = project.scorer
    unread = _languages(project, languages_of(scorer))
    for category in project.policy.taxonomy.categories:
        if category.id in unread:
            yield UnreadDefinition(category, unread[category.id], display_name(scorer.identity))


def _left_out(unread: Mapping[str, str], categories: Sequence[Category]) -> str:
    counts = Counter(unread.values()).most_common()
    each = ", ".join(f"{language.NAMES[code]} {n:,}" for code, n in counts)
    return (
        f"{len(unread):,} of {count(len(categories), 'definition')} left out, in languages that "
        f'the sentence model does not read ({each}): `embedding_model = "multilingual"` reads them'
    )


def _meaning(project: Workspace) -> Meaning:
    """Return what compares definitions: one of the two models whose cosines have known bounds."""
    if project.settings.embedding_model == "multilingual":
        return Meaning(_encoder(project, ModelFiles.find("multilingual")), MULTILINGUAL)
    files = ModelFiles.find()
    unread = _languages(project, files.recipe.reads)
    return Meaning(_encoder(project, files), MINILM, unread)


def _encoder(project: Workspace, files: ModelFiles) -> Encode:
    """Return what embeds texts, and keeps their vectors where there is a store."""
    definitions = len(project.policy.taxonomy.categories)
    model: SentenceModel | None = None
    store = _store(project)

    def encode(texts: Sequence[str]) -> Vectors:
        import numpy as np

        nonlocal model
        keys = [digest("lint 1", files.digest, text) for text in texts]
        known = {} if store is None else dict(store.vectors(keys))
        left = dict(zip(keys, texts, strict=True))
        new = [key for key in left if key not in known]
        for start in range(0, len(new), _TOGETHER):
            model = model or SentenceModel.open(files)
            some = new[start : start + _TOGETHER]
            made = model.encode([left[key] for key in some]).astype("<f2")
            kept = {key: row.tobytes() for key, row in zip(some, made, strict=True)}
            known.update(kept)
            if store is not None:
                store.keep_vectors(kept)
            if len(new) > _TOGETHER:
                done = definitions * (start + len(some)) // len(new)
                project.emit(EmbeddingDefinitions(done, definitions))
        rows = np.stack([np.frombuffer(known[key], "<f2") for key in keys])
        return rows.astype(np.float32)

    return encode


def _rules(
    select: Collection[str], ignore: Collection[str], ignored_by_settings: Collection[str]
) -> list[str]:
    _check_names(select)
    _check_names(ignore)
    _check_names(ignored_by_settings, where="lint_ignore: ")
    # Selecting a rule that the settings ignore means to see it.
    return list(select) or [
        name for name in RULES if name not in ignore and name not in ignored_by_settings
    ]


def _check_names(names: Iterable[str], *, where: str = "") -> None:
    for name in names:
        if name not in RULES:
            known = ", ".join(sorted(RULES))
            raise UsageError(f"{where}unknown rule {name!r}: expected one of {known}")


def _unchecked(rules: Collection[str], articles: int, scorer: str) -> dict[str, str]:
    judge = display_name(scorer)
    return {
        rule: f"needs {needed:,} articles judged by {judge}, but there are {articles:,}"
        for rule, needed in NEEDED.items()
        if rule in rules and articles < needed
    }


def _labels(
    records: Records, policy: LabelPolicy, scorer: str
) -> Iterator[tuple[Mapping[str, float], Collection[str]]]:
    """Yield confidences by category id, and labels, of each stored article that still exists."""
    ids = {category.digest: category.id for category in policy.taxonomy.categories}
    store = records.store
    files = store.files(path for path in store.paths() if small_files.is_file(records.home / path))
    rows = store.confidences(scorer, [file.digest for file in files.values()], ids)
    for path, (article, confidences) in zip(files, rows, strict=True):
        judgements = [
            Judgement(
                category=ids[key],
                confidence=confidence,
                kind=ConfidenceKind.STATED,
                scorer=scorer,
                exclusion="" if excluded else None,
            )
            for key, (confidence, excluded) in confidences.items()
        ]
        decision = policy.decide(judgements, path=str(records.home / path), article=article)
        both: list[Label | Rejection] = [*decision.labels, *decision.rejections]
        yield (
            {each.category.id: each.judgement.confidence for each in both},
            [label.category.id for label in decision.labels],
        )
