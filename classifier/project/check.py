"""Check that articles are judged in their current form and have the decided labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from classifier import sidecars
from classifier.corpus import Scan
from classifier.outputs.write_back import Edited, Refused
from classifier.project import provenance
from classifier.project.apply import Applied, FrontMatterWriter, make_writer
from classifier.project.events import Message
from classifier.project.label_fields import WriteOptions

if TYPE_CHECKING:
    from classifier.project.records import Records
    from classifier.project.workspace import Workspace
    from classifier.sidecars import SidecarPaths

State: TypeAlias = Literal["unjudged", "stale", "different", "unusable"]
"""`stale`: the article or a definition has changed since it was judged. `different`: the front
matter differs from the current decision. `unusable`: the file cannot be read or edited."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with an article."""

    path: str
    state: State
    message: str
    """Details, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    scorer: str
    """Identity of the scorer whose judgements were checked."""
    articles: int
    findings: tuple[Finding, ...]
    other_scorers: tuple[str, ...] = ()
    """Stored scorers, if the checked one has judged none of the articles."""

    @property
    def up_to_date(self) -> int:
        """Articles without a finding."""
        return self.articles - len({finding.path for finding in self.findings})

    def of(self, state: State) -> list[Finding]:
        return [finding for finding in self.findings if finding.state == state]


def check(project: Workspace, paths: Sequence[Path], options: WriteOptions) -> CheckResult:
    records = project.records.get("read")
    writer = make_writer(project, paths, options, records, update_index=False)
    if records.path is None:
        _import_sidecars(project, writer, records)
        writer = make_writer(project, paths, options, records, update_index=False)
    scan = writer.scan
    others = [name for name, *_ in records.store.scorers() if name != scan.scorer]
    return CheckResult(
        scorer=scan.scorer,
        articles=len(scan.entries) + len(scan.unread),
        findings=tuple(_findings(writer, None if records.path else project.sidecar_paths)),
        other_scorers=tuple(others) if scan.entries and not scan.stored_pairs else (),
    )


def _import_sidecars(project: Workspace, writer: FrontMatterWriter, records: Records) -> None:
    """Read what is committed beside the articles into the temporary store."""
    articles = {entry.path: entry.digest for entry in writer.scan.entries}
    imported = sidecars.import_sidecars(
        articles,
        taxonomy=project.policy.taxonomy,
        store=records.store,
        home=records.home,
        paths=project.sidecar_paths,
    )
    for result in imported:
        for error in result.errors:
            project.emit(Message(error, "error"))


def _findings(writer: FrontMatterWriter, places: SidecarPaths | None) -> Iterator[Finding]:
    """Yield the findings; `places` of sidecars where they stand in for a store.

    What is in a sidecar and does not count is about another version.
    """
    scan = writer.scan
    pending = {entry.path: len(entry.pending) for entry in scan.entries if entry.pending}
    unjudged = {entry.path for entry in scan.entries if entry.unjudged}
    for outcome in writer.outcomes():
        if isinstance(outcome, Refused):
            yield Finding(outcome.path.as_posix(), "unusable", outcome.message)
        elif isinstance(outcome, Applied) and outcome.edited.changed:
            path = outcome.edited.path.as_posix()
            if path not in unjudged:
                yield Finding(path, "different", "; ".join(_differences(outcome.edited, writer)))
    statuses = writer.corpus.statuses(scan)
    for path, number in pending.items():
        categories = "1 category" if number == 1 else f"{number:,} categories"
        elsewhere = places is not None and places.judged_by(Path(path), scan.scorer)
        if statuses[path] == "stale" or elsewhere:
            yield Finding(
                path, "stale", f"{categories} to judge again: the text or a definition changed"
            )
        else:
            yield Finding(path, "unjudged", f"{categories} not judged yet")
    yield from _held(scan)


def _held(scan: Scan) -> Iterator[Finding]:
    for entry in scan.entries:
        for failure in entry.held:
            number = len(failure.categories)
            categories = "1 category" if number == 1 else f"{number:,} categories"
            yield Finding(
                entry.path,
                "unjudged",
                f"{categories} held back ({failure.reason}): review the article, or ask again "
                "with `classify run --retry-failed`",
            )


def _differences(edited: Edited, writer: FrontMatterWriter) -> Iterator[str]:
    for name in edited.added:
        if added := edited.added[name]:
            yield f"{name}: missing {', '.join(added)}"
        if removed := edited.removed[name]:
            yield f"{name}: extra {', '.join(removed)}"
    if not any((*edited.added.values(), *edited.removed.values())):
        what = "a derived field" if writer.numbers else repr(provenance.FIELD)
        yield f"{what} is out of date"
