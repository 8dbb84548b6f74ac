"""Write the stored results of articles as an HTML page."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.evaluation import gold
from classifier.models import Article, Usage
from classifier.outputs.files import replacing
from classifier.outputs.report import About, Judged, ReportScorer, gather, render
from classifier.project.gold import with_inline
from classifier.project.languages import warn_about_articles
from classifier.project.provenance import Provenance
from classifier.project.stored_scorers import StoredScorer, choose, others
from classifier.runs import results

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.store import Store

ALL: Final = "all"
_SUFFIXES: Final = (".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    output: Path
    fields: Sequence[str]
    """Front matter keys, as `KEY` or `KIND=KEY`, to compare the labels with."""
    against: Sequence[str]
    """Other stored scorers: parts of their identities, or `all`."""
    explain: bool
    """Whether to keep the reasoning of every pair."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWritten:
    path: Path
    size: int
    """Bytes."""
    articles: int
    unjudged: int
    """Pairs that the configured scorer has not judged; the page shows which."""


def report(project: Workspace, paths: Sequence[Path], options: ReportOptions) -> ReportWritten:
    if options.output.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{str(options.output)!r}: expected a name that ends in .html")
    records = project.records.existing()
    own = project.scorer.identity
    policies = {own: project.policy} | {
        name: project.policy_for(StoredScorer(name))
        for name in _others(options.against, others(records.store, own))
    }
    policies = {
        name: project.with_verdicts(policy, records).only(project.select(policy.taxonomy))
        for name, policy in policies.items()
    }
    corpus = project.corpus(policies[own].taxonomy.categories, records, update_index=False)
    scan = project.scan(corpus, paths, scorer=own)
    _check_judged(scan, paths, records)
    warn_about_articles(project, corpus, scan)
    about = About(
        paths=[path.as_posix() for path in paths],
        sources=_sources(policies, records.store),
        made=time.time(),
        fields=options.fields,
        explain=options.explain,
    )
    known = _gold(project, paths, options.fields, records)
    page = render(gather(about, _articles(corpus, scan, policies, records.store, known)))
    with replacing(options.output, "wb") as file:
        size = file.write(page.encode("utf-8"))
    return ReportWritten(
        path=options.output,
        size=size,
        articles=len(scan.entries) + len(scan.unread),
        unjudged=_unjudged(scan),
    )


def _others(parts: Sequence[str], known: Sequence[str]) -> Iterator[str]:
    """Yield the stored scorers that `parts` name, each once."""
    chosen = dict.fromkeys(known) if ALL in parts else dict[str, None]()
    yield from chosen | dict.fromkeys(choose(part, known) for part in parts if part != ALL)


def _check_judged(scan: Scan, paths: Sequence[Path], records: Records) -> None:
    if scan.entries and _unjudged(scan) == scan.pairs:
        stored = ", ".join(others(records.store, scan.scorer))
        where = " ".join(map(str, paths))
        raise UsageError(
            f"{scan.scorer} has judged nothing of {where!r}"
            f"{f' (stored scorers: {stored})' if stored else ''}: classify it first, or see "
            "`scorer` and `model`"
        )


def _unjudged(scan: Scan) -> int:
    """Count the pairs that are not judged, copies of a text included."""
    return sum(entry.unjudged for entry in scan.entries)


def _sources(policies: Mapping[str, LabelPolicy], store: Store) -> list[ReportScorer]:
    spent = {name: usage for name, _, _, usage in store.scorers()}
    return [
        ReportScorer(
            identity=name,
            taxonomy=policy.taxonomy,
            decided_by=policy.decided_by,
            usage=spent.get(name, Usage()),
        )
        for name, policy in policies.items()
    ]


def _gold(
    project: Workspace, paths: Sequence[Path], fields: Sequence[str], records: Records
) -> Mapping[str, Mapping[str, bool]]:
    """Return people's labels in the front matter, by path and category id."""
    if not fields:
        return {}
    found = gold.from_front_matter(
        paths,
        project.policy.taxonomy,
        fields=with_inline(project, fields),
        selection=project.selection,
        own=Provenance.of(project, records).labels,
    )
    for warning in found.warnings:
        project.warn(warning)
    return found.labels


def _articles(
    corpus: Corpus,
    scan: Scan,
    policies: Mapping[str, LabelPolicy],
    store: Store,
    known: Mapping[str, Mapping[str, bool]],
) -> Iterator[Judged]:
    # The same articles for every scorer, in the same order: only the judgements differ.
    by_scorer = [
        results(corpus, replace(scan, scorer=name), policy=policy, store=store)
        for name, policy in policies.items()
    ]
    for row in zip(*by_scorer, strict=True):
        path = row[0][0].article
        article = corpus.article(path)
        yield Judged(
            results=[result for result, _ in row],
            times=[times for _, times in row],
            body=article.body if isinstance(article, Article) else "",
            gold=known.get(path, {}),
        )
