"""The guide about Ray, run as it is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from support.guides import Command, steps
from support.keyword_scorer import KeywordScorer

from classifier import composition
from classifier.cli import main

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("cluster")]
GUIDE = Path(__file__).parents[2] / "docs/guides/ray.md"
PYTHON = r"^```python\n(.*?)^```\n\nprints\n\n```text\n(.*?)^```$"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "classify.toml").write_text('categories = "categories"\n')
    (tmp_path / "categories/tags").mkdir(parents=True)
    for title in ("Baking", "Cycling"):
        path = tmp_path / f"categories/tags/{title.lower()}.md"
        path.write_text(f"---\ntitle: {title}\n---\n")
    (tmp_path / "content").mkdir()
    for number in range(24):
        text = f"Day {number}: baking, baking and baking.\n"
        (tmp_path / f"content/day-{number}.md").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    return tmp_path


def test_commands_and_python_do_what_the_guide_shows(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = [step for step in steps(GUIDE) if isinstance(step, Command)]
    assert len(commands) >= 2
    for command in commands:
        code = main(shlex.split(command.line)[1:])
        out, _ = capsys.readouterr()
        assert code == 0
        lines = iter(out.splitlines())
        assert all(any(shown in line for line in lines) for shown in command.printed), out
    examples = re.findall(PYTHON, GUIDE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(examples) == 2
    for code, printed in examples:
        exec(compile(code, "ray.md", "exec"), {})
        assert capsys.readouterr().out == printed
