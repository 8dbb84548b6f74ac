"""The options of `classify run` that are not settings, and which go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier import addresses, small_files
from classifier.cli.option_checks import renew_options
from classifier.content.collections import is_collection
from classifier.content.discovery import Selection, is_bundle
from classifier.errors import UsageError

if TYPE_CHECKING:
    import typer

    from classifier.project.renewal import RenewOptions

STDIN: Final = Path("-")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """As they were given; `check` raises for what contradicts."""

    paths: Sequence[Path]
    include: Sequence[str]
    exclude: Sequence[str]
    since: str | None
    dry_run: bool
    plan: bool
    store: bool
    """Whether judgements are read and kept."""
    retry_failed: bool
    """Whether what was held back is asked again."""
    output: Path | None
    rows: str | None
    sidecar: bool
    write: bool
    summary: Path | None
    json: bool
    list: bool
    """Whether to print the labels of every article of a folder."""
    explain: bool
    quiet: bool
    renew: RenewOptions | None

    @classmethod
    def of(cls, context: typer.Context) -> RunOptions:
        given = context.params
        if given["no_store"] and given["store"] is not None:
            raise UsageError("--store and --no-store exclude each other")
        names = ("since", "dry_run", "plan", "rows", "sidecar", "write", "json", "explain", "quiet")
        return cls(
            paths=[Path(path) for path in given["paths"] or ()],
            include=given["include"] or (),
            exclude=given["exclude"] or (),
            store=not given["no_store"],
            output=Path(given["output"]) if given["output"] else None,
            summary=Path(given["summary"]) if given["summary"] else None,
            list=given["list_"],
            retry_failed=given["retry_failed"],
            renew=renew_options(given["older_than"], given["most"]),
            **{name: given[name] for name in names},
        )

    @property
    def judging(self) -> dict[str, bool]:
        """What every verb that judges, or says what would be judged, takes."""
        return {"store": self.store, "retry_failed": self.retry_failed}

    def check(self) -> None:
        """Raise UsageError for options that contradict each other, and for paths that are wrong."""
        if self.paths.count(STDIN) > 1:
            raise UsageError("standard input (-) can be read only once")
        for path in self.paths:
            if path != STDIN and not small_files.exists(path):
                if path.parts[0] in ("http:", "https:"):
                    raise UsageError(
                        f"{str(path)!r} is a web page: `classify fetch URL --to FOLDER` first"
                    )
                if addresses.is_remote(addresses.address(path)):
                    raise addresses.missing(path)
                raise UsageError(f"{small_files.why_not(path)}: {str(path)!r}")
        self._check_patterns()
        self._check_writing()
        if self.collections():
            self._check_collections()
            return
        if self.judges_folders():
            self._check_folder_run()

    def collections(self) -> bool:
        """Whether a file that holds many articles is named."""
        return any(is_collection(path) and small_files.is_file(path) for path in self.paths)

    def _check_collections(self) -> None:
        if not all(small_files.is_file(path) for path in self.paths):
            raise UsageError("tables, mail and feeds are judged alone: name no folder beside them")
        if self.write:
            raise UsageError(
                "nothing is written into tables, mail or feeds: use --output FILE or --sidecar"
            )
        if self.dry_run or self.plan or self.since or self.renew or self.summary or self.list:
            raise UsageError(
                "tables, mail and feeds are judged entry by entry: without --dry-run, --plan, "
                "--since, --older-than, --summary and --list"
            )
        self._check_output()

    def _check_output(self) -> None:
        if self.output is not None:
            from classifier.outputs import tables

            tables.check(self.output)

    def _check_patterns(self) -> None:
        if not any(path != STDIN and small_files.is_dir(path) for path in self.paths):
            for option, patterns in (("include", self.include), ("exclude", self.exclude)):
                if patterns:
                    raise UsageError(f"--{option} is for folders: name one")

    def _check_writing(self) -> None:
        if self.rows not in (None, "pairs", "articles"):
            raise UsageError(f"--rows {self.rows!r}: expected pairs or articles")
        if self.rows and self.output is None:
            raise UsageError("--rows is for a file: add --output FILE")
        for option, is_set in (("--sidecar", self.sidecar), ("--write", self.write)):
            if is_set and not self.store:
                raise UsageError(f"{option} writes stored judgements, and --no-store keeps none")
            if is_set and (self.dry_run or self.plan):
                raise UsageError(f"--dry-run judges nothing, so there is nothing for {option}")
            if is_set and STDIN in self.paths:
                raise UsageError(f"{option} needs a file, and standard input (-) is not one")

    def _check_folder_run(self) -> None:
        if self.renew and (self.plan or not self.store):
            option = "--plan" if self.plan else "--no-store"
            raise UsageError(f"--older-than and {option} exclude each other")
        if STDIN in self.paths:
            raise UsageError("standard input (-) cannot be combined with folders or --output")
        if self.explain:
            raise UsageError(
                "--explain is for single articles: use `classify history ARTICLE` after the run"
            )
        self._check_output()
        if (self.dry_run or self.plan) and (self.output is not None or self.json or self.list):
            option = "--json" if self.json else "--list" if self.list else "--output"
            raise UsageError(f"--dry-run judges nothing, so there is nothing for {option}")

    def judges_folders(self) -> bool:
        """Whether there is a summary instead of a page for each article."""
        if self.collections():
            return False
        folders = (path for path in self.paths if path != STDIN and small_files.is_dir(path))
        selection = Selection(include=tuple(self.include), exclude=tuple(self.exclude))
        return (
            self.dry_run
            or self.plan
            or self.since is not None
            or self.renew is not None
            or self.summary is not None
            or self.list
            or self.output is not None
            or any(not is_bundle(folder, selection) for folder in folders)
        )
