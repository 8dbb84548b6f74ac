"""The example of the page on cost, run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
(COMMAND, SHOWN), *_ = re.findall(
    r"^```console\n\$ (.+)\n((?:.*\n)*?)```$", (ROOT / "docs/cost.md").read_text("utf-8"), re.M
)
PRICE = re.compile(r"\$[0-9.]+")  # of whatever price list is installed


def test_the_page_shows_what_the_program_prints(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    args = [sys.executable, "-m", "classifier", *shlex.split(COMMAND)[1:]]
    done = subprocess.run(args, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    assert PRICE.sub("$", done.stdout) == PRICE.sub("$", SHOWN)
