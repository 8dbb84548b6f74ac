"""Read gold labels from a file, a folder or the store's verdicts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from classifier import small_files
from classifier.content.discovery import EVERYTHING, Selection
from classifier.errors import UsageError
from classifier.evaluation.gold import front_matter, table
from classifier.evaluation.gold.front_matter import OwnLabels, nobodys
from classifier.evaluation.gold.resolve import ClaimColumn, ResolvedLabels, quoted_list
from classifier.models import Taxonomy
from classifier.store import VerdictRecord
from classifier.verdicts import Verdicts
from classifier.wording import count


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """What people say about pairs of an article and a category."""

    labels: Mapping[str, Mapping[str, bool]]
    """Article path (as a scan of it has it) to category id to whether it belongs.

    A pair that is absent is unknown. Every article here has a known pair, and every file is here
    once.
    """
    source: str
    """The file or folder as named by the user, or `verdicts`."""
    origins: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Where a pair (path, category id) is written, and the person's reason if there is one.

    Absent for a pair that is known because the article was labelled without it.
    """
    trust: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Weight (0-1) of a pair (path, category id) that is no person's; absent: 1."""
    warnings: tuple[str, ...] = ()
    """Warnings about what was skipped, one line each."""
    notes: tuple[str, ...] = ()
    """About what was skipped as it should be, one line each."""

    @property
    def paths(self) -> list[Path]:
        """The articles, for `Corpus.scan`."""
        return [Path(path) for path in self.labels]


def read(  # noqa: PLR0913
    source: Path,
    taxonomy: Taxonomy,
    *,
    fields: Sequence[str] = (),
    content: Path | None = None,
    selection: Selection = EVERYTHING,
    own: OwnLabels = nobodys,
) -> Gold:
    """Read a CSV, TSV or JSONL file of pairs, or a folder whose front matter has labels.

    `fields` (`field` or `kind=field`) are the keys of the front matter, `selection` says which
    files of a folder count; `content` is where else a table's articles are looked for; `own` knows
    the labels of a folder's articles that are no gold. `taxonomy`
    is the whole one, also where only some of it is evaluated: labels of the rest are no mistake.

    Raises UsageError where the source or a row of it cannot be used.
    """
    columns, warnings = _columns(source, taxonomy, fields, content, selection, own)
    labels = ResolvedLabels.of(columns, taxonomy, of_editors=small_files.is_dir(source))
    return _gold(labels, warnings, source=str(source))


def from_front_matter(  # noqa: PLR0913
    paths: Sequence[Path],
    taxonomy: Taxonomy,
    *,
    fields: Sequence[str],
    selection: Selection,
    own: OwnLabels = nobodys,
    optional: bool = False,
) -> Gold:
    """Read the labels in the front matter of articles: those named, and all in folders.

    `optional`: whether one of the fields is enough.

    Raises:
        UsageError: No article has one of the fields, or none of the labels is of a category.
    """
    source = " ".join(map(str, paths))
    found = front_matter.read_articles(paths, taxonomy, fields, selection, own, optional=optional)
    labels = ResolvedLabels.of(found.columns, taxonomy, of_editors=True)
    return _gold(labels, found.warnings(source), source=source)


def _gold(labels: ResolvedLabels, warnings: Sequence[str], *, source: str) -> Gold:
    known = {article: its for article, its in labels.known.items() if its}
    if not known:
        names = quoted_list(list(labels.unmatched))
        way_out = f" ({names}): see `categories`" if names else ""
        raise UsageError(f"{source!r}: no label matches a category{way_out}")
    return Gold(
        labels=known,
        source=source,
        origins=labels.origins,
        warnings=(*warnings, *labels.warnings(source)),
        notes=tuple(labels.notes(source)),
    )


def from_verdicts(given: Sequence[VerdictRecord], taxonomy: Taxonomy, *, home: Path) -> Gold:
    """Make gold of what people said in the store; paths in it are relative to `home`.

    Only what was said is known. Raises UsageError where nothing holds.
    """
    verdicts = Verdicts(given, taxonomy.categories, home=home)
    known: dict[str, dict[str, bool]] = {}
    origins: dict[tuple[str, str], str] = {}
    missing: list[str] = []
    for key in dict.fromkeys(record.path for record in given):
        path = os.path.relpath(home / key)
        holding = verdicts.of(path=path, article="")
        if not holding:
            continue
        if not small_files.is_file(Path(path)):
            missing.append(key)
            continue
        name = Path(path).as_posix()
        known[name] = {category: verdict.accepted for category, verdict in holding.items()}
        for category, verdict in holding.items():
            where = verdict.source or "a verdict"
            origins[name, category] = f"{where}: {verdict.note}" if verdict.note else where
    if not known:
        raise UsageError(
            "no verdicts on existing articles are stored: add some with `classify accept` and "
            "`classify reject`"
        )
    articles = count(len(missing), "missing article")
    warning = f"left out {articles} with verdicts: {quoted_list(missing)}"
    return Gold(
        labels=known, source="verdicts", origins=origins, warnings=(warning,) if missing else ()
    )


def merged(golds: Sequence[Gold]) -> Gold:
    """Return the labels of several sources; those of later ones win over the same of earlier ones.

    A file may go by several paths: the first one stays.
    """
    known: dict[str, dict[str, bool]] = {}
    origins: dict[tuple[str, str], str] = {}
    trust: dict[tuple[str, str], float] = {}
    names: dict[str, str] = {}
    for gold in golds:
        for path, categories in gold.labels.items():
            name = names.setdefault(os.path.realpath(path), path)
            known.setdefault(name, {}).update(categories)
            for category in categories:
                origins.pop((name, category), None)
                trust.pop((name, category), None)
                if (path, category) in gold.trust:
                    trust[name, category] = gold.trust[path, category]
                if (path, category) in gold.origins:
                    origins[name, category] = gold.origins[path, category]
    return Gold(
        labels=known,
        source=", ".join(dict.fromkeys(gold.source for gold in golds)),
        origins=origins,
        trust=trust,
        warnings=tuple(warning for gold in golds for warning in gold.warnings),
        notes=tuple(note for gold in golds for note in gold.notes),
    )


def _columns(  # noqa: PLR0913, PLR0917
    source: Path,
    taxonomy: Taxonomy,
    fields: Sequence[str],
    content: Path | None,
    selection: Selection,
    own: OwnLabels,
) -> tuple[list[ClaimColumn], list[str]]:
    name = str(source)
    if small_files.is_dir(source):
        if not fields:
            raise UsageError(
                f"{name!r} is a folder: name the front matter field that holds the labels, "
                "with `fields=NAME`"
            )
        folder = front_matter.read_articles([source], taxonomy, fields, selection, own)
        return folder.columns, folder.warnings(name)
    if not small_files.exists(source):
        raise UsageError(f"{small_files.why_not(source)}: {name!r}")
    if fields:
        raise UsageError(f"`fields` is for a folder, and {name!r} is a file")
    if source.suffix.lower() not in (*table.SEPARATED, *table.JSON_LINES):
        raise UsageError(f"{name!r}: expected a .csv, .tsv or .jsonl file, or a folder")
    labels = table.read_table(source, content)
    if not labels.column.claims:
        raise UsageError(
            f"{name!r}: none of its articles exists, such as {quoted_list(labels.missing)}: paths "
            "are relative to that file or the current folder; see `content=`"
        )
    return [labels.column], labels.warnings(name)
