"""`classify check`: whether what is in the articles is what is on record, for a build to hold."""

from __future__ import annotations

import json as json_
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from classifier import composition, settings, sidecars
from classifier.cli.annotations import annotation
from classifier.cli.apply import Asked, Site, opened_site
from classifier.cli.console import emit, log
from classifier.cli.formatting import count, who
from classifier.cli.layout import Line, Page
from classifier.cli.markdown import append, plain, table
from classifier.cli.since import narrowed
from classifier.corpus import Scan
from classifier.errors import UsageError
from classifier.models import Taxonomy
from classifier.outputs.write_back import Edited, Refused
from classifier.project.records import Records
from classifier.publishing import Published
from classifier.sanitize import escape_json

SCHEMA: Final = "classify-check/1"
FORMATS: Final = ("text", "json", "github")
_SHOWN: Final = 50
"""Articles of one state that are shown as text."""

State: TypeAlias = Literal["unjudged", "stale", "different", "unusable"]
_TITLES: Final[Mapping[State, str]] = {
    "unjudged": "not judged",
    "stale": "changed since they were judged",
    "different": "with other labels than are decided",
    "unusable": "that cannot be checked",
}


@dataclass(frozen=True, slots=True)
class Finding:
    path: str
    state: State
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    form: str
    summary: Path | None = None
    """A file to add a summary in Markdown to."""


def check(
    asked: Asked, *, overrides: Mapping[str, Any], shown: Shown, since: str | None = None
) -> int:
    """Return the exit code. `since`: a state that git knows; what has not changed is left out."""
    if shown.form not in FORMATS:
        raise UsageError(
            f"--format {shown.form!r}: expected {', '.join(FORMATS[:-1])} or {FORMATS[-1]}"
        )
    if since is not None:
        found = settings.load(**overrides)
        loaded = composition.load_taxonomy(found)
        paths = narrowed(asked.paths, asked.files, since=since, found=found, taxonomy=loaded)
        asked = replace(asked, paths=paths)
    with opened_site(asked, overrides, to="read", otherwise=_from_sidecars) as site:
        findings = list(_findings(site))
        hint = _hint(site)
    if shown.summary is not None:
        append(shown.summary, _markdown(site, findings))
    _print(site, findings, shown.form, quiet=asked.quiet)
    if hint and shown.form != "json":
        log(hint)
    return 1 if findings else 0


def _print(site: Site, findings: Sequence[Finding], form: str, *, quiet: bool) -> None:
    if form == "json":
        emit(escape_json(json_.dumps(_plain(site, findings), ensure_ascii=False)))
    elif form == "github":
        for it in findings:
            emit(annotation("error", it.message, title=f"classify: {it.state}", file=it.path))
    elif findings or not quiet:
        emit(Page.for_stdout().lay_out(_lines(site, findings)))


def _from_sidecars(scan: Scan, taxonomy: Taxonomy, records: Records) -> None:
    """Take what is committed beside the articles for records, where there is no store."""
    articles = {entry.path: entry.digest for entry in scan.entries}
    found = sidecars.import_sidecars(
        articles, taxonomy=taxonomy, store=records.store, home=records.home
    )
    for trouble in (trouble for it in found for trouble in it.troubles):
        log(trouble)


def _findings(site: Site) -> Iterator[Finding]:
    due = {entry.path: len(entry.pending) for entry in site.scan.entries if entry.pending}
    standing = site.publisher.corpus.statuses(site.scan)
    for done in site.publisher.publish(site.scan, dry_run=True):
        if isinstance(done, Refused):
            yield Finding(done.path.as_posix(), "unusable", done.message)
        elif isinstance(done, Published) and done.edited.changed:
            path = done.edited.path.as_posix()
            if path not in due:
                yield Finding(path, "different", "; ".join(_differences(done.edited)))
    for path, missing in due.items():
        stale = standing[path] == "stale" or _beside(path, site)
        categories = "1 category" if missing == 1 else f"{missing:,} categories"
        yield Finding(
            path, "stale" if stale else "unjudged", f"not judged as it is now for {categories}"
        )


def _beside(path: str, site: Site) -> bool:
    """Whether a sidecar has judgements of this scorer, so that they are of another version."""
    return site.records.path is None and sidecars.judged_by(Path(path), site.scan.scorer)


def _differences(edited: Edited) -> Iterator[str]:
    for name in edited.added:
        if added := edited.added[name]:
            yield f"{name}: lacks {', '.join(added)}"
        if removed := edited.removed[name]:
            yield f"{name}: has {', '.join(removed)}"
    if not any((*edited.added.values(), *edited.removed.values())):
        yield "a number that is made of confidences is another one"


def _hint(site: Site) -> str | None:
    """Say by whom the articles are judged where it is not by the scorer that is configured."""
    others = [name for name, *_ in site.records.store.scorers() if name != site.scan.scorer]
    if not site.scan.entries or site.scan.stored_pairs or not others:
        return None
    return (
        f"nothing is judged by {site.scan.scorer}, but by {', '.join(others[:3])}: check with "
        "the version, model and prompts that judged"
    )


def _lines(site: Site, findings: Sequence[Finding]) -> Iterator[Line]:
    for state, title in _TITLES.items():
        some = [it for it in findings if it.state == state]
        if some:
            yield Line(f"{count(len(some), 'article')} {title}", "bold")
        for it in some[:_SHOWN]:
            yield Line(it.path, indent=2, whole=True)
            yield Line(it.message, "dim", 4)
        if len(some) > _SHOWN:
            yield Line(f"and {len(some) - _SHOWN:,} more; --format json has all", "dim", 2)
    yield Line(_told(site, findings))
    yield Line(f"judged by {who(site.scan.scorer)}", "dim")


def _markdown(site: Site, findings: Sequence[Finding]) -> Iterator[str]:
    yield f"### classify: {_told(site, findings)}"
    yield ""
    if findings:
        rows = ((it.path, it.state, it.message) for it in findings)
        yield from table(("article", "state", "why"), rows)
        yield ""
    yield f"judged by {plain(who(site.scan.scorer))}"
    yield ""


def _told(site: Site, findings: Sequence[Finding]) -> str:
    number = len(site.scan.entries) + len(site.scan.unread)
    well = number - len({it.path for it in findings})
    return f"{count(number, 'article')}, {well:,} as they are to be"


def _plain(site: Site, findings: Sequence[Finding]) -> dict[str, Any]:
    counted = Counter(it.state for it in findings)
    return {
        "schema": SCHEMA,
        "scorer": site.scan.scorer,
        "articles": len(site.scan.entries) + len(site.scan.unread),
        **{state: counted[state] for state in _TITLES},
        "findings": [
            {"article": it.path, "state": it.state, "message": it.message} for it in findings
        ],
    }
