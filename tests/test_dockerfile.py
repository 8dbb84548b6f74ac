"""The image of the service, as far as that can be checked without a container engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from pathspec import GitIgnoreSpec

ROOT = Path(__file__).parents[1]
IGNORED = GitIgnoreSpec.from_lines((ROOT / ".dockerignore").read_text().splitlines())
TOKEN = "a-token-of-some-length"


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(name, rest) for name, _, rest in (line.partition(" ") for line in lines)]


def of(name: str) -> list[str]:
    return [rest for each, rest in instructions() if each == name]


def copied() -> list[tuple[list[str], str]]:
    """Return sources and target of each COPY from the project."""
    words = [rest.split() for rest in of("COPY") if not rest.startswith("--from")]
    return [(each[:-1], each[-1]) for each in words]


def test_what_is_copied_is_there_and_not_ignored() -> None:
    for sources, _ in copied():
        for source in sources:
            path = ROOT / source
            assert path.exists(), source
            inside = path if path.is_file() else next(path.rglob("*.*"))
            assert not IGNORED.match_file(inside.relative_to(ROOT).as_posix()), source
    for other in (".git/config", "tests/conftest.py", ".venv/bin/python", "secret.env"):
        assert IGNORED.match_file(other)


def test_what_the_package_needs_is_copied() -> None:
    sources = [PurePosixPath(source) for sources, _ in copied() for source in sources]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    built = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = [*built["packages"], *built["force-include"], project["project"]["readme"]]
    for name in [*needed, *project["project"]["license-files"]]:
        assert any(PurePosixPath(name).is_relative_to(source) for source in sources), name


def test_it_does_not_run_as_root() -> None:
    last = instructions()[max(n for n, (name, _) in enumerate(instructions()) if name == "FROM") :]
    (user,) = [rest for name, rest in last if name == "USER"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_every_dependency_is_pinned_by_hash() -> None:
    installs = [rest for rest in of("RUN") if "pip install" in rest]
    assert all("--require-hashes" in rest or "--no-deps" in rest for rest in installs)


@pytest.mark.slow
def test_the_image_answers_without_root_and_writes_nothing(tmp_path: Path) -> None:
    """Build it in a plain folder, and run it as the image does.

    COPY is done as written. Installing is not: it needs a registry, and a test uses none. In its
    place the package is laid out as in a wheel, and its dependencies are those of this environment.
    """
    source = _copy(tmp_path)
    installed = tmp_path / "opt"
    shutil.copytree(source / "classifier", installed / "classifier")
    for name in ("prompts", "categories"):
        shutil.copytree(source / name, installed / "classifier" / f"{name}_data")
    site = tmp_path / "site"
    site.mkdir()
    (site / "classify.toml").write_text('content = "content"\n')
    (site / "content").mkdir()
    (site / "content" / "a.md").write_text("We hire people.\n")
    _open_to_read(tmp_path)
    before = _files(tmp_path)
    environment = dict(pair.split("=", 1) for pair in " ".join(of("ENV")).split())
    port = "0"
    command = [*json.loads(of("CMD")[0])]
    command[command.index("--port") + 1] = port
    program = subprocess.Popen(
        [*_unprivileged(), sys.executable, "-m", "classifier", *command],
        cwd=site,
        env={**environment, "PYTHONPATH": str(installed), "CLASSIFY_SERVE_TOKEN": TOKEN},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stderr is not None
        lines = [program.stderr.readline(), program.stderr.readline()]
        found = re.search(r"listening on http://0\.0\.0\.0:(\d+) \(with a token\)", "".join(lines))
        assert found, lines
        base = f"http://127.0.0.1:{found[1]}"
        assert _ask(f"{base}/ready")[0] == 200
        status, answer = _ask(f"{base}/classify", {"text": "We hire people for our team."})
        assert (status, answer["ok"]) == (200, True)
        assert answer["labels"].keys() == {"tags", "categories", "concepts"}
        verdict = {"path": "a.md", "category": "hiring", "accepted": True}
        assert _ask(f"{base}/verdicts", verdict)[0] == 503
    finally:
        program.send_signal(signal.SIGTERM)
        errors = program.communicate()[1]
    assert program.returncode == 0, errors
    assert _files(tmp_path) == before


def _copy(folder: Path) -> Path:
    for sources, target in copied():
        for source in sources:
            place = folder / target.lstrip("/")
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                place.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, place)
    return folder / "source"


def _open_to_read(folder: Path) -> None:
    """Let everybody read, and nobody write."""
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)


def _unprivileged() -> list[str]:
    """Return what runs a command without power over the permissions of files."""
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        pytest.skip("root can write anywhere, and there is no setpriv to prevent it")
    return [setpriv, "--bounding-set=-dac_override,-dac_read_search,-fowner"]


def _files(folder: Path) -> set[tuple[str, int]]:
    return {(str(path), path.stat().st_mtime_ns) for path in folder.rglob("*")}


def _ask(url: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", "authorization": f"Bearer {TOKEN}"}
    for _ in range(200):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text.startswith(b"{") else text
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError(f"no answer from {url}")
