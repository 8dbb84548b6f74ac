"""What git knows of the project."""

from __future__ import annotations

import io
import subprocess
import tarfile
from pathlib import Path
from typing import Final

# A checkout may hold folders that are repositories themselves, with settings that run commands.
_TRUSTS_NOTHING: Final = ("-c", "safe.bareRepository=explicit", "-c", "core.fsmonitor=false")


def git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints, or None where it cannot do that, or there is no git.

    What a user gave has to come after `--end-of-options` or `--`, or be part of a longer word.
    """
    try:
        ran = subprocess.run(  # noqa: S603 - no shell; see above
            ["git", *_TRUSTS_NOTHING, "-C", str(folder), *arguments],  # noqa: S607 - of the user's PATH
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return None if ran.returncode else ran.stdout


def export(top: Path, tree: str, path: str, folder: Path) -> bool:
    """Write the files that a tree has under `path` into a folder; False where it has none.

    Links are left out: what is exported must not lead out of the folder. Unpacked by hand, because
    the filters of `TarFile.extractall` are newer than some of the Pythons we run on.
    """
    if not git(top, "ls-tree", "--name-only", tree, "--", path):
        return False
    packed = git(top, "archive", "--format=tar", tree, "--", path)
    if packed is None:
        return False
    root = folder.resolve()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for member in archive:
            target = root / member.name
            file = archive.extractfile(member) if member.isfile() else None
            if file is not None and target.resolve().is_relative_to(root):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(file.read())
    return True
