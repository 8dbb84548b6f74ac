"""Start from what people already said: propose categories and settings, and write them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import tomlkit

from classifier import settings
from classifier.errors import OutputError, UsageError
from classifier.outputs.files import write_text
from classifier.site import existing, generator, proposal, reading, vocabulary
from classifier.site.existing import Definitions
from classifier.site.fields import LabelField
from classifier.site.naming import file_name
from classifier.site.proposal import FieldProposal
from classifier.site.reading import SiteReading
from classifier.taxonomy import labels
from classifier.taxonomy.labels import label_key

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace

_FILE: Final = "classify.toml"
_OWN_FOLDER: Final = {"Jekyll": "_taxonomy", "Obsidian": "Taxonomy"}
"""Where categories go, by generator; `taxonomy` for others. Jekyll builds nothing below `_`."""


@dataclass(frozen=True, slots=True)
class PlannedFile:
    path: Path
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InitPlan:
    """What `init` would write. Making it writes nothing."""

    site: SiteReading
    fields: tuple[FieldProposal, ...]
    """Those whose labels become categories."""
    other_fields: tuple[LabelField, ...]
    """Others that may hold labels."""
    least_uses: int
    """Articles that a label needs to become a category."""
    settings_file: Path
    """The settings of the site; they are written where there are none."""
    settings_text: str
    """The settings to write; where there are some, what a person has to add to them."""
    has_settings: bool

    @property
    def files(self) -> list[PlannedFile]:
        """All files to write, the settings last."""
        made = [PlannedFile(each.path, each.text) for one in self.fields for each in one.new]
        if self.settings_text and not self.has_settings:
            made.append(PlannedFile(self.settings_file, self.settings_text))
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class InitResult:
    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    """Files that were there already, and were left alone."""


def plan(
    project: Workspace,
    paths: Sequence[Path],
    *,
    fields: Sequence[str] = (),
    least_uses: int | None = None,
) -> InitPlan:
    file, values = settings.project_file(project.folder)
    home = file.parent if file else _home(project.folder, paths)
    site = reading.read(home, paths or project.content(), selection=project.selection)
    if project.settings.categories:
        site = site.without([one.source for one in project.definitions.categories if one.source])
    if not site.documents:
        raise UsageError(_nothing(site))
    every = site.fields()
    chosen = _chosen(every, fields)
    labelled = {path for one in chosen for path in one.labels}
    least = least_uses or labels.least_uses(len(labelled))
    own = home / _OWN_FOLDER.get(site.generator, "taxonomy")
    proposals = [
        proposal.propose(one, kind, defined, least_uses=least, folder=own)
        for one in chosen
        for kind in [_kind(project, one)]
        for defined in [_definitions(project, site, home, one, kind)]
    ]
    made = tuple(proposal.drafted(proposals, site))
    wanted = _settings(site, made, own, home)
    return InitPlan(
        site=site,
        fields=made,
        other_fields=tuple(one for one in every if one not in chosen),
        least_uses=least,
        settings_file=file or home / _FILE,
        settings_text=_toml(_missing(wanted, values, home) if file else wanted) if made else "",
        has_settings=file is not None,
    )


def write(made: InitPlan) -> InitResult:
    written: list[Path] = []
    kept: list[Path] = []
    top = made.settings_file.parent.resolve()
    for file in made.files:
        if os.path.lexists(file.path):
            kept.append(file.path)
            continue
        if not file.path.resolve().is_relative_to(top):
            raise OutputError(f"cannot write {str(file.path)!r}: a link leads out of the site")
        write_text(file.path, file.text)
        written.append(file.path)
    return InitResult(written=tuple(written), kept=tuple(kept))


# --- what is read ---------------------------------------------------------------------------------


def _nothing(site: SiteReading) -> str:
    names = ", ".join(repr(str(reading.near(path))) for path in site.content)
    if site.unread:
        return f"no article in {names} can be read: {site.unread[0].message}"
    if site.other_files:
        kinds = ", ".join(site.other_files)
        formats = ", ".join(f'"{kind.removeprefix(".")}"' for kind in site.other_files)
        return (
            f"no Markdown files in {names}: for its {kinds} files, put `formats = [{formats}]` "
            "into classify.toml, then run this again"
        )
    return f"no Markdown files in {names}: name the folder of your articles"


def _home(folder: Path, paths: Sequence[Path]) -> Path:
    """Return where the settings go: the current folder, or the site's where that is elsewhere."""
    here = folder.resolve()
    if not paths or paths[0].resolve().is_relative_to(here):
        return folder
    known = generator.configured(paths[0], paths[0].resolve().parent)
    return known[1] if known else paths[0]


def _chosen(every: Sequence[LabelField], names: Sequence[str]) -> list[LabelField]:
    """Return the fields of these names, or those that hold labels on nearly every site."""
    if not names:
        return [one for one in every if one.customary]
    known = {one.name.lower(): one for one in every}
    if missing := [name for name in names if name.lower() not in known]:
        have = ", ".join(one.name for one in every) or "none"
        raise UsageError(
            f"`fields` {missing[0]!r}: no such field of labels in the articles; there is {have}"
        )
    return [known[name.lower()] for name in dict.fromkeys(names)]


def _kind(project: Workspace, field: LabelField) -> str:
    """Return the kind whose labels the settings put into a field, or one named like it."""
    for kind in project.settings.fields:
        if label_key(settings.field(project.settings, kind).name) == label_key(field.name):
            return kind
    return file_name(field.name.rpartition(".")[2])


def _definitions(
    project: Workspace, site: SiteReading, home: Path, field: LabelField, kind: str
) -> list[Definitions]:
    """Return what the settings name, where they name anything, else what the site has."""
    if project.settings.categories:
        categories = project.definitions.categories
        return [
            Definitions(path=path, categories=categories) for path in project.settings.categories
        ]
    in_use = vocabulary.vocabulary(field)
    return existing.definitions(home, site.content, kind, in_use, site.generator)


# --- settings -------------------------------------------------------------------------------------


def _settings(
    site: SiteReading, fields: Sequence[FieldProposal], own: Path, home: Path
) -> dict[str, Any]:
    defined = proposal.paths_of([each for one in fields for each in one.definitions])
    inside = any(path.is_relative_to(own) for path in defined)
    outside = [path for path in defined if not path.is_relative_to(own)]
    new = any(one.new for one in fields)
    categories = [*([own] if new or inside else []), *outside]
    made: dict[str, Any] = {
        "categories": _one_or_more([_relative(path, home) for path in categories]),
        "content": _one_or_more([_relative(path, home) for path in site.content]),
    }
    if site.exclude:
        made["exclude"] = list(site.exclude)
    made["fields"] = {one.kind: _field(one) for one in fields}
    made["rules"] = {one.kind: {"at_most": one.at_most} for one in fields}
    return made


def _field(one: FieldProposal) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.field.name, "value": one.value}
    if "words" in one.field.forms:
        made["spaced"] = True
    if "inline" in one.field.forms:
        made["inline"] = True
    return made


def _missing(wanted: Mapping[str, Any], values: Mapping[str, Any], home: Path) -> dict[str, Any]:
    """Return what existing settings lack of those wanted."""
    missing: dict[str, Any] = {}
    named = {_relative(Path(path), home) for path in _listed(values.get("categories"))}
    if more := [path for path in _listed(wanted["categories"]) if path not in named]:
        covered = all(any(Path(one).is_relative_to(name) for name in named) for one in more)
        if not covered:
            missing["categories"] = _one_or_more(sorted(named | set(more)))
    if "content" not in values:
        missing["content"] = wanted["content"]
    for table in ("fields", "rules"):
        there = {str(kind).lower() for kind in values.get(table) or {}}
        new = {kind: value for kind, value in wanted[table].items() if kind not in there}
        if new:
            missing[table] = new
    return missing


def _toml(values: Mapping[str, Any]) -> str:
    if not values:
        return ""
    document = tomlkit.document()
    for key, value in values.items():
        if not isinstance(value, Mapping):
            document.add(key, value)
            continue
        table = tomlkit.table(is_super_table=True)
        for kind, row in value.items():
            inner = tomlkit.table()
            for name, each in row.items():
                inner.add(name, each)
            table.add(kind, inner)
        document.add(tomlkit.nl())
        document.add(key, table)
    return tomlkit.dumps(document)


def _one_or_more(paths: Sequence[str]) -> str | list[str]:
    return paths[0] if len(paths) == 1 else list(paths)


def _listed(value: object) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value]) if one]


def _relative(path: Path, home: Path) -> str:
    return Path(os.path.relpath(path, home)).as_posix()
