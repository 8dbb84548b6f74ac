"""The Python of the pages of the documentation, run in a small site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.batch_server import BatchService
from support.chat_server import ChatServer
from support.keyword_scorer import KeywordScorer
from support.repository import commit, git

from classifier import Project, composition
from classifier.project import batch

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


def run_python_of(page: str) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text(), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {"__name__": "page"})


@pytest.mark.parametrize(
    ("page", "printed", "written"),
    [
        ("evaluation", r"^\d\.\d+ \d\.\d+ \d\.\d+$", "eval.html"),
        ("training", r"^tags \d\.\d+ \d\.\d+$", "taxonomy/trained.json"),
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
    with ChatServer() as server:
        monkeypatch.setenv("CLASSIFY_BASE_URL", server.url)
        run_python_of(page)
    assert re.search(printed, capsys.readouterr().out, re.MULTILINE)
    assert (site / written).exists()


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("front-matter", r"^40 files changed, 0 up to date$"),
        ("ci", r"^40 checked, 40 up to date\nremoved Wine content/03\.md$"),
        ("sidecars", r"^0 imported, 0 already stored$"),
        ("report", r"^report\.html 40 articles, 0 pairs not judged$"),
    ],
)
def test_the_python_of_a_page_publishes_what_is_stored(
    site: Path, capsys: pytest.CaptureFixture[str], page: str, printed: str
) -> None:
    git(site, "init", "--quiet")
    commit(site)
    if page == "ci":
        (site / "taxonomy/tags/wine.md").unlink()
    with Project.open() as project:
        project.run("content")
    run_python_of(page)
    assert re.search(printed, capsys.readouterr().out, re.MULTILINE)


@pytest.mark.parametrize(
    ("page", "printed"),
    [
        ("lint", r"tags/wine\.md 2 thin-definition "),
        (
            "records",
            r"^content/scaling\.md tags/scaling True it is all about that\n"
            r"Scaling 0\.9 keywords:.*\n(.*\n)*6 pairs, no damage\n\{'tags': \['Scaling'",
        ),
    ],
)
def test_the_python_of_a_page_shows_what_is_stored(
    site: Path, capsys: pytest.CaptureFixture[str], page: str, printed: str
) -> None:
    for title in ("Scaling", "Hiring"):
        (site / f"taxonomy/tags/{title.lower()}.md").write_text(f"---\ntitle: {title}\n---\n")
    (site / "content/scaling.md").write_text("Scaling a team. Scaling again, and more scaling.\n")
    run_python_of(page)
    assert re.search(printed, capsys.readouterr().out, re.MULTILINE)


def test_the_python_about_batches_collects_every_answer(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch, "_FIRST_WAIT", 0.001)
    with ChatServer(BatchService()) as server:
        monkeypatch.setenv("CLASSIFY_BASE_URL", server.url)
        run_python_of("batch")
    assert re.search(r"^160 pairs judged, 0 articles failed$", capsys.readouterr().out, re.M)
