"""A site under git, whose articles are judged and labelled, as small as can be."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

BREAD = "---\ntitle: Bread\n---\nBread, more bread and bread again.\n"
NEW = "---\ntitle: New\n---\nWine, and wine with wine.\n"


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "gc.auto=0"]
    ran = subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return ran.stdout.strip()


def commit(folder: Path) -> str:
    """Commit all there is; return the commit."""
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--no-verify", "--message", "x")
    return git(folder, "rev-parse", "HEAD")


def judged_site(folder: Path, environment: Mapping[str, str]) -> str:
    """Make the site, labels and sidecars committed, and return the commit."""
    files = {
        "classify.toml": 'categories = "categories"\n',
        "categories/tags/bread.md": "---\ntitle: Bread\ndescription: Loaves and bakers.\n---\n",
        "categories/tags/wine.md": "---\ntitle: Wine\ndescription: Grapes and cellars.\n---\n",
        "content/bread.md": BREAD,
        "content/_index.md": "---\ntitle: All\n---\nAll articles.\n",
        "README.md": "Wine on Sundays.\n",
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git(folder, "init", "--quiet", "--initial-branch=main")
    judge(folder, environment)
    return commit(folder)


def judge(folder: Path, environment: Mapping[str, str]) -> None:
    for words in (["content", "--write"], ["content", "--sidecar"]):
        subprocess.run(
            ["classify", *words, "--quiet"], cwd=folder, env=dict(environment), check=True
        )
