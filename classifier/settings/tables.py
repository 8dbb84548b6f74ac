"""Tables and values of the settings file, and what they accept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from classifier.content import path_template
from classifier.links import template
from classifier.models import HierarchyRule, Level

_NO_BOOL = "expected a number, not true or false"


def _minimum(value: object) -> object:
    """Accept a level's name for its floor."""
    if isinstance(value, bool):
        raise ValueError(_NO_BOOL)  # noqa: TRY004 - the kind of error pydantic reports
    if isinstance(value, str) and not value.strip()[:1].isdigit():
        names = {level.lower(): level for level in Level if level is not Level.IGNORED}
        level = names.get(value.strip().lower())
        if level is None:
            raise ValueError(f"expected a confidence from 0 to 1, or one of {', '.join(names)}")
        return level.floor
    return value


def _at_most(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(_NO_BOOL)  # noqa: TRY004 - likewise
    return None if isinstance(value, str) and value.strip().lower() == "all" else value


def http_address(value: object) -> object:
    if isinstance(value, str) and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address that starts with http:// or https://")
    return value


def _path(value: object) -> object:
    if isinstance(value, str | Path):
        if "\0" in str(value):
            raise ValueError("a path cannot hold a zero byte")
        if len(str(value)) > _LONGEST_PATH or any(len(it) > 255 for it in Path(value).parts):
            raise ValueError("too long for a path")
    return value


def _paths(value: object) -> object:
    """Accept one path for a list of one."""
    return (value,) if isinstance(value, str | Path) else value


def _sidecar_path(value: object) -> object:
    if isinstance(value, str) and value and (problem := path_template.problem(value)):
        raise ValueError(problem)
    return value


def _names(value: object) -> object:
    """Accept names with commas between, as a variable has them."""
    if not isinstance(value, str):
        return value
    return tuple(name for part in value.split(",") if (name := part.strip()))


def lower_kinds(value: object) -> object:
    if not isinstance(value, dict):
        return value
    lowered = {str(kind).strip().lower(): rule for kind, rule in value.items()}
    if len(lowered) < len(value):
        raise ValueError("two rules for one kind (letter case does not matter)")
    return lowered


_LONGEST_PATH = 4000
"""Characters; systems allow 4,096 bytes."""

File = Annotated[Path, BeforeValidator(_path)]
Minimum = Annotated[float, BeforeValidator(_minimum), Field(ge=0, le=1)]
AtMost = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_at_most)]
By = Literal["score", "level"]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Key = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}(?:\.[\w-]{1,64})?$")]
SidecarPath = Annotated[str, BeforeValidator(_sidecar_path)]
Files = Annotated[tuple[File, ...], BeforeValidator(_paths)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class RuleSettings(BaseModel):
    """What is left out is as in the default rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minimum: Minimum = 0.5
    at_most: AtMost = 5
    by: By = "score"
    hierarchy: HierarchyRule = "leaf"


class KindSettings(RuleSettings):
    """The rule of a kind; what is left out is as in the default rule."""

    fallback: str | None = Field(default=None, min_length=1)
    """Id, slug, title or alias of the category for articles that no other of the kind fits."""
    sections: dict[str, RuleSettings] = Field(default_factory=dict)
    """By folder, relative to the settings: what is different for articles in it."""


class FieldSettings(BaseModel):
    """Where the labels of a kind are in the front matter, and in which words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", min_length=1)
    """The key; the kind's own name where it is left out."""
    value: Literal["title", "slug", "path", "id"] = "title"
    spaced: bool = False
    """Whether a text without commas holds a label per word, as in Jekyll."""
    inline: bool = False
    """Whether `#tags` in the text are people's labels as well, as in Obsidian."""


class DerivedSettings(BaseModel):
    """A number for the front matter, from the confidences of some categories."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    categories: tuple[str, ...] = Field(min_length=1)
    """Id, slug, title or alias. The number is the mean over them."""
    at_zero: Number
    """What a confidence of 0 gives; between it and `at_one` the number is linear."""
    at_one: Number
    decimals: int = Field(default=0, ge=0, le=6)
    at_any_zero: Number | None = None
    """The number where one of the confidences rounds to 0 %; None: no exception."""


def _link_template(value: str) -> str:
    if problem := template.problem(value):
        raise ValueError(problem)
    return value


class LinkSettings(BaseModel):
    """Links from articles to the pages of categories."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template: Annotated[str, AfterValidator(_link_template)] = template.DEFAULT
    at_most: int = Field(default=10, ge=1)
    """Links per article."""
    labels_only: bool = False
    """Whether an article links to its own labels only."""
    opt_out: str = Field(default="cross_links", min_length=1, max_length=64)
    """The front matter key that leaves an article alone where it is false."""


def _inside(value: str) -> str:
    # Settings may be cloned: they write nothing outside of their project.
    parts = value.replace("\\", "/").split("/")
    if ".." in parts or value.startswith(("/", "\\", "~")) or ":" in parts[0]:
        raise ValueError("must be a path inside the project")
    return value


class RelatedSettings(BaseModel):
    """Lists of related articles, and where they go."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    top: int = Field(default=5, ge=1)
    """Articles of each section."""
    section: str = ""
    above: float = Field(default=0.0, ge=0.0, le=1.0)
    output: Annotated[str, AfterValidator(_inside)] = ""
    field: str = ""


class TableSettings(BaseModel):
    """The columns of tables whose rows are articles; empty: the usual names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = ""
    id: str = ""
    title: str = ""
    description: str = ""
    language: str = ""


def flat_keys(value: object) -> object:
    """Accept `[derived.sitemap.priority]` for `[derived."sitemap.priority"]`."""
    if not isinstance(value, dict):
        return value
    flat: dict[object, object] = {}
    for name, its in value.items():
        nested = isinstance(its, dict) and its and all(isinstance(it, dict) for it in its.values())
        inner = {f"{name}.{key}": it for key, it in its.items()} if nested else {name: its}
        flat |= inner
    return flat


def _panel_scorer(name: str) -> str:
    kind, colon, model = name.partition(":")
    if kind not in ("embedded", "openai") or (colon and not model):
        raise ValueError(
            f"{name!r} cannot be in a panel: expected embedded, embedded:FOLDER, "
            "embedded:multilingual, embedded:fast, openai or openai:MODEL"
        )
    if kind == "embedded":
        _path(model)
    return name


class PanelSettings(BaseModel):
    """The scorers of a panel."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scorers: Annotated[
        tuple[Annotated[str, AfterValidator(_panel_scorer)], ...],
        BeforeValidator(_names),
        Field(min_length=2, max_length=8),
    ] = ("embedded", "openai")
    confidence: Literal["mean", "least"] = "mean"


def panel_scorers(value: object) -> list[str]:
    """Return the scorers in a `panel` table that nobody has checked yet."""
    names = _names(value.get("scorers")) if isinstance(value, Mapping) else None
    listed = names if isinstance(names, list | tuple) else []
    return [name for name in listed if isinstance(name, str)]
