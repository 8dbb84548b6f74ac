"""Small files beside a taxonomy with values fitted to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from classifier import small_files, wording
from classifier.errors import SettingsError

ArtifactSetting: TypeAlias = Literal["trained", "cuts"]
"""The settings that name such a file."""

FILES: Final[dict[ArtifactSetting, str]] = {
    "trained": "trained.json",
    "cuts": "cascade.json",
}
"""What a file is called that no setting names."""


EARLIER: Final = ("learned.json", "calibration.json")
"""The files of version 0.2, which are read where there is no `trained.json` yet."""


class ArtifactModel(BaseModel):
    """A part of such a file. Unknown keys are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_File = TypeVar("_File", bound=ArtifactModel)


def path_for(categories: Path, setting: ArtifactSetting) -> Path:
    """Return where the file of a taxonomy is, whether there is one or not."""
    return beside(categories, FILES[setting])


def beside(categories: Path, name: str) -> Path:
    """Return the path of a file in a folder of definitions, or beside a file of them."""
    return categories / name if categories.is_dir() else categories.with_suffix(f".{name}")


def load(path: Path, model: type[_File], *, fault: str, way_out: str) -> _File:
    """Read a file. Raises SettingsError if it is missing or was not written by `dump`.

    `fault` ("is not a calibration file") and `way_out` (what to do) complete the message.
    """
    try:
        return model.model_validate_json(small_files.read(path))
    except OSError as error:
        raise SettingsError(f"cannot read {str(path)!r}: {error.strerror}") from error
    except ValidationError as error:
        what = error.errors(include_url=False)[0]
        where = ".".join(map(str, what["loc"])) or "the file"
        why = wording.refusal(what)
        raise SettingsError(f"{str(path)!r} {fault} ({where}: {why}): {way_out}") from error


def dump(value: ArtifactModel) -> str:
    """Return a file's text, sorted and indented for readable diffs."""
    return json.dumps(value.model_dump(mode="json"), indent=1, sort_keys=True) + "\n"
