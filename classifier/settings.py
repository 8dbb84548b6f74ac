"""One model for everything a project sets once: classify.toml or [tool.classify], environment.

The API key is not a setting: it is read from OPENAI_API_KEY only, so that no file can hold it.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from classifier.errors import SettingsError
from classifier.models import Level, Rule

_PREFIX = "CLASSIFY_"
_PATHS = ("categories", "prompts", "embedding_model", "calibration", "learned", "cuts", "store")
_MAY_BE_OFF = ("calibration", "learned", "cuts")
_NO_BOOL = "expected a number, not true or false"
_SECRET = re.compile(r"key$|token$|secret|password", re.I)


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


def _base_url(value: object) -> object:
    if isinstance(value, str) and not value.startswith(("http://", "https://")):
        raise ValueError("expected an address that starts with http:// or https://")
    return value


def _names(value: object) -> object:
    """Accept names with commas between, as a variable has them."""
    if not isinstance(value, str):
        return value
    return tuple(name for part in value.split(",") if (name := part.strip()))


def _kinds(value: object) -> object:
    if not isinstance(value, dict):
        return value
    lowered = {str(kind).strip().lower(): rule for kind, rule in value.items()}
    if len(lowered) < len(value):
        raise ValueError("two rules for one kind (letter case does not matter)")
    return lowered


Minimum = Annotated[float, BeforeValidator(_minimum), Field(ge=0, le=1)]
AtMost = Annotated[Annotated[int, Field(ge=1)] | None, BeforeValidator(_at_most)]
By = Literal["score", "level"]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Key = Annotated[str, StringConstraints(pattern=r"^[\w-]{1,64}$")]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


class RuleSettings(BaseModel):
    """What is left out is as in the default rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minimum: Minimum = 0.5
    at_most: AtMost = 5
    by: By = "score"


class FieldSettings(BaseModel):
    """Where the labels of a kind are in the front matter, and in which words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(default="", min_length=1)
    """The key; the kind's own name where it is left out."""
    value: Literal["title", "slug", "id"] = "title"


class DerivedSettings(BaseModel):
    """A number for the front matter, from the confidences of some categories."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    categories: tuple[str, ...] = Field(min_length=1)
    """Id, slug, title or alias. The number is the mean over them."""
    at_zero: Number
    """What a confidence of 0 gives; between it and `at_one` the number is linear."""
    at_one: Number


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    categories: Path | None = Field(
        default=None,
        description="Category definitions: a folder, one definition, or a `tags.yml`. Default: the "
        "example categories.",
    )
    scorer: Literal["embedded", "openai", "cascade"] = Field(
        default="embedded",
        description="`embedded` works offline, `openai` asks a language model, `cascade` asks it "
        "only about what `embedded` does not settle.",
    )
    model: str | None = Field(default=None, description="Name of the language model.")
    base_url: Annotated[str | None, BeforeValidator(_base_url)] = Field(
        default=None,
        description="Address of an OpenAI-compatible server. Default: OpenAI.",
    )
    pack: int | None = Field(
        default=None,
        ge=1,
        description="Categories per call to a language model. Default: 10; use more if `classify "
        "eval --pack` shows that it is safe.",
    )
    prompts: Path | None = Field(
        default=None,
        description="Folder of prompt templates to use instead of the built-in ones.",
    )
    answers: Literal["short", "full"] = Field(
        default="short",
        description="`short`: a language model gives scores and a phrase for clear rejections. "
        "`full`: it gives its reasoning for every category.",
    )
    canary: bool = Field(
        default=True,
        description="Add a canary category, which nothing can belong to, to every call of a "
        "language model: a model that scores it has followed instructions in the article.",
    )
    concurrency: int = Field(default=4, ge=1, description="Concurrent calls.")
    rpm: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Maximum calls per minute. Default: what the server's headers allow.",
    )
    tpm: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Maximum tokens per minute, sent and received. Default: what the server's "
        "headers allow.",
    )
    timeout: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Seconds per call. Default: 120, or 900 with a `tier` other than `standard`.",
    )
    tier: Literal["standard", "flex", "flex-first"] = Field(
        default="standard",
        description="`flex`: slower calls at about half the price, which fail if the server has no "
        "capacity. `flex-first`: repeat those at the usual price.",
    )
    batch_tokens: int | None = Field(
        default=None,
        ge=1,
        description="Your account's limit of queued batch tokens for the model. What exceeds it "
        "waits here.",
    )
    batch_megabytes: float = Field(
        default=200,
        gt=0,
        le=200,
        description="Maximum size of a batch file; lower it for a proxy that limits uploads.",
    )
    max_cost: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="Maximum US dollars per run, for a language model whose price is known. What "
        "is left is reported as a failure.",
    )
    max_calls: int | None = Field(
        default=None,
        ge=0,
        description="Maximum calls per run to a language model, retries included.",
    )
    embedding_model: Path | None = Field(
        default=None,
        description="Folder of another ONNX sentence model for the embedded scorer.",
    )
    calibration: Path | Literal["off"] | None = Field(
        default=None,
        description="File written by `classify calibrate`, or `off`. Default: the file beside the "
        "categories, if any.",
    )
    learned: Path | Literal["off"] | None = Field(
        default=None,
        description="File written by `classify learn`, or `off`. Default: the file beside the "
        "categories, if any.",
    )
    examples: bool = Field(
        default=True,
        description="Show the examples in that file to a language model.",
    )
    cuts: Path | Literal["off"] | None = Field(
        default=None,
        description="File written by `classify cascade`, or `off`. Default: the file beside the "
        "categories, if any.",
    )
    shortlist: int = Field(
        default=20,
        ge=1,
        description="Where no thresholds are measured, a cascade asks about this many of the "
        "likeliest categories of each kind. No recall is guaranteed.",
    )
    store: Path | None = Field(
        default=None,
        description="File that stores every judgement, so that none is made or paid for twice. "
        "Default: `.classify/records.sqlite3` beside the settings file, or in the "
        "current folder. `Classifier` stores nothing by default.",
    )
    lint_ignore: Names = Field(default=(), description="Rules that `classify taxonomy lint` skips.")
    minimum: Minimum = Field(
        default=0.5,
        description='Confidence (0-1) that a label needs, or the name of a level: `"Primary"` is '
        '0.80, `"Secondary"` 0.60, `"Tertiary"` 0.40.',
    )
    at_most: AtMost = Field(default=5, description='Maximum labels per kind; `"all"` for no limit.')
    by: By = Field(
        default="score",
        description="`score`: the best `at_most`. `level`: of those, only the ones in the best "
        "level reached.",
    )
    fields: Annotated[dict[str, FieldSettings], BeforeValidator(_kinds)] = Field(
        default_factory=dict,
        description="By kind: the front matter key that holds its labels (`name`, default: the "
        'kind) and what is written there (`value`): `"title"`, `"slug"` or '
        '`"id"`.',
    )
    rules: Annotated[dict[str, RuleSettings], BeforeValidator(_kinds)] = Field(
        default_factory=dict,
        description="By kind: its own `minimum`, `at_most` and `by`. Default: the values above.",
    )
    derived: dict[Key, DerivedSettings] = Field(
        default_factory=dict,
        description="By front matter key: a whole number computed from the mean confidence of "
        "`categories`, from `at_zero` to `at_one`.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class passes it
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - likewise
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings


def load(folder: Path | None = None, **overrides: Any) -> Settings:
    """Read the nearest settings file, then CLASSIFY_* variables, then `overrides`.

    Each wins over the one before. An override of None counts as not given. The file is looked for
    in `folder` (default: the current one) and its parents: `classify.toml`, else a
    `pyproject.toml` with [tool.classify]. Raises SettingsError.
    """
    file, values = _find((folder or Path()).resolve())
    _check_keys(values, repr(str(file)))
    given = {key: value for key, value in overrides.items() if value is not None}
    _check_keys(given, "the call")
    environment = _environment()
    try:
        return Settings(**{**values, **environment, **given})
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        if key in given:
            where = "the call"
        elif key in environment:
            where = _PREFIX + key.upper()
        else:
            where = repr(str(file))
        raise SettingsError(f"{where}: {_told(error)}") from None


def home(folder: Path | None = None) -> Path:
    """Return the folder of the settings file that `load` reads, or `folder` where there is none."""
    start = (folder or Path()).resolve()
    file, _ = _find(start)
    return start if file is None else file.parent


def rules(settings: Settings) -> tuple[Mapping[str, Rule], Rule]:
    """Return the rules by kind, and the one for every other kind."""
    default = Rule(minimum=settings.minimum, at_most=settings.at_most, by=settings.by)
    by_kind = {kind: _rule(rule, default) for kind, rule in settings.rules.items()}
    return by_kind, default


def field(settings: Settings, kind: str) -> FieldSettings:
    """Return where the labels of a kind are in the front matter."""
    own = settings.fields.get(kind, FieldSettings())
    return own.model_copy(update={"name": own.name or kind})


def sets_minimum(settings: Settings, kind: str) -> bool:
    """Whether a person has chosen the minimum of a kind, and not the program."""
    own = settings.rules.get(kind)
    said = own is not None and "minimum" in own.model_fields_set
    return said or "minimum" in settings.model_fields_set


def _rule(given: RuleSettings, default: Rule) -> Rule:
    said = given.model_fields_set
    return Rule(
        minimum=given.minimum if "minimum" in said else default.minimum,
        at_most=given.at_most if "at_most" in said else default.at_most,
        by=given.by if "by" in said else default.by,
    )


# --- where values come from -----------------------------------------------------------------------


def _find(start: Path) -> tuple[Path | None, dict[str, Any]]:
    for folder in (start, *start.parents):
        file = folder / "classify.toml"
        if (content := _toml(file)) is not None:
            return file, _anchored(content, folder)
        file = folder / "pyproject.toml"
        table = _tool_table(file, _toml(file) or {})
        if table is not None:
            return file, _anchored(table, folder)
    return None, {}


def _tool_table(file: Path, content: dict[str, Any]) -> dict[str, Any] | None:
    tool = content.get("tool")
    table = tool.get("classify") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{str(file)!r}: tool.classify is not a table")
    return table


def _toml(file: Path) -> dict[str, Any] | None:
    """Return what the file says, or None when there is no such file."""
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"{str(file)!r}: cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{str(file)!r}: not UTF-8; save it with that encoding") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise SettingsError(f"{str(file)!r}: not valid TOML: {reason}") from None


def _anchored(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make paths relative to the file they are written in."""
    paths = {
        key: str(folder / Path(values[key]).expanduser())
        for key in _PATHS
        if isinstance(values.get(key), str) and not (key in _MAY_BE_OFF and values[key] == "off")
    }
    return values | paths


def _environment() -> dict[str, Any]:
    known = list(Settings.model_fields)
    for name in sorted(os.environ):
        key = name.removeprefix(_PREFIX).lower()
        mistyped = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
        if name.startswith(_PREFIX) and key not in known and (mistyped or _SECRET.search(key)):
            raise SettingsError(f"environment: {_unknown(name, key, prefix=_PREFIX)}")
    try:
        return EnvSettingsSource(Settings)()
    except SourceError:
        raise SettingsError(
            f"{_PREFIX}RULES: expected JSON, such as "
            """'{"tags": {"minimum": 0.8, "at_most": 15}}'"""
        ) from None


# --- messages -------------------------------------------------------------------------------------


def _check_keys(values: Mapping[str, Any], where: str) -> None:
    for key in values:
        if key not in Settings.model_fields:
            raise SettingsError(f"{where}: {_unknown(key, key)}")


def _unknown(name: str, key: str, *, prefix: str = "") -> str:
    """Say it without the value, which may be a secret."""
    if _SECRET.search(key):
        return f"{name!r} is not a setting: the API key is read from OPENAI_API_KEY only; remove it"
    known = {
        field: prefix + (field.upper() if prefix else field) for field in Settings.model_fields
    }
    return f"unknown setting {name!r}; {_hint(key.lower().replace('-', '_'), known)}"


def _hint(key: str, known: Mapping[str, str]) -> str:
    """`known`: what is compared, and how it is written."""
    if close := difflib.get_close_matches(key, known, n=1):
        return f"did you mean {known[close[0]]!r}?"
    return f"known are {', '.join(known.values())}"


_TABLES: Mapping[str, type[BaseModel]] = {
    "rules": RuleSettings,
    "fields": FieldSettings,
    "derived": DerivedSettings,
}


def _told(error: ValidationError) -> str:
    first = error.errors()[0]
    *_, last = loc = [str(part) for part in first["loc"]]
    key = ".".join(loc)
    if first["type"] == "extra_forbidden":
        known = {field: field for field in _TABLES[loc[0]].model_fields}
        return f"unknown setting {key!r}; {_hint(last, known)}"
    if first["type"] == "missing":
        return f"{key} is missing"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{key} = {repr(first['input'])[:80]}: {reason[:1].lower()}{reason[1:]}"
