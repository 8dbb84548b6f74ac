"""The locks hold what pyproject.toml asks for, with hashes, and no place to take it from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = {
    "requirements.lock": "test",
    "docs/requirements.lock": "docs",
    "requirements-serve.lock": "mcp",
}


@pytest.mark.parametrize(("lock", "extra"), LOCKS.items())
def test_a_lock_has_an_allowed_version_of_every_requirement(lock: str, extra: str) -> None:
    pinned: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^ ;]+)", (ROOT / lock).read_text(), re.M):
        pinned.setdefault(name, []).append(version)
    for line in [*PROJECT["dependencies"], *PROJECT["optional-dependencies"][extra]]:
        wanted = Requirement(line)
        versions = pinned.get(canonicalize_name(wanted.name), [])
        assert versions, f"{wanted.name} is not in {lock}: run `just lock`"
        assert all(wanted.specifier.contains(version) for version in versions), f"{lock}: {line}"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_names_no_registry(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
