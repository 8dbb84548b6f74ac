"""`classify report`: what is on record of some folders, as one page of HTML."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from classifier import composition, settings
from classifier.cli import display
from classifier.cli.console import log
from classifier.cli.formatting import count, identity
from classifier.cli.job import Names
from classifier.cli.option_checks import check_options, remark_on_default
from classifier.cli.records import existing
from classifier.content.discovery import Selection
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.errors import UsageError
from classifier.models import Article, Taxonomy, Usage
from classifier.outputs.files import replacing
from classifier.outputs.report import About, Judged, Source, gather, render
from classifier.project.records import Records
from classifier.project.stored_scorers import StoredScorer
from classifier.runs import results

ALL: Final = "all"
_SUFFIXES: Final = (".html", ".htm")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    paths: Sequence[Path]
    output: Path
    names: Names
    files: Selection
    fields: Sequence[str]
    against: Sequence[str]
    """Parts of the names of other scorers on record."""
    explain: bool
    quiet: bool


def report(asked: Asked, *, overrides: Mapping[str, Any]) -> int:
    """Return the exit code. Judges nothing and writes nothing but the page."""
    if asked.output.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"--output {str(asked.output)!r}: expected a name that ends in .html")
    found = settings.load(**overrides)
    check_options(found, overrides)
    scorer = composition.make_scorer(found)
    if not asked.quiet:
        remark_on_default(found)
    with existing(found.store) as records:
        everything = composition.load_taxonomy(found)
        policies = {
            name: composition.with_verdicts(
                composition.make_policy(found, everything, StoredScorer(name)),
                records.store,
                home=records.home,
            )
            for name in (scorer.identity, *_others(asked.against, records, scorer.identity))
        }
        page = render(gather(*_gathered(asked, policies, everything, records)))
    with replacing(asked.output) as file:
        file.write(page)
    if not asked.quiet:
        log(f"written to {str(asked.output)!r} ({len(page) / 1e6:.1f} MB)")
    return 0


def _others(parts: Sequence[str], records: Records, own: str) -> Iterator[str]:
    """Yield the identities on record that `parts` name, each once."""
    known = [name for name, *_ in records.store.scorers() if name != own]
    chosen = dict.fromkeys(known) if ALL in parts else dict[str, None]()
    for part in parts:
        if part == ALL:
            continue
        matching = [name for name in known if name == part] or [n for n in known if part in n]
        if len(matching) != 1:
            problem = "may be any of" if matching else "is not on record; these are:"
            shown = ", ".join(map(repr, matching or known)) or "none"
            raise UsageError(f"--against {part!r} {problem} {shown}")
        chosen[matching[0]] = None
    yield from chosen


def _gathered(
    asked: Asked, policies: Mapping[str, LabelPolicy], everything: Taxonomy, records: Records
) -> tuple[About, Iterator[Judged]]:
    chosen = {name: _only(policy, asked.names) for name, policy in policies.items()}
    own, *_ = chosen
    corpus = Corpus(
        chosen[own].taxonomy.categories,
        records.store,
        home=records.home,
        update_index=False,
        definitions=everything.categories,
    )
    with display.looking(quiet=asked.quiet) as seen:
        scan = corpus.scan(asked.paths, scorer=own, selection=asked.files, on_progress=seen)
    _check(asked, scan, records)
    spent = {name: usage for name, _, _, usage in records.store.scorers()}
    about = About(
        paths=[path.as_posix() for path in asked.paths],
        sources=[
            Source(identity=name, taxonomy=policy.taxonomy, usage=spent.get(name, Usage()))
            for name, policy in chosen.items()
        ],
        made=time.time(),
        fields=asked.fields,
        explain=asked.explain,
    )
    gold = _gold(asked, everything)
    return about, _articles(corpus, scan, chosen, gold=gold, records=records)


def _only(policy: LabelPolicy, names: Names) -> LabelPolicy:
    from classifier import taxonomy

    some = taxonomy.select(policy.taxonomy, kinds=names.kinds, categories=names.categories)
    return policy.only(some)


def _check(asked: Asked, scan: Scan, records: Records) -> None:
    if not scan.entries and not scan.unread:
        where = " or ".join(repr(str(path)) for path in asked.paths[:3])
        raise UsageError(f"no Markdown files in {where}")
    missing = sum(len(entry.pending) for entry in scan.entries)
    if scan.entries and missing == scan.pairs:
        others = [name for name, *_ in records.store.scorers() if name != scan.scorer]
        known = f" (on record: {', '.join(map(identity, others))})" if others else ""
        where = " ".join(str(path) for path in asked.paths)
        whose = f"{identity(scan.scorer)}{known}"
        way_out = "classify it first, or see --scorer and --model"
        raise UsageError(f"nothing of {where!r} is on record of {whose}: {way_out}")
    if missing and not asked.quiet:
        log(f"{count(missing, 'pair')} not judged yet: the page says which")


def _gold(asked: Asked, everything: Taxonomy) -> Mapping[str, Mapping[str, bool]]:
    """Return what the front matter says, by path and category id."""
    if not asked.fields:
        return {}
    from classifier.evaluation import gold

    known: dict[str, Mapping[str, bool]] = {}
    for path in asked.paths:
        told = gold.read(path, everything, fields=asked.fields, selection=asked.files)
        for warning in () if asked.quiet else told.warnings:
            log(f"warning: {warning}")
        known.update(told.labels)
    return known


def _articles(
    corpus: Corpus,
    scan: Scan,
    policies: Mapping[str, LabelPolicy],
    *,
    gold: Mapping[str, Mapping[str, bool]],
    records: Records,
) -> Iterator[Judged]:
    # The same articles for every scorer, in the same order: only the records differ.
    sides = [
        results(corpus, replace(scan, scorer=name), policy=policy, store=records.store)
        for name, policy in policies.items()
    ]
    for both in zip(*sides, strict=True):
        path = both[0][0].article
        article = corpus.article(path)
        yield Judged(
            results=[result for result, _ in both],
            times=[times for _, times in both],
            body=article.body if isinstance(article, Article) else "",
            gold=gold.get(path, {}),
        )
