"""The Python of the pages about evaluation and training, run in a small site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer

from classifier import composition

DOCS = Path(__file__).parent.parent / "docs"
TITLES = ("Bread", "Cheese", "Olives", "Wine")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Forty articles with labels, in their front matter and in a table."""
    (tmp_path / "classify.toml").write_text('categories = "taxonomy"\n')
    (tmp_path / "taxonomy/tags").mkdir(parents=True)
    for title in TITLES:
        path = tmp_path / f"taxonomy/tags/{title.lower()}.md"
        path.write_text(f"---\ntitle: {title}\n---\n")
    (tmp_path / "content").mkdir()
    rows = ["article,category"]
    for n in range(40):
        title = TITLES[n % 4]
        text = f"Of {title}, number {n}. {title} again, and once more {title}."
        (tmp_path / f"content/{n:02}.md").write_text(f"---\ntags: [{title}]\n---\n{text}\n")
        rows.append(f"content/{n:02}.md,{title}")
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(composition, "make_scorer", lambda _settings: KeywordScorer())
    monkeypatch.setattr(composition, "_embedded", lambda _settings: KeywordScorer())
    return tmp_path


@pytest.mark.parametrize(
    ("page", "printed", "written"),
    [
        ("evaluation", r"^\d\.\d+ \d\.\d+ \d\.\d+$", "eval.html"),
        ("calibration", r"^tags ", "taxonomy/calibration.json"),
        ("learning", r"^tags \d\.\d+ \d\.\d+$", "taxonomy/learned.json"),
        ("cascade", r"recall 0\.95 with 95% confidence", "taxonomy/cascade.json"),
    ],
)
def test_the_python_of_a_page_does_what_it_says(
    site: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    page: str,
    printed: str,
    written: str,
) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text(), re.DOTALL)
    assert blocks
    with ChatServer() as server:
        monkeypatch.setenv("CLASSIFY_BASE_URL", server.url)
        for block in blocks:
            exec(block, {"__name__": "page"})
    assert re.search(printed, capsys.readouterr().out, re.MULTILINE)
    assert (site / written).exists()
