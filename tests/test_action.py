"""The GitHub Action: its steps are run as GitHub runs them, in a clone as GitHub makes it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import yaml
from support.keyword_program import install
from support.repository import NEW, commit, git, judge, judged_site

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS = ACTION["runs"]["steps"]


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    summary: str


@dataclass(frozen=True)
class Project:
    folder: Path
    base: str
    environment: dict[str, str]

    def act(self, *, changed: bool = True, **inputs: str) -> Ran:
        """Commit what has changed, clone as `actions/checkout` does, and run the last step."""
        if changed:
            commit(self.folder)
        clone = self.folder.parent / "clone"
        url = self.folder.as_uri()
        git(self.folder, "clone", "--quiet", "--depth=1", "--no-tags", url, str(clone))
        summary = self.folder.parent / "summary.md"
        event = {"github.event.pull_request.base.sha": self.base, "github.action_path": "/action"}
        given = {name: it["default"] for name, it in ACTION["inputs"].items()} | inputs
        context = event | {f"inputs.{name}": value for name, value in given.items()}
        ran = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-u", "-c", STEPS[-1]["run"]],
            cwd=clone,
            env={
                **self.environment,
                **{key: valued(text, context) for key, text in STEPS[-1]["env"].items()},
                "RUNNER_TEMP": str(self.folder.parent),
                "GITHUB_STEP_SUMMARY": str(summary),
                "OPENAI_API_KEY": "sk-nobody-may-see-this",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert "sk-nobody" not in ran.stdout
        assert not list(clone.parent.rglob("hacked"))
        return Ran(ran.returncode, ran.stdout, summary.read_text() if summary.exists() else "")


def valued(text: str, context: dict[str, str]) -> str:
    """Return what GitHub makes of an expression: its first alternative that is not empty."""
    found = re.fullmatch(r"\$\{\{ (.+) \}\}", text)
    assert found, text
    return next((context[it] for it in found[1].split(" || ") if context[it]), "")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("made")
    environment = install(folder / "classify" / "bin")
    return Project(folder / "site", judged_site(folder / "site", environment), environment)


@pytest.fixture
def project(made: Project, tmp_path: Path) -> Project:
    """A copy, so that each test changes its own."""
    shutil.copytree(made.folder.parent, tmp_path, dirs_exist_ok=True)
    return replace(made, folder=tmp_path / "site")


def test_nothing_from_outside_is_part_of_a_script() -> None:
    for step in STEPS:
        assert "${{" not in step["run"]
        assert step["shell"] == "bash"


def test_every_input_is_used_and_described_in_the_guide() -> None:
    used = " ".join(text for step in STEPS for text in step["env"].values())
    guide = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    for name in ACTION["inputs"]:
        assert f"inputs.{name} " in used
        assert f"| `{name}` |" in guide


def test_a_pull_request_with_judged_and_labelled_articles_passes(project: Project) -> None:
    (project.folder / "content/wine.md").write_text(NEW)
    judge(project.folder, project.environment)
    ran = project.act()
    assert ran.code == 0, ran.out
    assert "### classify: 1 article checked, 1 up to date" in ran.summary


def test_an_unjudged_article_fails_it_with_a_mark_and_a_line_in_the_summary(
    project: Project,
) -> None:
    (project.folder / "content/wine.md").write_text(NEW)
    ran = project.act()
    assert ran.code == 1
    assert (
        "::error file=content/wine.md,title=classify%3A unjudged::2 categories not judged yet"
        in ran.out
    )
    assert "### classify: 1 article checked, 0 up to date" in ran.summary
    assert "| content/wine.md | unjudged |" in ran.summary


def test_findings_need_not_fail_it(project: Project) -> None:
    (project.folder / "content/wine.md").write_text(NEW)
    ran = project.act(fail="false")
    assert (ran.code, "::error file=" in ran.out) == (0, True)


def test_a_changed_definition_concerns_all_articles(project: Project) -> None:
    (project.folder / "categories/tags/wine.md").write_text("---\ntitle: Red wine\n---\n")
    ran = project.act()
    assert ran.code == 1
    assert "| content/bread.md | stale |" in ran.summary


def test_without_a_base_all_articles_are_checked(project: Project) -> None:
    ran = project.act(changed=False, base="all")
    assert "### classify: 1 article checked, 1 up to date" in ran.summary


def test_it_can_judge_what_a_pull_request_changes(project: Project) -> None:
    (project.folder / "content/wine.md").write_text(NEW)
    ran = project.act(command="classify", categories="categories", args="--kind\ntags")
    assert ran.code == 0, ran.out
    assert "| article | tags |" in ran.summary
    assert "| content/wine.md | Wine 0.90 |" in ran.summary
    assert "bread.md" not in ran.summary


def test_what_an_article_says_is_no_command_to_the_runner(project: Project) -> None:
    (project.folder / "content/wine.md").write_text(NEW.replace("New", "::warning::hello"))
    lines = project.act(command="classify").out.splitlines()
    (begin,) = (n for n, line in enumerate(lines) if line.startswith("::stop-commands::"))
    end = lines.index(f"::{lines[begin].removeprefix('::stop-commands::')}::")
    assert all(
        begin < n < end for n, line in enumerate(lines) if "classif" in line or "judged" in line
    )


@pytest.mark.parametrize("command", ["check", "classify"])
def test_names_of_files_are_never_run(project: Project, command: str) -> None:
    names = ("$(touch hacked)", '";touch hacked;"', "`touch hacked`", "--help", "a\nb")
    for name in names:
        (project.folder / f"content/{name}.md").write_text(NEW)
    ran = project.act(command=command)
    assert ran.code == (1 if command == "check" else 0), ran.out
    assert ran.summary.count("| content/") == len(names)


@pytest.mark.parametrize(
    "inputs",
    [
        {"base": "$(touch hacked)"},
        {"base": "--upload-pack=touch hacked;"},
        {"path": "--store=hacked"},
        {"path": "$(touch hacked)"},
        {"args": "$(touch hacked)"},
        {"command": "check; touch hacked"},
    ],
)
def test_values_of_inputs_are_never_run(project: Project, inputs: dict[str, str]) -> None:
    assert project.act(changed=False, **inputs).code > 1
