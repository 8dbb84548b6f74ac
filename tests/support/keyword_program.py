"""The program as a process, with the keyword scorer in place of the embedded one."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.cli import main
from classifier.scorers.base import Scorer
from classifier.settings import Settings

_configured = composition.make_scorer


def _scorer(found: Settings) -> Scorer:
    return KeywordScorer() if found.scorer == "embedded" else _configured(found)


def install(folder: Path) -> dict[str, str]:
    """Put it there as `classify`, and return an environment in which it is found."""
    folder.mkdir(parents=True, exist_ok=True)
    command = folder / "classify"
    words = [sys.executable, "-m", "support.keyword_program"]
    command.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    command.chmod(0o755)
    tests = Path(__file__).parent.parent
    return {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": f"{tests}{os.pathsep}{tests.parent}",
    }


if __name__ == "__main__":
    composition.make_scorer = _scorer
    sys.exit(main())
