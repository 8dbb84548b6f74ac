"""`classify apply`: what is decided goes into the front matter, and nothing else changes."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from classifier import composition, settings, taxonomy
from classifier.cli import display
from classifier.cli.console import emit, log
from classifier.cli.formatting import count
from classifier.cli.job import Names
from classifier.cli.option_checks import check_options
from classifier.cli.records import Purpose, opened
from classifier.content.discovery import Selection
from classifier.corpus import Corpus, Scan
from classifier.decisions import LabelPolicy
from classifier.derived_fields import formulas
from classifier.errors import UsageError
from classifier.models import Taxonomy
from classifier.outputs.write_back import Refused
from classifier.project import Project
from classifier.project.records import Records
from classifier.publishing import Field, Mode, Publisher, Unjudged, fields
from classifier.sanitize import lines
from classifier.settings import FieldSettings, Settings

_NAMED: Final = 3
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Into:
    """Where labels go, and how."""

    fields: Sequence[str] = ()
    """`key` or `kind=key`, in place of what the settings say."""
    mode: Mode = "merge"
    suggest: str | None = None
    """Another key, which takes all labels and is ours alone."""
    again: bool = False
    spaced: bool = False
    create: bool = False

    @classmethod
    def of(
        cls,
        *,
        fields: Sequence[str] | None,
        merge: bool,
        replace: bool,
        suggest: str | None,
        again: bool,
        spaced: bool,
        create: bool,
    ) -> Into:
        """Raise UsageError for modes that exclude each other."""
        if merge + replace + (suggest is not None) > 1:
            raise UsageError("--merge, --replace and --suggest exclude each other")
        return cls(
            fields=fields or (),
            mode="replace" if replace else "merge",
            suggest=suggest,
            again=again,
            spaced=spaced,
            create=create,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    paths: Sequence[Path]
    names: Names
    files: Selection
    into: Into
    quiet: bool


@dataclass(frozen=True, slots=True)
class Site:
    """What is on record of the articles asked for, and what writes it into them."""

    publisher: Publisher
    scan: Scan
    records: Records


def apply(asked: Asked, *, overrides: Mapping[str, Any], dry_run: bool) -> int:
    """Return the exit code."""
    with opened_site(asked, overrides, to="read" if dry_run else "write") as site:
        return publish(site.publisher, site.scan, dry_run=dry_run, quiet=asked.quiet)


@contextmanager
def opened_site(
    asked: Asked,
    overrides: Mapping[str, Any],
    *,
    to: Purpose,
    otherwise: Callable[[Scan, Taxonomy, Records], None] = lambda *_: None,
) -> Iterator[Site]:
    """Look up what is on record; `otherwise` may fill a store that is there for the moment only."""
    found = settings.load(**overrides)
    check_options(found, overrides)
    scorer = composition.make_scorer(found)
    policy = composition.make_policy(found, composition.load_taxonomy(found), scorer)
    with opened(found, to) as records:
        updating = to == "write"
        site = _site(asked, found, policy, records, scorer=scorer.identity, update_index=updating)
        nothing = not site.scan.entries and not site.scan.unread
        if nothing and any(path.is_dir() for path in asked.paths):
            where = " or ".join(repr(str(path)) for path in asked.paths[:3])
            raise UsageError(f"no Markdown files in {where}")
        if records.path is None:
            otherwise(site.scan, policy.taxonomy, records)
            site = _site(asked, found, policy, records, scorer=scorer.identity, update_index=False)
        yield site


def _site(
    asked: Asked,
    found: Settings,
    policy: LabelPolicy,
    records: Records,
    *,
    scorer: str,
    update_index: bool,
) -> Site:
    store = records.store
    chosen = taxonomy.select(policy.taxonomy, kinds=asked.names.kinds)
    corpus = Corpus(
        chosen.categories,
        store,
        home=records.home,
        update_index=update_index,
        definitions=policy.taxonomy.categories,
    )
    with display.looking(quiet=asked.quiet) as seen:
        scan = corpus.scan(asked.paths, scorer=scorer, selection=asked.files, on_progress=seen)
    writer = Publisher(
        corpus=corpus,
        store=store,
        policy=composition.with_verdicts(policy.only(chosen), store, home=records.home),
        fields=fields_of(found, policy.taxonomy, asked),
        formulas=() if asked.into.suggest else formulas(found, policy.taxonomy),
        spaced=asked.into.spaced,
        create=asked.into.create,
    )
    return Site(writer, scan, records)


def fields_of(found: Settings, everything: Taxonomy, asked: Asked) -> tuple[Field, ...]:
    """Return the fields of the kinds asked for. Raises UsageError where --field cannot be meant."""
    into, chosen = asked.into, taxonomy.select(everything, kinds=asked.names.kinds)
    kinds = list(dict.fromkeys(category.kind for category in chosen.categories))
    of_kind = {kind: settings.field(found, kind) for kind in kinds}
    for given in into.fields:
        kind, _, name = given.rpartition("=")
        if not kind and len(kinds) > 1:
            raise UsageError(f"--field {given}: for which kind? Write --field {kinds[0]}={given}")
        if (kind or kinds[0]) not in of_kind:
            raise UsageError(f"--field {given}: no kind {kind!r}; there are {', '.join(kinds)}")
        of_kind[kind or kinds[0]] = _renamed(of_kind[kind or kinds[0]], name)
    if into.suggest is None:
        return fields(everything, of_kind, mode=into.mode, again=into.again)
    taken = {it.name for it in of_kind.values()}
    if into.suggest in taken:
        raise UsageError(f"--suggest {into.suggest}: people's own labels are there; name another")
    of_kind = {kind: _renamed(it, into.suggest) for kind, it in of_kind.items()}
    return fields(everything, of_kind, mode="replace")


def write_decided(project: Project, paths: Sequence[Path], *, quiet: bool) -> int:
    """Write what a run has decided (`--write`); return the exit code."""
    asked = Asked(
        paths=paths, names=Names(project.kinds), files=project.selection, into=Into(), quiet=quiet
    )
    found, records = project.settings, project.records.get("write")
    scorer = project.scorer.identity
    site = _site(asked, found, project.policy, records, scorer=scorer, update_index=True)
    return publish(site.publisher, site.scan, dry_run=False, quiet=asked.quiet)


def _renamed(given: FieldSettings, name: str) -> FieldSettings:
    return given.model_copy(update={"name": name})


def publish(writer: Publisher, scan: Scan, *, dry_run: bool, quiet: bool) -> int:
    """Write, and tell what was written; return the exit code."""
    counted: Counter[str] = Counter()
    unjudged: list[Path] = []
    taken_out: list[tuple[str, tuple[str, ...]]] = []
    for done in writer.publish(scan, dry_run=dry_run):
        if isinstance(done, Unjudged):
            unjudged.append(done.path)
            continue
        if isinstance(done, Refused):
            counted["refused"] += 1
            log(done.message)
            continue
        counted["changed" if done.edited.changed else "same"] += 1
        if done.taken_out:
            taken_out.append((done.edited.path.as_posix(), done.taken_out))
        if dry_run and done.edited.changed:
            diff = done.edited.diff().removesuffix("\n")
            emit(lines(diff) if sys.stdout.isatty() else diff)  # a file is for `git apply`
    if unjudged:
        named = ", ".join(repr(path.as_posix()) for path in unjudged[:_NAMED])
        more = ", ..." if len(unjudged) > _NAMED else ""
        log(f"{count(len(unjudged), 'article')} not judged in full, classify first: {named}{more}")
    if not quiet:
        _tell_taken_out(taken_out)
        counted["refused"] += len(unjudged)
        _sum_up(counted, dry_run=dry_run)
    return 1 if counted["refused"] or unjudged else 0


def _tell_taken_out(taken_out: Sequence[tuple[str, Iterable[str]]]) -> None:
    if taken_out:
        log(
            f"{count(len(taken_out), 'article')} without a label that was put there before: it was "
            "taken out, so it stays out; `classify accept` or --again puts it back"
        )
    for path, labels in taken_out[:_SHOWN]:
        log(f"- {path!r}: {', '.join(labels)}")


def _sum_up(counted: Mapping[str, int], *, dry_run: bool) -> None:
    would = "would change" if dry_run else "changed"
    told = f"{count(counted['changed'], 'file')} {would}, {counted['same']:,} as they are to be"
    refused = f", {counted['refused']:,} left as they are" if counted["refused"] else ""
    log(f"{told}{refused}")
