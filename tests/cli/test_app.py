"""The command as a process, and what it costs to ask it for help."""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from unittest.mock import Mock

import pytest

from classifier.cli import main
from classifier.cli.app import command


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "classifier", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env={**os.environ, **environment},
    )


LONG = "n" * 300


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", LONG, "--no-store"),
        ("run", ".", "--categories", LONG, "--no-store"),
        ("history", LONG),
        ("eval", LONG),
        ("accept", LONG, "Gardens"),
        ("verdicts", "import", LONG),
        ("related", LONG),
    ],
    ids=" ".join,
)
def test_a_name_that_no_file_can_have_is_a_wrong_call(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = main(arguments), capsys.readouterr().err
    assert (code, "bug" in said) == (2, False)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("command", ["run", "history", "init", "status"])
def test_a_folder_that_may_not_be_read_is_a_wrong_call(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    locked = tmp_path / "locked"
    (locked / "inside").mkdir(parents=True)
    locked.chmod(0)
    code = main([command, str(locked / "inside")])
    locked.chmod(0o700)
    said = capsys.readouterr().err
    assert (code, "bug" in said, "inside" in said) == (2, False, True)


def test_an_error_of_a_named_file_is_no_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = PermissionError(errno.EACCES, "Permission denied", Path("a.toml"))
    monkeypatch.setattr("classifier.cli.app.command", Mock(side_effect=error))
    assert main(["status"]) == 2
    assert capsys.readouterr().err == "classify: cannot use 'a.toml': Permission denied\n"


def test_help_has_no_escapes_under_no_color() -> None:
    assert "\x1b" in process("--help", FORCE_COLOR="1").stdout
    assert "\x1b" not in process("--help", FORCE_COLOR="1", NO_COLOR="1").stdout


def test_paragraphs_of_help_are_as_wide_as_the_terminal() -> None:
    words = process("accept", "--help", COLUMNS="200").stdout
    assert "survives edits of the article and the definition. `classify train` learns" in words


def test_help_loads_nothing_that_judging_needs() -> None:
    heavy = (
        "{'numpy', 'openai', 'onnxruntime', 'tokenizers', 'jinja2', 'yaml', "
        "'classifier.project', 'classifier.settings', 'classifier.models'}"
    )
    code = (
        "import sys; from classifier.cli import main; main(['run', '--help']); "
        f"print(sorted({heavy} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_no_arguments_and_help_show_the_commands() -> None:
    bare, asked = process(), process("--help")
    assert (bare.returncode, bare.stdout) == (0, asked.stdout)
    assert "categories" in asked.stdout


def test_the_first_screen_shows_a_dozen_commands_in_three_groups() -> None:
    shown = [it for it in command().commands.values() if not it.hidden]
    assert len(shown) <= 12
    assert {it.rich_help_panel for it in shown} == {"Classify", "Improve", "Publish"}


def test_commands_that_the_first_screen_only_names_are_all_there() -> None:
    tree = command()
    hidden = {name for name, it in tree.commands.items() if it.hidden}
    (named,) = re.findall(r"More commands: ([\w, ]+)\.", tree.epilog or "")
    assert set(named.split(", ")) == hidden


def test_the_first_screen_says_what_the_help_of_each_command_begins_with() -> None:
    begins = {name: it.help.split("\n\n")[0] for name, it in command(whole=True).commands.items()}
    assert begins == {name: it.help for name, it in command().commands.items()}


@pytest.mark.parametrize(
    ("word", "hint"),
    [("statsu", "did you mean 'status'?"), ("evall", "did you mean 'eval'?"), ("x", "--help")],
)
def test_a_mistyped_command_is_answered_as_one(word: str, hint: str) -> None:
    done = process(word)
    assert done.returncode == 2
    assert f"no command, file or folder is called {word!r}" in done.stderr
    assert hint in done.stderr


def test_the_version_is_that_of_the_distribution() -> None:
    done = process("--version")
    assert (done.returncode, done.stdout) == (
        0,
        f"classify {version('category-classifier')}\n",
    )


def test_a_closed_pipe_is_no_error_and_leaves_no_noise() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "classifier", "categories", "--quiet"],
            stdout=pipe,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_one_line_and_exit_2() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "classifier", "categories", "--quiet"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == b"classify: cannot write the output: No space left on device\n"


def test_an_encoding_without_the_needed_letters_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "tags.yml"
    path.write_text("bread:\n  label: Brot 面包\n", encoding="utf-8")
    done = process(
        "categories", "--categories", str(path), PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert done.returncode == 0
    assert "Brot \\u9762\\u5305" in done.stdout


@pytest.mark.parametrize(
    ("words", "expected"), [("classify --", "--version"), ("classify run --json --sc", "--scorer")]
)
def test_completion_knows_the_options(words: str, expected: str) -> None:
    done = process(
        _CLASSIFY_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert expected in done.stdout.split()


def test_completion_knows_the_options_of_run_without_its_name() -> None:
    done = process(
        _CLASSIFY_COMPLETE="complete_bash", COMP_WORDS="classify --json --exp", COMP_CWORD="2"
    )
    assert "--explain" in done.stdout.split()


@pytest.mark.parametrize("arguments", [[""], ["status", ""], ["apply", "", "--dry-run"]])
def test_an_empty_argument_is_never_the_current_folder(arguments: list[str]) -> None:
    done = process(*arguments)
    assert done.returncode == 2
    assert "an argument is empty" in done.stderr


@pytest.mark.parametrize("command", ["apply", "run", "check", "serve", "trust"])
def test_a_narrow_terminal_cuts_no_option_off(command: str) -> None:
    shown = process(command, "--help", COLUMNS="40").stdout
    assert "\u2026" not in shown
    assert max(map(len, shown.splitlines())) <= 40
    options = re.findall(r"`(--[a-z-]+)`", _section(command))
    assert options
    assert all(f" {option}" in shown for option in options)


def _section(command: str) -> str:
    page = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
    return page.partition(f"\n## classify {command}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(("chosen", "threads"), [(None, "1"), ("3", "3")])
def test_matrix_products_are_left_on_one_thread_unless_the_user_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, chosen: str | None, threads: str
) -> None:
    # Set first, so that what `main` sets is undone as well.
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", chosen or "")
    if chosen is None:
        monkeypatch.delenv("OPENBLAS_NUM_THREADS")
    assert main(["--version"]) == 0
    assert os.environ["OPENBLAS_NUM_THREADS"] == threads
