"""`classify diff`: which labels flip if these definitions replace those of another time."""

from __future__ import annotations

import io
import json as json_
import os
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from classifier import composition, settings
from classifier.cli import display
from classifier.cli.console import emit, log
from classifier.cli.formatting import between, count, two_digits, who
from classifier.cli.git import git
from classifier.cli.judging import judge_due, progress_of
from classifier.cli.layout import Line, Page
from classifier.cli.option_checks import check_options
from classifier.cli.records import opened
from classifier.cli.render import run_summary as summary
from classifier.content.discovery import Selection
from classifier.corpus import Corpus, Scan
from classifier.errors import UsageError
from classifier.models import Label
from classifier.progress import paid
from classifier.project.estimate import cost_of
from classifier.project.records import Records
from classifier.sanitize import escape_json
from classifier.scorers.base import Scorer
from classifier.settings import Settings
from classifier.store import Store
from classifier.taxonomy_diff import Change, Decided, Difference, Flip, Side, compare

SCHEMA: Final = "classify-diff/1"
_SHOWN: Final = 10
"""Articles of a category, unless all are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    base: str
    """A folder or file of definitions, or what git calls a state of the project."""
    paths: Sequence[Path]
    """Empty: the articles on record."""
    files: Selection
    judge: bool
    """Whether what a language model has not judged is paid for."""
    everything: bool
    json: bool
    quiet: bool


def diff(asked: Asked, *, overrides: Mapping[str, Any]) -> int:
    """Return the exit code."""
    found = settings.load(**overrides)
    check_options(found, overrides)
    if found.categories is None:
        raise UsageError("name your definitions with --categories PATH: the examples do not change")
    with _base(asked.base, found.categories) as base, opened(found, "write") as records:
        paths = list(asked.paths) or _on_record(records)
        before = found.model_copy(update={"categories": base})
        sides = [_side(asked, settings_, paths, records) for settings_ in (before, found)]
        difference = compare(*sides)
    unknown = sum(side.scan.pending_pairs for side in sides)
    if asked.json:
        emit(escape_json(json_.dumps(_plain(difference, unknown), ensure_ascii=False)))
    else:
        lines = _lines(difference, asked, sides[1], unknown)
        emit(Page.for_stdout().lay_out(lines))
    return 0


def _on_record(records: Records) -> list[Path]:
    paths = [records.home / path for path in records.store.paths()]
    there = [Path(os.path.relpath(path)) for path in paths if path.is_file()]
    if not there:
        raise UsageError("no article is on record: name some, as in `classify diff HEAD content`")
    return there


def _side(asked: Asked, found: Settings, paths: Sequence[Path], records: Records) -> Side:
    scorer = composition.make_scorer(found)
    store = records.store
    policy = composition.make_policy(found, composition.load_taxonomy(found), scorer)
    policy = composition.with_verdicts(policy, store, home=records.home)
    corpus = Corpus(policy.taxonomy.categories, store, home=records.home)
    with display.looking(quiet=asked.quiet) as seen:
        scan = corpus.scan(paths, scorer=scorer.identity, selection=asked.files, on_progress=seen)
    if scan.pending and paid(scorer) and not asked.judge:
        told = f"{count(scan.pending_pairs, 'pair')} not judged by {who(scorer.identity)} yet"
        log(f"{told}, {_cost(corpus, scan, scorer, store)}: add --judge to have them judged")
    elif scan.pending:
        progress = progress_of(scan)
        watched = composition.with_cache(scorer, store)
        judge_due(corpus, scan, scorer=watched, store=store, progress=progress, quiet=asked.quiet)
        scan = corpus.scan(paths, scorer=scorer.identity, selection=asked.files)
        summary.failures(progress)
    return Side(policy, corpus, scan, store)


def _cost(corpus: Corpus, scan: Scan, scorer: Scorer, store: Store) -> str:
    cost = cost_of(corpus, scan, scorer, store).cost
    assert cost is not None
    return between(cost)


# --- the other definitions -----------------------------------------------------------------------


@contextmanager
def _base(name: str, categories: Path) -> Iterator[Path]:
    """Yield the folder or file that `name` stands for, for as long as the block lasts."""
    if Path(name).exists():
        yield Path(name)
        return
    real = categories.resolve()
    top = Path(_git(real.parent, "rev-parse", "--show-toplevel", said=name).decode().strip())
    inside = real.relative_to(top).as_posix()
    tree = _git(top, "rev-parse", "--verify", "--end-of-options", f"{name}^{{tree}}", said=name)
    there = _git(top, "ls-tree", "--name-only", tree.decode().strip(), "--", inside, said=name)
    if not there:
        raise UsageError(f"{name!r} has no {inside!r}: name another state, or a folder")
    packed = _git(top, "archive", "--format=tar", tree.decode().strip(), "--", inside, said=name)
    with TemporaryDirectory(prefix="classify-") as folder:
        _unpack(packed, Path(folder))
        yield Path(folder, inside)


def _git(folder: Path, *arguments: str, said: str) -> bytes:
    printed = git(folder, *arguments)
    if printed is None:
        raise UsageError(
            f"{said!r} is neither a folder nor a state that git knows of {str(folder)!r}"
        )
    return printed


def _unpack(packed: bytes, folder: Path) -> None:
    """Write the plain files. Links are left out: definitions are not followed out of their folder.

    By hand, because the filters of `extractall` are newer than some Pythons we run on.
    """
    top = folder.resolve()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            path = top / member.name
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and path.resolve().is_relative_to(top):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())


# --- for people ----------------------------------------------------------------------------------


def _lines(difference: Difference, asked: Asked, after: Side, unknown: int) -> Iterator[Line]:
    changed = {name: it for name, it in difference.changes.items() if it != "same"}
    heading = f"{count(len(changed), 'definition')} of {len(difference.changes):,} changed"
    yield Line(f"{heading}, {count(difference.articles, 'article')}", "bold")
    by_category = sorted(difference.flips, key=lambda flip: flip.category.id)
    flipped: dict[str, list[Flip]] = {
        name: list(flips) for name, flips in groupby(by_category, key=lambda f: f.category.id)
    }
    for name, change in difference.changes.items():
        if name in flipped or change != "same":
            yield Line()
            yield from _category(name, change, flipped.get(name, []), asked)
    yield Line()
    gained = sum(flip.gained for flip in difference.flips)
    yield Line(f"{gained:,} labels gained, {len(difference.flips) - gained:,} lost", "bold")
    if unknown:
        yield Line(f"{count(unknown, 'pair')} not judged: whether they flip is not known")
    yield Line(f"judged by {who(after.scan.scorer)}", "dim")


def _category(name: str, change: Change, flips: Sequence[Flip], asked: Asked) -> Iterator[Line]:
    gained = sum(flip.gained for flip in flips)
    what = {"same": "its definition is the same", "changed": "changed"}.get(change, change)
    yield Line(f"{name}: +{gained} -{len(flips) - gained} ({what})", "bold")
    shown = flips if asked.everything else flips[:_SHOWN]
    for flip in shown:
        sign = "+" if flip.gained else "-"
        yield Line(f"{sign} {flip.path}", "green" if flip.gained else "red", 2, whole=True)
        yield Line(_why(flip), "dim", 4)
    if len(flips) > len(shown):
        yield Line(
            f"and {count(len(flips) - len(shown), 'more article')}; --all shows all", "dim", 2
        )


def _why(flip: Flip) -> str:
    numbers = f"{_confidence(flip.before)} -> {_confidence(flip.after)}"
    if flip.after is None:
        return f"{numbers}: the category is gone"
    if isinstance(flip.after, Label):
        return f"{numbers}: {flip.after.judgement.reasoning}".rstrip(": ")
    return f"{numbers}: {flip.after.why}"


def _confidence(decided: Decided | None) -> str:
    return "nothing" if decided is None else two_digits(decided.judgement.confidence)


# --- as JSON -------------------------------------------------------------------------------------


def _plain(difference: Difference, unknown: int) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "articles": difference.articles,
        "pairs_not_judged": unknown,
        "categories": dict(difference.changes),
        "flips": [
            {
                "article": flip.path,
                "category": flip.category.id,
                "gained": flip.gained,
                "before": _side_of(flip.before),
                "after": _side_of(flip.after),
            }
            for flip in difference.flips
        ],
    }


def _side_of(decided: Decided | None) -> dict[str, Any] | None:
    if decided is None:
        return None
    return {
        "label": isinstance(decided, Label),
        "confidence": round(decided.judgement.confidence, 4),
        "reasoning": decided.judgement.reasoning,
        "why": None if isinstance(decided, Label) else decided.why,
    }
