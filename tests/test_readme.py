"""Every example of the README, run as it stands there."""

from __future__ import annotations

import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import sites
from support.chat_server import ChatServer
from typer.core import TyperGroup

from classifier import settings, taxonomy
from classifier.cli import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^(?:<!-- command: (\w+) -->\n)?```(\w+)\n(.*?)^```$", README, re.M | re.S)
START, *OTHERS = [text for name, kind, text in BLOCKS if kind == "sh" and not name]
"""How to begin in one's own site, and all other commands."""
SHELL = [line for text in OTHERS for line in text.split("\n")]


def blocks(kind: str) -> list[str]:
    return [text for name, language, text in BLOCKS if language == kind and not name]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what the examples name: the project's own material and a user's article."""
    for name in ("examples", "categories"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "content/blog").mkdir(parents=True)
    article = (ROOT / "examples/one-backlog-nine-teams.md").read_bytes()
    for place in ("article.md", "content/blog/my-article.md"):
        (tmp_path / place).write_bytes(article)
    return tmp_path


def run(command: str, folder: Path, **environment: str) -> str:
    return completed(command, folder, **environment).stdout


def completed(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    args = [sys.executable, "-m", "classifier", *shlex.split(command)[1:]]
    done = subprocess.run(
        args, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done


def shape(text: str) -> str:
    """The text without what may differ between processors by the last digit of a confidence."""
    return re.sub(r"[█▉▊▋▌▍▎▏·░ ]+", " ", re.sub(r"\d+(\.\d+)?", "0", text)).strip()


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"\b[01]\.\d\d\b", text)]


@pytest.mark.slow
def test_the_first_run_prints_what_the_readme_shows(checkout: Path) -> None:
    (example,) = blocks("console")
    command, _, shown = example.partition("\n")
    printed = run(command.removeprefix("$ "), checkout)
    assert shape(printed) == shape(shown)
    assert numbers(printed) == pytest.approx(numbers(shown), abs=0.02)


def test_there_are_exactly_two_set_up_commands_and_ci_runs_the_second() -> None:
    commands = {name: text.strip() for name, _, text in BLOCKS if name}
    assert set(commands) == {"run", "test"}
    assert all("\n" not in command for command in commands.values())
    assert "command: test" in (ROOT / ".ci/run").read_text(encoding="utf-8")


@pytest.mark.slow
def test_every_command_of_the_readme_runs(checkout: Path, server: ChatServer) -> None:
    commands = [line for line in SHELL if line.startswith("classify ")]
    assert len(commands) >= 3
    for command in commands:
        local = re.sub(r"http://localhost:\d+/v1", server.url, command)
        run(local, checkout, OPENAI_API_KEY="test", CLASSIFY_BASE_URL=server.url)
    assert server.requests


@pytest.mark.slow
@pytest.mark.parametrize("make", [sites.hugo, sites.jekyll, sites.docusaurus, sites.obsidian])
def test_a_newcomers_first_commands_run_in_a_site_of_each_kind(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    site = make(tmp_path, articles=12)
    commands = [line.partition("#")[0].strip() for line in START.splitlines()]
    *others, review = commands
    assert [command.split()[1] for command in commands] == ["init", "run", "train", "review"]
    advised = []
    for command in others:
        # A person answers its question.
        done = completed(f"{command} --yes" if command.endswith(" init") else command, site)
        advised += re.findall(r"next: .*: (classify \w+)", done.stderr)
    assert advised == ["classify run", "classify train", "classify run"]
    assert list(site.rglob("*trained.json"))
    opened = _open(review, site)
    assert "http://127.0.0.1:" in opened
    for command in ("classify run", "classify apply --dry-run"):
        assert f"`{command}`" in README
        run(command, site)


def _open(command: str, folder: Path) -> str:
    """Run a command that serves a page until it says where; then Ctrl-C ends it."""
    args = [sys.executable, "-m", "classifier", *shlex.split(command)[1:], "--no-browser"]
    said = ""
    with subprocess.Popen(
        args, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={}
    ) as serving:
        assert serving.stdout
        for line in serving.stdout:
            said += line
            if "http://" in line:
                break
        serving.send_signal(signal.SIGINT)
        assert serving.wait(60) == 0, said
    return said


def test_the_definition_of_the_readme_has_scope_topics_and_exclusions(tmp_path: Path) -> None:
    (definition,) = blocks("markdown")
    (tmp_path / "scaling.md").write_text(definition, encoding="utf-8")
    (category,) = taxonomy.load(tmp_path).categories
    assert category.title == "Scaling"
    assert category.instructions.scope
    assert len(category.instructions.topics) == 2
    assert len(category.instructions.exclusions) == 1


def test_the_settings_of_the_readme_are_settings(checkout: Path) -> None:
    (text,) = blocks("toml")
    (checkout / "classify.toml").write_text(text, encoding="utf-8")
    found = settings.load(checkout)
    by_kind, default = settings.rules(found)
    assert (by_kind["concepts"].minimum, by_kind["concepts"].at_most) == (0.80, 1)
    assert (default.minimum, default.at_most) == (0.50, 5)


@pytest.mark.slow
def test_the_python_of_the_readme_runs(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(checkout)
    for example in blocks("python"):
        exec(compile(example, "README.md", "exec"), {})
    assert "Retrospectives" in capsys.readouterr().out


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_command_that_the_readme_names_is_there() -> None:
    tree = app.command(whole=True)
    named = set(re.findall(r"`classify (taxonomy lint|batch submit|[a-z]+)\b", README))
    assert {"eval", "train", "apply", "check", "report"} <= named
    for name in named:
        group, _, below = name.partition(" ")
        found = tree.commands[group]
        assert not below or (isinstance(found, TyperGroup) and below in found.commands)
