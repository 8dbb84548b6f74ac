"""The guide about Ray, run as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from classifier import composition

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("cluster")]
GUIDE = (Path(__file__).parents[2] / "docs/guides/ray.md").read_text(encoding="utf-8")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    from support.keyword_scorer import KeywordScorer

    (tmp_path / "classify.toml").write_text('categories = "categories"\n')
    (tmp_path / "categories/tags").mkdir(parents=True)
    (tmp_path / "categories/tags/baking.md").write_text("---\ntitle: Baking\n---\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    return tmp_path


def test_the_python_prints_what_the_guide_shows(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pattern = r"^```python\n(.*?)^```\n\nprints\n\n```text\n(.*?)^```$"
    examples = re.findall(pattern, GUIDE, re.M | re.S)
    assert examples
    for code, printed in examples:
        exec(compile(code, "ray.md", "exec"), {})
        assert capsys.readouterr().out == printed
