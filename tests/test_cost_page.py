"""The example of the README and of the page on cost, run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
EXAMPLE = re.compile(r"^```(?:console|text)\n\$ (.+--plan.*)\n((?:.*\n)*?)```$", re.M)
PRICE = re.compile(r"\$[0-9.]+")  # of whatever price list is installed


@pytest.mark.parametrize("page", ["README.md", "docs/cost.md"])
def test_the_page_shows_what_the_program_prints(page: str, tmp_path: Path) -> None:
    ((command, shown),) = EXAMPLE.findall((ROOT / page).read_text("utf-8"))
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    args = [sys.executable, "-m", "classifier", *shlex.split(command)[1:]]
    done = subprocess.run(args, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert PRICE.sub("$", done.stdout) == PRICE.sub("$", shown)
