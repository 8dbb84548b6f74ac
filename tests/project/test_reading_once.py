"""How often the files of a site are opened and their front matter is parsed."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from classifier.content import markdown
from classifier.content.front_matter import reading
from classifier.project import Project

BODIES = {
    "a.md": "---\ntitle: Lunch\ntags: [x]\n---\nBread, more bread and bread again.\n",
    "b.md": "+++\ntitle = 'Dinner'\n+++\nWine, wine and wine. Cheese too.\n",
    "sub/c.md": '{"title": "Supper"}\nOlives, olives, olives.\n',
}


@pytest.fixture
def content(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Articles that were written an hour ago."""
    for name, text in BODIES.items():
        path = site / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    later = time.time_ns() + 3600 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    return Path("content")


@pytest.fixture
def opened(content: Path, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each article is opened for reading."""
    found: Counter[str] = Counter()
    real = Path.open

    def counted(path: Path, mode: str = "r", *args: Any, **kwargs: Any) -> Any:
        if "r" in mode and path.suffix == ".md" and "content" in path.parts:
            found[path.as_posix()] += 1
        return real(path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", counted)
    return found


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the front matter above each body is parsed, that of definitions left out."""
    found: Counter[str] = Counter()
    real = reading.parse

    def counted(text: str, **kwargs: Any) -> reading.FrontMatter:
        front = real(text, **kwargs)
        if not kwargs.get("as_text"):
            found[front.body] += 1
        return front

    monkeypatch.setattr(reading, "parse", counted)
    return found


@pytest.fixture
def cleaned(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often prose is made of each body."""
    found: Counter[str] = Counter()
    real = markdown.prose

    def counted(body: str) -> markdown.Prose:
        found[body] += 1
        return real(body)

    monkeypatch.setattr(markdown, "prose", counted)
    return found


@pytest.mark.usefixtures("keywords")
def test_a_run_and_all_that_is_made_of_it_read_each_article_once(
    content: Path, opened: Counter[str], parsed: Counter[str], cleaned: Counter[str]
) -> None:
    with Project.open() as project:
        run = project.run(content)
        assert len(list(run.results())) == len(BODIES)
        run.write_table(Path("rows.jsonl"))
        run.summary()
        assert project.write_sidecars(content).written == len(BODIES)
        assert parsed == cleaned
        assert len(project.apply(content).changed) == len(BODIES)
    assert opened == {f"content/{name}": 1 for name in BODIES}
    assert sorted(cleaned.values()) == [1, 1, 1]
    assert sorted(parsed.values()) == [2, 2, 2]


@pytest.mark.usefixtures("keywords")
def test_a_run_with_nothing_to_do_reads_nothing(content: Path, opened: Counter[str]) -> None:
    for _ in range(2):
        opened.clear()
        with Project.open() as project:
            project.run(content).summary()
    assert not opened


@pytest.mark.usefixtures("keywords")
def test_one_article_is_read_once(
    content: Path, opened: Counter[str], cleaned: Counter[str]
) -> None:
    with Project.open() as project:
        result = project.classify(content / "a.md")
    assert (result.article, result.title) == ("content/a.md", "Lunch")
    assert opened == {"content/a.md": 1}
    assert set(cleaned.values()) == {1}


@pytest.mark.usefixtures("keywords")
def test_a_file_that_changes_between_two_verbs_is_read_again(
    content: Path, opened: Counter[str]
) -> None:
    with Project.open() as project:
        project.run(content)
        changed = BODIES["a.md"].replace("Bread, more", "Bread, much")
        (content / "a.md").write_text(changed, encoding="utf-8")
        (result,) = project.run(content / "a.md").results()
        assert project.classify(content / "a.md").digest == result.digest
    assert opened["content/a.md"] == 2


def test_the_embedded_scorer_makes_prose_of_an_article_once(
    content: Path, cleaned: Counter[str]
) -> None:
    with Project.open() as project:
        assert project.run(content).complete
    assert cleaned.total() == len(BODIES)
