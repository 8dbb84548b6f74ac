"""Files with fitted values: beside the categories, or elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from classifier import artifacts
from classifier.artifacts import ArtifactModel, ArtifactSetting
from classifier.errors import UsageError
from classifier.outputs.files import replacing

if TYPE_CHECKING:
    from classifier.project.workspace import Workspace

_File = TypeVar("_File", bound=ArtifactModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that runs use, if the settings do not say otherwise."""

    path: Path
    setting: ArtifactSetting
    """The setting that names the file."""
    use: Literal["used", "off", "elsewhere"]
    """`off`: the settings turn it off. `elsewhere`: runs look for another file."""

    def existing(self, load: Callable[[Path], _File]) -> _File | None:
        """Return what the file holds; None: there is none.

        Raises:
            SettingsError: The file cannot be used.
        """
        # os.path: a name that no file can have is reported when it is written
        return load(self.path) if os.path.exists(self.path) else None  # noqa: PTH110

    def write(self, text: str) -> None:
        """Replace the file.

        Raises:
            OutputError: It cannot be written.
        """
        with replacing(self.path) as file:
            file.write(text)


def artifact(project: Workspace, setting: ArtifactSetting, output: Path | None) -> Artifact:
    """Return the file to write: `output`, or the one that runs look for.

    Raises:
        UsageError: There is no `output`, and the categories are the examples of the package.
    """
    settings = project.settings
    named = getattr(settings, setting)
    chosen = settings.categories
    beside = artifacts.path_for(chosen[0], setting) if chosen else None
    used = named if isinstance(named, Path) else beside
    path = output or used
    if path is None:
        raise UsageError(
            "nothing is written beside the example categories: make your own with `classify init`, "
            "name them with `categories=PATH`, or the file to write with `output=FILE`"
        )
    use: Literal["used", "off", "elsewhere"] = "used" if path == used else "elsewhere"
    return Artifact(path=path, setting=setting, use="off" if named == "off" else use)
