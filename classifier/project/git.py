"""What git knows of the project."""

from __future__ import annotations

import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str) -> bytes | None:
    """Return what git prints, or None where it cannot do that, or there is no git.

    What a user gave has to come after `--end-of-options` or `--`, or be part of a longer word.
    """
    try:
        ran = subprocess.run(  # noqa: S603 - no shell; see above
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - the git of the user's PATH
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        return None
    return None if ran.returncode else ran.stdout
