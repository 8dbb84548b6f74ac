"""What the strict build of the documentation site does not see."""

from __future__ import annotations

import re
from pathlib import Path

import classifier

ROOT = Path(__file__).parent.parent


def test_every_public_name_is_in_the_python_reference() -> None:
    page = (ROOT / "docs/reference/python.md").read_text(encoding="utf-8")
    named = re.findall(r"^::: classifier\.(\w+)$", page, re.M)
    assert sorted(named) == sorted(classifier.__all__)


def test_the_site_loads_no_fonts_from_elsewhere() -> None:
    assert "  font: false\n" in (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
