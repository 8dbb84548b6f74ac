"""Read settings: the user's own file, the project's, the environment, the call."""

from __future__ import annotations

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from classifier import small_files, wording
from classifier.errors import SettingsError
from classifier.settings import trust
from classifier.settings.model import (
    MODEL_NAMES,
    NO_PATHS,
    PATHS,
    PREFIX,
    Settings,
)
from classifier.settings.tables import (
    DerivedSettings,
    FieldSettings,
    KindSettings,
    PanelSettings,
    panel_scorers,
)

_RENAMED = {"decoy": "canary", "calibration": "trained", "learned": "trained"}
"""Settings of earlier versions."""
_OPTIONS = frozenset({"serve_token"})
"""Variables that a command reads itself."""
_SECRET = re.compile(r"key$|token$|secret|password", re.I)


def load(folder: Path | None = None, **overrides: Any) -> Settings:
    """Read the user's own file, the project's, CLASSIFY_* variables, then `overrides`.

    Each wins over the one before. The user's file is `config.toml` in `trust.user_folder()`. The
    project's is looked for in `folder` (default: the current one) and its parents:
    `classify.toml`, else a `pyproject.toml` with [tool.classify].

    Args:
        folder: Where to start to look.
        overrides: Fields of Settings; None counts as not given.

    Raises:
        SettingsError: A value cannot be used, or the project's file names a path outside the
            project and is not trusted (see `classify trust`).
    """
    file, project = _find((folder or Path()).resolve())
    _check_keys(project, repr(str(file)))
    own_file, own = _user_file()
    _check_keys(own, repr(str(own_file)))
    options = {key: value for key, value in overrides.items() if value is not None}
    _check_keys(options, "the call")
    environment = _environment()
    try:
        settings = Settings(**{**own, **project, **environment, **options})
    except ValidationError as error:
        key = str(error.errors()[0]["loc"][0])
        named = {"the call": options, PREFIX + key.upper(): environment, repr(str(file)): project}
        where = next((name for name, values in named.items() if key in values), repr(str(own_file)))
        raise SettingsError(f"{where}: {_reason(error)}") from None
    if file is not None:
        effective = {k: v for k, v in project.items() if k not in environment and k not in options}
        _review(settings, file, effective)
    return settings


def changed(settings: Settings, changes: Mapping[str, Any]) -> Settings:
    """Return a copy of `settings` with other values for some fields.

    A server among them is the caller's own choice, whatever an untrusted file says.

    Raises:
        SettingsError: There is no such field, or its value cannot be used.
    """
    _check_keys(changes, "the call")
    try:
        checked = Settings(**{**settings.model_dump(exclude_unset=True), **changes})
    except ValidationError as error:
        raise SettingsError(f"the call: {_reason(error)}") from None
    copy = settings.model_copy(update={name: getattr(checked, name) for name in changes})
    if "base_url" in changes:
        copy._untrusted_url, copy._sends_key = "", True
    return copy


def _review(settings: Settings, file: Path, values: Mapping[str, Any]) -> None:
    """Check what an untrusted project file asks for."""
    asked = trust.requests(file, values, base_url=settings.base_url)
    if not asked or trust.is_trusted(file):
        return
    if asked.paths:
        raise SettingsError(trust.refusal(file, asked.paths))
    if asked.server:
        settings._untrusted_url = trust.refusal(file, [asked.server])
    settings._sends_key = not asked.loopback


def _user_file() -> tuple[Path, dict[str, Any]]:
    file = trust.user_folder() / "config.toml"
    return file, _anchored(_toml(file) or {}, file.parent)


def project_file(folder: Path | None = None) -> tuple[Path | None, dict[str, Any]]:
    """Return the settings file of a project and its values; None where there is none.

    Raises:
        SettingsError: It cannot be read.
    """
    return _find((folder or Path()).resolve())


def home(folder: Path | None = None) -> Path:
    """Return the folder of the settings file that `load` reads, or `folder` where there is none."""
    start = (folder or Path()).resolve()
    file, _ = _find(start)
    return start if file is None else file.parent


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
        return tomllib.loads(small_files.read(file).decode("utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise SettingsError(f"{str(file)!r}: cannot be read: {reason}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{str(file)!r}: not UTF-8; save it with that encoding") from None
    except (ValueError, RecursionError) as error:  # of numbers with too many digits, for one
        reason = " ".join(str(error).split())
        raise SettingsError(f"{str(file)!r}: not valid TOML: {reason}") from None


def _anchored(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make paths relative to the file they are written in."""
    paths: dict[str, object] = {
        key: _placed(values[key], folder)
        for key in PATHS
        if key in values and values[key] not in NO_PATHS.get(key, ())
    }
    if scorers := panel_scorers(values.get("panel")):
        placed = [_placed_scorer(name, folder) for name in scorers]
        paths["panel"] = {**values["panel"], "scorers": placed}
    return values | paths


def _placed_scorer(name: str, folder: Path) -> str:
    kind, _, model = name.partition(":")
    if kind != "embedded" or model in ("", *MODEL_NAMES):
        return name
    return f"embedded:{_placed(model, folder)}"


def _placed(value: object, folder: Path) -> object:
    if isinstance(value, list):
        return [_placed(each, folder) for each in value]
    return str(folder / _expanded(value)) if isinstance(value, str) else value


def _expanded(path: str) -> Path:
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such user: a folder may be called so
        return Path(path)


def _environment() -> dict[str, Any]:
    """Return what CLASSIFY_* variables set; an empty one sets nothing."""
    known = list(Settings.model_fields)
    values: dict[str, Any] = {}
    for name, text in sorted(os.environ.items()):
        if not name.upper().startswith(PREFIX):
            continue
        key = name[len(PREFIX) :].lower()
        if key in _OPTIONS:
            continue
        if key not in known:
            mistyped = difflib.get_close_matches(key, known, n=1, cutoff=0.8)
            if mistyped or key in _RENAMED or _SECRET.search(key):
                raise SettingsError(f"environment: {_unknown(name, key, prefix=PREFIX)}")
        elif text:
            values[key] = _table(key, text) if key in _TABLES else text
    return values


def _table(key: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        example = f"'{{{_EXAMPLES[key]}}}'"
        raise SettingsError(f"{PREFIX}{key.upper()}: expected JSON, such as {example}") from None


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
    if key in _RENAMED:
        return f"it is now called {known[_RENAMED[key]]!r}"
    if close := difflib.get_close_matches(key, known, n=1):
        return f"did you mean {known[close[0]]!r}?"
    return f"known are {', '.join(known.values())}"


_TABLES: Mapping[str, type[BaseModel]] = {
    "rules": KindSettings,
    "fields": FieldSettings,
    "derived": DerivedSettings,
    "panel": PanelSettings,
}


_EXAMPLES: Mapping[str, str] = {
    "rules": '"tags": {"minimum": 0.8, "at_most": 15}',
    "fields": '"tags": {"name": "topics"}',
    "derived": '"weight": {"categories": ["Baking"], "at_zero": 0, "at_one": 10}',
    "panel": '"scorers": ["embedded", "openai:gpt-4o-mini"]',
}


def _reason(error: ValidationError) -> str:
    first = error.errors()[0]
    *_, last = loc = [str(part) for part in first["loc"]]
    key = ".".join(loc)
    if first["type"] == "extra_forbidden":
        known = {field: field for field in _TABLES[loc[0]].model_fields}
        return f"unknown setting {key!r}; {_hint(last, known)}"
    why = wording.refusal(first, table="a table")
    if first["type"] == "missing":
        return f"{key} {why}"
    return f"{key} = {wording.shown(first['input'])}: {why}"
