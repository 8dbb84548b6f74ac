"""What to know of a file that later runs use."""

from __future__ import annotations

from collections.abc import Iterator

from classifier.project.artifact import Artifact


def remarks(artifact: Artifact) -> Iterator[str]:
    size = artifact.path.stat().st_size / 1000
    yield f"written to {str(artifact.path)!r} ({size:,.0f} kB)"
    setting = artifact.setting
    if artifact.use == "off":
        yield f'not used: the settings have {setting} = "off"'
    elif artifact.use == "elsewhere":
        yield f"runs do not use it by default: name it with --{setting} FILE"
