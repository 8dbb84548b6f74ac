"""The hooks for pre-commit, run by pre-commit itself.

As `language: system`: to install them as they are would take a minute and the network.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from support.keyword_program import install
from support.repository import NEW, commit, git, judge, judged_site

pytestmark = pytest.mark.slow
MANIFEST = Path(__file__).parent.parent / ".pre-commit-hooks.yaml"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str


@dataclass(frozen=True)
class Site:
    folder: Path
    environment: dict[str, str]
    hooks: Path

    def use(self, hook: str, **options: object) -> None:
        revision = git(self.hooks, "rev-parse", "HEAD")
        used = {"repo": self.hooks.as_uri(), "rev": revision, "hooks": [{"id": hook, **options}]}
        (self.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [used]}))
        commit(self.folder)

    def run(self) -> Ran:
        """Run the hooks on what is staged, as a commit would."""
        git(self.folder, "add", "--all")
        ran = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--color=never"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        return Ran(ran.returncode, ran.stdout)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("made")
    environment = install(folder / "bin") | {"PRE_COMMIT_HOME": str(folder / "cache")}
    hooks = folder / "hooks"
    hooks.mkdir()
    manifest = MANIFEST.read_text(encoding="utf-8")
    assert manifest.count("language: python") == 2
    text = manifest.replace("language: python", "language: system")
    (hooks / MANIFEST.name).write_text(text, encoding="utf-8")
    git(hooks, "init", "--quiet")
    commit(hooks)
    judged_site(folder / "site", environment)
    return Site(folder / "site", environment, hooks)


@pytest.fixture
def site(made: Site, tmp_path: Path) -> Site:
    """A copy, so that each test changes its own."""
    shutil.copytree(made.folder, tmp_path / "site")
    return replace(made, folder=tmp_path / "site")


def test_an_article_that_is_not_judged_is_not_committed(site: Site) -> None:
    site.use("classify-check", files="^content/")
    (site.folder / "content/wine.md").write_text(NEW)
    ran = site.run()
    assert ran.code == 1
    assert "1 article not judged" in ran.out
    assert "content/wine.md" in ran.out
    assert "content/bread.md" not in ran.out
    judge(site.folder, site.environment)
    ran = site.run()
    assert (ran.code, "Passed" in ran.out) == (0, True), ran.out


def edited_sections(site: Site) -> None:
    (site.folder / "content/_index.md").write_text("---\ntitle: All\n---\nAll of them.\n")


def edited_definition(site: Site) -> None:
    (site.folder / "categories/tags/wine.md").write_text("---\ntitle: Red wine\n---\n")


@pytest.mark.parametrize("change", [edited_sections, edited_definition])
def test_section_pages_and_definitions_are_no_articles(
    site: Site, change: Callable[[Site], None]
) -> None:
    site.use("classify-check")
    change(site)
    ran = site.run()
    assert ran.code == 0, ran.out


def test_the_check_takes_options(site: Site) -> None:
    site.use("classify-check", files="^content/", args=["--field", "tags=topics"])
    bread = site.folder / "content/bread.md"
    bread.write_text(bread.read_text().replace("title: Bread", "title: Bread\ndate: 2026-01-01"))
    ran = site.run()
    assert ran.code == 1
    assert "topics: missing Bread" in ran.out


def test_the_check_can_look_at_all_that_a_change_concerns(site: Site) -> None:
    site.use(
        "classify-check",
        pass_filenames=False,
        files="^(content|categories)/",
        args=["content", "--since", "HEAD"],
    )
    edited_definition(site)
    ran = site.run()
    assert ran.code == 1
    assert "content/bread.md" in ran.out


def test_definitions_are_looked_at_together(site: Site) -> None:
    site.use("classify-lint", files="^categories/")
    other = site.folder / "categories/tags/loaves.md"
    other.write_text("---\ntitle: Bread\ndescription: All about baking at home.\n---\n")
    ran = site.run()
    assert ran.code == 1
    assert "duplicate-title" in ran.out
    other.write_text("---\ntitle: Bicycles\ndescription: Repairs of gears and brakes.\n---\n")
    assert site.run().code == 0


def test_the_definitions_take_options(site: Site) -> None:
    site.use("classify-lint", args=["--strict", "--select", "thin-definition"])
    (site.folder / "categories/tags/cups.md").write_text("---\ntitle: Cups\n---\n")
    assert "thin-definition" in site.run().out
